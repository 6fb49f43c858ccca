"""What a receiver makes of answers on the wire, bit by bit as currents add: a zero of any meter is a zero."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

BITS: Final = 11

_STOP_SEEN: Final = 10.5
"""Bit times after the start edge at which the stop bit is sampled; from then on the next edge counts."""

_HAIR: Final = 1e-6


def uart_levels(data: bytes) -> bytes:
    """The levels on the wire: start bit 0, eight bits from the least one on, even parity, stop bit 1."""
    return b"".join(_LEVELS[byte] for byte in data)


def _levels(byte: int) -> bytes:
    bits = [byte >> position & 1 for position in range(8)]
    return bytes((0, *bits, sum(bits) & 1, 1))


_LEVELS: Final = tuple(_levels(byte) for byte in range(256))


@dataclass(eq=False, slots=True)
class Transmission:
    """What one sender puts on the wire.

    Attributes:
        start_s: when its first bit begins.
        bit_s: how long each of its bits takes.
        levels: one byte a bit, 0 or 1.
        end_s: when its last bit ends.
    """

    start_s: float
    bit_s: float
    levels: bytes

    end_s: float = field(init=False)

    def __post_init__(self) -> None:
        self.end_s = self.start_s + len(self.levels) * self.bit_s

    def level(self, moment: float) -> int:
        """Its level at a moment; 1 before and after it sends."""
        if not self.start_s <= moment < self.end_s:
            return 1
        # Rounding must not lead behind the last bit, which is a stop bit.
        return self.levels[min(int((moment - self.start_s) / self.bit_s), len(self.levels) - 1)]

    def next_zero(self, moment: float) -> float | None:
        """When it is 0 for the first time from a moment on."""
        place = int((moment - self.start_s) / self.bit_s) if moment > self.start_s else 0
        found = self.levels.find(0, place)
        return None if found < 0 else max(moment, self.start_s + found * self.bit_s)

    def next_one(self, moment: float) -> float:
        """When it is 1 for the first time from a moment on."""
        place = int((moment - self.start_s) / self.bit_s) if moment >= self.start_s else -1
        if place < 0 or place >= len(self.levels) or self.levels[place]:
            return moment
        found = self.levels.find(1, place)
        # A hair behind the edge, so that rounding does not put it before.
        return self.end_s if found < 0 else self.start_s + (found + _HAIR) * self.bit_s


@dataclass(frozen=True, slots=True)
class Received:
    """One byte as the receiver hands it over.

    Attributes:
        end_s: when its stop bit ends.
        byte: its value.
        fits: whether parity and stop bit were right.
    """

    end_s: float
    byte: int
    fits: bool


class Receiver:
    """A receiver (UART) on a wire on which several may send at once.

    It waits for the edge of a start bit, looks at its middle whether it is one, and samples each bit in the
    middle by a clock of its own. After a byte without its stop bit it waits until the line is idle.

    Args:
        bit_s: how long it takes a bit to be.
    """

    def __init__(self, bit_s: float) -> None:
        self.bit_s = bit_s
        self._senders: list[Transmission] = []
        self._blanks: list[tuple[float, float]] = []
        self._from = float("-inf")
        self._low = False
        self._start: float | None = None
        self._is_known = False
        """Whether :attr:`_start` is the next start edge; nothing has changed since."""

    @property
    def next_end(self) -> float | None:
        """When the next byte is complete, as far as is known now."""
        start = self._next_start()
        return None if start is None else start + BITS * self.bit_s

    def add(self, transmission: Transmission) -> None:
        """Somebody will send."""
        self._senders.append(transmission)
        self._is_known = False

    def remove(self, transmission: Transmission) -> None:
        """Somebody will not send after all."""
        self._senders = [sender for sender in self._senders if sender is not transmission]
        self._is_known = False

    def blank(self, start_s: float, end_s: float) -> None:
        """The receiver is cut off meanwhile and sees an idle line."""
        self._blanks.append((start_s, end_s))
        self._is_known = False

    def run(self, until_s: float) -> list[Received]:
        """The bytes that are complete by then."""
        received: list[Received] = []
        while True:
            start = self._next_start()
            if start is None or start + BITS * self.bit_s > until_s:
                self._forget(until_s)
                return received
            received.append(self._byte(start))

    def _byte(self, start: float) -> Received:
        bits = self._samples(start)
        byte = sum(level << place for place, level in enumerate(bits[:8]))
        self._from = start + _STOP_SEEN * self.bit_s
        self._low = not bits[9]
        self._is_known = False
        fits = bits[8] == sum(bits[:8]) & 1 and bool(bits[9])
        return Received(start + BITS * self.bit_s, byte, fits)

    def _samples(self, start: float) -> list[int]:
        """Eight data bits, the parity bit and the stop bit."""
        end = start + BITS * self.bit_s
        heard = [sender for sender in self._senders if sender.start_s < end and sender.end_s > start]
        return [self._level(start + (place + 0.5) * self.bit_s, heard) for place in range(1, BITS)]

    def _next_start(self) -> float | None:
        if not self._is_known:
            self._start = self._find_start()
            self._is_known = True
        return self._start

    def _find_start(self) -> float | None:
        position = self._next_mark() if self._low else self._from
        while True:
            edge = self._next_zero(position)
            if edge is None:
                return None
            middle = edge + 0.5 * self.bit_s
            if not self._level(middle, self._senders):
                return edge
            position = middle

    def _next_zero(self, position: float) -> float | None:
        while True:
            zeros = [zero for sender in self._senders if (zero := sender.next_zero(position)) is not None]
            if not zeros:
                return None
            first = min(zeros)
            ends = [end for start, end in self._blanks if start <= first < end]
            if not ends:
                return first
            position = max(ends)

    def _next_mark(self) -> float:
        """When the line is idle for the first time; it is held low by one after the other."""
        position = self._from
        while not self._level(position, self._senders):
            position = max(sender.next_one(position) for sender in self._senders)
        return position

    def _level(self, moment: float, senders: Iterable[Transmission]) -> int:
        if any(start <= moment < end for start, end in self._blanks):
            return 1
        for sender in senders:
            if not sender.level(moment):
                return 0
        return 1

    def _forget(self, now: float) -> None:
        """Drops what has been sent and heard."""
        past = now - BITS * self.bit_s
        if self._low:
            past = min(past, self._from)
        self._senders = [sender for sender in self._senders if sender.end_s > past]
        self._blanks = [(start, end) for start, end in self._blanks if end > past]
