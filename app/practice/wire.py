"""The practice bus without clock and sockets: requests in, answers out, each byte at its place in time."""

import heapq
from collections.abc import Callable, Sequence
from random import Random
from typing import Final

from app.mbus.frames import Frame
from app.mbus.reader import FrameReader, Garbage
from app.practice.collision import BITS, superpose
from app.practice.faults import Echo, Faults
from app.practice.meters import MeterLink

_FORGET_BITS: Final = 330
"""A request that pauses so long was given up; the next byte begins another."""

_NOISE_MAX: Final = 4


class Wire:
    """One master's line to the meters.

    Args:
        links: the meters as this master sees them.
        baud: the rate of the bus, in Bd; the master's own is :attr:`baud` and begins alike.
        faults: asked anew for every request.
        random: decides what is lost and disturbed.
    """

    def __init__(
        self, links: Sequence[MeterLink], baud: int, faults: Callable[[], Faults], random: Random
    ) -> None:
        self.baud = baud
        """The rate that the master has set."""
        self._bus_baud = baud
        self._links = links
        self._faults = faults
        self._random = random
        self._reader = FrameReader()
        self._received_until = 0.0
        self._due: list[tuple[float, int, int]] = []
        self._count = 0
        self._busy: dict[int, float] = {}

    @property
    def byte_s(self) -> float:
        """How long a byte takes."""
        return BITS / self.baud

    @property
    def next_due(self) -> float | None:
        """When the next byte reaches the master."""
        return self._due[0][0] if self._due else None

    def receive(self, now: float, data: bytes) -> None:
        """Takes bytes that the master handed to its adapter; they need their time on the wire."""
        if now - self._received_until > _FORGET_BITS / self.baud:
            self._reader.flush()
        moment = max(now, self._received_until)
        for byte in data:
            moment += self.byte_s
            for item in self._reader.receive(bytes((byte,))):
                if not isinstance(item, Garbage):
                    self._answer(item, moment)
        self._echo(moment, data)
        self._received_until = moment

    def take(self, now: float) -> bytes:
        """The bytes that have reached the master by now."""
        taken = bytearray()
        while self._due and self._due[0][0] <= now:
            taken.append(heapq.heappop(self._due)[2])
        return bytes(taken)

    def _echo(self, end: float, data: bytes) -> None:
        echo = self._faults().echo
        if echo is Echo.NONE:
            return
        skipped = self._random.randint(1, 3) if echo is Echo.PARTIAL else 0
        for index, byte in enumerate(data):
            if index >= skipped:
                self._put(end - (len(data) - 1 - index) * self.byte_s, byte)

    def _answer(self, frame: Frame, moment: float) -> None:
        faults = self._faults()
        if faults.dead:
            return
        answers = []
        for number, link in enumerate(self._links):
            if self._busy.get(number, 0.0) > moment or self._rate(link, faults) != self.baud:
                continue
            said = link.answer(frame)
            if said is not None:
                delay = self._delay(link, faults)
                self._busy[number] = moment + delay
                answers.append((moment + delay, said))
        if answers and self._random.random() >= faults.lost_answers:
            self._transmit(answers, faults)

    def _rate(self, link: MeterLink, faults: Faults) -> int:
        return faults.meter_baud or link.meter.baud or self._bus_baud

    def _delay(self, link: MeterLink, faults: Faults) -> float:
        meter = link.meter
        own = meter.response_delay_s if faults.slow_s is None else faults.slow_s
        delay = faults.slow_meters.get(meter.address.identification, own)
        return delay + self._random.uniform(0, faults.jitter_s)

    def _transmit(self, answers: Sequence[tuple[float, bytes]], faults: Faults) -> None:
        first = min(start for start, _ in answers)
        if len(answers) == 1:
            received = [(first + (index + 1) * self.byte_s, byte) for index, byte in enumerate(answers[0][1])]
        else:
            bits = [(round((start - first) * self.baud), data) for start, data in answers]
            received = [(first + end / self.baud, byte) for end, byte, _ in superpose(bits)]
        for moment, byte in self._spoil(received, faults):
            self._put(moment, byte)

    def _spoil(self, received: list[tuple[float, int]], faults: Faults) -> list[tuple[float, int]]:
        random = self._random
        if len(received) > 1 and random.random() < faults.lost_bytes:
            del received[random.randrange(len(received))]
        if received and random.random() < faults.noise:
            for _ in range(random.randint(1, _NOISE_MAX)):
                index = random.randrange(len(received))
                received[index] = (received[index][0], random.randrange(256))
        return received

    def _put(self, moment: float, byte: int) -> None:
        faults = self._faults()
        if faults.portion_s:
            moment = (moment // faults.portion_s + 1) * faults.portion_s
        self._count += 1
        heapq.heappush(self._due, (moment + faults.latency_s, self._count, byte))
