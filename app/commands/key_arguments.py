"""The options that give the keys of encrypted meters, and the text files that hold keys or telegrams."""

import argparse
import codecs
import io
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NoReturn

from app.domain.errors import MeterKeyError, SerialNumberError
from app.domain.meter import SerialNumber
from app.domain.meter_key import parse_key
from app.mbus.security import MeterKeys
from app.message import Message

STANDARD_INPUT = Path("-")
"""Stands for it in place of a file."""


class _NoKeyHere(argparse.Action):
    """Refuses a key on the command line without repeating it: everybody here can read that line."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        _namespace: argparse.Namespace,
        _values: object,
        _option: str | None = None,
    ) -> NoReturn:
        parser.error(
            "a key has no place on the command line, where every program of this computer can read it: "
            "use --key-file FILE, or --key-file - for standard input"
        )


def add_key_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds ``--key-file``."""
    parser.add_argument(
        "--key-file",
        type=Path,
        metavar="FILE",
        help="a file with the keys of encrypted meters, one [NUMBER=]KEY (32 hex digits) a line; "
        "- for standard input",
    )
    # Not to be found, and no abbreviation of the one above, which would name the key as a file.
    parser.add_argument("--key", nargs="?", action=_NoKeyHere, help=argparse.SUPPRESS)


def given_keys(arguments: argparse.Namespace) -> MeterKeys:
    """The keys of the key file, or of standard input in its place.

    Raises:
        MeterKeyError: one is no key; the message does not repeat it.
        OSError: the file cannot be read.
    """
    default, by_identification = None, {}
    for at, line in enumerate(_key_lines(arguments.key_file), 1):
        if not line.strip():
            continue
        number, separator, digits = line.strip().rpartition("=")
        try:
            key = parse_key(digits)
            identification = _identification(number) if separator else None
        except MeterKeyError as error:
            raise MeterKeyError(Message(_NO_KEY, {"place": Message(_LINE, {"line": at})})) from error
        if identification is None:
            default = key
        else:
            by_identification[identification] = key
    return MeterKeys(by_identification, default)


def _key_lines(file: Path | None) -> Iterator[str]:
    if file is None:
        return iter(())
    return stripped(sys.stdin) if file == STANDARD_INPUT else text_lines(file)


_LINE = "line {line} of the key file"
_NO_KEY = (
    "What stands in {place} is no key: a key is 32 hex digits, with NUMBER= in front of it for one meter."
)


def _identification(number: str) -> str:
    """The number in front of a key; it may have letters, as a few meters' have.

    Raises:
        MeterKeyError: it is none; the message does not repeat it, for it may be the key itself.
    """
    plain = number.strip().upper()
    if re.fullmatch(r"[0-9A-F]{8}", plain):
        return plain
    try:
        return SerialNumber.parse(number).digits
    except SerialNumberError as error:
        raise MeterKeyError(Message("The number in front of a key is none.")) from error


def text_lines(path: Path) -> Iterator[str]:
    """The lines of a text file in UTF-8 or in the UTF-16 that PowerShell writes with ``>``."""
    with path.open("rb") as raw:
        wide = raw.peek(2)[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        with io.TextIOWrapper(raw, "utf-16" if wide else "utf-8-sig", errors="replace") as lines:
            yield from stripped(lines)


def stripped(lines: Iterable[str]) -> Iterator[str]:
    """Lines without what ends them."""
    return (line.rstrip("\r\n") for line in lines)
