"""The data records of a frame, one after the other, up to its end or to the maker's own data."""

from dataclasses import dataclass
from typing import Final

from app.mbus.addresses import SecondaryAddress
from app.mbus.decoded_record import decoded_record
from app.mbus.dif import (
    GLOBAL_READOUT,
    IDLE_FILLER,
    MANUFACTURER_DATA,
    MANUFACTURER_DATA_MORE_FOLLOWS,
    SPECIAL,
)
from app.mbus.errors import FrameErrorKind, shown_bytes
from app.mbus.lvar import SIZES
from app.mbus.record_header import RecordHeader, RecordHeaderCache, make_record_header
from app.mbus.records import Flag, Function, Header, Record, TelegramError
from app.mbus.vif import NOT_SUPPORTED, PLAIN_TEXT
from app.message import Message

CACHES: Final = {
    (commanded, most_significant_first): RecordHeaderCache(
        commanded=commanded, most_significant_first=most_significant_first
    )
    for commanded in (False, True)
    for most_significant_first in (False, True)
}
"""The headers met so far, by who sends (a master or not) and in which byte order."""


@dataclass(slots=True)
class Part:
    """What one frame contributes to a telegram, while it is put together.

    Attributes:
        records: in wire order.
        header: who answers, None without one.
        manufacturer_data: behind DIF 0F or 1F.
        more_records_follow: DIF 1F was met.
        error: what is wrong with the frame's data.
        selection: whom a selection of the master means.
    """

    records: list[Record]
    header: Header | None = None
    manufacturer_data: bytes = b""
    more_records_follow: bool = False
    error: TelegramError | None = None
    selection: SecondaryAddress | None = None


def parse_records(data: bytes, start: int, base: int, headers: RecordHeaderCache) -> Part:
    """Decodes records.

    Args:
        data: the application data of one frame.
        start: where the records begin in it.
        base: offset of ``data`` within the telegram.
        headers: the memory to look DIB and VIB up in.
    """
    found = Part([])
    records = found.records
    known = headers.get
    at, end = start, len(data)
    while at < end:
        # Most headers have two bytes, and no longer one begins with two that are a header themselves.
        header, content = known(data[at : at + 2]), at + 2
        if header is None:
            if data[at] & 0x0F == SPECIAL:
                at = _take_special(found, data, at, base)
                continue
            header, content = _find_header(data, at, headers)
        size = header.size
        if size is None:
            size = _variable_size(data, content)
        after = content + size
        if after > end:
            message = Message(
                "the data ends in the middle of a record: {got}", {"got": shown_bytes(data[at:])}
            )
            found.error = TelegramError(FrameErrorKind.TRUNCATED, message)
            break
        chunk = data[content:after]
        value, flags = header.reader(chunk)
        records.append(decoded_record(header, len(records), base + at, chunk, value, flags))
        at = after
    return found


_NO_HEADER: Final = make_record_header(b"\x00", b"\x7f")


def _find_header(data: bytes, at: int, headers: RecordHeaderCache) -> tuple[RecordHeader, int]:
    """The header that begins there and where its data begins: beyond the end where it is cut off itself."""
    vib = at + 1
    try:
        while data[vib - 1] & 0x80:
            vib += 1
        last = data[vib]
        content = vib + 1
        if last & 0x7F == PLAIN_TEXT:
            content += 1 + data[content]
        while last & 0x80:
            last = data[content]
            content += 1
    except IndexError:
        return _NO_HEADER, len(data) + 1
    if content > len(data):
        return _NO_HEADER, content
    return headers.get(data[at:content]) or headers.learn(data[at:vib], data[vib:content]), content


def _variable_size(data: bytes, content: int) -> int:
    """The LVAR byte and what it announces; all the rest where it is a reserved one."""
    if content >= len(data):
        return 1
    following = SIZES[data[content]]
    return len(data) - content if following is None else 1 + following


def _take_special(found: Part, data: bytes, at: int, base: int) -> int:
    """Takes a special DIF with what belongs to it; returns its end."""
    dif, rest, end = data[at], data[at + 1 :], len(data)
    if dif == IDLE_FILLER:
        return at + 1
    if dif in (MANUFACTURER_DATA, MANUFACTURER_DATA_MORE_FOLLOWS):
        found.manufacturer_data = rest
        found.more_records_follow = dif == MANUFACTURER_DATA_MORE_FOLLOWS
        return end
    index, dib = len(found.records), bytes((dif,))
    if dif == GLOBAL_READOUT:
        found.records.append(_special(index, base + at, dib, b"", (Flag.NO_DATA,)))
        return at + 1
    # Nobody knows how long a reserved one is.
    flags = (Flag.UNSUPPORTED, Flag.GATEWAY_DIFFERS)
    found.records.append(_special(index, base + at, dib, rest, flags))
    return end


def _special(index: int, offset: int, dib: bytes, data: bytes, flags: tuple[str, ...]) -> Record:
    """A DIF that is no data record and that the gateway drops the telegram for."""
    return Record(
        index=index,
        offset=offset,
        length=1 + len(data),
        dib=dib,
        vib=b"",
        data=data,
        description=NOT_SUPPORTED,
        function=Function.INSTANTANEOUS,
        storage=0,
        tariff=0,
        subunit=0,
        value=data or None,
        unit=None,
        extensions=(),
        flags=flags,
        gateway_text="",
    )
