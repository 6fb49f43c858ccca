"""A recorded trace served again as a bus: the same requests get the same answers at the same pace."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.bus.trace import Direction, TraceEntry
from app.bus.trace_file import RecordedTrace
from app.practice.line_server import LineServer

_FORGET_S: Final = 0.5
"""A request that pauses so long was given up; the next byte begins another."""


@dataclass(frozen=True, slots=True)
class _Portion:
    """Bytes that came so long after the request was handed over."""

    after_s: float
    data: bytes


Answers = dict[bytes, list[list[_Portion]]]


def recorded_answers(entries: Sequence[TraceEntry]) -> Answers:
    """For each request, what came each time it was sent, in order; nothing is an answer too."""
    answers: Answers = defaultdict(list)
    current: list[_Portion] | None = None
    sent_at = 0.0
    for entry in entries:
        if entry.direction is Direction.SENT:
            current = []
            answers[entry.data].append(current)
            sent_at = entry.time_s
        elif entry.direction is Direction.RECEIVED and current is not None:
            current.append(_Portion(entry.time_s - sent_at, entry.data))
    return dict(answers)


class ReplayWire:
    """One master's line to a recording; a request recorded several times gets its answers in turn."""

    def __init__(self, answers: Answers, baud: int) -> None:
        self.baud = baud
        self._answers = answers
        self._asked: dict[bytes, int] = defaultdict(int)
        self._buffer = b""
        self._last = 0.0
        self._due: list[tuple[float, bytes]] = []

    @property
    def next_due(self) -> float | None:
        """When the next bytes reach the master."""
        return self._due[0][0] if self._due else None

    def receive(self, now: float, data: bytes) -> None:
        """Takes bytes of the master; once they are a recorded request, its answer begins to run."""
        if now - self._last > _FORGET_S:
            self._buffer = b""
        self._last = now
        self._buffer += data
        for request, answers in self._answers.items():
            if self._buffer.endswith(request):
                self._buffer = b""
                turn = min(self._asked[request], len(answers) - 1)
                self._asked[request] += 1
                self._due += [(now + portion.after_s, portion.data) for portion in answers[turn]]
                self._due.sort(key=lambda due: due[0])
                return

    def take(self, now: float) -> bytes:
        """The bytes that have reached the master by now."""
        taken = b""
        while self._due and self._due[0][0] <= now:
            taken += self._due.pop(0)[1]
        return taken


class ReplayBus(LineServer):
    """Serves a recorded trace on loopback; every master that connects sees it from its start."""

    def __init__(self, trace: RecordedTrace) -> None:
        super().__init__(trace.line.baud)
        self._answers = recorded_answers(trace.entries)

    def make_wire(self) -> ReplayWire:
        """The line for one more master."""
        return ReplayWire(self._answers, self.baud)
