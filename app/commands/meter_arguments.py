"""The arguments and the steps that every command with one meter shares."""

import argparse
import asyncio
from collections.abc import Callable
from datetime import datetime

from app.bus.errors import BusError
from app.bus.master import BusMaster
from app.bus.port import LineSettings
from app.bus.readout import Readout
from app.commands.key_arguments import add_key_arguments, given_keys
from app.commands.line_arguments import add_line_arguments
from app.commands.outcome import report_error
from app.domain.errors import DomainError, EntryError, MeterKeyError
from app.domain.meter import MeterType, SerialNumber
from app.domain.selection import Preferences
from app.mbus.addresses import SecondaryAddress
from app.mbus.errors import EncodeError
from app.mbus.security import MeterKeys
from app.message import Message
from app.portal.system_keyring import SystemKeyring
from app.services.commissioning import Commissioned, commission, load_vocabulary, read_meter
from app.services.meter_keys import KeptKeys


def add_meter_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds port, serial number and baud rate, and the choice of output."""
    add_line_arguments(parser)
    parser.add_argument(
        "--serial", required=True, metavar="NUMBER", help="serial number on the meter's label"
    )
    add_key_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")


def add_entry_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what decides the portal entry."""
    parser.add_argument(
        "--place", default="", metavar="TEXT", help='where the meter hangs, e.g. "Apartment 203"'
    )
    parser.add_argument(
        "--useful", action="store_true", help="every register the portal knows, not the index alone"
    )
    parser.add_argument(
        "--convert-always",
        action="store_true",
        help="write the factor also where the portal's documentation leaves it out (power_kw)",
    )
    parser.add_argument(
        "--water-as-volume",
        action="store_true",
        help="give hot and cold water as vol_m3, not as the meter's type",
    )
    parser.add_argument(
        "--type",
        choices=[each.value for each in MeterType],
        help="the portal's type (default: what the meter says it is)",
    )
    parser.add_argument(
        "--beside",
        nargs="*",
        default=[],
        metavar="ADDRESS",
        help="16-digit addresses of other meters on the bus, as scan prints them: where the number alone is "
        "not unique among them, the entry carries the whole address",
    )


def with_readout(arguments: argparse.Namespace, use: Callable[[SerialNumber, Readout], int]) -> int:
    """Reads the meter the arguments name and hands it on; every error ends as a sentence and an exit code."""
    try:
        serial = SerialNumber.parse(arguments.serial)
        readout = asyncio.run(read(arguments, serial))
        return use(serial, readout)
    except (DomainError, BusError) as error:
        return report_error(error, as_json=arguments.json)


async def read(arguments: argparse.Namespace, serial: SerialNumber) -> Readout:
    """Reads one meter.

    Raises:
        BusError: the port or the meter failed.
        MeterKeyError: a key given is none.
    """
    keys = KeptKeys(SystemKeyring(), _given(arguments))
    async with BusMaster(arguments.port, LineSettings(baud=arguments.baud), keys=keys) as master:
        return await read_meter(master, serial)


def _given(arguments: argparse.Namespace) -> MeterKeys:
    try:
        return given_keys(arguments)
    except OSError as error:
        values = {"file": arguments.key_file, "reason": error.strerror}
        raise MeterKeyError(Message("The key file {file} cannot be read ({reason}).", values)) from error


def commissioned(
    arguments: argparse.Namespace,
    serial: SerialNumber,
    readout: Readout,
    *,
    gateway_id: str = "",
    meter_type: MeterType | None = None,
) -> Commissioned:
    """What the arguments make of a reading.

    Args:
        arguments: of the command line.
        serial: of the label.
        readout: the reading.
        gateway_id: the portal's id of the gateway.
        meter_type: instead of the one the arguments name.

    Raises:
        EntryError: an address of another meter is none.
        UnusableReadingError: there is no entry to make of the reading.
    """
    return commission(
        serial,
        readout,
        load_vocabulary(),
        Preferences(convert_always=arguments.convert_always, water_as_volume=arguments.water_as_volume),
        place=arguments.place,
        gateway_id=gateway_id,
        useful=arguments.useful,
        read_at=datetime.now().astimezone(),
        meter_type=meter_type or wanted_type(arguments),
        beside=[_address(text) for text in arguments.beside],
    )


def wanted_type(arguments: argparse.Namespace) -> MeterType | None:
    """The portal's type that was asked for; None for what the meter says."""
    return MeterType(arguments.type) if arguments.type else None


def _address(text: str) -> SecondaryAddress:
    try:
        return SecondaryAddress.parse(text)
    except EncodeError as error:
        values = {"text": text[:40]}
        raise EntryError(Message("An address has 16 hex digits, and “{text}” has not.", values)) from error
