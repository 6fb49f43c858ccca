"""``mbus-tool ports``: the serial ports of this computer, named as a person knows them."""

import argparse
from dataclasses import asdict

from app.bus.discovery import list_serial_ports
from app.commands.outcome import ExitCode, print_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the choice of output."""
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")


def run(arguments: argparse.Namespace) -> int:
    """Lists the ports; none is no error."""
    ports = list_serial_ports()
    for port in ports:
        if arguments.json:
            print_json(asdict(port))
        else:
            print(f"{port.url:20} {port.name}")  # noqa: T201
    if not ports and not arguments.json:
        print("No serial port found. Plug the M-Bus adapter in, or give a socket:// address.")  # noqa: T201
    return ExitCode.OK
