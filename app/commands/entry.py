"""``mbus-tool entry``: reads a meter and prints its portal entry, both additional settings included."""

import argparse

from app.bus.readout import Readout
from app.commands.meter_arguments import add_entry_arguments, add_meter_arguments, commissioned, with_readout
from app.commands.outcome import ExitCode, print_json
from app.domain.checks import CheckState
from app.domain.meter import SerialNumber
from app.services.commissioning import Commissioned


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds port, serial number and what decides the entry."""
    add_meter_arguments(parser)
    add_entry_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Reads and prints."""

    def use(serial: SerialNumber, readout: Readout) -> int:
        meter = commissioned(arguments, serial, readout)
        if arguments.json:
            print_json(_object(meter))
        else:
            print(_sheet(meter))  # noqa: T201
        return ExitCode.OK

    return with_readout(arguments, use)


def _object(meter: Commissioned) -> dict[str, object]:
    entry = meter.entry
    settings = {"secondary_ad": entry.secondary_ad, "reg": entry.reg}
    return {
        "ok": True,
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


def _sheet(meter: Commissioned) -> str:
    entry = meter.entry
    rows = (
        ("Name", entry.name),
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
