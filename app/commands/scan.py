"""``mbus-tool scan``: finds the meters on a bus and prints each as it is found."""

import argparse
import asyncio
import functools
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing

from app.bus.errors import BusError
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
from app.commands.outcome import ExitCode, print_json, report_error
from app.domain.errors import DomainError
from app.domain.meter import SerialNumber
from app.domain.models import Model, Models
from app.mbus.manufacturer import code_to_letters, manufacturer_name
from app.mbus.media import MEDIUM_NAMES
from app.mbus.search import FoundMeter
from app.services.commissioning import load_vocabulary


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the port and what to look for."""
    add_line_arguments(parser)
    parser.add_argument("--primary", action="store_true", help="by primary address, 0 to 250")
    parser.add_argument("--hex", action="store_true", help="also look for serial numbers with digits A to F")
    parser.add_argument(
        "--known", nargs="*", default=[], metavar="SERIAL", help="serial numbers to ask first"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")


def run(arguments: argparse.Namespace) -> int:
    """Scans; what was found until an error is printed."""
    try:
        known = tuple(SerialNumber.parse(text).secondary_address for text in arguments.known)
        return asyncio.run(_scan(arguments, ScanOptions(known=known, hex_digits=arguments.hex)))
    except (DomainError, BusError) as error:
        return report_error(error, as_json=arguments.json)


async def _scan(arguments: argparse.Namespace, options: ScanOptions) -> ExitCode:
    async with BusMaster(arguments.port, LineSettings(baud=arguments.baud)) as master:
        events = scan_primary(master, options) if arguments.primary else scan(master, options)
        return await _print(events, as_json=arguments.json)


async def _print(events: AsyncIterator[ScanEvent], *, as_json: bool) -> ExitCode:
    show = functools.partial(_show_json if as_json else _show_text, models=load_vocabulary().models)
    complete = True
    async with aclosing(events) as stream:  # type: ignore[type-var]
        async for event in stream:
            complete = complete and not isinstance(event, MetersUnresolved)
            show(event)
    return ExitCode.OK if complete else ExitCode.METER


def _show_json(event: ScanEvent, models: Models) -> None:
    if isinstance(event, MeterFound):
        model = _model(event, models)
        print_json(found_object(event) | {"model": None if model is None else str(model.shown)})
    elif isinstance(event, ScanFinished):
        elapsed = round(event.elapsed_s, 3)
        print_json({"summary": {"found": event.found, "probes": event.probes, "elapsed_s": elapsed}})
    elif isinstance(event, MetersUnresolved):
        print(str(event.message), file=sys.stderr)  # noqa: T201


def found_object(event: MeterFound) -> dict[str, object]:
    """A found meter as the JSON output carries it."""
    address = event.meter.address
    medium = _medium(event)
    wildcard = {"wildcard": address.text[:8] + "F" * 8}
    return {
        "identification": address.identification,
        "manufacturer": _maker(event.meter) or None,
        "version": address.version,
        "medium": None if medium is None else f"{medium:02X}",
        "secondary_address": ({"exact": address.text} if address.is_exact else {}) | wildcard,
        "primary_address": event.primary_address,
    }


def _show_text(event: ScanEvent, models: Models) -> None:
    if isinstance(event, MeterFound):
        address = event.meter.address
        medium = _medium(event)
        parts = (
            address.identification,
            _model_text(event, models),
            "" if medium is None else MEDIUM_NAMES.get(medium, ""),
            f"primary {event.primary_address}",
            address.text,
        )
        print("  ".join(filter(None, parts)), flush=True)  # noqa: T201
    elif isinstance(event, ScanFinished):
        print(  # noqa: T201
            f"{event.found} meter(s) found with {event.probes} probes in {event.elapsed_s:.1f} s."
        )
    elif isinstance(event, MetersUnresolved):
        print(str(event.message), file=sys.stderr)  # noqa: T201
    elif sys.stderr.isatty():
        left = "" if event.time_left_s is None else f", at least {event.time_left_s:.0f} s left"
        print(f"\r{event.probes} probes, {event.found} found{left}   ", end="", file=sys.stderr)  # noqa: T201


def _model(event: MeterFound, models: Models) -> Model | None:
    return models.of(event.readout.telegram.header) or models.of_address(event.meter.address)


def _model_text(event: MeterFound, models: Models) -> str:
    """The model's name; where it is not known, maker and version."""
    model, maker, version = _model(event, models), _maker(event.meter), event.meter.address.version
    if model is not None:
        return str(model.shown)
    known = manufacturer_name(maker) or maker
    return "  ".join(
        filter(None, (known or "maker not told", "" if version is None else f"version {version}"))
    )


def _maker(meter: FoundMeter) -> str:
    code = meter.address.manufacturer
    return "" if code is None else code_to_letters(code)


def _medium(event: MeterFound) -> int | None:
    """What it measures: an old fixed structure tells it, but in no way that an address could use."""
    header = event.readout.telegram.header
    told = event.meter.address.medium
    return told if told is not None or header is None or not header.identification else header.medium
