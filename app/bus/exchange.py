"""One exchange on the line: send, take the echo out, wait for the answer, frame it.

The rule of this package: a request owns the line until its answer window is over. Nothing else is sent
before: not after silence, not after a request that was given up, and after anything spoilt or repeated a
whole window more is waited, so that the master never falls one answer behind.
"""

import threading
from dataclasses import replace
from typing import Final

from app.bus.answer import Answer, Outcome
from app.bus.clock import Clock
from app.bus.echo import EchoFilter
from app.bus.errors import Cancelled
from app.bus.line_errors import LineErrors
from app.bus.memory import LATENCY_LOCAL_S, AdapterMemory, BusMemory
from app.bus.other_master import OtherMaster
from app.bus.port import READ_SLICE_S, LineSettings, Port
from app.bus.timing import BITS_PER_BYTE, SLOW_WINDOW_S, answer_window, bit_times, idle_time, wire_time
from app.bus.trace import Direction, Trace
from app.mbus.frames import ACK_BYTE, LONG_MAX_SIZE, SHORT_SIZE, Ack, Frame, LongFrame
from app.mbus.reader import FrameReader
from app.mbus.requests import FCB, RSP_UD
from app.mbus.security import NO_KEYS, KeySource

_PAUSE_S: Final = 0.05
"""A pause that ends what is no frame, beside the idle time."""

_GAP_LOCAL_S: Final = 0.3
_GAP_NETWORK_S: Final = 0.6
"""A pause within a frame that ends it: adapters hand bytes over in portions."""

_GAP_MAX_S: Final = 1.0

_JABBER_BYTES: Final = 1200
"""More bytes than this to one request are no answer: nothing waits for their end."""

_JABBER_S: Final = 1.5
"""So long a line that never falls quiet is waited for, beside a whole frame."""

_RESPONSE: Final = 0x0F
"""The bits of a C field that make an answer with data of a frame; ACD and DFC may be set beside them."""


class Line:
    """The serial line as the port thread sees it; nothing of it may be used by another thread.

    Args:
        port: open.
        settings: as the port was opened.
        clock: the seam to time.
        trace: gets every byte.
        memory: what is known of the adapter, kept up to date.
        keys: of encrypted meters.
        network: whether the port is a converter in a network, which may be far away.
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
        network: bool = False,
    ) -> None:
        self._port = port
        self._network = network
        self.keys = keys
        self.settings = settings
        self.home_baud = settings.baud
        """The rate of meters that are not known to have another, in Bd."""
        self.disturbed = False
        """Whether the last long answer came spoilt: then one checksum is not believed."""
        self.clock = clock
        self.trace = trace
        self.memory = memory
        self.stop = threading.Event()
        """Set by another thread, it ends what is under way within a read slice."""
        self.other_master = OtherMaster()
        self.sent_at = self.sent_until = clock.now()
        """When the last request began and when its last bit left."""
        self._sent = b""
        self._owned_until = clock.now()
        self._quiet_from = clock.now() - _JABBER_S
        self._open_request = b""
        """The last request, while no clean answer to it has come."""
        self._broken_off = False
        """Whether the last answer stopped in mid frame; what still comes of it tells of pauses."""

    @property
    def baud(self) -> int:
        """The rate now, in Bd."""
        return self.settings.baud

    @property
    def gap_s(self) -> float:
        """The pause that ends a frame which has begun."""
        return max(_GAP_NETWORK_S if self._network else _GAP_LOCAL_S, self.memory.adapter.gap_s)

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

    def window(self, *, slow: bool = False) -> float:
        """How long the first byte of an answer is waited for, from the end of the request."""
        granted = self.memory.adapter.granted_s(network=self._network)
        if slow:
            return SLOW_WINDOW_S + max(0.0, granted - LATENCY_LOCAL_S)
        return answer_window(self.baud) + bit_times(BITS_PER_BYTE, self.baud) + granted

    def exchange(
        self,
        request: bytes,
        wanted: type[Ack] | type[LongFrame],
        *,
        slow: bool = False,
        whole: bool = False,
    ) -> Answer:
        """Sends a request and waits for its answer.

        Args:
            request: the bytes.
            wanted: what kind of frame answers it; others are passed over.
            slow: wait for the second, longer window.
            whole: listen to the end of the window, since several meters may answer; else the answer's last
                byte ends it.

        Raises:
            Cancelled: ``stop`` was set.
            PortLost: the port vanished.
        """
        self._settle()
        asked = _without_fcb(request)
        repeated = asked == self._open_request
        self._open_request = asked
        waiting = _Waiting(self, request, wanted, self.window(slow=slow), whole=whole)
        answer = waiting.run()
        now = self.clock.now()
        self._broken_off = waiting.broke_off
        clean = answer.outcome is Outcome.ANSWER
        heard_out = whole and wanted is Ack
        spoilt = answer.outcome is Outcome.GARBLED
        self.own(now + self.window(slow=slow) if (spoilt or (repeated and clean)) and not heard_out else now)
        if clean:
            self._open_request = b""
        if self._network and answer.delay_s is not None and (clean or heard_out):
            self.learn(self.memory.adapter.after_answer(answer.delay_s, self.baud))
        return answer

    def tell(self, request: bytes) -> None:
        """Sends a request that nobody answers; its echo may come."""
        self._settle()
        _Waiting(self, request, Ack, self.memory.adapter.granted_s(network=self._network), whole=True).run()

    def listen(self, seconds: float) -> tuple[bytes, LineErrors]:
        """Sends nothing and returns what comes meanwhile."""
        until = self.clock.now() + seconds
        heard = b""
        while self.clock.now() < until:
            data = self.read(1, until)
            self.other_master.hear(self.clock.now(), data, self._sent, answered_until=self._owned_until)
            heard += data
        return heard, self._port.take_errors()

    def read(self, size: int, until: float) -> bytes:
        """One slice of reading, at most until a moment; traced."""
        self.check()
        left = until - self.clock.now()
        if 0 < left < READ_SLICE_S:
            data = self._port.pending()
            if not data:
                self.clock.sleep(left)
                data = self._port.pending()
        else:
            data = self._port.read(size)
        if data:
            self._heard(data)
        return data

    def send(self, data: bytes) -> float:
        """Sends and returns when the last bit will have left."""
        self._port.take_errors()
        self._port.write(data)
        self._sent = data
        self.sent_at = self.clock.now()
        self.trace.add(self.sent_at, Direction.SENT, data)
        self.sent_until = self._quiet_from = self.sent_at + self.wire_time(len(data))
        return self.sent_until

    def own(self, moment: float) -> None:
        """An answer may still come until then: nothing is sent before."""
        self._owned_until = moment

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

    def learn(self, adapter: AdapterMemory) -> None:
        """Keeps what was learned of the adapter."""
        self.memory.adapter = adapter

    def _heard(self, data: bytes) -> None:
        self._quiet_from = self.clock.now()
        self.trace.add(self._quiet_from, Direction.RECEIVED, data)

    def _settle(self) -> None:
        """Waits until the last request has given the line back and it has been quiet for the idle time."""
        start = self.clock.now()
        give_up = max(start, self._owned_until) + _JABBER_S + self.wire_time(LONG_MAX_SIZE)
        quiet = idle_time(self.baud)
        while True:
            self.check()
            data = self._port.pending()
            now = self.clock.now()
            if data:
                if self._broken_off:
                    self._learn_gap(now - self._quiet_from)
                quiet = self.gap_s
                self.other_master.hear(
                    now, data, self._sent, answered_until=self._owned_until + SLOW_WINDOW_S
                )
                self._heard(data)
            held_until = min(self.other_master.holds_until, start + self.other_master.PATIENCE_S)
            left = max(self._quiet_from + quiet, self._owned_until, held_until) - now
            if left <= 0 or now >= max(give_up, held_until):
                return
            self.clock.sleep(min(left, READ_SLICE_S))

    def _learn_gap(self, pause: float) -> None:
        adapter = self.memory.adapter
        if pause > adapter.gap_s:
            self.learn(replace(adapter, gap_s=min(pause, _GAP_MAX_S)))


def _without_fcb(request: bytes) -> bytes:
    """What a request asks of whom, the same for its repetition with the other FCB."""
    if len(request) == SHORT_SIZE:
        return bytes((request[1] & ~FCB, request[2]))
    return request[5:-2]


class _Waiting:
    """An answer while it is waited for."""

    def __init__(
        self, line: Line, request: bytes, wanted: type[Ack] | type[LongFrame], window_s: float, *, whole: bool
    ) -> None:
        self._line = line
        self._request = request
        self._wanted = wanted
        self._window = window_s
        self._whole = whole
        self._reader = FrameReader()
        self._echo = EchoFilter(request, expected=line.memory.adapter.echoes)
        self._received = b""
        self._delays: list[float] = []
        self._frames: list[tuple[float, Frame]] = []
        self.broke_off = False
        """Whether the answer stopped in mid frame."""

    def run(self) -> Answer:
        """Sends and waits."""
        line = self._line
        deadline = line.send(self._request) + self._window
        line.own(deadline)
        limit = deadline + line.wire_time(LONG_MAX_SIZE) + _JABBER_S
        until = deadline
        while len(self._received) < _JABBER_BYTES and (now := line.clock.now()) < limit:
            if now >= until:
                break
            data = line.read(max(1, self._echo.needed or self._reader.needed), until)
            if data:
                self._take(data)
                if self._frames and not self._whole:
                    break
                pause = line.gap_s if self._reader.needed else idle_time(line.baud) + _PAUSE_S
                until = max(deadline, line.clock.now() + pause if self._received else deadline)
        return self._answer()

    def _take(self, data: bytes) -> None:
        line, now = self._line, self._line.clock.now()
        before = self._echo.count
        fresh = self._echo.receive(data)
        if self._echo.seen and self._echo.count > before:
            adapter = replace(line.memory.adapter, echoes=True)
            if self._echo.complete and now > line.sent_until:
                # The echo has gone the way of an answer: that is how long the way is.
                adapter = adapter.after_answer(now - line.sent_until, line.baud)
            line.learn(adapter)
        self._add(fresh, now)

    def _add(self, fresh: bytes, now: float) -> None:
        if not fresh:
            return
        line = self._line
        begin = now - line.wire_time(len(fresh)) - line.sent_until
        self._delays += [begin + line.wire_time(place) for place in range(len(fresh))]
        self._received += fresh
        for item in self._reader.receive(fresh):
            self._keep(item, now)

    def _keep(self, item: object, now: float) -> None:
        line = self._line
        if isinstance(item, LongFrame) and item.control & _RESPONSE != RSP_UD:
            # A request: another master's, or the echo of one.
            line.other_master.hear_frame(now, item, own=self._request)
        elif isinstance(item, self._wanted):
            size = len(item.to_bytes())
            self._frames.append((now - line.wire_time(size) - line.sent_until, item))
        elif not isinstance(item, Ack):
            line.other_master.hear_frame(now, item, own=self._request)

    def _answer(self) -> Answer:
        line, now = self._line, self._line.clock.now()
        self._add(self._echo.flush(), now)
        if not self._frames or self._whole:
            self.broke_off = self._reader.needed > 0
            for item in self._reader.flush():
                self._keep(item, now)
        errors = line.take_errors()
        frame = self._frames[0][1] if self._frames else None
        raw = frame.to_bytes() if frame else b""
        return Answer(
            outcome=self._outcome(raw, errors),
            request=self._request,
            received=self._received,
            frame=frame,
            raw=raw,
            frames=tuple(self._frames),
            errors=errors,
            echoed=self._echo.count,
            delay_s=self._delays[0] if self._delays else None,
            delays_s=tuple(self._delays),
        )

    def _outcome(self, raw: bytes, errors: LineErrors) -> Outcome:
        # A frame whose bytes were marked by the hardware is not trusted, even if its checksum fits.
        if errors.any:
            return Outcome.GARBLED
        if raw and (not self._whole or self._received == raw):
            return Outcome.ANSWER
        if not self._received:
            return Outcome.SILENCE
        is_busy = self._wanted is LongFrame and set(self._received) == {ACK_BYTE}
        return Outcome.BUSY if is_busy else Outcome.GARBLED
