"""``mbus-tool scan``: finds the meters on a bus and prints each as it is found."""

import argparse
import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Final

from app.bus.errors import BusError, Diagnosis
from app.bus.master import BusMaster
from app.bus.port import LineSettings
from app.bus.scan import (
    MeterFound,
    MetersUnresolved,
    ScanEvent,
    ScanFinished,
    ScanOptions,
    scan,
    scan_primary,
)
from app.commands.line_arguments import add_line_arguments
from app.commands.outcome import ExitCode, error_object, print_json, report_error
from app.domain.answer import unusable_answer
from app.domain.errors import DomainError
from app.domain.meter import SerialNumber
from app.mbus.addresses import SecondaryAddress
from app.mbus.manufacturer import code_to_letters
from app.mbus.media import MEDIUM_NAMES
from app.mbus.search import EVERYBODY, FoundMeter
from app.services.explain import Explanation, explain

_NUMBER: Final = re.compile(r"[0-9A-E]{8}")
_PRIMARY: Final = re.compile(r"[0-9]{1,3}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the port and what to look for."""
    add_line_arguments(parser)
    parser.add_argument("--primary", action="store_true", help="by primary address, 0 to 250")
    parser.add_argument("--hex", action="store_true", help="also look for serial numbers with digits A to F")
    parser.add_argument(
        "--known", nargs="*", default=[], metavar="SERIAL", help="serial numbers to ask first"
    )
    parser.add_argument(
        "--within",
        metavar="NUMBER",
        help="only meters with this number or address; F stands for any digit: FFFF6798",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")


def run(arguments: argparse.Namespace) -> int:
    """Scans; what was found until an error is printed."""
    try:
        known = tuple(SerialNumber.parse(text).secondary_address for text in arguments.known)
        within = SerialNumber.parse(arguments.within).secondary_address if arguments.within else EVERYBODY
        return asyncio.run(
            _scan(arguments, ScanOptions(known=known, hex_digits=arguments.hex, within=within))
        )
    except (DomainError, BusError) as error:
        return report_error(error, as_json=arguments.json)


async def _scan(arguments: argparse.Namespace, options: ScanOptions) -> ExitCode:
    async with BusMaster(arguments.port, LineSettings(baud=arguments.baud)) as master:
        events = scan_primary(master, options) if arguments.primary else scan(master, options)
        return await _print(events, as_json=arguments.json)


async def _print(events: AsyncIterator[ScanEvent], *, as_json: bool) -> ExitCode:
    show = _show_json if as_json else _show_text
    complete = True
    async with aclosing(events) as stream:  # type: ignore[type-var]
        async for event in stream:
            read = not isinstance(event, MetersUnresolved) and _problem(event) is None
            complete = complete and read
            show(event)
    return ExitCode.OK if complete else ExitCode.METER


def _problem(event: ScanEvent) -> Explanation | None:
    """Why a meter that was found gave no reading."""
    if not isinstance(event, MeterFound):
        return None
    unusable = unusable_answer(event.readout.telegram, event.meter.address.identification)
    return None if unusable is None else explain(unusable)


def _show_json(event: ScanEvent) -> None:
    if isinstance(event, MeterFound):
        print_json(found_object(event))
    elif isinstance(event, ScanFinished):
        elapsed = round(event.elapsed_s, 3)
        print_json({"summary": {"found": event.found, "probes": event.probes, "elapsed_s": elapsed}})
    elif isinstance(event, MetersUnresolved):
        if event.diagnosis not in _NO_SINGLE_METER:
            print_json(unread_object(event))
        print(str(event.message), file=sys.stderr)  # noqa: T201


_NO_SINGLE_METER: Final = (Diagnosis.COLLISION, Diagnosis.NOISE)


def unread_object(event: MetersUnresolved) -> dict[str, object]:
    """A meter that answers and could not be read, as the JSON output carries it; null for the unknown."""
    number = event.address if _NUMBER.fullmatch(event.address) else None
    primary = int(event.address) if _PRIMARY.fullmatch(event.address) else None
    return {
        "identification": number,
        "manufacturer": None,
        "version": None,
        "medium": None,
        "secondary_address": {"wildcard": SecondaryAddress(number).text} if number else None,
        "primary_address": primary,
        "problem": {"kind": event.diagnosis.value, "message": str(event.message), "next_step": ""},
    }


def found_object(event: MeterFound) -> dict[str, object]:
    """A found meter as the JSON output carries it."""
    address = event.meter.address
    medium = _medium(event)
    wildcard = {"wildcard": address.text[:8] + "F" * 8}
    problem = _problem(event)
    told: dict[str, object] = {
        "identification": address.identification,
        "manufacturer": _maker(event.meter) or None,
        "version": address.version,
        "medium": None if medium is None else f"{medium:02X}",
        "secondary_address": ({"exact": address.text} if address.is_exact else {}) | wildcard,
        "primary_address": event.primary_address,
    }
    return told if problem is None else told | {"problem": _problem_object(problem)}


def _problem_object(problem: Explanation) -> dict[str, object]:
    shown = error_object(problem)
    return {name: shown[name] for name in ("kind", "message", "next_step")}


def _show_text(event: ScanEvent) -> None:
    if isinstance(event, MeterFound):
        address = event.meter.address
        medium = _medium(event)
        parts = (
            address.identification,
            _maker(event.meter) or "maker not told",
            "" if address.version is None else f"version {address.version}",
            "" if medium is None else MEDIUM_NAMES.get(medium, ""),
            f"primary {event.primary_address}",
            address.text,
        )
        print("  ".join(filter(None, parts)), flush=True)  # noqa: T201
        problem = _problem(event)
        if problem is not None:
            print(f"  ! {problem.what} {problem.next_step}", flush=True)  # noqa: T201
    elif isinstance(event, ScanFinished):
        print(  # noqa: T201
            f"{event.found} meter(s) found with {event.probes} probes in {event.elapsed_s:.1f} s."
        )
    elif isinstance(event, MetersUnresolved):
        print(str(event.message), file=sys.stderr)  # noqa: T201
    elif sys.stderr.isatty():
        left = "" if event.time_left_s is None else f", at least {event.time_left_s:.0f} s left"
        print(f"\r{event.probes} probes, {event.found} found{left}   ", end="", file=sys.stderr)  # noqa: T201


def _maker(meter: FoundMeter) -> str:
    code = meter.address.manufacturer
    return "" if code is None else code_to_letters(code)


def _medium(event: MeterFound) -> int | None:
    """What it measures: an old fixed structure tells it, but in no way that an address could use."""
    header = event.readout.telegram.header
    told = event.meter.address.medium
    return told if told is not None or header is None or not header.identification else header.medium
