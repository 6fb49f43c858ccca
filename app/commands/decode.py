"""``mbus-tool decode``: telegrams given as hex, one a line, are told in JSON or for a person to read."""

import argparse
import codecs
import io
import json
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from app.commands.outcome import is_broken_pipe
from app.commands.telegram_text import telegram_object, telegram_text
from app.mbus.errors import MBusError
from app.mbus.response import decode_hex
from app.mbus.security import MeterKeys

_CANNOT_RUN = 2
_STANDARD_INPUT = "-"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's own arguments."""
    parser.add_argument(
        "telegrams",
        nargs="*",
        metavar="TELEGRAM",
        help="a telegram in hex, blanks allowed; or a file with one a line; - or nothing: standard input",
    )
    parser.add_argument("--file", type=Path, metavar="FILE", help="a file with one telegram a line")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    parser.add_argument(
        "--key",
        action="append",
        default=[],
        metavar="[NUMBER=]KEY",
        help="the key of encrypted telegrams, 32 hex digits, of one meter or of all; it is never printed",
    )
    parser.add_argument("--key-file", type=Path, metavar="FILE", help="a file with one [NUMBER=]KEY a line")


def run(arguments: argparse.Namespace) -> int:
    """Decodes every line; 0 even when some are bad, 2 when the command cannot run at all."""
    try:
        keys = _keys(arguments)
        for line in _lines(arguments):
            telegram = decode_hex(line, keys)
            shown = (
                json.dumps(telegram_object(telegram), ensure_ascii=False)
                if arguments.json
                else telegram_text(telegram)
            )
            sys.stdout.write(shown + "\n")
            sys.stdout.flush()
    except OSError as error:
        if is_broken_pipe(error):
            raise
        sys.stderr.write(f"mbus-tool decode: {error.strerror}: {error.filename}\n")
        return _CANNOT_RUN
    except MBusError as error:
        sys.stderr.write(f"mbus-tool decode: {error}\n")
        return _CANNOT_RUN
    return 0


def _lines(arguments: argparse.Namespace) -> Iterator[str]:
    """The telegrams in the order given: arguments first, then the file, else standard input."""
    words: list[str] = arguments.telegrams
    if words and all(len(word) == 2 and word != _STANDARD_INPUT for word in words):
        # The bytes of one telegram without quotes around them.
        words = [" ".join(words)]
    for word in words:
        if word == _STANDARD_INPUT:
            yield from _stripped(sys.stdin)
        elif os.path.isfile(word):  # noqa: PTH113 - a telegram is longer than Path takes for a name
            yield from _file(Path(word))
        else:
            yield word
    if arguments.file:
        yield from _file(arguments.file)
    if not words and not arguments.file:
        yield from _stripped(sys.stdin)


def _file(path: Path) -> Iterator[str]:
    with path.open("rb") as raw:
        # What PowerShell writes with > is UTF-16.
        wide = raw.peek(2)[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        encoding = "utf-16" if wide else "utf-8-sig"
        with io.TextIOWrapper(raw, encoding, errors="replace") as lines:
            yield from _stripped(lines)


def _stripped(lines: Iterable[str]) -> Iterator[str]:
    return (line.rstrip("\r\n") for line in lines)


def _keys(arguments: argparse.Namespace) -> MeterKeys:
    """The keys of the command line and of the key file.

    Raises:
        MBusError: one is no key; the message does not repeat it.
    """
    words: list[str] = list(arguments.key)
    if arguments.key_file:
        words += [line for line in _file(arguments.key_file) if line.strip()]
    default, by_identification = None, {}
    for word in words:
        number, separator, digits = word.strip().rpartition("=")
        try:
            key = bytes.fromhex(digits)
        except ValueError as error:
            raise MBusError("a key is 32 hex digits, with NUMBER= in front of it for one meter") from error
        if separator:
            by_identification[number.strip().upper().rjust(8, "0")] = key
        else:
            default = key
    return MeterKeys(by_identification, default)
