"""The application layer of one frame (EN 13757-3): what its CI field announces, decoded."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from app.mbus import data_header, fixed, security
from app.mbus.addresses import SecondaryAddress
from app.mbus.application_errors import error_words
from app.mbus.authentication import NOT_AUTHENTICATED, Authentication, parse_authentication
from app.mbus.data_records import CACHES, Part, parse_records
from app.mbus.errors import FrameError, FrameErrorKind, shown_bytes
from app.mbus.records import Header, TelegramError
from app.message import Message


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
    0x5A: Layout(Content.RECORDS, data_header.SHORT_SIZE, commanded=True),
    0x5B: Layout(Content.RECORDS, data_header.LONG_SIZE, commanded=True),
    0x6E: Layout(Content.ERROR, data_header.SHORT_SIZE),
    0x6F: Layout(Content.ERROR, data_header.LONG_SIZE),
    0x70: Layout(Content.ERROR),
    0x71: Layout(Content.BYTES),
    0x72: Layout(Content.RECORDS, data_header.LONG_SIZE),
    0x73: Layout(Content.FIXED),
    0x74: Layout(Content.BYTES, data_header.SHORT_SIZE),
    0x75: Layout(Content.BYTES, data_header.LONG_SIZE),
    0x76: Layout(Content.RECORDS, data_header.LONG_SIZE, most_significant_first=True),
    0x77: Layout(Content.FIXED, most_significant_first=True),
    0x78: Layout(Content.RECORDS),
    0x7A: Layout(Content.RECORDS, data_header.SHORT_SIZE),
}
AUTHENTICATION_LAYER: Final = 0x90
MAKERS_OWN: Final = range(0xA0, 0xB8)
"""CI fields that each maker defines as it likes (EN 13757-7)."""
_PLAIN: Final = b"\x00\x00"


def parse_application(ci: int, data: bytes, offset: int, keys: security.KeySource) -> Part:
    """Decodes what follows a CI field; whatever is wrong with it is told in the part.

    Args:
        ci: the CI field.
        data: what follows it, without checksum and stop byte.
        offset: of the data within the telegram.
        keys: for encrypted data.
    """
    try:
        if ci != AUTHENTICATION_LAYER:
            return _parse(ci, data, offset, keys, NOT_AUTHENTICATED)
        seal, size = parse_authentication(data)
        _check_size(data, size + 1, _SEALED)
        return _parse(data[size], data[size + 1 :], offset + size + 1, keys, seal)
    except FrameError as error:
        return Part([], error=TelegramError(error.kind, error.words))


def _parse(ci: int, data: bytes, offset: int, keys: security.KeySource, seal: Authentication) -> Part:
    layout = LAYOUTS.get(ci)
    if layout is None:
        message = Message(
            "telegrams with CI field {ci} cannot be read here: {got}",
            {"ci": f"{ci:02X}", "got": shown_bytes(data)},
        )
        raise FrameError(FrameErrorKind.APPLICATION, message)
    size = layout.header_size
    _check_size(data, size, _HEADER)
    header = data_header.parse(data, size, most_significant_first=layout.most_significant_first)
    if layout.content is Content.RECORDS:
        if header is not None and header.signature != _PLAIN:
            return _parse_secured(ci, header, data, offset, _Opener(keys, seal))
        return _parse_records(layout, header, data, size, offset)
    content, offset = data[size:], offset + size
    if layout.content is Content.ERROR:
        return Part([], header, error=TelegramError(FrameErrorKind.APPLICATION, error_words(content)))
    if layout.content is Content.FIXED:
        return _parse_fixed(layout, content, offset)
    if layout.content is Content.SELECTION:
        return _parse_selection(layout, content, offset)
    return Part([], header, manufacturer_data=content)


@dataclass(frozen=True, slots=True)
class _Opener:
    """What opens encrypted data."""

    keys: security.KeySource
    seal: Authentication

    def open(self, ci: int, header: Header, data: bytes, start: int) -> bytes:
        """All data, its encrypted part made plain."""
        message = bytes((ci,)) + data
        return data[:start] + security.decrypt(header, data[start:], self.keys, self.seal, message)


def _parse_secured(ci: int, header: Header, data: bytes, offset: int, opener: _Opener) -> Part:
    """Records behind a header whose configuration field is not zero: they may be encrypted."""
    layout = LAYOUTS[ci]
    start = layout.header_size
    protected = security.protected_size(header, data[start:])
    if protected is None:
        return _parse_records(layout, header, data, start, offset)
    try:
        opened = opener.open(ci, header, data, start)
    except FrameError as refusal:
        # What follows the encrypted blocks is plain.
        part = _parse_records(layout, header, data, start + protected, offset)
        part.error = TelegramError(refusal.kind, refusal.words)
        return part
    return _parse_records(layout, header, opened, start + security.extension_size(header), offset)


def _parse_records(layout: Layout, header: Header | None, data: bytes, start: int, offset: int) -> Part:
    part = parse_records(data, start, offset, CACHES[layout.commanded, layout.most_significant_first])
    part.header = header
    return part


def _parse_fixed(layout: Layout, data: bytes, offset: int) -> Part:
    _check_size(data, fixed.HEADER_SIZE, _FIXED)
    turned = layout.most_significant_first
    header = fixed.parse_header(data, most_significant_first=turned)
    records = fixed.parse_counters(data, offset, most_significant_first=turned)
    error = None
    if len(data) != fixed.SIZE:
        kind = FrameErrorKind.TRUNCATED if len(data) < fixed.SIZE else FrameErrorKind.LENGTH
        message = Message(
            "expected {size} bytes of a fixed data structure, got {count}: {got}",
            {"size": fixed.SIZE, "count": len(data), "got": shown_bytes(data)},
        )
        error = TelegramError(kind, message)
    return Part(records, header, error=error)


def _parse_selection(layout: Layout, data: bytes, offset: int) -> Part:
    _check_size(data, data_header.ADDRESS_SIZE, _ADDRESS)
    address = data[: data_header.ADDRESS_SIZE]
    if layout.most_significant_first:
        address = data_header.turned_address(address)
    part = _parse_records(layout, None, data, data_header.ADDRESS_SIZE, offset)
    part.selection = SecondaryAddress.from_bytes(address)
    return part


_SEALED: Final = "expected an authentication layer with a CI field of {size} bytes, got only {got}"
_HEADER: Final = "expected a header of {size} bytes, got only {got}"
_FIXED: Final = "expected a fixed data structure of {size} bytes, got only {got}"
_ADDRESS: Final = "expected a secondary address of {size} bytes, got only {got}"


def _check_size(data: bytes, size: int, sentence: str) -> None:
    if len(data) < size:
        message = Message(sentence, {"size": size, "got": shown_bytes(data)})
        raise FrameError(FrameErrorKind.TRUNCATED, message)
