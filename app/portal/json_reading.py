"""Strict reading of a portal's JSON: numbers stay exact, anything unexpected is a typed error."""

import json
from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from typing import Any, Never, TypeAlias, TypeVar

from app.portal.errors import PortalFault, garbled

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | Decimal | bool | None"
"""Parsed JSON; a number with a point or an exponent is a ``Decimal``, never a float."""


class Twice:
    """Stands where an object names one key twice with two values: nobody can say which one is meant."""


_WIDEST_EXPONENT = 40
_MOST_DIGITS = 12


def parse_json(text: bytes, where: str) -> Json:
    """Parses an answer's body.

    Args:
        text: the body as it came.
        where: which request it answers, for the error.

    Raises:
        PortalFault: it is no JSON, too deep, or has numbers that no meter has.
    """

    def number(digits: str) -> Decimal:
        try:
            value = Decimal(digits)
        except InvalidOperation:
            raise garbled(where, "a number", 0) from None
        if abs(value.adjusted()) > _WIDEST_EXPONENT:
            raise garbled(where, "a number of a meter", value)
        return value

    def no_constant(name: str) -> Never:
        raise garbled(where, "a number", name)

    try:
        parsed: Json = json.loads(
            text, parse_float=number, parse_constant=no_constant, object_pairs_hook=_object
        )
    except (ValueError, RecursionError):
        fault = garbled(where, "JSON", text)
    else:
        return parsed
    # Out here: the parser's own error holds the whole answer, and would hang on to this one as its context.
    raise fault


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in pairs:
        made[name] = Twice() if name in made and made[name] != value else value
    return made


def raw_json(value: Json) -> str:
    """A parsed value in one spelling, for the eye and to compare: keys sorted, numbers as they came."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=_plain)
    return text.encode("utf-8", "backslashreplace").decode()


def _plain(value: object) -> str:
    return str(value) if isinstance(value, Decimal) else "(twice)"


def is_storable(text: str) -> bool:
    """Whether a text can be encoded; JSON may escape half a character, which nothing can hold."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def is_identifier(text: str) -> bool:
    """Whether a text can be an id in a path; ``.`` and ``..`` would name another path."""
    return bool(text) and text not in (".", "..") and is_storable(text)


class Fields:
    """The fields of one JSON object, read by name and type; a key nobody asks for is ignored."""

    def __init__(self, value: Json, where: str) -> None:
        if not isinstance(value, dict):
            raise garbled(where, "an object", value)
        self.where = where
        self._fields = value

    def value(self, name: str) -> Json:
        """Whatever stands there; None when absent."""
        return self._fields.get(name)

    def text(self, name: str) -> str:
        """A text that must be there."""
        value = self._fields.get(name)
        if not isinstance(value, str) or not is_storable(value):
            raise garbled(self.where, f"a text in “{name}”", value)
        return value

    def identifier(self, name: str) -> str:
        """A text or whole number that must be there and can name one thing in a path."""
        value = self.loose_text(name)
        if not is_identifier(value):
            raise garbled(self.where, f"an id in “{name}”", value)
        return value

    def loose_text(self, name: str) -> str:
        """A text or a whole number as text; empty when absent or null."""
        value = self._fields.get(name)
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise garbled(self.where, f"a text or a whole number in “{name}”", value)
        return str(value) if isinstance(value, int) else self.text(name)

    def integer(self, name: str) -> int:
        """A whole number that must be there; as text too, since some portals keep all their fields so."""
        value = self._fields.get(name)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < _MOST_DIGITS:
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise garbled(self.where, f"a whole number in “{name}”", value)
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        """True or false; the default when absent."""
        value = self._fields.get(name, default)
        if not isinstance(value, bool):
            raise garbled(self.where, f"true or false in “{name}”", value)
        return value

    def object(self, name: str) -> "Fields":
        """An object that must be there."""
        return Fields(self._fields.get(name), f"{self.where}, “{name}”")

    def object_or_none(self, name: str) -> "Fields | None":
        """An object; None when absent or null."""
        return None if self._fields.get(name) is None else self.object(name)

    def numbers(self) -> dict[str, Decimal]:
        """Every field that is a number, exactly; what is none is left out, for it holds up nothing else."""
        return {
            name: Decimal(value)
            for name, value in self._fields.items()
            if isinstance(value, int | Decimal) and not isinstance(value, bool)
        }


def items(value: Json, where: str) -> list[Json]:
    """A list that must be there."""
    if not isinstance(value, list):
        raise garbled(where, "a list", value)
    return value


Line = TypeVar("Line")


class Lines(tuple[Line, ...]):  # noqa: SLOT001 - a tuple has no slots of its own
    """The lines of a list that could be read.

    Attributes:
        skipped: how many could not: somebody else's, perhaps, and no reason to hold up the others.
    """

    skipped: int

    def __new__(cls, lines: Iterable[Line] = (), *, skipped: int = 0) -> "Lines[Line]":
        """Takes the lines."""
        made = super().__new__(cls, lines)
        made.skipped = skipped
        return made


def lines_of(value: Json, where: str, read: Callable[[Json], Line]) -> Lines[Line]:
    """Reads a list that must be there, line by line; one that cannot be read is passed over and counted.

    Raises:
        PortalFault: it is no list, or a list of which no line can be read: then it means something else.
    """
    lines: list[Line] = []
    trouble: PortalFault | None = None
    wanted = items(value, where)
    for item in wanted:
        try:
            lines.append(read(item))
        except PortalFault as error:
            trouble = trouble or error
    if trouble is not None and not lines:
        raise trouble
    return Lines(lines, skipped=len(wanted) - len(lines))
