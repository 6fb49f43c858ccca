"""Who a telegram is of and what it says, as far as it tells."""

from typing import Final

from app.mbus.addresses import SecondaryAddress
from app.mbus.errors import FrameErrorKind
from app.mbus.probes import EVERYBODY, WILDCARD, FoundMeter
from app.mbus.records import Telegram
from app.mbus.response import secondary_address

_FABRICATION_VIB: Final = b"\x78"
_REFUSALS: Final = (FrameErrorKind.APPLICATION, FrameErrorKind.MANUFACTURER, FrameErrorKind.NO_RECORDS)
_INDEX_VIFS: Final = (*range(0x20), 0x6E)
"""Energy, volume, mass and operating times; units of heat cost."""


def exact_address(telegram: Telegram) -> SecondaryAddress | None:
    """The secondary address of the meter that sent a telegram, as far as it tells; None when it does not."""
    if telegram.header is None:
        return None
    address = secondary_address(telegram.header)
    return None if address.identification == EVERYBODY.identification else address


def found_meter(telegram: Telegram) -> FoundMeter | None:
    """Who sent a telegram; None when it does not tell."""
    address = exact_address(telegram)
    if address is None:
        return None
    numbers = [
        record.data[::-1].hex().upper()
        for record in telegram.records
        if record.vib == _FABRICATION_VIB and len(record.data) == 4
    ]
    return FoundMeter(address, numbers[0] if numbers else None)


def shown(address: SecondaryAddress | int) -> str:
    """An address as a person knows it: the serial number, or the primary address."""
    if isinstance(address, int):
        return str(address)
    rest = address.text[8:]
    return address.identification if rest == "FFFFFFFF" else f"{address.identification} ({address.text})"


def agree(address: SecondaryAddress, other: SecondaryAddress) -> bool:
    """Whether two addresses can be of one meter; what either does not tell fits anything."""
    digits = zip(address.identification, other.identification, strict=True)
    parts = ((address.manufacturer, other.manufacturer), (address.version, other.version))
    return all(WILDCARD in pair or pair[0] == pair[1] for pair in digits) and all(
        None in pair or pair[0] == pair[1] for pair in (*parts, (address.medium, other.medium))
    )


def content(telegram: Telegram) -> object:
    """What a telegram says, without what changes each time it is sent (access number, checksum)."""
    if telegram.records:
        address = telegram.header.wire_address if telegram.header else b""
        return address, [(each.dib, each.vib, each.data) for each in telegram.records]
    return telegram.raw


def has_index(telegram: Telegram) -> bool:
    """Whether a telegram has a counter of now (energy, volume, mass, heat cost): the first one of a meter."""
    return not telegram.records or any(
        record.storage == record.tariff == record.subunit == 0 and (record.vib[0] & 0x7F) in _INDEX_VIFS
        for record in telegram.records
        if record.vib
    )


def is_refusal(telegram: Telegram) -> bool:
    """Whether an answer carries no record: an application error, or its maker's own words."""
    wrong = telegram.no_reading
    return wrong is not None and wrong.kind in _REFUSALS
