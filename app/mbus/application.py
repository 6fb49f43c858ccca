"""The application layer of one frame (EN 13757-3): what its CI field announces, decoded."""

from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final

from app.mbus import fixed, headers, security
from app.mbus.addresses import SecondaryAddress
from app.mbus.application_errors import error_words
from app.mbus.authentication import NOT_AUTHENTICATED, Authentication, parse_authentication
from app.mbus.data_records import CACHES, parse_records
from app.mbus.errors import FrameError, FrameErrorKind
from app.mbus.records import Header, Record, TelegramError


class Content(Enum):
    """What follows the CI field and its header."""

    RECORDS = auto()
    FIXED = auto()
    SELECTION = auto()
    ERROR = auto()
    BYTES = auto()
    """Alarms and commands: bytes that only their maker understands, or none."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What a CI field announces.

    Attributes:
        content: what follows the header.
        header_size: 12 for the long header, 4 for the short one, 0 for none.
        commanded: the master sends it.
        most_significant_first: fields of several bytes are in mode 2.
    """

    content: Content
    header_size: int = 0
    commanded: bool = False
    most_significant_first: bool = False


LAYOUTS: Final = {
    **dict.fromkeys(
        # Application reset, synchronise, clock, what makers define themselves, baud rates.
        (0x50, 0x54, 0x5C, 0x6C, 0x6D, *range(0xA0, 0xC0)),
        Layout(Content.BYTES, commanded=True),
    ),
    0x51: Layout(Content.RECORDS, commanded=True),
    0x52: Layout(Content.SELECTION, commanded=True),
    0x55: Layout(Content.RECORDS, commanded=True, most_significant_first=True),
    0x56: Layout(Content.SELECTION, commanded=True, most_significant_first=True),
    0x5A: Layout(Content.RECORDS, headers.SHORT_SIZE, commanded=True),
    0x5B: Layout(Content.RECORDS, headers.LONG_SIZE, commanded=True),
    0x6E: Layout(Content.ERROR, headers.SHORT_SIZE),
    0x6F: Layout(Content.ERROR, headers.LONG_SIZE),
    0x70: Layout(Content.ERROR),
    0x71: Layout(Content.BYTES),
    0x72: Layout(Content.RECORDS, headers.LONG_SIZE),
    0x73: Layout(Content.FIXED),
    0x74: Layout(Content.BYTES, headers.SHORT_SIZE),
    0x75: Layout(Content.BYTES, headers.LONG_SIZE),
    0x76: Layout(Content.RECORDS, headers.LONG_SIZE, most_significant_first=True),
    0x77: Layout(Content.FIXED, most_significant_first=True),
    0x78: Layout(Content.RECORDS),
    0x7A: Layout(Content.RECORDS, headers.SHORT_SIZE),
}
AUTHENTICATION_LAYER: Final = 0x90


@dataclass(frozen=True, slots=True)
class Part:
    """What one frame contributes to a telegram."""

    header: Header | None = None
    records: tuple[Record, ...] = ()
    manufacturer_data: bytes = b""
    more_records_follow: bool = False
    error: TelegramError | None = None
    selection: SecondaryAddress | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where the data of a frame stands within the telegram.

    Attributes:
        offset: of the first byte behind the CI field.
        index: of the first record.
    """

    offset: int
    index: int = 0

    def behind(self, size: int) -> "Place":
        """The place so many bytes on."""
        return Place(self.offset + size, self.index)


def parse_application(ci: int, data: bytes, place: Place, keys: security.MeterKeys) -> Part:
    """Decodes what follows a CI field; whatever is wrong with it is told in the part.

    Args:
        ci: the CI field.
        data: what follows it, without checksum and stop byte.
        place: where the data stands.
        keys: for encrypted data.
    """
    try:
        if ci != AUTHENTICATION_LAYER:
            return _parse(ci, data, place, _Opener(keys, NOT_AUTHENTICATED))
        seal, size = parse_authentication(data)
        _check_size(data, size + 1, "an authentication layer with a CI field")
        return _parse(data[size], data[size + 1 :], place.behind(size + 1), _Opener(keys, seal))
    except FrameError as error:
        return Part(error=TelegramError(error.kind, error.message))


@dataclass(frozen=True, slots=True)
class _Opener:
    """What opens encrypted data."""

    keys: security.MeterKeys
    seal: Authentication

    def open(self, ci: int, header: Header, data: bytes, start: int) -> bytes:
        """All data, its encrypted part made plain."""
        message = bytes((ci,)) + data
        return data[:start] + security.decrypt(header, data[start:], self.keys, self.seal, message)


def _parse(ci: int, data: bytes, place: Place, opener: _Opener) -> Part:
    layout = LAYOUTS.get(ci)
    if layout is None:
        shown = data.hex().upper()
        raise FrameError(
            FrameErrorKind.APPLICATION, f"the data of CI field {ci:02X} cannot be decoded: {shown}"
        )
    _check_size(data, layout.header_size, "a header")
    header = headers.parse(data, layout.header_size, most_significant_first=layout.most_significant_first)
    if layout.content is Content.RECORDS:
        return _parse_records(ci, header, data, place, opener)
    content, place = data[layout.header_size :], place.behind(layout.header_size)
    if layout.content is Content.ERROR:
        return Part(header, error=TelegramError(FrameErrorKind.APPLICATION, error_words(content)))
    if layout.content is Content.FIXED:
        return _parse_fixed(layout, content, place)
    if layout.content is Content.SELECTION:
        return _parse_selection(layout, content, place)
    return Part(header, manufacturer_data=content)


def _parse_records(ci: int, header: Header | None, data: bytes, place: Place, opener: _Opener) -> Part:
    layout, error = LAYOUTS[ci], None
    start = layout.header_size
    if header and header.signature != b"\x00\x00":
        protected = security.protected_size(header, data[start:])
        if protected:
            try:
                data = opener.open(ci, header, data, start)
                start += security.extension_size(header)
            except FrameError as refusal:
                error = TelegramError(refusal.kind, refusal.message)
                # What follows the encrypted blocks is plain.
                start += protected
    heads = CACHES[layout.commanded, layout.most_significant_first]
    found = parse_records(data, start, place.offset, place.index, heads)
    return Part(
        header,
        tuple(found.records),
        found.manufacturer_data,
        found.more_records_follow,
        error or found.error,
    )


def _parse_fixed(layout: Layout, data: bytes, place: Place) -> Part:
    _check_size(data, fixed.HEADER_SIZE, "a fixed data structure")
    turned = layout.most_significant_first
    header = fixed.parse_header(data, most_significant_first=turned)
    records = fixed.parse_counters(data, place.offset, most_significant_first=turned)
    records = tuple(replace(record, index=place.index + record.index) for record in records)
    error = None
    if len(data) != fixed.SIZE:
        kind = FrameErrorKind.TRUNCATED if len(data) < fixed.SIZE else FrameErrorKind.LENGTH
        shown = data.hex().upper()
        error = TelegramError(
            kind, f"expected {fixed.SIZE} bytes of a fixed data structure, got {len(data)}: {shown}"
        )
    return Part(header, records, error=error)


def _parse_selection(layout: Layout, data: bytes, place: Place) -> Part:
    _check_size(data, headers.ADDRESS_SIZE, "a secondary address")
    address = data[: headers.ADDRESS_SIZE]
    if layout.most_significant_first:
        address = headers.turned_address(address)
    heads = CACHES[True, layout.most_significant_first]
    found = parse_records(data, headers.ADDRESS_SIZE, place.offset, place.index, heads)
    return Part(
        records=tuple(found.records), error=found.error, selection=SecondaryAddress.from_bytes(address)
    )


def _check_size(data: bytes, size: int, what: str) -> None:
    if len(data) < size:
        shown = data.hex().upper() or "nothing"
        raise FrameError(FrameErrorKind.TRUNCATED, f"expected {what} of {size} bytes, got only {shown}")
