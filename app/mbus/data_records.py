"""The data records of a frame, one after the other, up to its end or to the maker's own data."""

from dataclasses import dataclass
from typing import Final

from app.mbus.decoded import decoded_record
from app.mbus.dif import (
    GLOBAL_READOUT,
    IDLE_FILLER,
    MANUFACTURER_DATA,
    MANUFACTURER_DATA_MORE_FOLLOWS,
    SPECIAL,
)
from app.mbus.errors import FrameErrorKind
from app.mbus.head import Head, HeadCache
from app.mbus.lvar import SIZES
from app.mbus.records import Flag, Function, Record, TelegramError
from app.mbus.vif import NOT_SUPPORTED, PLAIN_TEXT

CACHES: Final = {
    (commanded, most_significant_first): HeadCache(
        commanded=commanded, most_significant_first=most_significant_first
    )
    for commanded in (False, True)
    for most_significant_first in (False, True)
}
"""The heads met so far, by who sends (a master or not) and in which byte order."""


@dataclass(slots=True)
class RecordsPart:
    """What was found.

    Attributes:
        records: in wire order.
        manufacturer_data: behind DIF 0F or 1F.
        more_records_follow: DIF 1F was met.
        error: the last record is cut off.
    """

    records: list[Record]
    manufacturer_data: bytes = b""
    more_records_follow: bool = False
    error: TelegramError | None = None


def parse_records(data: bytes, start: int, base: int, index: int, heads: HeadCache) -> RecordsPart:
    """Decodes records.

    Args:
        data: the application data of one frame.
        start: where the records begin in it.
        base: offset of ``data`` within the telegram.
        index: of the first record.
        heads: the memory to look DIB and VIB up in.
    """
    found = RecordsPart([])
    records = found.records
    at, end = start, len(data)
    while at < end:
        dif = data[at]
        if dif & 0x0F == SPECIAL:
            if dif == IDLE_FILLER:
                at += 1
                continue
            at = _take_special(found, data, at, base, index)
            continue
        try:
            head, content = _find_head(data, at, heads)
            size = head.size
            if size is None:
                following = SIZES[data[content]]
                size = end - content if following is None else 1 + following
        except IndexError:
            size, content = end, end
        after = content + size
        if after > end:
            message = f"the data ends in the middle of a record: {data[at:].hex().upper()}"
            found.error = TelegramError(FrameErrorKind.TRUNCATED, message)
            break
        chunk = data[content:after]
        value, flags = head.reader(chunk)
        records.append(decoded_record(head, index + len(records), base + at, chunk, value, flags))
        at = after
    return found


def _find_head(data: bytes, at: int, heads: HeadCache) -> tuple[Head, int]:
    """The head that begins there and where its data begins.

    Raises:
        IndexError: the data ends within the head.
    """
    vib = at + 1
    while data[vib - 1] & 0x80:
        vib += 1
    last = data[vib]
    content = vib + 1
    if last & 0x7F == PLAIN_TEXT:
        content += 1 + data[content]
    while last & 0x80:
        last = data[content]
        content += 1
    head = heads.get(data[at:content])
    if head is None:
        if content > len(data):
            raise IndexError
        head = heads.learn(data[at:vib], data[vib:content])
    return head, content


def _take_special(found: RecordsPart, data: bytes, at: int, base: int, index: int) -> int:
    """Takes a special DIF other than the idle filler with what belongs to it; returns its end."""
    dif, rest, end = data[at], data[at + 1 :], len(data)
    if dif in (MANUFACTURER_DATA, MANUFACTURER_DATA_MORE_FOLLOWS):
        found.manufacturer_data = rest
        found.more_records_follow = dif == MANUFACTURER_DATA_MORE_FOLLOWS
        return end
    number = index + len(found.records)
    if dif == GLOBAL_READOUT:
        found.records.append(_special(number, base + at, bytes((dif,)), b"", (Flag.NO_DATA,)))
        return at + 1
    # Nobody knows how long a reserved one is.
    flags = (Flag.UNSUPPORTED, Flag.GATEWAY_DIFFERS)
    found.records.append(_special(number, base + at, bytes((dif,)), rest, flags))
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
