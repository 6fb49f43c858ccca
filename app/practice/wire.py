"""The practice bus without clock and sockets: requests in, answers out, each bit at its place in time."""

import heapq
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from random import Random
from typing import Final

from app.mbus.frames import LONG_MAX_SIZE, Frame
from app.mbus.reader import FrameReader, Garbage
from app.practice.collision import BITS, Receiver, Transmission, uart_levels
from app.practice.converter import Delivery
from app.practice.faults import Echo, Faults, Poller
from app.practice.meters import MeterLink
from app.practice.station import Station

_FORGET_BITS: Final = 330
"""A request that pauses so long was given up; the next byte begins another."""

_GARBAGE_MAX: Final = 20
_GARBAGE_S: Final = (0.02, 0.2)
_BABBLE: Final = b"\x55"

_Event = Callable[[float], None]


class Wire:
    """One master's line to the meters.

    The master's bytes reach the meters as voltage, the meters' bits the adapter as current: both may be on
    the wire at once. Meters do not hear each other. A zero of any meter is a zero, and the adapter's receiver
    makes of the sum what it can.

    Args:
        links: the meters as this master sees them.
        baud: the rate of the bus, in Bd; the master's own is :attr:`baud` and begins alike.
        faults: asked anew for every request.
        random: decides jitter, and what is lost and disturbed.
    """

    def __init__(
        self, links: Sequence[MeterLink], baud: int, faults: Callable[[], Faults], random: Random
    ) -> None:
        self._baud = baud
        self._bus_baud = baud
        self._links = list(links)
        self._stations: dict[MeterLink, Station] = {}
        self._faults = faults
        self._random = random
        self._reader = FrameReader()
        self._starts: deque[float] = deque(maxlen=LONG_MAX_SIZE)
        self._events: list[tuple[float, int, _Event]] = []
        self._count = 0
        self._arrived_until = 0.0
        self._sent_until = 0.0
        self._receiver = Receiver(1 / baud)
        self._delivery = Delivery(random)
        self._babbling = False
        self._polling = False
        self._holder: Poller | None = None
        self._held_until = 0.0

    @property
    def baud(self) -> int:
        """The rate that the master has set, in Bd."""
        return self._baud

    @baud.setter
    def baud(self, baud: int) -> None:
        self._baud = baud
        if baud:
            self._receiver.bit_s = 1 / baud

    @property
    def byte_s(self) -> float:
        """How long a byte takes."""
        return BITS / self._baud

    @property
    def next_due(self) -> float | None:
        """When to look again: nothing reaches the master before."""
        moments = (
            self._events[0][0] if self._events else None,
            self._receiver.next_end,
            self._delivery.next_due,
        )
        return min((moment for moment in moments if moment is not None), default=None)

    @property
    def marked(self) -> int:
        """Bytes handed over so far of which the driver tells that they came disturbed."""
        return self._delivery.marked

    def receive(self, now: float, data: bytes) -> None:
        """Takes bytes that the master handed to its adapter; they need their time on the way and the wire."""
        self._advance(now)
        faults = self._faults()
        way = faults.request_latency_s + self._random.uniform(0, faults.latency_jitter_s)
        self._arrived_until = max(self._arrived_until, now + way)
        self._at(self._arrived_until, partial(self._send, data, None))
        self._advance(now)

    def take(self, now: float) -> bytes:
        """The bytes that have reached the master by now."""
        self._advance(now)
        return self._delivery.take(now)

    def _at(self, moment: float, event: _Event) -> None:
        self._count += 1
        heapq.heappush(self._events, (moment, self._count, event))

    def _advance(self, now: float) -> None:
        faults = self._faults()
        if faults.babble_s and not self._babbling:
            self._babbling = True
            self._at(now + faults.babble_s, self._babble)
        if faults.poller is not None and not self._polling:
            self._polling = True
            self._at(now + faults.poller.gap_s, partial(self._poll, 0))
        while self._events and self._events[0][0] <= now:
            moment, _, event = heapq.heappop(self._events)
            self._hear(moment)
            event(moment)
        self._hear(now)

    def _hear(self, until_s: float) -> None:
        faults = self._faults()
        for received in self._receiver.run(until_s):
            if faults.hold_s:
                self._held_until = max(self._held_until, received.end_s + faults.hold_s)
                if self._holder is not None:
                    continue
            self._delivery.receive(received, faults)

    def _send(self, data: bytes, sender: Poller | None, moment: float) -> None:
        """Lays a master's bytes on the wire, unless the adapter serves somebody else."""
        faults = self._faults()
        if faults.hold_s and sender is not self._holder and moment < self._held_until:
            return
        start = max(moment, self._sent_until)
        for place, byte in enumerate(data, 1):
            self._at(start + place * self.byte_s, partial(self._byte, byte))
        self._sent_until = start + len(data) * self.byte_s
        self._holder, self._held_until = sender, self._sent_until + faults.hold_s
        if faults.echo is Echo.BLANKED:
            self._receiver.blank(start, self._sent_until)
        elif faults.echo is not Echo.NONE:
            skipped = self._random.randint(1, 3) if faults.echo is Echo.PARTIAL else 0
            levels = uart_levels(data[skipped:])
            self._receiver.add(Transmission(start + skipped * self.byte_s, 1 / self._baud, levels))

    def _byte(self, byte: int, moment: float) -> None:
        """A byte of a master has reached the meters."""
        for link in self._links:
            for given_up in self._station(link).cancel(moment):
                self._receiver.remove(given_up)
        start = moment - self.byte_s
        if self._starts and start - self._starts[-1] > _FORGET_BITS / self._baud:
            self._reader.flush()
        self._starts.append(start)
        for item in self._reader.receive(bytes((byte,))):
            if not isinstance(item, Garbage):
                self._request(item, self._starts[-len(item.to_bytes())], moment)

    def _request(self, frame: Frame, begin_s: float, end_s: float) -> None:
        faults, random = self._faults(), self._random
        if random.random() < faults.garbage:
            self._disturb(end_s)
        if faults.dead:
            return
        for link in self._links:
            station = self._station(link)
            if station.baud(self._bus_baud, faults) != self._baud or not station.hears(begin_s, end_s):
                continue
            if random.random() < faults.lost_requests:
                continue
            answer = station.answer(frame, end_s, self._bus_baud, faults)
            if answer is not None and random.random() >= faults.lost_answers:
                self._receiver.add(answer)

    def _station(self, link: MeterLink) -> Station:
        if link not in self._stations:
            self._stations[link] = Station(link, self._random)
        return self._stations[link]

    def _disturb(self, moment: float) -> None:
        noise = self._random.randbytes(self._random.randint(1, _GARBAGE_MAX))
        start = moment + self._random.uniform(*_GARBAGE_S)
        self._receiver.add(Transmission(start, 1 / self._baud, uart_levels(noise)))

    def _babble(self, moment: float) -> None:
        period = self._faults().babble_s
        self._babbling = bool(period)
        if period:
            self._receiver.add(Transmission(moment, 1 / self._bus_baud, uart_levels(_BABBLE)))
            self._at(moment + period, self._babble)

    def _poll(self, turn: int, moment: float) -> None:
        poller = self._faults().poller
        self._polling = poller is not None
        if poller is not None:
            self._send(poller.requests[turn], poller, moment)
            following = (turn + 1) % len(poller.requests)
            pause = poller.gap_s if following else poller.pause_s
            self._at(moment + pause, partial(self._poll, following))

    def _put(self, moment: float, byte: int) -> None:
        """Something reaches the master that was never on the wire."""
        self._delivery.put(moment, byte)
