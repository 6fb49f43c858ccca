"""The data headers of the application layer: who answers, how it is, how its data is secured."""

from typing import Final

from app.mbus.addresses import UNKNOWN_IDENTIFICATION, UNKNOWN_MAKER, UNKNOWN_OCTET, SecondaryAddress
from app.mbus.manufacturer import code_to_letters, letters_to_code
from app.mbus.records import Header

LONG_SIZE: Final = 12
SHORT_SIZE: Final = 4
ADDRESS_SIZE: Final = 8


def parse_long(data: bytes, *, most_significant_first: bool = False) -> Header:
    """The header of twelve bytes: address, access number, status, configuration."""
    address = data[:ADDRESS_SIZE]
    if most_significant_first:
        # Mode 2 turns each field of several bytes round; the address is told as a selection needs it.
        address = turned_address(address)
    maker = address[4] | address[5] << 8
    return Header(
        identification=address[3::-1].hex().upper(),
        manufacturer="" if maker == UNKNOWN_MAKER else code_to_letters(maker),
        version=address[6],
        medium=address[7],
        access_number=data[8],
        status=data[9],
        signature=data[11:9:-1] if most_significant_first else data[10:12],
        wire_address=address,
    )


def parse_short(data: bytes) -> Header:
    """The header of four bytes: access number, status, configuration; who answers is not told."""
    return Header(
        identification="",
        manufacturer="",
        version=UNKNOWN_OCTET,
        medium=UNKNOWN_OCTET,
        access_number=data[0],
        status=data[1],
        signature=data[2:4],
    )


def parse(data: bytes, size: int, *, most_significant_first: bool = False) -> Header | None:
    """The header of so many bytes in front of the data, None for no header."""
    if size == LONG_SIZE:
        return parse_long(data, most_significant_first=most_significant_first)
    return parse_short(data) if size else None


def turned_address(address: bytes) -> bytes:
    """An address with the order of the bytes of its identification and manufacturer turned round."""
    return address[3::-1] + address[5:3:-1] + address[6:]


def secondary_address(header: Header) -> SecondaryAddress:
    """The secondary address of the meter that sent a header, as far as the header tells it.

    What it does not tell is a wildcard: a short header names nobody. A fixed structure names no maker and
    tells its medium in four bits of its own, which no selection is sure to match.
    """
    if header.wire_address:
        return SecondaryAddress.from_bytes(header.wire_address)
    identification = header.identification or UNKNOWN_IDENTIFICATION
    if not header.manufacturer:
        return SecondaryAddress(identification)
    return SecondaryAddress(
        identification, letters_to_code(header.manufacturer), version=header.version, medium=header.medium
    )
