"""One exchange on the line: send, take the echo out, wait for the answer until its deadline, frame it."""

import threading
from dataclasses import replace
from itertools import pairwise
from typing import Final

from app.bus.answer import Answer, Outcome
from app.bus.clock import Clock
from app.bus.echo import EchoFilter
from app.bus.errors import Cancelled
from app.bus.line_errors import LineErrors
from app.bus.memory import AdapterMemory, BusMemory
from app.bus.port import READ_SLICE_S, LineSettings, Port
from app.bus.timing import SLOW_WINDOW_S, answer_window, idle_time, wire_time
from app.bus.trace import Direction, Trace
from app.mbus.frames import LONG_MAX_SIZE, SHORT_SIZE, Ack, Frame, LongFrame
from app.mbus.reader import FrameReader, Garbage
from app.mbus.requests import FCB
from app.mbus.security import NO_KEYS, KeySource

_GAP_S: Final = 0.05
"""A pause within an answer that ends it, beside the idle time: adapters hand bytes over in portions."""

_GAP_MAX_S: Final = 0.5

_BABBLE_BYTES: Final = 1200
"""More bytes than this to one request are no answer: nothing waits for their end."""

_BABBLE_S: Final = 1.5
"""So long a line that never falls quiet is waited for before the next request, beside a whole frame."""


_SAME_S: Final = 0.03
"""Two delays of one meter differ by less than this."""


class Line:
    """The serial line as the port thread sees it; nothing of it may be used by another thread.

    Args:
        port: open.
        settings: as the port was opened.
        clock: the seam to time.
        trace: gets every byte.
        memory: what is known of the adapter, kept up to date.
        keys: of encrypted meters.
    """

    def __init__(
        self,
        port: Port,
        settings: LineSettings,
        clock: Clock,
        trace: Trace,
        memory: BusMemory,
        *,
        keys: KeySource = NO_KEYS,
    ) -> None:
        self._port = port
        self.keys = keys
        self.settings = settings
        self.home_baud = settings.baud
        """The rate of meters that are not known to have another, in Bd."""
        self.disturbed = False
        """Whether the last long answer came spoilt: then one checksum is not believed."""
        self.clock = clock
        self.trace = trace
        self.memory = memory
        self.sent_at = clock.now()
        """When the last request began."""
        self.sent_until = clock.now()
        """When its last bit left."""
        self.stop = threading.Event()
        """Set by another thread, it ends what is under way within a read slice."""
        # Nothing has been sent yet: there is nothing to wait for.
        self._quiet_from = clock.now() - _BABBLE_S
        self._unanswered: list[float] = []
        """When requests like the last one ended, which nobody answered in time."""
        self._last_asked = b""
        self._given_up = False
        """Whether the last request was given up before its answer could come."""
        self._expected_until = clock.now()
        self._unfinished = False
        """Whether the last answer broke off in mid frame; what still comes of it tells of pauses."""

    @property
    def baud(self) -> int:
        """The rate now, in Bd."""
        return self.settings.baud

    def set_baud(self, baud: int) -> None:
        """Changes the rate, once the line is quiet."""
        if baud == self.settings.baud:
            return
        self._settle()
        self._port.set_baud(baud)
        self.settings = replace(self.settings, baud=baud)
        self.trace.add(self.clock.now(), Direction.NOTE, note=f"line at {self.settings}")

    def set_home_baud(self, baud: int) -> None:
        """Changes the rate for all meters that are not known to have one of their own."""
        self.set_baud(baud)
        self.home_baud = baud

    def close(self) -> None:
        """Gives the port back."""
        self._port.close()

    def window(self, *, slow: bool) -> float:
        """How long the first byte of an answer is waited for."""
        if slow:
            return SLOW_WINDOW_S + self.memory.adapter.latency_s
        return answer_window(self.baud) + self.memory.adapter.latency_s

    def exchange(
        self,
        request: bytes,
        wanted: type[Ack] | type[LongFrame],
        *,
        slow: bool = False,
        window_s: float | None = None,
    ) -> Answer:
        """Sends a request and waits for its answer, which ends with its last byte.

        Args:
            request: the bytes.
            wanted: what kind of frame answers it; others are passed over.
            slow: wait for the second, longer window.
            window_s: how long to wait instead, in seconds.

        Raises:
            Cancelled: ``stop`` was set.
            PortLost: the port vanished.
        """
        stray = self._settle()
        if self._given_up:
            # What comes of a request that was given up is no sign of a slow meter.
            stray = b""
        asked = _without_fcb(request)
        if asked != self._last_asked:
            self._unanswered.clear()
        self._last_asked = asked
        waiting = _Waiting(self, request, wanted, window_s or self.window(slow=slow))
        self._given_up = True
        answer = waiting.run()
        self._given_up = False
        self._expected_until = self._quiet_from
        self._unfinished = waiting.unfinished
        if answer.outcome is Outcome.SILENCE:
            self._unanswered.append(waiting.sent_until)
        if answer.delay_s is not None:
            delay = self._true_delay(waiting.sent_until, answer.delay_s)
            clean = answer.outcome is Outcome.ANSWER and answer.received == answer.raw
            self.memory.adapter = self.memory.adapter.after_answer(delay, self.baud, clean=clean)
            answer = replace(answer, delay_s=delay)
        return replace(answer, stray=stray)

    def _true_delay(self, sent_until: float, delay: float) -> float:
        """Whether an answer on a repetition is a late one to an attempt before: then a second one follows."""
        first_at = sent_until + delay
        ends = [*self._unanswered, sent_until]
        self._unanswered.clear()
        if len(ends) == 1:
            return delay
        until = sent_until + (first_at - ends[0]) + _SAME_S
        while self.clock.now() < until:
            data = self.read(1)
            if data:
                second_at = self.clock.now() - self.wire_time(len(data))
                spans = [
                    first_at - one
                    for one, other in pairwise(ends)
                    if _near(second_at - other, first_at - one)
                ]
                return spans[0] if spans else delay
        return delay

    def listen(self, seconds: float) -> tuple[bytes, LineErrors]:
        """Sends nothing and returns what comes meanwhile."""
        until = self.clock.now() + seconds
        heard = b""
        while self.clock.now() < until:
            heard += self.read(1)
        return heard, self._port.take_errors()

    def read(self, size: int) -> bytes:
        """One slice of reading, traced."""
        self.check()
        data = self._port.read(size)
        if data:
            self._heard(data)
        return data

    def send(self, data: bytes) -> float:
        """Sends and returns when the last bit will have left."""
        self._port.take_errors()
        self._port.write(data)
        now = self.clock.now()
        self.sent_at = now
        self.trace.add(now, Direction.SENT, data)
        self.sent_until = now + self.wire_time(len(data))
        self._quiet_from = self.sent_until
        return self.sent_until

    def expect_until(self, moment: float) -> None:
        """An answer may still come until then: the next request waits for it if this one is given up."""
        self._expected_until = moment

    def take_errors(self) -> LineErrors:
        """Parity and framing errors since last asked."""
        return self._port.take_errors()

    def wire_time(self, byte_count: int) -> float:
        """How long bytes take at the present rate."""
        return wire_time(byte_count, self.baud, self.settings.bits_per_byte)

    def check(self) -> None:
        """Raises ``Cancelled`` once ``stop`` is set."""
        if self.stop.is_set():
            raise Cancelled

    def _heard(self, data: bytes) -> None:
        now = self.clock.now()
        self._quiet_from = now
        self.trace.add(now, Direction.RECEIVED, data)

    def _settle(self) -> bytes:
        """Waits until the line has been quiet for the idle time; returns what came meanwhile."""
        stray = b""
        give_up = max(self.clock.now(), self._expected_until) + _BABBLE_S + self.wire_time(LONG_MAX_SIZE)
        while True:
            self.check()
            data = self._port.pending()
            if data:
                stray += data
                if self._unfinished:
                    self._learn_gap(self.clock.now() - self._quiet_from)
                self._heard(data)
            now = self.clock.now()
            left = max(self._quiet_from + idle_time(self.baud), self._expected_until) - now
            if left <= 0 or now >= give_up:
                return stray
            self.clock.sleep(min(left, READ_SLICE_S))

    def _learn_gap(self, pause: float) -> None:
        adapter = self.memory.adapter
        if pause > adapter.gap_s:
            self.memory.adapter = replace(adapter, gap_s=min(pause, _GAP_MAX_S))

    def learn(self, adapter: AdapterMemory) -> None:
        """Keeps what was learned of the adapter."""
        self.memory.adapter = adapter


def _without_fcb(request: bytes) -> bytes:
    """What a request asks of whom, the same for its repetition with the other FCB."""
    if len(request) == SHORT_SIZE:
        return bytes((request[1] & ~FCB, request[2]))
    return request[5:-2]


def _near(one: float, other: float) -> bool:
    return abs(one - other) < _SAME_S


class _Waiting:
    """An answer while it is waited for."""

    def __init__(
        self, line: Line, request: bytes, wanted: type[Ack] | type[LongFrame], window_s: float
    ) -> None:
        self._line = line
        self._request = request
        self._wanted = wanted
        self._window = window_s
        self._reader = FrameReader()
        self._echo = EchoFilter(request, expected=line.memory.adapter.echoes)
        self._received = b""
        self._delay: float | None = None
        self.sent_until = 0.0
        """When the last bit of the request left."""
        self._unfinished = False

    def run(self) -> Answer:
        """Sends and waits."""
        line = self._line
        self.sent_until = line.send(self._request)
        deadline = self.sent_until + self._window
        line.expect_until(deadline)
        limit = deadline + line.wire_time(LONG_MAX_SIZE) + _BABBLE_S
        now = line.clock.now()
        while len(self._received) < _BABBLE_BYTES and now < limit:
            data = line.read(self._size())
            now = line.clock.now()
            if not data:
                if now >= deadline:
                    break
                continue
            fresh = self._without_echo(data, now)
            frame = self._take(fresh, now)
            if frame is not None:
                return self._answer(frame)
            if fresh:
                deadline = now + self._gap()
        return self._give_up()

    @property
    def unfinished(self) -> bool:
        """Whether the answer broke off in mid frame."""
        return self._unfinished

    def _size(self) -> int:
        return max(1, self._echo.needed or self._reader.needed)

    def _gap(self) -> float:
        line = self._line
        return idle_time(line.baud) + max(_GAP_S, line.memory.adapter.gap_s)

    def _without_echo(self, data: bytes, now: float) -> bytes:
        before = self._echo.count
        fresh = self._echo.receive(data)
        if self._echo.seen and self._echo.count > before:
            line = self._line
            adapter = line.memory.adapter
            line.learn(replace(adapter, echoes=True))
            if self._echo.complete:
                # The echo ends when the request has left: from then on the answer may come.
                self.sent_until = max(self.sent_until, now)
        return fresh

    def _take(self, fresh: bytes, now: float) -> Frame | None:
        if not fresh:
            return None
        if self._delay is None:
            self._delay = max(0.0, now - self._line.wire_time(len(fresh)) - self.sent_until)
        self._received += fresh
        return self._find(self._reader.receive(fresh))

    def _find(self, items: list[Frame | Garbage]) -> Frame | None:
        return next((item for item in items if isinstance(item, self._wanted)), None)

    def _answer(self, frame: Frame) -> Answer:
        errors = self._line.take_errors()
        return Answer(
            # A frame whose bytes were marked by the hardware is not trusted, even if its checksum fits.
            outcome=Outcome.GARBLED if errors.any else Outcome.ANSWER,
            request=self._request,
            received=self._received,
            frame=frame,
            raw=frame.to_bytes(),
            errors=errors,
            echoed=self._echo.count,
            delay_s=self._delay,
        )

    def _give_up(self) -> Answer:
        self._unfinished = self._reader.needed > 0
        fresh = self._echo.flush()
        frame = self._take(fresh, self._line.clock.now()) or self._find(self._reader.flush())
        if frame is not None:
            return self._answer(frame)
        errors = self._line.take_errors()
        return Answer(
            outcome=Outcome.GARBLED if self._received or errors.any else Outcome.SILENCE,
            request=self._request,
            received=self._received,
            errors=errors,
            echoed=self._echo.count,
            delay_s=self._delay,
        )
