"""``mbus-tool reset``: resets the application of one meter, which makes many send their standard telegram."""

import argparse
import asyncio
import sys

from app.bus.configure import application_reset, confirm_application_reset
from app.bus.errors import BusError
from app.bus.master import BusMaster
from app.bus.port import LineSettings
from app.commands.line_arguments import add_line_arguments
from app.commands.meter_arguments import add_number_arguments, asked_number
from app.commands.outcome import ExitCode, print_json, report_error
from app.domain.errors import DomainError
from app.domain.meter import SerialNumber
from app.message import Message

_NOT_ASKED = Message("Say --yes to do it: nobody is there to be asked.")
_LEFT = Message("Nothing was changed.")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds port, number, and the answer to the question that is asked."""
    add_line_arguments(parser)
    add_number_arguments(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask first")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Asks, and resets."""
    try:
        number = asked_number(arguments)
        if not (arguments.yes or _confirmed(number)):
            return ExitCode.USAGE
        asyncio.run(_reset(arguments, number))
    except (DomainError, BusError) as error:
        return report_error(error, as_json=arguments.json)
    if arguments.json:
        print_json({"ok": True, "error": None})
    else:
        print(Message("The application of the meter {meter} was reset.", {"meter": number.digits}))  # noqa: T201
    return ExitCode.OK


def _confirmed(number: SerialNumber) -> bool:
    print(confirm_application_reset(number.secondary_address), file=sys.stderr)  # noqa: T201
    if not sys.stdin.isatty():
        print(_NOT_ASKED, file=sys.stderr)  # noqa: T201
        return False
    print("[y/N] ", end="", file=sys.stderr, flush=True)  # noqa: T201
    if sys.stdin.readline().strip().lower() in ("y", "yes"):
        return True
    print(_LEFT, file=sys.stderr)  # noqa: T201
    return False


async def _reset(arguments: argparse.Namespace, number: SerialNumber) -> None:
    async with BusMaster(arguments.port, LineSettings(baud=arguments.baud)) as master:
        await application_reset(master, number.secondary_address)
