"""The arguments and the steps that every command with one meter shares."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from app.bus.errors import BusError
from app.bus.master import BusMaster
from app.bus.port import LineSettings
from app.bus.readout import Readout
from app.commands.key_arguments import add_key_arguments, given_keys
from app.commands.line_arguments import add_line_arguments
from app.commands.next_steps import command_line
from app.commands.outcome import ExitCode, report_error
from app.domain.errors import DomainError, EntryError, MeterKeyError, UnusableReadingError
from app.domain.meter import MeterType, SerialNumber
from app.domain.selection import Preferences
from app.mbus.addresses import SecondaryAddress
from app.mbus.errors import EncodeError
from app.mbus.records import Telegram
from app.mbus.security import MeterKeys
from app.message import Message
from app.portal.system_keyring import SystemKeyring
from app.services.commissioning import (
    Commissioned,
    commission,
    further_types,
    load_vocabulary,
    number_of,
    read_meter,
)
from app.services.meter_keys import KeptKeys
from app.services.next_steps import next_steps


def add_meter_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds port, the meter's number and baud rate, and the choice of output."""
    add_line_arguments(parser)
    add_number_arguments(parser)
    add_key_arguments(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")


def add_number_arguments(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """Adds the ways to say which meter."""
    ways = parser.add_mutually_exclusive_group(required=required)
    ways.add_argument(
        "--serial",
        "--address",
        metavar="NUMBER",
        help="the number on the meter's label in any form it has there, or its secondary address (16 hex "
        "digits); F stands for a digit that is not known",
    )
    ways.add_argument(
        "--fabrication-number", metavar="NUMBER", help="ask by the maker's number, which some labels bear"
    )


def asked_number(arguments: argparse.Namespace) -> SerialNumber:
    """The meter that the arguments name; what was understood of them is said.

    Raises:
        SerialNumberError: that is no number.
    """
    by_maker = arguments.fabrication_number is not None
    number = SerialNumber.parse(arguments.fabrication_number if by_maker else arguments.serial)
    if number.note is not None:
        print(number.note, file=sys.stderr)  # noqa: T201
    if not by_maker:
        return number
    return SerialNumber(number.digits, fabrication_number=number.digits)


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
    _add_entries_arguments(parser)


def _add_entries_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what becomes of a meter for heat and cooling, which is two entries of one address."""
    ways = parser.add_mutually_exclusive_group()
    ways.add_argument(
        "--single",
        action="store_true",
        help="one entry alone (that of --type), also of a meter for heat and cooling",
    )
    ways.add_argument(
        "--one-list",
        action="store_true",
        help="heat and cold in one list, for a portal that takes one entry of an address",
    )


ShowUnusable = Callable[[Telegram], dict[str, object]]
"""Shows an answer that is no reading; what it returns goes beside the error in JSON."""


def with_readout(
    arguments: argparse.Namespace,
    use: Callable[[SerialNumber, Readout], int],
    show_unusable: ShowUnusable = lambda _: {},
) -> int:
    """Reads the meter the arguments name and hands it on; every error ends as a sentence and an exit code."""
    number: SerialNumber | None = None
    try:
        number = asked_number(arguments)
        serial, readout = asyncio.run(read(arguments, number))
        return use(serial, readout)
    except (DomainError, BusError) as error:
        answer = error.telegram if isinstance(error, UnusableReadingError) else None
        beside = {} if answer is None else show_unusable(answer)
        return report_unread(error, number, arguments, beside)


def report_unread(
    error: Exception,
    number: SerialNumber | None,
    arguments: argparse.Namespace,
    beside: Mapping[str, object] = MappingProxyType({}),
) -> ExitCode:
    """Says why a meter could not be read, and which commands can help."""
    steps = [
        (step.step.value, command_line(step, arguments), str(step.words))
        for step in next_steps(error, number)
    ]
    return report_error(error, as_json=arguments.json, steps=steps, beside=beside)


async def read(arguments: argparse.Namespace, number: SerialNumber) -> tuple[SerialNumber, Readout]:
    """Reads one meter; says which it was, where it was asked by a part of its number only.

    Raises:
        BusError: the port or the meter failed.
        UnusableReadingError: it answered, but not with a reading.
        MeterKeyError: a key given is none.
    """
    keys = KeptKeys(SystemKeyring(), _given(arguments))
    async with BusMaster(arguments.port, LineSettings(baud=arguments.baud), keys=keys) as master:
        readout = await read_meter(master, number)
        return number_of(number, readout), readout


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
    known: Sequence[SecondaryAddress] = (),
) -> Commissioned:
    """What the arguments make of a reading.

    Args:
        arguments: of the command line.
        serial: of the label.
        readout: the reading.
        gateway_id: the portal's id of the gateway.
        meter_type: instead of the one the arguments name.
        known: addresses of other meters, beside those that the arguments name.

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
        beside=[*known, *(_address(text) for text in arguments.beside)],
        one_list=arguments.one_list,
    )


def commissioned_entries(
    arguments: argparse.Namespace,
    serial: SerialNumber,
    readout: Readout,
    *,
    gateway_id: str = "",
    known: Sequence[SecondaryAddress] = (),
) -> list[Commissioned]:
    """All entries of a meter, the one of the type asked for first; a meter for heat and cooling has two.

    Raises:
        EntryError: an address of another meter is none.
        UnusableReadingError: there is no entry to make of the reading.
    """
    entries = [commissioned(arguments, serial, readout, gateway_id=gateway_id, known=known)]
    if not (arguments.single or arguments.one_list):
        entries += [
            commissioned(arguments, serial, readout, gateway_id=gateway_id, meter_type=each, known=known)
            for each in further_types(readout.telegram, load_vocabulary(), wanted_type(arguments))
        ]
    return entries


def wanted_type(arguments: argparse.Namespace) -> MeterType | None:
    """The portal's type that was asked for; None for what the meter says."""
    return MeterType(arguments.type) if arguments.type else None


def _address(text: str) -> SecondaryAddress:
    try:
        return SecondaryAddress.parse(text)
    except EncodeError as error:
        values = {"text": text[:40]}
        raise EntryError(Message("An address has 16 hex digits, and “{text}” has not.", values)) from error
