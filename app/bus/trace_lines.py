"""The trace as a person reads it: what belongs together on one line, with what it means."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from app.bus.echo import EchoFilter
from app.bus.identity import shown
from app.bus.trace import Direction, TraceEntry
from app.mbus import requests
from app.mbus.addresses import SELECTED_METER, SecondaryAddress
from app.mbus.frames import Ack, Frame, LongFrame, ShortFrame
from app.mbus.reader import FrameReader, Garbage
from app.mbus.response import decode
from app.message import Message

_SHORT_MEANINGS: Final = {
    requests.SND_NKE: "reset the link of {address}",
    requests.REQ_UD2: "ask {address} for data",
    requests.REQ_UD1: "ask {address} for alarms",
}
_LONG_MEANINGS: Final = {
    requests.CI_APPLICATION_RESET: "reset the application of {address}",
    requests.CI_DATA_SEND: "send data to {address}",
}
_BAUD_OF_CI: Final = {ci: baud for baud, ci in requests.BAUD_CI.items()}


@dataclass(frozen=True, slots=True)
class TraceLine:
    """Bytes that belong together.

    Attributes:
        time_s: when the first of them went, on the line's monotonic clock.
        direction: sent, received or a note.
        data: the bytes; empty for a note.
        meaning: what they say.
    """

    time_s: float
    direction: Direction
    data: bytes
    meaning: Message


def trace_lines(entries: Iterable[TraceEntry]) -> tuple[TraceLine, ...]:
    """Joins what was received in portions and says what each request and answer means."""
    lines = []
    request = b""
    for direction, group in groupby(entries, key=lambda entry: entry.direction):
        members = list(group)
        if direction is Direction.RECEIVED:
            data = b"".join(entry.data for entry in members)
            lines.append(TraceLine(members[0].time_s, direction, data, answer_meaning(data, request)))
            continue
        for entry in members:
            request = entry.data or request
            meaning = request_meaning(entry.data) if entry.data else note_meaning(entry)
            lines.append(TraceLine(entry.time_s, direction, entry.data, meaning))
    return tuple(lines)


def note_meaning(entry: TraceEntry) -> Message:
    """What happened beside the bytes; the port notes with which settings it is open from now on."""
    return Message("line at {settings}", {"settings": entry.note.removeprefix("line at ")})


def request_meaning(data: bytes) -> Message:
    """What a request asks."""
    items = FrameReader().receive(data)
    if len(items) != 1 or isinstance(items[0], (Garbage, Ack)):
        return Message("no request of this program")
    return _request_words(items[0])


def answer_meaning(data: bytes, request: bytes) -> Message:
    """What an answer says, its echo taken out."""
    echo = EchoFilter(request, expected=False)
    fresh = echo.receive(data) + echo.flush()
    words = _answer_words(fresh)
    if not echo.seen:
        return words
    return Message("echo, then: {answer}", {"answer": words}) if fresh else Message("echo of the request")


def _request_words(frame: ShortFrame | LongFrame) -> Message:
    if isinstance(frame, ShortFrame):
        template = _SHORT_MEANINGS.get(frame.control & ~requests.FCB, "ask {address}")
        return Message(template, {"address": _link_address(frame.address)})
    if frame.ci == requests.CI_SELECT and len(frame.data) >= 8:
        return Message("select {address}", {"address": shown(SecondaryAddress.from_bytes(frame.data[:8]))})
    if frame.ci in _BAUD_OF_CI:
        values = {"address": _link_address(frame.address), "baud": _BAUD_OF_CI[frame.ci]}
        return Message("switch {address} to {baud} Bd", values)
    template = _LONG_MEANINGS.get(frame.ci, "send to {address}")
    return Message(template, {"address": _link_address(frame.address)})


def _answer_words(data: bytes) -> Message:
    reader = FrameReader()
    items: Sequence[Frame | Garbage] = [*reader.receive(data), *reader.flush()]
    frames = [item for item in items if not isinstance(item, Garbage)]
    if not frames:
        reasons = [item.error.words for item in items if isinstance(item, Garbage)]
        return Message("no frame: {reason}", {"reason": reasons[0] if reasons else Message("nothing")})
    last = frames[-1]
    if isinstance(last, Ack):
        return Message("understood")
    telegram = decode(last.to_bytes())
    if telegram.header is None or not telegram.header.identification:
        return Message("a frame of {size} bytes", {"size": len(last.to_bytes())})
    values = {"meter": telegram.header.identification, "count": len(telegram.records)}
    return Message("telegram of {meter} with {count} records", values)


def _link_address(address: int) -> str:
    return "the selected meter" if address == SELECTED_METER else str(address)
