"""The options that give the keys of encrypted meters, and the text files that hold keys or telegrams."""

import argparse
import codecs
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from app.domain.errors import MeterKeyError, SerialNumberError
from app.domain.meter import SerialNumber
from app.domain.meter_key import parse_key
from app.mbus.security import MeterKeys
from app.message import Message


def add_key_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds ``--key`` and ``--key-file``."""
    parser.add_argument(
        "--key",
        action="append",
        default=[],
        metavar="[NUMBER=]KEY",
        help="the key of encrypted telegrams, 32 hex digits, of one meter or of all; it is never printed",
    )
    parser.add_argument("--key-file", type=Path, metavar="FILE", help="a file with one [NUMBER=]KEY a line")


def given_keys(arguments: argparse.Namespace) -> MeterKeys:
    """The keys of the command line and of the key file.

    Raises:
        MeterKeyError: one is no key; the message does not repeat it.
        OSError: the file cannot be read.
    """
    given = [(word, _OPTION) for word in arguments.key]
    if arguments.key_file:
        lines = enumerate(text_lines(arguments.key_file), 1)
        given += [(line, Message(_LINE, {"line": at})) for at, line in lines if line.strip()]
    default, by_identification = None, {}
    for word, place in given:
        number, separator, digits = word.strip().rpartition("=")
        try:
            key = parse_key(digits)
            identification = _identification(number) if separator else None
        except MeterKeyError as error:
            raise MeterKeyError(Message(_NO_KEY, {"place": place})) from error
        if identification is None:
            default = key
        else:
            by_identification[identification] = key
    return MeterKeys(by_identification, default)


_OPTION = Message("--key")
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
