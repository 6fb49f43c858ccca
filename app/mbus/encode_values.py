"""The encoder of values: the inverse of the readers, for every data field and coding (EN 13757-3)."""

import struct
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Final

from app.mbus import dates
from app.mbus.dif import SIZES, DataField
from app.mbus.errors import EncodeError
from app.mbus.records import Flag, Number, Value
from app.mbus.vib import Vib
from app.mbus.vif import Coding

TEXT_MAX: Final = 0xBF
DIGIT_PAIRS_MAX: Final = 9

_SIGNED: Final = frozenset(
    (DataField.INT8, DataField.INT16, DataField.INT24, DataField.INT32, DataField.INT48, DataField.INT64)
)
_BCD: Final = frozenset((DataField.BCD2, DataField.BCD4, DataField.BCD6, DataField.BCD8, DataField.BCD12))


_NO_MOMENT: Final = {
    DataField.INT16: b"\xff\xff",
    DataField.INT24: b"\xff\xff\xff",
    DataField.INT32: b"\x80\x00\x00\x00",
    DataField.INT48: b"\x00\x80\x00\x00\x00\x00",
}
_NOTHING: Final = {
    DataField.NONE: b"",
    DataField.READOUT_SELECTION: b"",
    DataField.REAL32: b"\x00\x00\xc0\x7f",
    DataField.VARIABLE: b"\xe0",
}


def encode_value(
    data_field: DataField, vib: bytes, value: Value | Decimal | int, *, flags: Sequence[str] = ()
) -> bytes:
    """The data bytes of a value; see :func:`encode_record`."""
    if isinstance(value, bytes):
        return _checked(value, data_field)
    if value is None:
        return _missing(data_field, Vib.parse(vib).coding)
    if isinstance(value, str):
        return _text(value, data_field)
    if isinstance(value, (date, time)):
        return _checked(_moment(value, data_field, summer=Flag.SUMMER_TIME in flags), data_field)
    return _number(_exact(value), Vib.parse(vib), data_field)


def _exact(value: Number | Decimal | int) -> Number:
    if isinstance(value, Number):
        return value
    if isinstance(value, int):
        return Number(value)
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        raise EncodeError(f"a value is a finite number, got {value}")
    mantissa = int("".join(map(str, digits)))
    return Number(-mantissa if sign else mantissa, exponent)


def _number(number: Number, vib: Vib, data_field: DataField) -> bytes:
    """The digits to send, before the VIB scales and corrects them."""
    for factor, offset in reversed(vib.steps):
        if offset is not None:
            number = _minus_power(number, offset)
        number = Number(number.mantissa, number.exponent - factor)
    number = Number(number.mantissa << vib.halvings, number.exponent - vib.exponent)
    if data_field is DataField.REAL32:
        return _real(number)
    mantissa, exponent = number.mantissa, number.exponent
    if exponent < 0:
        mantissa, lost = divmod(mantissa, 10**-exponent)
        if lost:
            raise EncodeError(f"{number} is no whole number of what VIB {vib.quantity!r} counts in")
    else:
        mantissa *= 10**exponent
    if data_field in _SIGNED:
        return _integer(mantissa, data_field, vib.coding)
    if data_field in _BCD:
        return _digits(mantissa, data_field)
    if data_field is DataField.VARIABLE:
        return _variable_digits(mantissa)
    raise EncodeError(f"data field {data_field.name} has no room for the number {mantissa}")


def _minus_power(number: Number, power: int) -> Number:
    exponent = min(number.exponent, power)
    mantissa = number.mantissa * 10 ** (number.exponent - exponent) - 10 ** (power - exponent)
    return Number(mantissa, exponent)


def _real(number: Number) -> bytes:
    try:
        data = struct.pack("<f", float(number.to_decimal()))
    except OverflowError as error:
        raise EncodeError(f"{number} is too large for a REAL32") from error
    return data


def _integer(mantissa: int, data_field: DataField, coding: Coding) -> bytes:
    size = _size(data_field)
    signed = coding not in (Coding.UNSIGNED, Coding.COUNTER)
    missing = -1 << (8 * size - 1) if signed else (1 << 8 * size) - 1
    if mantissa == missing and coding is not Coding.UNSIGNED:
        raise EncodeError(f"{mantissa} means in {size} bytes that there is no value")
    try:
        return mantissa.to_bytes(size, "little", signed=signed)
    except OverflowError as error:
        raise EncodeError(f"{mantissa} does not fit into {size} bytes") from error


def _digits(mantissa: int, data_field: DataField) -> bytes:
    places = 2 * _size(data_field)
    room = places - 1 if mantissa < 0 else places
    digits = str(abs(mantissa))
    if len(digits) > room:
        raise EncodeError(f"{mantissa} does not fit into {room} decimal digits")
    return bytes.fromhex(("F" if mantissa < 0 else "") + digits.rjust(room, "0"))[::-1]


def _variable_digits(mantissa: int) -> bytes:
    digits = str(abs(mantissa))
    size = (len(digits) + 1) // 2
    if size > DIGIT_PAIRS_MAX:
        raise EncodeError(f"{mantissa} has more than {2 * DIGIT_PAIRS_MAX} digits")
    sign = 0xD0 if mantissa < 0 else 0xC0
    return bytes((sign | size,)) + bytes.fromhex(digits.rjust(2 * size, "0"))[::-1]


def _text(value: str, data_field: DataField) -> bytes:
    if data_field is not DataField.VARIABLE:
        raise EncodeError(f"data field {data_field.name} has no room for a text")
    try:
        characters = value.encode("latin-1")[::-1]
    except UnicodeEncodeError as error:
        raise EncodeError(f"a text has characters of ISO 8859-1, got {value!r}") from error
    if len(characters) > TEXT_MAX:
        raise EncodeError(f"a text has at most {TEXT_MAX} characters, got {len(characters)}")
    return bytes((len(characters),)) + characters


def _missing(data_field: DataField, coding: Coding) -> bytes:
    """What says "no valid value": the lowest integer, error digits, a NaN, an impossible moment."""
    if coding is Coding.MOMENT and data_field in _NO_MOMENT:
        return _NO_MOMENT[data_field]
    if data_field in _BCD or (data_field in _SIGNED and coding is Coding.COUNTER):
        return b"\xff" * _size(data_field)
    if data_field in _SIGNED and coding is Coding.NUMBER:
        return bytes(_size(data_field) - 1) + b"\x80"
    if data_field not in _NOTHING:
        raise EncodeError(f"every data of {data_field.name} is valid in this VIB")
    return _NOTHING[data_field]


def _moment(value: date | time, data_field: DataField, *, summer: bool) -> bytes:
    encoder = _MOMENTS.get((type(value), data_field))
    if encoder is None:
        raise EncodeError(f"data field {data_field.name} has no room for {value!r}")
    first, last = (1981, 2080) if type(value) is date else (1981, 2299)
    if data_field is DataField.INT48:
        first, last = 2000, 2099
    if isinstance(value, date) and not first <= value.year <= last:
        raise EncodeError(f"data field {data_field.name} knows the years {first} to {last}, got {value.year}")
    return encoder(value, summer)


_MOMENTS: Final[dict[tuple[type, DataField], Callable[..., bytes]]] = {
    (date, DataField.INT16): lambda value, _summer: dates.encode_type_g(value),
    (time, DataField.INT24): lambda value, _summer: dates.encode_type_j(value),
    (datetime, DataField.INT32): lambda value, summer: dates.encode_type_f(value, summer=summer),
    (datetime, DataField.INT48): lambda value, summer: dates.encode_type_i(value, summer=summer),
}


def _checked(data: bytes, data_field: DataField) -> bytes:
    """Data bytes of the length that the data field tells; of variable length they bring their LVAR byte."""
    size = SIZES[data_field.value]
    if size is not None and len(data) != size:
        raise EncodeError(f"data field {data_field.name} has {size} bytes, got {len(data)}")
    return data


def _size(data_field: DataField) -> int:
    return SIZES[data_field.value] or 0
