"""The adapter between wire and master: what it does with what it receives, and when it hands it over."""

import heapq
from random import Random

from app.practice.collision import Received
from app.practice.faults import Faults, Spoilt


class Delivery:
    """Bytes on their way from the wire to the master.

    Args:
        random: decides the jitter of the way.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self._due: list[tuple[float, int, int, bool]] = []
        self._count = 0
        self._latest = 0.0
        self._seen_at = float("-inf")
        self._jitter = 0.0
        self.marked = 0
        """Bytes handed over so far of which the driver tells that they came disturbed."""

    @property
    def next_due(self) -> float | None:
        """When the next byte reaches the master."""
        return self._due[0][0] if self._due else None

    def receive(self, received: Received, faults: Faults) -> None:
        """Takes a byte from the receiver."""
        wrong = not received.fits
        if wrong and faults.spoilt is Spoilt.DROPPED:
            return
        moment = received.end_s
        if faults.portion_s:
            moment = (moment // faults.portion_s + 1) * faults.portion_s
        if moment != self._seen_at:
            # Bytes of one portion travel together.
            self._seen_at = moment
            self._jitter = self._random.uniform(0, faults.latency_jitter_s)
        self._latest = max(self._latest, moment + faults.latency_s + self._jitter)
        self.put(self._latest, received.byte, marked=wrong and faults.spoilt is Spoilt.MARKED)

    def put(self, moment: float, byte: int, *, marked: bool = False) -> None:
        """A byte that reaches the master at a moment."""
        self._count += 1
        heapq.heappush(self._due, (moment, self._count, byte, marked))

    def take(self, now: float) -> bytes:
        """The bytes that have reached the master by now."""
        taken = bytearray()
        while self._due and self._due[0][0] <= now:
            _, _, byte, marked = heapq.heappop(self._due)
            taken.append(byte)
            self.marked += marked
        return bytes(taken)
