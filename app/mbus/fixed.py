"""The fixed data structure of older meters (CI 73 and 77): two counters with their own table of units."""

from dataclasses import dataclass, replace
from typing import Final

from app.mbus import units, value_coding
from app.mbus.records import Flag, Function, Header, Record, Telegram
from app.mbus.units import Unit
from app.mbus.value_coding import Reader

SIZE: Final = 16
HEADER_SIZE: Final = 8
COUNTER_SIZE: Final = 4
_BINARY: Final = 0x01
_STORED: Final = 0x02
CODING_BITS: Final = _BINARY | _STORED
"""Bits of the status byte that tell in a fixed structure how its counters are coded."""
CI_FIELDS: Final = (0x73, 0x77)
_HISTORIC: Final = 0x3E


@dataclass(frozen=True, slots=True)
class CounterUnit:
    """What a counter counts: the gateway's name of the quantity, its unit and the power of ten to it."""

    description: str
    unit: Unit | None
    exponent: int
    defined: bool = True


_UNDEFINED: Final = CounterUnit("NOT_SUPPORTED", None, 0, defined=False)
# First code, how many, quantity, base unit, exponent of the first.
_ROWS: Final = (
    (0x02, 9, "ENERGY", units.WATT_HOUR, 0),
    (0x0B, 9, "ENERGY", units.JOULE, 3),
    (0x14, 9, "POWER", units.WATT, 0),
    (0x1D, 9, "POWER", units.JOULE_PER_HOUR, 3),
    (0x26, 9, "VOLUME", units.CUBIC_METRE, -6),
    (0x2F, 9, "VOLUME_FLOW", units.CUBIC_METRE_PER_HOUR, -6),
    (0x38, 1, "EXTERNAL_TEMPERATURE", units.DEGREE_CELSIUS, -3),
    (0x39, 1, "HCA", units.RESERVED, 0),
)
_WITHOUT_UNIT: Final = 0x3F

# Codes 9 to E are the media of meters in mode 2; the table gives the medium they stand for today.
_MEDIA: Final = (
    0x00,
    0x01,
    0x02,
    0x03,
    0x04,
    0x05,
    0x06,
    0x07,
    0x08,
    0x0F,
    0x03,
    0x04,
    0x06,
    0x07,
    0x08,
    0x0F,
)


def _table() -> tuple[CounterUnit, ...]:
    found = [_UNDEFINED] * 64
    for first, codes, description, unit, exponent in _ROWS:
        for step in range(codes):
            found[first + step] = CounterUnit(description, unit, exponent + step)
    found[_WITHOUT_UNIT] = CounterUnit("NOT_SUPPORTED", None, 0)
    return tuple(found)


COUNTER_UNITS: Final = _table()


def status_of(telegram: Telegram) -> int:
    """The status byte as far as it tells how the meter is; 0 where there is none.

    In a fixed structure two of its bits say how the counters are coded: they are no error of the meter's.
    """
    if telegram.header is None:
        return 0
    status = telegram.header.status
    return status & ~CODING_BITS if telegram.ci in CI_FIELDS else status


def parse_header(data: bytes, *, most_significant_first: bool = False) -> Header:
    """Identification, access number, status and medium; a fixed structure names no maker."""
    identification = data[:4] if most_significant_first else data[3::-1]
    low, high = (data[7], data[6]) if most_significant_first else (data[6], data[7])
    return Header(
        identification=identification.hex().upper(),
        manufacturer="",
        version=0xFF,
        medium=_MEDIA[low >> 6 | (high & 0xC0) >> 4],
        access_number=data[4],
        status=data[5],
        signature=b"",
    )


def parse_counters(data: bytes, base: int, *, most_significant_first: bool = False) -> list[Record]:
    """The counters that are there as whole; the gateway knows no fixed structures and prints nothing.

    Args:
        data: the whole structure, or as much as came of it.
        base: offset of the data within the telegram.
        most_significant_first: the structure is in mode 2.
    """
    low, high = (data[7], data[6]) if most_significant_first else (data[6], data[7])
    codes = (low & 0x3F, high & 0x3F)
    records = []
    for index, code in enumerate(codes):
        start = HEADER_SIZE + index * COUNTER_SIZE
        counter = data[start : start + COUNTER_SIZE]
        if len(counter) == COUNTER_SIZE:
            stored = code == _HISTORIC or bool(data[5] & _STORED)
            counted = COUNTER_UNITS[codes[0] if code == _HISTORIC else code]
            read = _reader(counted, binary=bool(data[5] & _BINARY))
            value, flags = read(counter[::-1] if most_significant_first else counter)
            record = _EMPTY if counted.unit is None else replace(_EMPTY, unit=counted.unit.symbol or None)
            records.append(
                replace(
                    record,
                    index=index,
                    offset=base + start,
                    data=counter,
                    description=counted.description,
                    storage=int(stored),
                    value=value,
                    flags=flags,
                )
            )
    return records


_EMPTY: Final = Record(
    index=0,
    offset=0,
    length=COUNTER_SIZE,
    dib=b"",
    vib=b"",
    data=b"",
    description="",
    function=Function.INSTANTANEOUS,
    storage=0,
    tariff=0,
    subunit=0,
    value=None,
    unit=None,
    extensions=(),
    flags=(),
    gateway_text="",
)


def _reader(counted: CounterUnit, *, binary: bool) -> Reader:
    flags = (Flag.GATEWAY_DIFFERS,) if counted.defined else (Flag.UNSUPPORTED, Flag.GATEWAY_DIFFERS)
    if binary:
        return value_coding.integer(COUNTER_SIZE, counted.exponent, flags)
    return value_coding.bcd(counted.exponent, flags)
