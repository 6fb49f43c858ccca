"""``mbus-tool scan``: finds the meters on a bus and prints each as it is found."""

import argparse
import asyncio
import functools
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from app.bus.errors import BusError, Diagnosis
from app.bus.readout import Readout
from app.bus.scan import MeterFound, MetersUnresolved, ScanEvent, ScanFinished, ScanProgress
from app.commands.line_arguments import add_line_arguments
from app.commands.line_work import line_of
from app.commands.outcome import ExitCode, print_json, report_error
from app.domain.addressing import parts_of_one_meter, search_remarks, shared_numbers
from app.domain.answer import unusable_answer
from app.domain.cold_rules import ColdRules
from app.domain.errors import DomainError
from app.domain.meter import SerialNumber
from app.domain.models import Model, Models
from app.mbus.addresses import SecondaryAddress
from app.mbus.manufacturer import code_to_letters, manufacturer_name
from app.mbus.media import MEDIUM_NAMES
from app.mbus.probes import EVERYBODY, FoundMeter
from app.services.commissioning import load_vocabulary
from app.services.explain import Explanation, explain
from app.services.jobs.scan import ScanJob, ScanKind, ScanWish

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
    part = parser.add_mutually_exclusive_group()
    part.add_argument(
        "--within",
        metavar="NUMBER",
        help="only meters with this number or address; F stands for any digit: FFFF6798",
    )
    part.add_argument("--ending", metavar="DIGITS", help="only meters whose number ends so: 6798")
    parser.add_argument(
        "--known-file", type=Path, metavar="FILE", help="a text file with a serial number a line to ask first"
    )
    parser.add_argument("--only-known", action="store_true", help="ask for the known serial numbers only")
    parser.add_argument("--expect", type=int, metavar="N", help="stop as soon as N meters have been found")
    parser.add_argument(
        "--exhaustive",
        action="store_true",
        help="where several meters have one number, try every maker, version and medium (takes minutes)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")


def run(arguments: argparse.Namespace) -> int:
    """Scans; what was found until an error is printed."""
    try:
        wish = ScanWish(
            kind=ScanKind.PRIMARY if arguments.primary else ScanKind.SECONDARY,
            only_known=arguments.only_known,
            expected=arguments.expect,
            hex_digits=arguments.hex,
            exhaustive=arguments.exhaustive,
            within=_within(arguments),
        )
        return asyncio.run(_scan(arguments, wish, _known(arguments)))
    except (DomainError, BusError, OSError, UnicodeDecodeError) as error:
        return report_error(error, as_json=arguments.json)


def _within(arguments: argparse.Namespace) -> SecondaryAddress:
    """Among which meters is searched.

    Raises:
        SerialNumberError: that is no number.
    """
    if arguments.ending:
        number = SerialNumber.parse(arguments.ending)
        return (number.ending or number).secondary_address
    return SerialNumber.parse(arguments.within).secondary_address if arguments.within else EVERYBODY


def _known(arguments: argparse.Namespace) -> tuple[SecondaryAddress, ...]:
    """The serial numbers given, and those of the file; empty lines and comments (#) are passed over."""
    file: Path | None = arguments.known_file
    lines = [] if file is None else file.read_text(encoding="utf-8-sig").splitlines()
    typed = (text for text in lines if text.strip() and not text.lstrip().startswith("#"))
    return tuple(SerialNumber.parse(text.strip()).secondary_address for text in (*arguments.known, *typed))


async def _scan(
    arguments: argparse.Namespace, wish: ScanWish, known: tuple[SecondaryAddress, ...]
) -> ExitCode:
    printed = Printed(as_json=arguments.json)
    async with line_of(arguments) as (tasks, line):
        job = ScanJob(tasks, line, _keep_nothing, lambda: known)
        job.happened.subscribe(printed.take)
        job.start(wish)
        await job.ended()
    return printed.exit_code


async def _keep_nothing(_readout: Readout) -> None:
    """What is found is printed; nothing else is wanted of it."""


class Printed:
    """Prints what a scan tells, and knows whether every meter was read."""

    def __init__(self, *, as_json: bool) -> None:
        vocabulary = load_vocabulary()
        self.exit_code = ExitCode.OK
        self._as_json, self._cold = as_json, vocabulary.cold
        self._found: list[SecondaryAddress] = []
        self._show = functools.partial(_show_json if as_json else _show_text, models=vocabulary.models)

    def take(self, event: ScanEvent) -> None:
        """Prints one event as it comes."""
        if isinstance(event, MeterFound):
            self._found.append(event.meter.address)
        if isinstance(event, ScanFinished):
            _show_end(event, self._found, self._cold, as_json=self._as_json)
        else:
            self._show(event)
        if isinstance(event, MetersUnresolved) or _problem(event) is not None:
            self.exit_code = ExitCode.METER


def _problem(event: ScanEvent) -> Explanation | None:
    """Why a meter that was found gave no reading."""
    if not isinstance(event, MeterFound):
        return None
    unusable = unusable_answer(event.readout.telegram, event.meter.address.identification)
    return None if unusable is None else explain(unusable)


def _show_json(event: ScanEvent, models: Models) -> None:
    if isinstance(event, MeterFound):
        model = _model(event, models)
        print_json(found_object(event) | {"model": None if model is None else str(model.shown)})
    elif isinstance(event, MetersUnresolved):
        if event.diagnosis not in _NO_SINGLE_METER:
            print_json(unread_object(event))
        print(str(event.message), file=sys.stderr)  # noqa: T201


def _show_end(
    event: ScanFinished, found: Sequence[SecondaryAddress], rules: ColdRules, *, as_json: bool
) -> None:
    """How the search went, and which of the meters belong together or share a number."""
    remarks = search_remarks(found, rules)
    if not as_json:
        print(f"{event.found} meter(s) found with {event.probes} probes in {event.elapsed_s:.1f} s.")  # noqa: T201
        for remark in remarks:
            print(f"! {remark}")  # noqa: T201
        return
    summary: dict[str, object] = {
        "found": event.found,
        "probes": event.probes,
        "elapsed_s": round(event.elapsed_s, 3),
    }
    if remarks:
        summary |= {
            "shared_numbers": [[each.text for each in same] for same in shared_numbers(found)],
            "parts_of_one_meter": [[heat.text, cold.text] for heat, cold in parts_of_one_meter(found, rules)],
            "remarks": [str(remark) for remark in remarks],
        }
    print_json({"summary": summary})


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
        "problem": str(event.message),
        "problem_kind": event.diagnosis.value,
    }


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
        **_problem_object(_problem(event)),
    }


def _problem_object(problem: Explanation | None) -> dict[str, str | None]:
    """Why there is no reading, and what to do; null where there is one."""
    if problem is None:
        return {"problem": None, "problem_kind": None}
    return {"problem": f"{problem.what} {problem.next_step}", "problem_kind": problem.code}


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
        problem = _problem(event)
        if problem is not None:
            print(f"{address.identification}  ! {problem.what} {problem.next_step}", flush=True)  # noqa: T201
    elif isinstance(event, MetersUnresolved) and event.diagnosis not in _NO_SINGLE_METER:
        print(f"{event.address}  ! {event.message}", flush=True)  # noqa: T201
    elif isinstance(event, MetersUnresolved):
        print(str(event.message), file=sys.stderr)  # noqa: T201
    elif isinstance(event, ScanProgress) and sys.stderr.isatty():
        done = f", {event.branches_done} of {event.branches} branches done" if event.branches else ""
        if event.checking_again:
            done = "; all found so far, checking again, can be stopped"
        print(f"\r{event.probes} probes, {event.found} found{done}   ", end="", file=sys.stderr)  # noqa: T201


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
