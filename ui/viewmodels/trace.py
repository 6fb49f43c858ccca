"""The trace as the window shows it: fetched in batches, answers put together, each with its meaning."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum

from PySide6.QtCore import QObject, QTimer, Signal

from app.bus.trace import Direction, Trace, TraceEntry
from app.bus.trace_lines import answer_meaning, note_meaning, request_meaning
from app.mbus.reader import FrameReader, Garbage
from app.message import Message

ROWS_MAX = 5_000
"""Rows kept; a scan of forty meters makes about a thousand."""

_DROPPED_AT_ONCE = 500
_FETCH_MS = 150
_BATCH = 400
_ANSWER_ENDS_S = 0.4


class TraceKind(Enum):
    """Which way a row went; the values are names of icons."""

    SENT = "sent"
    RECEIVED = "received"
    ECHO = "echo"
    SPOILT = "warning"
    NOTE = "info"


@dataclass(frozen=True, slots=True)
class TraceRow:
    """A request, an answer, or a note.

    Attributes:
        time_s: of the first byte, on the line's monotonic clock.
        kind: which way.
        data: the bytes.
        meaning: in words.
        repeated: the same request as the one before.
        echoed: an answer that has the echo of its request before it.
    """

    time_s: float
    kind: TraceKind
    data: bytes
    meaning: Message
    repeated: bool = False
    echoed: bool = False


@dataclass(frozen=True, slots=True)
class LineCounts:
    """What went over the line so far.

    Attributes:
        requests: sent.
        repeated: sent once more because no good answer came.
        answers: received whole.
        spoilt: answers with bytes that are no frame.
        echoed: requests that the adapter sent back.
    """

    requests: int = 0
    repeated: int = 0
    answers: int = 0
    spoilt: int = 0
    echoed: int = 0


@dataclass(slots=True)
class TraceReader:
    """Puts the portions of an answer together again; knows no clock of its own."""

    _portions: list[TraceEntry] = field(default_factory=list)
    _request: bytes = b""
    _answered: bool = True

    def read(self, entries: Iterable[TraceEntry]) -> list[TraceRow]:
        """The rows that these entries complete; an answer ends with the next request."""
        rows: list[TraceRow] = []
        for entry in entries:
            if entry.direction is Direction.RECEIVED:
                self._portions.append(entry)
                continue
            rows += self.flush()
            rows.append(self._send(entry) if entry.direction is Direction.SENT else _note(entry))
        return rows

    def flush(self, now_s: float | None = None) -> list[TraceRow]:
        """The answer so far; with a time, only if nothing has come for a while."""
        portions = self._portions
        if not portions or (now_s is not None and now_s - portions[-1].time_s < _ANSWER_ENDS_S):
            return []
        self._portions = []
        return [self._receive(portions[0].time_s, b"".join(portion.data for portion in portions))]

    def _send(self, entry: TraceEntry) -> TraceRow:
        repeated = entry.data == self._request and not self._answered
        self._request, self._answered = entry.data, False
        return TraceRow(entry.time_s, TraceKind.SENT, entry.data, request_meaning(entry.data), repeated)

    def _receive(self, time_s: float, data: bytes) -> TraceRow:
        meaning = answer_meaning(data, self._request)
        fresh = data.removeprefix(self._request) if self._request else data
        if not fresh:
            return TraceRow(time_s, TraceKind.ECHO, data, meaning)
        reader = FrameReader()
        items = [*reader.receive(fresh), *reader.flush()]
        spoilt = any(isinstance(item, Garbage) for item in items)
        self._answered = not spoilt
        kind = TraceKind.SPOILT if spoilt else TraceKind.RECEIVED
        return TraceRow(time_s, kind, data, meaning, echoed=fresh != data)


def _note(entry: TraceEntry) -> TraceRow:
    return TraceRow(entry.time_s, TraceKind.NOTE, b"", note_meaning(entry))


class TraceViewModel(QObject):
    """Follows the trace of the master in use; the port thread is never waited for.

    Args:
        trace: the trace of now; None without an adapter.
        now: seconds of the clock that times the line.
    """

    rows_added = Signal(object, object)
    """Two lists of :class:`TraceRow`: those that came, and the oldest that went for them."""
    rows_reset = Signal()
    counts_changed = Signal()

    def __init__(
        self, trace: Callable[[], Trace | None], now: Callable[[], float], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._trace_of_now, self._now = trace, now
        self._trace: Trace | None = None
        self._next = 0
        self._reader = TraceReader()
        self._rows: list[TraceRow] = []
        self._counts = LineCounts()
        self._timer = QTimer(self)
        self._timer.setInterval(_FETCH_MS)
        self._timer.timeout.connect(self.fetch)

    @property
    def rows(self) -> tuple[TraceRow, ...]:
        """All rows kept, oldest first."""
        return tuple(self._rows)

    @property
    def counts(self) -> LineCounts:
        """What went over the line since the adapter was chosen."""
        return self._counts

    @property
    def trace(self) -> Trace | None:
        """What is followed."""
        return self._trace

    def watch(self, *, on: bool) -> None:
        """Starts or ends to follow; while nobody looks, nothing is fetched."""
        if on:
            self.fetch()
            self._timer.start()
        else:
            self._timer.stop()

    def fetch(self) -> None:
        """Takes what is new, at most a batch at once, so that the window stays quick."""
        trace = self._trace_of_now()
        if trace is None:
            return
        if trace is not self._trace:
            self._trace, self._next, self._reader = trace, 0, TraceReader()
            self._rows, self._counts = [], LineCounts()
            self.rows_reset.emit()
        entries = trace.entries(self._next)[:_BATCH]
        rows = self._reader.read(entries)
        if entries:
            self._next = entries[-1].number + 1
        if len(entries) < _BATCH:
            rows += self._reader.flush(self._now())
        if rows:
            self._take(rows)

    def clear(self) -> None:
        """Forgets what was fetched; the line is not touched."""
        if self._trace is not None:
            self._trace.clear()
        self._rows = []
        self.rows_reset.emit()

    def _take(self, rows: list[TraceRow]) -> None:
        self._rows += rows
        dropped: list[TraceRow] = []
        if len(self._rows) > ROWS_MAX:
            count = len(self._rows) - ROWS_MAX + _DROPPED_AT_ONCE
            dropped, self._rows = self._rows[:count], self._rows[count:]
        self._counts = _counted(self._counts, rows)
        self.rows_added.emit(rows, dropped)
        self.counts_changed.emit()


def _counted(before: LineCounts, rows: Iterable[TraceRow]) -> LineCounts:
    kinds = [row.kind for row in rows]
    return LineCounts(
        requests=before.requests + kinds.count(TraceKind.SENT),
        repeated=before.repeated + sum(row.repeated for row in rows),
        answers=before.answers + kinds.count(TraceKind.RECEIVED),
        spoilt=before.spoilt + kinds.count(TraceKind.SPOILT),
        echoed=before.echoed + kinds.count(TraceKind.ECHO) + sum(row.echoed for row in rows),
    )
