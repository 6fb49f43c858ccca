"""A practice bus in virtual time: whole scans in milliseconds, and every time in them exact."""

from random import Random

from app.bus.clock import Clock
from app.bus.errors import PortLost
from app.bus.line_errors import LineErrors
from app.bus.master import BusMaster
from app.bus.port import READ_SLICE_S, LineSettings
from app.message import Message
from app.practice.faults import NO_FAULTS, Faults
from app.practice.meters import MeterLink, SimulatedMeter
from app.practice.wire import Wire


class OutOfTimeError(Exception):
    """What should have been over long ago goes on."""


class VirtualClock(Clock):
    """A clock that moves only when somebody waits; at ``limit`` whoever waits is told that it is too late."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.limit = float("inf")

    def check(self) -> None:
        if self.time > self.limit:
            raise OutOfTimeError(f"the limit of {self.limit - 1000:g} s is over")

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        assert seconds > 0, "a wait for nothing would never end"
        self.check()
        self.time += seconds


class VirtualPort:
    """A port on simulated meters; ``on_read`` is called before each read and may stop or break things."""

    def __init__(self, meters, baud, settings: LineSettings, clock: VirtualClock, *, faults, seed=0):
        self.clock = clock
        self.faults: Faults = faults
        self.wire = Wire([MeterLink(meter) for meter in meters], baud, lambda: self.faults, Random(seed))
        self.wire.baud = settings.baud
        self.arrived = b""
        self.requests: list[bytes] = []
        self.sent_at: list[float] = []
        self.closed = False
        self.on_read = lambda: None
        self.errors = LineErrors()
        self._marked = 0
        self.delivered = 0

    def read(self, size: int) -> bytes:
        self.on_read()
        self._check()
        self.clock.check()
        self.arrived += self.wire.take(self.clock.time)
        until = self.clock.time + READ_SLICE_S
        while len(self.arrived) < size:
            due = self.wire.next_due
            if due is None or due > until:
                self.clock.time = until
                break
            self.clock.time = max(self.clock.time, due)
            self.arrived += self.wire.take(self.clock.time)
        return self._hand_over(size)

    def pending(self) -> bytes:
        self._check()
        self.arrived += self.wire.take(self.clock.time)
        return self._hand_over(len(self.arrived))

    def write(self, data: bytes) -> None:
        self._check()
        self.requests.append(data)
        self.sent_at.append(self.clock.time)
        self.wire.receive(self.clock.time, data)

    def set_baud(self, baud: int) -> None:
        self.wire.baud = baud

    def take_errors(self) -> LineErrors:
        errors, self.errors = self.errors, LineErrors()
        marked, self._marked = self.wire.marked - self._marked, self.wire.marked
        return errors + LineErrors(spoilt=marked)

    def close(self) -> None:
        self.closed = True

    def _hand_over(self, size: int) -> bytes:
        data, self.arrived = self.arrived[:size], self.arrived[size:]
        self.delivered += len(data)
        return data

    def _check(self) -> None:
        limit = self.faults.unplug_after
        if self.faults.unplugged or (limit is not None and self.delivered >= limit):
            raise PortLost(Message("The port vanished."))


class VirtualBus:
    """Meters, a clock and masters on them.

    Args:
        meters: each with its own delay, jitter and way of being deaf; see :mod:`app.practice.pace`.
        baud: the rate of the bus.
        faults: what is wrong with line, adapter and meters.
        seed: decides jitter, and what is lost and disturbed; the same seed, the same bus.
        url: under which masters open it; a network's (``socket://``) says that there may be latency.
        limit_s: of virtual time; whoever still waits then gets :class:`OutOfTimeError`.
    """

    def __init__(
        self,
        *meters: SimulatedMeter,
        baud: int = 2400,
        faults: Faults = NO_FAULTS,
        seed: int = 0,
        url: str = "virtual",
        limit_s: float | None = None,
    ):
        self.url = url
        self.meters = list(meters)
        self.baud = baud
        self.faults = faults
        self.seed = seed
        self.clock = VirtualClock()
        if limit_s is not None:
            self.clock.limit = self.clock.time + limit_s
        self.ports: list[VirtualPort] = []

    def open(self, url: str, settings: LineSettings) -> VirtualPort:
        port = VirtualPort(self.meters, self.baud, settings, self.clock, faults=self.faults, seed=self.seed)
        self.ports.append(port)
        return port

    @property
    def port(self) -> VirtualPort:
        return self.ports[-1]

    def master(self, *, baud: int | None = None, **options) -> BusMaster:
        return BusMaster(
            self.url, LineSettings(baud=baud or self.baud), opener=self.open, clock=self.clock, **options
        )
