"""The translations: lists every visible text, makes and updates a language's .po file, compiles it.

    python3 packaging/catalogue.py list            every text, one a line
    python3 packaging/catalogue.py update de       resources/i18n/de.po gets what is new, loses what is gone
    python3 packaging/catalogue.py compile         every .po beside it becomes a .mo, which the program loads

How to add a language: docs/extending.md.
"""

import argparse
import ast
import struct
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from visible_strings import Found, Text, visible_strings

ROOT: Final = Path(__file__).resolve().parents[1]
FOLDER: Final = ROOT / "resources" / "i18n"

_MAGIC: Final = 0x950412DE
_HEADER_SIZE: Final = 28
_PLURALS: Final = {
    "fr": "nplurals=2; plural=(n > 1);",
    "de": "nplurals=2; plural=(n != 1);",
    "it": "nplurals=2; plural=(n != 1);",
}


@dataclass(frozen=True, slots=True)
class Translation:
    """What a .po file says of a text.

    Attributes:
        text: in English.
        said: in the language, singular and plural forms; empty strings where it is not translated yet.
    """

    text: Text
    said: tuple[str, ...]

    @property
    def done(self) -> bool:
        """Whether every form is there."""
        return bool(self.said) and all(self.said)


def read_po(text: str) -> tuple[Translation, ...]:
    """What a .po file has; entries marked fuzzy or obsolete are left out.

    Raises:
        ValueError: a line makes no sense.
    """
    found: list[Translation] = []
    for block in text.split("\n\n"):
        lines = [line for line in block.splitlines() if line.strip()]
        fuzzy = any(line.startswith("#,") and "fuzzy" in line for line in lines)
        parts = dict(_parts(line for line in lines if not line.startswith("#")))
        if "msgid" in parts and not fuzzy:
            forms = tuple(parts[key] for key in sorted(parts) if key.startswith("msgstr"))
            text_of = Text(parts.get("msgctxt", ""), parts["msgid"], parts.get("msgid_plural", ""))
            found.append(Translation(text_of, forms))
    return tuple(found)


def _parts(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    key, value = "", ""
    for line in lines:
        word, _, rest = line.partition(" ")
        if line.startswith('"'):
            value += _unquoted(line)
        elif rest.startswith('"'):
            if key:
                yield key, value
            key, value = word, _unquoted(rest)
        else:
            raise ValueError(f"no line of a .po file: {line}")
    if key:
        yield key, value


def _unquoted(text: str) -> str:
    value = ast.literal_eval(text.strip())
    if not isinstance(value, str):
        raise ValueError(f"no text: {text}")  # noqa: TRY004 - of the file, not of a caller
    return value


def write_po(code: str, translations: Iterable[Translation], where: Mapping[Text, Iterable[str]]) -> str:
    """The .po file of a language.

    Args:
        code: of the language.
        translations: in the order of the file.
        where: the files a text stands in, for whoever translates.
    """
    head = f"Language: {code}\\n", "Content-Type: text/plain; charset=UTF-8\\n"
    plural = f"Plural-Forms: {_PLURALS.get(code, 'nplurals=2; plural=(n != 1);')}\\n"
    blocks = ['msgid ""\nmsgstr ""\n' + "\n".join(f'"{line}"' for line in (*head, plural))]
    for each in translations:
        text = each.text
        lines = [f"#: {file}" for file in sorted(where.get(text, ()))]
        if text.context:
            lines.append(f"msgctxt {_quoted(text.context)}")
        lines.append(f"msgid {_quoted(text.template)}")
        if text.plural:
            lines.append(f"msgid_plural {_quoted(text.plural)}")
            said = each.said or ("", "")
            lines += [f"msgstr[{at}] {_quoted(form)}" for at, form in enumerate(said)]
        else:
            lines.append(f"msgstr {_quoted(each.said[0] if each.said else '')}")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def compile_mo(translations: Iterable[Translation]) -> bytes:
    """The compiled catalogue, as gettext loads it; what is not translated is left out."""
    pairs: dict[bytes, bytes] = {}
    for each in translations:
        if each.done:
            text = each.text
            key = f"{text.context}\x04{text.template}" if text.context else text.template
            if text.plural:
                key += f"\0{text.plural}"
            pairs[key.encode()] = "\0".join(each.said).encode()
    keys = sorted(pairs)
    texts, places = b"", []
    begin = _HEADER_SIZE + 16 * len(keys)
    for column in (keys, [pairs[key] for key in keys]):
        for text_bytes in column:
            places += [len(text_bytes), begin + len(texts)]
            texts += text_bytes + b"\0"
    head = (_MAGIC, 0, len(keys), _HEADER_SIZE, _HEADER_SIZE + 8 * len(keys), 0, begin)
    return struct.pack(f"<7I{len(places)}I", *head, *places) + texts


def updated(found: Found, before: Iterable[Translation]) -> tuple[Translation, ...]:
    """Every text of the program, with what was said of it before."""
    said = {each.text: each.said for each in before}
    return tuple(Translation(text, said.get(text, ())) for text in sorted(found.texts))


def update(code: str) -> int:
    """Writes a language's .po file anew; the exit code."""
    found = visible_strings(ROOT)
    path = FOLDER / f"{code}.po"
    before = read_po(path.read_text(encoding="utf-8")) if path.exists() else ()
    translations = updated(found, before)
    FOLDER.mkdir(parents=True, exist_ok=True)
    path.write_text(write_po(code, translations, found.texts), encoding="utf-8", newline="\n")
    lacking = sum(not each.done for each in translations)
    gone = len({each.text for each in before if each.text.template} - set(found.texts))
    print(f"{path.name}: {len(translations)} texts, {lacking} to be translated, {gone} gone")
    return 0


def compile_all(folder: Path = FOLDER) -> int:
    """Compiles every .po file of a folder; the exit code."""
    for path in sorted(folder.glob("*.po")):
        translations = read_po(path.read_text(encoding="utf-8"))
        path.with_suffix(".mo").write_bytes(compile_mo(translations))
        print(f"{path.stem}: {sum(each.done for each in translations) - 1} texts")
    return 0


def list_all() -> int:
    """Prints every text; the exit code is 1 where one could not be followed to where it is written."""
    found = visible_strings(ROOT)
    for text in sorted(found.texts):
        print(" | ".join(filter(None, (text.context, text.template, text.plural))))
    for unknown in found.unknown:
        print(f"not followed: {unknown}", file=sys.stderr)
    return 1 if found.unknown else 0


def main(words: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Texts of the program and their translations.")
    wishes = parser.add_subparsers(dest="wish", required=True)
    wishes.add_parser("list", help="every text, one a line")
    wishes.add_parser("update", help="a language's .po file").add_argument("code")
    wishes.add_parser("compile", help="every .po becomes a .mo")
    arguments = parser.parse_args(words)
    if arguments.wish == "update":
        return update(arguments.code)
    return compile_all() if arguments.wish == "compile" else list_all()


if __name__ == "__main__":
    sys.exit(main())
