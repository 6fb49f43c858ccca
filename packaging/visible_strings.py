"""Finds every text of ``app`` and ``ui`` that a person reads: in ``tr``, ``Message`` and ``Words.say``.

Texts that come from a table, a loop or a parameter are followed to where they are written down; one that
cannot be followed is named, so that none is forgotten.
"""

import ast
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Final

# Rebuilds messages that were made elsewhere, from what was stored.
_NOT_WRITTEN_HERE: Final = frozenset({("app/domain/exact_text.py", "Message")})
# Joins messages that were made elsewhere, or says words of the codec, which are listed below.
_PASSED_ON: Final = frozenset(
    {
        ("app/message.py", "Message"),
        ("app/domain/checks/identity.py", "Message"),
        ("app/domain/refusals.py", "Message"),
        ("ui/words.py", "Message"),
        ("ui/words.py", "tr"),
    }
)
# Tables that the codec computes: module, context, and what stands in them.
_WORDS_OF_THE_CODEC: Final[tuple[tuple[str, str, Callable[[ModuleType], Iterable[str]]], ...]] = (
    ("app.mbus.media", "medium", lambda media: (*media.MEDIUM_NAMES.values(), media.RESERVED_MEDIUM)),
    (
        "app.mbus.vife",
        "",
        lambda vife: (
            each.words for each in (*vife.COMBINABLE, *vife.COMBINABLE_FC) if each.defined and each.words
        ),
    ),
)
_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS: Final = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)
_SAME_ITEMS: Final = frozenset({"tuple", "list", "sorted", "reversed", "set", "frozenset", "iter"})


@dataclass(frozen=True, slots=True, order=True)
class Text:
    """A text and what tells it apart.

    Attributes:
        context: empty for most.
        template: the English text, in the singular.
        plural: empty where it has none.
    """

    context: str
    template: str
    plural: str


@dataclass(slots=True)
class Found:
    """What a program says.

    Attributes:
        texts: each with the files it stands in.
        unknown: calls whose text could not be followed, as ``file:line: code``.
    """

    texts: dict[Text, set[str]] = field(default_factory=lambda: defaultdict(set))
    unknown: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Module:
    name: str
    tree: ast.Module
    parents: dict[ast.AST, ast.AST]


def visible_strings(root: Path) -> Found:
    """Every text of the program.

    Args:
        root: of the source tree.
    """
    return _Finder(root).find()


class _Finder:
    def __init__(self, root: Path) -> None:
        paths = [path for top in ("app", "ui") for path in sorted((root / top).rglob("*.py"))]
        self._modules = [_read(path, root) for path in paths]
        self._module_of = {
            module.name.removesuffix(".py").replace("/", "."): module for module in self._modules
        }
        self._calls: dict[str, list[tuple[_Module, ast.Call]]] = defaultdict(list)
        self._keywords: dict[str, list[tuple[_Module, ast.expr]]] = defaultdict(list)
        self._fields: dict[str, list[tuple[str, int]]] = defaultdict(list)
        self._defined: Counter[tuple[str, str]] = Counter()
        self._hops = 0
        self._seen: set[tuple[int, tuple[int, ...]]] = set()
        for module in self._modules:
            self._index(module)

    def _index(self, module: _Module) -> None:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call):
                self._calls[_name(node.func)].append((module, node))
                for keyword in node.keywords:
                    if keyword.arg:
                        self._keywords[keyword.arg].append((module, keyword.value))
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                owner = module.parents.get(node)
                made = isinstance(owner, ast.ClassDef) and node.name == "__init__"
                called = owner.name if made and isinstance(owner, ast.ClassDef) else node.name
                self._defined.update((called, each) for each in _parameters(node))
            elif isinstance(node, ast.ClassDef):
                named = [each for each in node.body if isinstance(each, ast.AnnAssign)]
                for at, each in enumerate(named):
                    self._fields[_name(each.target)].append((node.name, at))

    def find(self) -> Found:
        found = Found()
        for module in self._modules:
            for node in ast.walk(module.tree):
                if isinstance(node, ast.Call) and (said := _said_by(node)) is not None:
                    self._take(found, module, node, said)
        for name, context, words_of in _WORDS_OF_THE_CODEC:
            for words in words_of(import_module(name)):
                found.texts[Text(context, words, "")].add(self._module_of[name].name)
        return found

    def _take(self, found: Found, module: _Module, call: ast.Call, said: ast.expr) -> None:
        self._seen.clear()
        texts = set(self._strings(module, said, ()))
        others = {keyword.arg: keyword.value for keyword in call.keywords}
        context, plural = (self._only(module, others.get(key)) for key in ("context", "plural"))
        for text in texts:
            if any(letter.isalpha() for letter in text):
                found.texts[Text(context, text, plural)].add(module.name)
        if not texts and (module.name, _name(call.func)) not in _NOT_WRITTEN_HERE | _PASSED_ON:
            found.unknown.append(f"{module.name}:{call.lineno}: {ast.unparse(call)}")

    def _only(self, module: _Module, value: ast.expr | None) -> str:
        return next(iter(self._strings(module, value, ())), "") if value is not None else ""

    # Following -------------------------------------------------------------------------------------------

    def _strings(self, module: _Module, node: ast.expr, path: tuple[int, ...]) -> Iterator[str]:
        """The strings an expression may give, or those at a place of the tuples it gives."""
        if (id(node), path) in self._seen:
            return
        self._seen.add((id(node), path))
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str) and not path:
                yield node.value
        elif isinstance(node, ast.Tuple) and path:
            if path[0] < len(node.elts):
                yield from self._strings(module, node.elts[path[0]], path[1:])
        elif isinstance(node, ast.Name):
            yield from self._of_name(module, node, path)
        elif isinstance(node, ast.Attribute):
            yield from self._of_attribute(node, path)
        elif isinstance(node, ast.Call):
            yield from self._of_call(module, node, path)
        else:
            for part, inner in _parts(node, path):
                yield from self._strings(module, part, inner)

    def _items(self, module: _Module, node: ast.expr, path: tuple[int, ...]) -> Iterator[str]:
        """As :meth:`_strings`, of what an iteration over an expression gives."""
        if isinstance(node, ast.Tuple | ast.List | ast.Set | ast.Dict):
            for each in node.keys if isinstance(node, ast.Dict) else node.elts:
                if each is not None:
                    yield from self._strings(module, each, path)
        elif isinstance(node, ast.Name):
            for where, value in self._values(module, node):
                yield from self._items(where, value, path)
        elif isinstance(node, ast.Call):
            yield from self._items_of_call(module, node, path)

    def _items_of_call(self, module: _Module, node: ast.Call, path: tuple[int, ...]) -> Iterator[str]:
        name = _name(node.func)
        if name in ("enumerate", "zip") and path:
            yield from self._items(module, node.args[0 if name == "enumerate" else path[0]], path[1:])
        elif name in _SAME_ITEMS and node.args:
            yield from self._items(module, node.args[0], path)
        elif name in ("items", "values") and isinstance(node.func, ast.Attribute):
            yield from self._of_dict(module, node.func.value, path if name == "items" else (1, *path))

    def _of_dict(self, module: _Module, node: ast.expr, path: tuple[int, ...]) -> Iterator[str]:
        tables = self._values(module, node) if isinstance(node, ast.Name) else [(module, node)]
        for where, table in tables:
            if isinstance(table, ast.Dict) and path:
                for each in (table.keys, table.values)[path[0]]:
                    if each is not None:
                        yield from self._strings(where, each, path[1:])

    def _values(self, module: _Module, node: ast.Name) -> list[tuple[_Module, ast.expr]]:
        """What a name of a module was given, there or where it was imported from."""
        given: list[tuple[_Module, ast.expr]] = []
        for each in module.tree.body:
            if isinstance(each, ast.Assign | ast.AnnAssign) and each.value is not None:
                targets = each.targets if isinstance(each, ast.Assign) else [each.target]
                if any(_name(target) == node.id for target in targets):
                    given.append((module, each.value))
            elif isinstance(each, ast.ImportFrom) and any(name.name == node.id for name in each.names):
                there = self._module_of.get(each.module or "")
                given += self._values(there, node) if there is not None else []
        return given

    def _of_name(self, module: _Module, node: ast.Name, path: tuple[int, ...]) -> Iterator[str]:
        scope = module.parents.get(node)
        while scope is not None:
            if isinstance(scope, _COMPREHENSIONS):
                for generator in scope.generators:
                    if (place := _place(generator.target, node.id)) is not None:
                        yield from self._items(module, generator.iter, (*place, *path))
                        return
            if isinstance(scope, _FUNCTIONS):
                local = list(self._of_local(module, scope, node.id, path))
                if local or node.id in _parameters(scope):
                    yield from local
                    return
            scope = module.parents.get(scope)
        for where, value in self._values(module, node):
            yield from self._strings(where, value, path)

    def _of_local(self, module: _Module, scope: ast.AST, name: str, path: tuple[int, ...]) -> Iterator[str]:
        for node in ast.walk(scope):
            if isinstance(node, ast.For | ast.AsyncFor) and (place := _place(node.target, name)) is not None:
                yield from self._items(module, node.iter, (*place, *path))
            elif isinstance(node, ast.Assign):
                for target in node.targets:
                    if (place := _place(target, name)) is not None:
                        yield from self._strings(module, node.value, (*place, *path))
            elif (
                isinstance(node, ast.AnnAssign | ast.NamedExpr) and _name(node.target) == name and node.value
            ):
                yield from self._strings(module, node.value, path)
        if name in (parameters := _parameters(scope)) and not isinstance(scope, ast.Lambda):
            yield from self._of_parameter(module, scope, parameters, name, path)

    def _of_parameter(
        self, module: _Module, scope: ast.AST, parameters: list[str], name: str, path: tuple[int, ...]
    ) -> Iterator[str]:
        at = parameters.index(name) - (parameters[0] in ("self", "cls"))
        called, owner = getattr(scope, "name", ""), module.parents.get(scope)
        if called == "__init__" and isinstance(owner, ast.ClassDef):
            called = owner.name
        private = called.startswith("_")
        if self._defined[called, name] > 1 and not private:
            # A name of several: who is meant cannot be told.
            return
        for where, call in self._calls[called]:
            if private and where is not module:
                continue
            given = next((each.value for each in call.keywords if each.arg == name), None)
            if given is None and at < len(call.args):
                given = call.args[at]
            if given is not None:
                yield from self._strings(where, given, path)
        for default in _default_of(scope, name):
            yield from self._strings(module, default, path)

    def _of_attribute(self, node: ast.Attribute, path: tuple[int, ...]) -> Iterator[str]:
        """What a field of that name was given anywhere; that in turn is not followed to other fields."""
        if self._hops:
            return
        self._hops += 1
        for where, value in self._keywords[node.attr]:
            yield from self._strings(where, value, path)
        for owner, at in self._fields[node.attr]:
            for where, call in self._calls[owner]:
                if at < len(call.args):
                    yield from self._strings(where, call.args[at], path)
        self._hops -= 1

    def _of_call(self, module: _Module, node: ast.Call, path: tuple[int, ...]) -> Iterator[str]:
        name = _name(node.func)
        if name == "get" and isinstance(node.func, ast.Attribute):
            yield from self._of_dict(module, node.func.value, (1, *path))
            for default in node.args[1:]:
                yield from self._strings(module, default, path)
        elif name == "next" and node.args:
            for each in node.args:
                yield from self._strings(module, each, path)
        for top in module.tree.body:
            if isinstance(top, ast.FunctionDef) and top.name == name:
                for inner in ast.walk(top):
                    if isinstance(inner, ast.Return) and inner.value is not None:
                        yield from self._strings(module, inner.value, path)


def _read(path: Path, root: Path) -> _Module:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    return _Module(path.relative_to(root).as_posix(), tree, parents)


def _said_by(call: ast.Call) -> ast.expr | None:
    name = _name(call.func)
    if name in ("tr", "Message") and call.args:
        return call.args[0]
    return call.args[1] if name == "say" and isinstance(call.func, ast.Attribute) and _binds(call) else None


def _binds(call: ast.Call) -> bool:
    """``Words.say(setter, text)``, not the status line's ``say(text, text)``."""
    return len(call.args) == 2 and "words" in ast.unparse(call.func)


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _place(target: ast.expr, name: str) -> tuple[int, ...] | None:
    """Where in a target a name stands: ``(1, 0)`` for ``b`` in ``a, (b, c)``; None where it does not."""
    if isinstance(target, ast.Name):
        return () if target.id == name else None
    for at, part in enumerate(target.elts if isinstance(target, ast.Tuple) else ()):
        if (inner := _place(part, name)) is not None:
            return (at, *inner)
    return None


def _parameters(scope: ast.AST) -> list[str]:
    if not isinstance(scope, _FUNCTIONS):
        return []
    arguments = scope.args
    return [each.arg for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]


def _default_of(scope: ast.AST, name: str) -> Iterator[ast.expr]:
    if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
        arguments = scope.args
        positional = [*arguments.posonlyargs, *arguments.args]
        defaults = zip(reversed(positional), reversed(arguments.defaults), strict=False)
        named = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        yield from (value for each, value in (*defaults, *named) if each.arg == name and value is not None)


def _parts(node: ast.expr, path: tuple[int, ...]) -> Iterator[tuple[ast.expr, tuple[int, ...]]]:
    """The expressions one of which an expression gives, each with the place in it."""
    if isinstance(node, ast.IfExp):
        yield from ((node.body, path), (node.orelse, path))
    elif isinstance(node, ast.BoolOp):
        yield from ((each, path) for each in node.values)
    elif isinstance(node, ast.Subscript):
        at = node.slice.value if isinstance(node.slice, ast.Constant) else None
        yield (node.value, (at, *path) if isinstance(at, int) else path)
    elif isinstance(node, ast.Dict):
        yield from ((each, path) for each in node.values)
    elif isinstance(node, ast.Tuple | ast.List | ast.Set):
        yield from ((each, path) for each in node.elts)
    elif isinstance(node, ast.Await | ast.NamedExpr | ast.Starred):
        yield (node.value, path)
    elif isinstance(node, ast.GeneratorExp | ast.ListComp):
        yield (node.elt, path)
