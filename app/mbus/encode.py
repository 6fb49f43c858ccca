"""The encoder of what meters answer: records, headers and whole frames; the inverse of the decoder."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from app.mbus.addresses import SecondaryAddress
from app.mbus.data_header import parse_long, secondary_address
from app.mbus.dif import MANUFACTURER_DATA, MANUFACTURER_DATA_MORE_FOLLOWS, Dib
from app.mbus.encode_values import encode_value
from app.mbus.errors import EncodeError
from app.mbus.frames import DATA_MAX, LongFrame
from app.mbus.records import Header, Record, Value
from app.mbus.requests import RSP_UD

CI_RESPONSE: Final = 0x72


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
