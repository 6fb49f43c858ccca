"""The options that give the keys of encrypted meters, and the text files that hold keys or telegrams."""

import argparse
import codecs
import io
from collections.abc import Iterable, Iterator
from pathlib import Path

from app.domain.errors import MeterKeyError
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
    words: list[str] = list(arguments.key)
    if arguments.key_file:
        words += [line for line in text_lines(arguments.key_file) if line.strip()]
    default, by_identification = None, {}
    for word in words:
        number, separator, digits = word.strip().rpartition("=")
        try:
            key = parse_key(digits)
        except MeterKeyError as error:
            raise MeterKeyError(
                Message("a key is 32 hex digits, with NUMBER= in front of it for one meter")
            ) from error
        if separator:
            by_identification[number.strip().upper().rjust(8, "0")] = key
        else:
            default = key
    return MeterKeys(by_identification, default)


def text_lines(path: Path) -> Iterator[str]:
    """The lines of a text file in UTF-8 or in the UTF-16 that PowerShell writes with ``>``."""
    with path.open("rb") as raw:
        wide = raw.peek(2)[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        with io.TextIOWrapper(raw, "utf-16" if wide else "utf-8-sig", errors="replace") as lines:
            yield from stripped(lines)


def stripped(lines: Iterable[str]) -> Iterator[str]:
    """Lines without what ends them."""
    return (line.rstrip("\r\n") for line in lines)
