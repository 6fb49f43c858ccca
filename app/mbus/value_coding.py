"""The data types of EN 13757-3: readers that turn the data bytes of a record into its value and flags.

A reader is made once for each DIB/VIB pair and then called for every record that bears it, so whatever the
pair decides (scale, flags, what the gateway makes of it) is settled when it is made.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

from app.mbus.dates import DECODERS
from app.mbus.periodic import periodic_words
from app.mbus.records import Flag, Number, Value

Flags: TypeAlias = tuple[str, ...]
Reading: TypeAlias = tuple[Value, Flags]
Reader: TypeAlias = Callable[[bytes], Reading]
Step: TypeAlias = tuple[int, int | None]
"""Multiply by the first power of ten, then add the second, if there is one."""

_new: Final = object.__new__
# A frozen dataclass pays for every field it is given; a telegram has dozens of numbers.
_set_mantissa: Final = Number.__dict__["mantissa"].__set__
_set_exponent: Final = Number.__dict__["exponent"].__set__


def with_flags(flags: Flags, *more: str) -> Flags:
    """The flags with some more, none twice, the gateway's difference at the end."""
    merged = dict.fromkeys((*flags, *more))
    last = merged.keys() & {Flag.GATEWAY_DIFFERS}
    return (*(flag for flag in merged if flag not in last), *last)


def nothing(flags: Flags) -> Reader:
    """No data or none that is valid: the flags say why."""
    return lambda _data: (None, flags)


def integer(size: int, exponent: int, flags: Flags) -> Reader:
    """A signed integer (type B); its lowest value says that there is none."""
    lowest = -1 << (8 * size - 1)
    missing = with_flags(flags, Flag.NO_DATA, Flag.GATEWAY_DIFFERS)
    mistaken = with_flags(flags, Flag.GATEWAY_DIFFERS)

    zero = Number(0, exponent), flags

    def read(data: bytes) -> Reading:
        mantissa = int.from_bytes(data, "little", signed=True)
        if not mantissa:
            return zero
        if mantissa == lowest:
            return None, missing
        number = _new(Number)
        _set_mantissa(number, mantissa)
        _set_exponent(number, exponent)
        return number, flags

    def read_long(data: bytes) -> Reading:
        value, found = read(data)
        # The gateway extends the sign of the lower four bytes over the upper ones.
        if data[3] & 0x80 and data[4:] != b"\xff" * (size - 4):
            return value, mistaken if found is flags else found
        return value, found

    return read_long if size > 4 else read


def unsigned(size: int, exponent: int, flags: Flags, *, counter: bool) -> Reader:
    """An integer without a sign: single bits (type D), or a counter (type C), whose highest value is none."""
    mistaken = with_flags(flags, Flag.GATEWAY_DIFFERS)
    missing = with_flags(flags, Flag.NO_DATA, Flag.GATEWAY_DIFFERS)
    limit = 1 << (31 if size > 4 else 8 * size - 1)
    highest = (1 << 8 * size) - 1 if counter else -1

    def read(data: bytes) -> Reading:
        mantissa = int.from_bytes(data, "little")
        if mantissa == highest:
            return None, missing
        return Number(mantissa, exponent), mistaken if mantissa >= limit else flags

    return read


def bcd(exponent: int, flags: Flags) -> Reader:
    """Packed decimal digits (type A); F as the first digit is a minus sign, any other hex digit an error."""
    wrong = with_flags(flags, Flag.BCD_ERROR, Flag.GATEWAY_DIFFERS)

    zero = Number(0, exponent), flags

    def read(data: bytes) -> Reading:
        digits = data[::-1].hex()
        try:
            mantissa = int(digits)
            if not mantissa:
                return zero
        except ValueError:
            if digits[0] != "f" or not digits[1:].isdigit():
                return None, wrong
            mantissa = -int(digits[1:])
        number = _new(Number)
        _set_mantissa(number, mantissa)
        _set_exponent(number, exponent)
        return number, flags

    return read


def real(exponent: int, flags: Flags) -> Reader:
    """A REAL32 (type H): the exact decimal of the binary number that was sent, then scaled exactly."""
    not_a_number = with_flags(flags, Flag.NAN)
    too_large = with_flags(flags, Flag.OVERFLOW)
    zero = Number(0, exponent), flags

    def read(data: bytes) -> Reading:
        bits = int.from_bytes(data, "little")
        biased, significand = bits >> 23 & 0xFF, bits & 0x7FFFFF
        if biased == 0xFF:
            return None, not_a_number if significand else too_large
        if biased:
            significand |= 0x800000
        elif not significand:
            return zero
        # An odd significand leaves no zeros at the end of the decimal.
        shift = (significand & -significand).bit_length() - 1
        significand >>= shift
        power = max(biased, 1) - 150 + shift
        mantissa = -significand if bits >> 31 else significand
        if power >= 0:
            return Number(mantissa << power, exponent), flags
        return Number(mantissa * 5**-power, power + exponent), flags

    return read


def moment(size: int, flags: Flags, *, gateway_knows: bool) -> Reader:
    """A date, a time or both; what names no single point in time (periodic, invalid) is no value."""
    decode = DECODERS[size]
    usual = flags if gateway_knows else with_flags(flags, Flag.GATEWAY_DIFFERS)
    summer = with_flags(usual, Flag.SUMMER_TIME)
    invalid = with_flags(usual, Flag.INVALID_DATE, Flag.GATEWAY_DIFFERS)
    periodic = with_flags(usual, Flag.PERIODIC, Flag.GATEWAY_DIFFERS)

    def read(data: bytes) -> Reading:
        value, in_summer = decode(data)
        if value is None:
            why = invalid if periodic_words(data) is None else periodic
            return None, with_flags(why, Flag.SUMMER_TIME) if in_summer else why
        if not in_summer:
            # The gateway puts every year without a century after 2000.
            late = getattr(value, "year", 2000) < 2000
            return value, with_flags(usual, Flag.GATEWAY_DIFFERS) if late else usual
        return value, summer

    return read


def raw(flags: Flags) -> Reader:
    """The bytes as they came."""
    return lambda data: (data, flags)


def corrected(reader: Reader, halvings: int, steps: tuple[Step, ...]) -> Reader:
    """A number in powers of one half, or with additive corrections among its VIFEs."""

    def read(data: bytes) -> Reading:
        value, flags = reader(data)
        if isinstance(value, Number):
            value = Number(value.mantissa * 5**halvings, value.exponent - halvings)
            for factor, offset in steps:
                value = _plus_power(Number(value.mantissa, value.exponent + factor), offset)
        return value, flags

    return read


def _plus_power(number: Number, power: int | None) -> Number:
    if power is None:
        return number
    exponent = min(number.exponent, power)
    mantissa = number.mantissa * 10 ** (number.exponent - exponent) + 10 ** (power - exponent)
    return Number(mantissa, exponent)


def text(flags: Flags) -> Callable[[bytes], Reading]:
    """Characters of ISO 8859-1, last one first; blanks and zeros that only fill the field are dropped."""
    mistaken = with_flags(flags, Flag.GATEWAY_DIFFERS)

    def read(data: bytes) -> Reading:
        value = data[::-1].decode("latin-1").strip(" \x00")
        return value, flags if data.isascii() else mistaken

    return read
