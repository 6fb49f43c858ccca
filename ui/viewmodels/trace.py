"""The trace as the window shows it: fetched in batches, frames put together, each with its meaning."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum

from PySide6.QtCore import QObject, QTimer, Signal

from app.bus.trace import Direction, Trace, TraceEntry
from app.domain.message import Message
from app.mbus.errors import FrameError
from app.mbus.frames import Frame, parse_frame
from app.mbus.reader import FrameReader, Garbage
from app.services.line_words import received_words, sent_words

ROWS_MAX = 5_000
"""Rows kept; a scan of forty meters makes about a thousand."""

_DROPPED_AT_ONCE = 500
_FETCH_MS = 150
_BATCH = 400
_UNFINISHED_S = 1.0


class TraceKind(Enum):
    """Which way a row went; the values are names of icons."""

    SENT = "sent"
    RECEIVED = "received"
    ECHO = "echo"
    SPOILT = "warning"
    NOTE = "info"


@dataclass(frozen=True, slots=True)
class TraceRow:
    """One frame, or bytes that are none, or a note.

    Attributes:
        time_s: of the first byte, on the line's monotonic clock.
        kind: which way.
        data: the bytes.
        meaning: in words.
        repeated: the same request as the one before.
    """

    time_s: float
    kind: TraceKind
    data: bytes
    meaning: Message
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class LineCounts:
    """What went over the line so far.

    Attributes:
        requests: sent.
        repeated: sent once more because no good answer came.
        answers: whole frames received.
        spoilt: portions received that are no frame.
        echoed: frames that the adapter sent back.
    """

    requests: int = 0
    repeated: int = 0
    answers: int = 0
    spoilt: int = 0
    echoed: int = 0


@dataclass(slots=True)
class TraceReader:
    """Puts the portions of a trace together to frames; knows no clock of its own."""

    _reader: FrameReader = field(default_factory=FrameReader)
    _began_s: float = 0.0
    _last_s: float = 0.0
    _request: bytes = b""
    _echo: bytes = b""
    _answered: bool = True

    def read(self, entries: Iterable[TraceEntry]) -> list[TraceRow]:
        """The rows that these entries complete."""
        rows: list[TraceRow] = []
        for entry in entries:
            if entry.direction is Direction.RECEIVED:
                rows += self._receive(entry)
                continue
            rows += self.flush()
            if entry.direction is Direction.SENT:
                rows.append(self._send(entry))
            else:
                rows.append(TraceRow(entry.time_s, TraceKind.NOTE, b"", _note(entry.note)))
        return rows

    def flush(self, now_s: float | None = None) -> list[TraceRow]:
        """What came and was no whole frame; with a time, only if nothing has come for a while."""
        if not self._reader.pending or (now_s is not None and now_s - self._last_s < _UNFINISHED_S):
            return []
        return [self._row(item) for item in self._reader.flush()]

    def _send(self, entry: TraceEntry) -> TraceRow:
        repeated = entry.data == self._request and not self._answered
        self._request = self._echo = entry.data
        self._answered = False
        return TraceRow(entry.time_s, TraceKind.SENT, entry.data, _sent(entry.data), repeated)

    def _receive(self, entry: TraceEntry) -> list[TraceRow]:
        if not self._reader.pending:
            self._began_s = entry.time_s
        self._last_s = entry.time_s
        return [self._row(item) for item in self._reader.receive(entry.data)]

    def _row(self, item: Frame | Garbage) -> TraceRow:
        began, self._began_s = self._began_s, self._last_s
        if isinstance(item, Garbage):
            meaning = Message("no frame: {reason}", {"reason": str(item.error)})
            return TraceRow(began, TraceKind.SPOILT, item.raw, meaning)
        raw = item.to_bytes()
        if self._echo and raw == self._echo:
            self._echo = b""
            return TraceRow(began, TraceKind.ECHO, raw, Message("echo of the adapter"))
        self._answered = True
        return TraceRow(began, TraceKind.RECEIVED, raw, received_words(item))


def _sent(data: bytes) -> Message:
    try:
        return sent_words(parse_frame(data))
    except FrameError as error:
        return Message("no frame: {reason}", {"reason": str(error)})


def _note(note: str) -> Message:
    return Message("{note}", {"note": note})


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
        echoed=before.echoed + kinds.count(TraceKind.ECHO),
    )
