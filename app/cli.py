"""``mbus-tool``: the headless commands, for scripts and for a desk without a screen."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper
from typing import Protocol, cast

from app.commands.outcome import ExitCode, is_broken_pipe, report_interrupted
from app.version import VERSION

_COMMANDS = {
    "ports": "list the serial ports of this computer",
    "read": "read one meter by its serial number",
    "scan": "find the meters on a bus",
    "diagnose": "say what is wrong with a bus",
    "reset": "reset the application of a meter that sends no readings",
    "decode": "decode telegrams given as hex",
    "entry": "print the portal entry of a meter",
    "upload": "read a meter and put it on the portal",
    "practice": "serve the practice building: a bus, a portal and a gateway",
    "replay": "serve a recorded trace as a bus",
}


class Command(Protocol):
    """What a module in ``app.commands`` offers."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Adds the command's own arguments."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Does the work and returns the exit code."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; only the module of that command is loaded."""
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] not in _COMMANDS:
        _overview().parse_args(words)
        return ExitCode.USAGE
    name = words[0]
    command = cast("Command", import_module(f"app.commands.{name}"))
    parser = argparse.ArgumentParser(prog=f"mbus-tool {name}", description=_COMMANDS[name])
    command.add_arguments(parser)
    arguments = parser.parse_args(words[1:])
    for stream, errors in (
        (sys.stdin, "replace"),
        (sys.stdout, "backslashreplace"),
        (sys.stderr, "backslashreplace"),
    ):
        # Units such as m³, a maker's own letters and any password must pass a pipe with a narrow code page.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=errors)
    try:
        code = command.run(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return report_interrupted()
    except OSError as error:
        if not is_broken_pipe(error):
            raise
        # Whoever reads the pipe has seen enough; what is still buffered must not fail at the end either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.OK
    return code


def _overview() -> argparse.ArgumentParser:
    width = max(map(len, _COMMANDS))
    listing = "\n".join(f"  {name:{width}}  {purpose}" for name, purpose in _COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="mbus-tool",
        description="Reads wired M-Bus meters and commissions them on the portal.",
        epilog=f"commands:\n{listing}\n\n{ExitCode.overview()}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"mbus-tool {VERSION}")
    parser.add_argument("command", choices=_COMMANDS, metavar="COMMAND")
    return parser


if __name__ == "__main__":
    sys.exit(main())
