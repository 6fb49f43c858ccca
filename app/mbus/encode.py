"""The encoder of what meters answer: records, headers and whole frames; the inverse of the decoder."""

import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Final

from app.mbus import dates
from app.mbus.addresses import SecondaryAddress
from app.mbus.dif import MANUFACTURER_DATA, MANUFACTURER_DATA_MORE_FOLLOWS, SIZES, DataField, Dib
from app.mbus.errors import EncodeError
from app.mbus.frames import DATA_MAX, LongFrame
from app.mbus.headers import parse_long, secondary_address
from app.mbus.records import Flag, Header, Number, Record, Value
from app.mbus.requests import RSP_UD
from app.mbus.vib import Vib
from app.mbus.vif import Coding

CI_RESPONSE: Final = 0x72
TEXT_MAX: Final = 0xBF
DIGIT_PAIRS_MAX: Final = 9

_SIGNED: Final = frozenset(
    (DataField.INT8, DataField.INT16, DataField.INT24, DataField.INT32, DataField.INT48, DataField.INT64)
)
_BCD: Final = frozenset((DataField.BCD2, DataField.BCD4, DataField.BCD6, DataField.BCD8, DataField.BCD12))


@dataclass(frozen=True, slots=True)
class RecordToSend:
    """One record of an answer.

    Attributes:
        dib: the DIB, from its fields or as bytes with DIFEs of one's own.
        vib: the VIF and its VIFEs.
        value: in the base unit of the VIB; exactly representable in the DIB's data field.
        flags: of :class:`Flag`, only ``summer_time`` matters.
    """

    dib: Dib | bytes
    vib: bytes
    value: Value | Decimal | int
    flags: tuple[str, ...] = ()

    def to_bytes(self) -> bytes:
        """DIB, VIB and data."""
        return encode_record(self.dib, self.vib, self.value, flags=self.flags)


def encode_record(
    dib: Dib | bytes, vib: bytes, value: Value | Decimal | int, *, flags: Sequence[str] = ()
) -> bytes:
    """A record: DIB, VIB and the value as the DIB codes it.

    Args:
        dib: the DIB, from its fields or as bytes.
        vib: the VIF and its VIFEs.
        value: a number in the base unit of the VIB, a date or time, a text, raw data bytes, or None for a
            record without data or without a valid value.
        flags: of :class:`Flag`; ``summer_time`` sets the bit of a date and time.

    Raises:
        EncodeError: the data field has no room for the value, or it would not be sent exactly.
    """
    fields = dib if isinstance(dib, Dib) else Dib.parse(dib)
    block = dib.to_bytes() if isinstance(dib, Dib) else dib
    return block + vib + encode_value(fields.data_field, vib, value, flags=flags)


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


def plain_text_vib(text: str, *vifes: int) -> bytes:
    """A VIB whose unit is a text (VIF 7C, or FC with further VIFEs).

    Raises:
        EncodeError: the text is too long or not of ISO 8859-1.
    """
    try:
        characters = text.encode("latin-1")[::-1]
    except UnicodeEncodeError as error:
        raise EncodeError(f"a text has characters of ISO 8859-1, got {text!r}") from error
    if len(characters) > 127:
        raise EncodeError(f"a unit has at most 127 characters, got {len(characters)}")
    return bytes((0xFC if vifes else 0x7C, len(characters))) + characters + bytes(vifes)


def encode_header(header: Header) -> bytes:
    """The long header of twelve bytes."""
    address = header.wire_address or secondary_address(header).to_bytes()
    return address + bytes((header.access_number, header.status)) + header.signature


def make_header(
    secondary: SecondaryAddress, *, access_number: int = 0, status: int = 0, signature: bytes = b"\x00\x00"
) -> Header:
    """The header of a meter with an exact secondary address.

    Raises:
        EncodeError: the address has wildcards.
    """
    wire = secondary.to_bytes()
    if "F" in secondary.identification or None in (
        secondary.manufacturer,
        secondary.version,
        secondary.medium,
    ):
        raise EncodeError(f"a meter's own address has no wildcards, got {secondary.text}")
    return parse_long(wire + bytes((access_number, status)) + signature)


def encode_response(
    header: Header,
    records: Iterable[RecordToSend | Record | bytes],
    *,
    address: int = 0,
    manufacturer_data: bytes | None = None,
    more_records_follow: bool = False,
    control: int = RSP_UD,
) -> bytes:
    """One RSP_UD frame with a long header (CI 72).

    Args:
        header: who answers.
        records: what it says: to be encoded, as decoded, or as bytes.
        address: primary address, 0 to 250.
        manufacturer_data: bytes behind the records; None for none.
        more_records_follow: the next request brings further records.
        control: C field.

    Raises:
        EncodeError: it does not fit into one frame.
    """
    data = bytearray(encode_header(header))
    for record in records:
        data += record_bytes(record)
    if more_records_follow:
        data.append(MANUFACTURER_DATA_MORE_FOLLOWS)
    elif manufacturer_data is not None:
        data.append(MANUFACTURER_DATA)
    data += manufacturer_data or b""
    return LongFrame(control, address, CI_RESPONSE, bytes(data)).to_bytes()


def encode_responses(
    header: Header, records: Iterable[RecordToSend | Record | bytes], *, address: int = 0
) -> tuple[bytes, ...]:
    """As many frames as the records need, all but the last ending with "more records follow"."""
    room = DATA_MAX - len(encode_header(header)) - 1
    groups: list[list[bytes]] = [[]]
    for record in map(record_bytes, records):
        if sum(map(len, groups[-1])) + len(record) > room:
            groups.append([])
        groups[-1].append(record)
    return tuple(
        encode_response(header, group, address=address, more_records_follow=number < len(groups))
        for number, group in enumerate(groups, 1)
    )


def record_bytes(record: RecordToSend | Record | bytes) -> bytes:
    """A record on the wire; one that was decoded keeps the bytes it came with."""
    if isinstance(record, bytes):
        return record
    if isinstance(record, Record):
        return record.dib + record.vib + record.data
    return record.to_bytes()


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
