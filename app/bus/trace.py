"""The trace of a line: every byte sent and received with its time, bounded, readable from any thread."""

import threading
from collections import deque
from dataclasses import dataclass
from enum import Enum
from typing import Final

CAPACITY: Final = 20_000
"""Entries kept at most; the oldest go first. A read of one meter makes about a dozen."""


class Direction(Enum):
    """Which way bytes went; the values stand in exported files."""

    SENT = "sent"
    RECEIVED = "received"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class TraceEntry:
    """Bytes that went over the line together.

    Attributes:
        number: counts all entries of this trace from 0, dropped ones included.
        time_s: when they were handed over, on the line's monotonic clock.
        direction: sent, received, or a note (a change of the baud rate, an error).
        data: the bytes; empty for a note.
        note: what happened beside the bytes, as a stable English word or two.
    """

    number: int
    time_s: float
    direction: Direction
    data: bytes = b""
    note: str = ""


class Trace:
    """A bounded ring of entries; the port thread writes, any thread reads."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._lock = threading.Lock()
        self._entries: deque[TraceEntry] = deque(maxlen=capacity)
        self._count = 0

    def add(self, time_s: float, direction: Direction, data: bytes = b"", note: str = "") -> None:
        """Keeps an entry."""
        with self._lock:
            self._entries.append(TraceEntry(self._count, time_s, direction, data, note))
            self._count += 1

    def entries(self, since: int = 0) -> tuple[TraceEntry, ...]:
        """The entries kept whose number is ``since`` or higher, oldest first."""
        with self._lock:
            return tuple(entry for entry in self._entries if entry.number >= since)

    def clear(self) -> None:
        """Forgets all entries; numbers run on."""
        with self._lock:
            self._entries.clear()
