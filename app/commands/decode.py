"""``mbus-tool decode``: telegrams given as hex, one a line, are told in JSON or for a person to read."""

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from app.commands.key_arguments import add_key_arguments, given_keys, stripped, text_lines
from app.commands.outcome import is_broken_pipe, json_line
from app.commands.telegram_text import telegram_object, telegram_text
from app.domain.errors import MeterKeyError
from app.mbus.response import decode_hex

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
    add_key_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Decodes every line; 0 even when some are bad, 2 when the command cannot run at all."""
    try:
        keys = given_keys(arguments)
        for line in _lines(arguments):
            telegram = decode_hex(line, keys)
            shown = json_line(telegram_object(telegram)) if arguments.json else telegram_text(telegram)
            sys.stdout.write(shown + "\n")
            sys.stdout.flush()
    except OSError as error:
        if is_broken_pipe(error):
            raise
        sys.stderr.write(f"mbus-tool decode: {error.strerror}: {error.filename}\n")
        return _CANNOT_RUN
    except MeterKeyError as error:
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
            yield from stripped(sys.stdin)
        elif os.path.isfile(word):  # noqa: PTH113 - a telegram is longer than Path takes for a name
            yield from text_lines(Path(word))
        else:
            yield word
    if arguments.file:
        yield from text_lines(arguments.file)
    if not words and not arguments.file:
        yield from stripped(sys.stdin)
