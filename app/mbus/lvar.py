"""Data of variable length: the LVAR byte in front says how many bytes follow and what they are."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from app.mbus import value_coding
from app.mbus.records import Flag, Number
from app.mbus.value_coding import Flags, Reader, Reading


class Kind(Enum):
    """What the bytes behind an LVAR byte are."""

    TEXT = auto()
    POSITIVE_BCD = auto()
    NEGATIVE_BCD = auto()
    BINARY = auto()


@dataclass(frozen=True, slots=True)
class Range:
    """LVAR bytes that mean the same kind of data."""

    kind: Kind
    size: Callable[[int], int]


_RANGES: Final = (
    (range(0xC0), Range(Kind.TEXT, lambda lvar: lvar)),
    (range(0xC0, 0xCA), Range(Kind.POSITIVE_BCD, lambda lvar: lvar - 0xC0)),
    (range(0xD0, 0xDA), Range(Kind.NEGATIVE_BCD, lambda lvar: lvar - 0xD0)),
    (range(0xE0, 0xF0), Range(Kind.BINARY, lambda lvar: lvar - 0xE0)),
    (range(0xF0, 0xF5), Range(Kind.BINARY, lambda lvar: 4 * (lvar - 0xEC))),
    (range(0xF5, 0xF6), Range(Kind.BINARY, lambda _lvar: 48)),
    (range(0xF6, 0xF7), Range(Kind.BINARY, lambda _lvar: 64)),
)

KINDS: Final[tuple[Kind | None, ...]] = tuple(
    next((known.kind for codes, known in _RANGES if lvar in codes), None) for lvar in range(256)
)
"""By the LVAR byte; None is reserved."""

SIZES: Final[tuple[int | None, ...]] = tuple(
    next((known.size(lvar) for codes, known in _RANGES if lvar in codes), None) for lvar in range(256)
)
"""How many bytes follow an LVAR byte; None where nobody knows."""


def variable(exponent: int, flags: Flags, *, as_bytes: bool) -> Reader:
    """A reader of the LVAR byte and what follows it.

    Args:
        exponent: power of ten of a number to its base unit.
        flags: of every such record.
        as_bytes: the VIF says that binary data is a structure, no number.
    """
    # The gateway takes every kind for text.
    otherwise = value_coding.with_flags(flags, Flag.GATEWAY_DIFFERS)
    positive = value_coding.bcd(exponent, otherwise)
    readers = {
        Kind.TEXT: value_coding.text(flags),
        Kind.POSITIVE_BCD: positive,
        Kind.NEGATIVE_BCD: lambda data: _negated(positive(data)),
        Kind.BINARY: value_coding.raw(otherwise)
        if as_bytes
        else lambda data: value_coding.unsigned(len(data), exponent, otherwise, counter=True)(data),
    }
    reserved = value_coding.raw(value_coding.with_flags(flags, Flag.UNSUPPORTED, Flag.GATEWAY_DIFFERS))
    empty = value_coding.with_flags(otherwise, Flag.NO_DATA)

    def read(data: bytes) -> Reading:
        kind = KINDS[data[0]]
        if kind is None:
            return reserved(data)
        if len(data) == 1 and kind is not Kind.TEXT:
            return None, empty
        return readers[kind](data[1:])

    return read


def _negated(reading: Reading) -> Reading:
    value, flags = reading
    return (Number(-value.mantissa, value.exponent) if isinstance(value, Number) else value), flags
