"""``mbus-tool entry``: reads a meter and prints its portal entry, both additional settings included."""

import argparse

from app.bus.readout import Readout
from app.commands.meter_arguments import (
    add_entry_arguments,
    add_meter_arguments,
    commissioned_entries,
    with_readout,
)
from app.commands.outcome import ExitCode, print_json
from app.domain.checks import CheckState
from app.domain.meter import SerialNumber
from app.services.commissioning import Commissioned, load_vocabulary

_EPILOG = """\
A meter for heat and cooling becomes two entries of one address, one of type heating and one of type cooling:
both are printed, the one of --type first; with --single that one alone, with --one-list one that has both
energies. With --json the first entry's fields stand in the object itself, "entries" lists all entries,
"questions" what only a person can answer (cold energy that is not certain, pulse inputs, an address that is
not unique), and "meter_model" is the meter's maker and model ("model" is the portal's own field).
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds port, serial number and what decides the entry."""
    add_meter_arguments(parser)
    add_entry_arguments(parser)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG


def run(arguments: argparse.Namespace) -> int:
    """Reads and prints."""

    def use(serial: SerialNumber, readout: Readout) -> int:
        meters = commissioned_entries(arguments, serial, readout)
        header = readout.telegram.header
        model = None if header is None else str(load_vocabulary().models.shown(header))
        if arguments.json:
            print_json(_answer(meters, model))
        else:
            print(_text(meters, model))  # noqa: T201
        return ExitCode.OK

    return with_readout(arguments, use)


def _answer(meters: list[Commissioned], model: str | None) -> dict[str, object]:
    first = meters[0]
    return {
        "ok": True,
        **_object(first),
        "meter_model": model,
        "questions": [str(each) for each in first.questions],
        "entries": [_object(meter) for meter in meters],
    }


def _object(meter: Commissioned) -> dict[str, object]:
    entry = meter.entry
    settings = {"secondary_ad": entry.secondary_ad, "reg": entry.reg}
    return {
        "name": entry.name,
        "type": entry.type.value,
        "address": entry.prim_ad,
        "gateway": entry.gateway_id,
        "model": entry.model,
        "protocol": entry.protocol,
        "baudrate": entry.baudrate,
        "mode": entry.mode,
        **settings,
        "additional_settings": settings,
        "checks": [
            {"code": check.code, "state": check.state.value, "reason": str(check.reason)}
            for check in meter.checks
        ],
    }


def _text(meters: list[Commissioned], model: str | None) -> str:
    lines = [] if model is None else [f"{'Meter':13} {model}"]
    sheets = "\n\n".join(map(_sheet, meters))
    questions = [f"? {question}" for question in meters[0].questions]
    return "\n".join([*lines, sheets, *questions])


def _sheet(meter: Commissioned) -> str:
    entry = meter.entry
    rows = (
        ("Name", entry.name),
        ("Type", entry.type.value),
        ("Address", entry.prim_ad or "(left empty)"),
        ("Gateway", entry.gateway_id or "(the gateway the meter hangs on)"),
        ("Model", entry.model),
        ("Protocol", entry.protocol),
        ("Baudrate", str(entry.baudrate)),
        ("Mode", entry.mode),
        ("secondary_ad", entry.secondary_ad),
        ("reg", entry.reg),
    )
    remarks = [f"! {check.reason}" for check in meter.checks if check.state is CheckState.LOOK]
    return "\n".join([*(f"{label:13} {value}" for label, value in rows), *remarks])
