"""A meter as a sender and receiver in turn: when it hears, when it answers, and what it puts on the wire."""

from dataclasses import dataclass
from random import Random
from typing import Final

from app.mbus.frames import Frame
from app.practice.collision import BITS, Transmission, uart_levels
from app.practice.faults import Faults
from app.practice.meters import MeterLink
from app.practice.pace import Hearing

_NOISE_MAX: Final = 4


@dataclass(frozen=True, slots=True)
class _Answer:
    asked_s: float
    sent: Transmission


class Station:
    """A meter on the wire.

    Args:
        link: what it says.
        random: decides its jitter, and what of its answers is disturbed.
    """

    def __init__(self, link: MeterLink, random: Random) -> None:
        self._link = link
        self._random = random
        self._answers: list[_Answer] = []

    def cancel(self, moment: float) -> list[Transmission]:
        """A byte of the master has come; returns the answers that will not be sent because of it."""
        if self._link.meter.habit is not Hearing.CANCELS:
            return []
        given_up = [answer for answer in self._answers if answer.sent.start_s > moment]
        self._answers = [answer for answer in self._answers if answer not in given_up]
        return [answer.sent for answer in given_up]

    def hears(self, begin_s: float, end_s: float) -> bool:
        """Whether it hears a request that was on the wire meanwhile."""
        self._answers = [answer for answer in self._answers if answer.sent.end_s > begin_s]
        if self._link.meter.habit is Hearing.DEAF_PREPARING:
            return not self._answers
        return all(answer.sent.start_s >= end_s for answer in self._answers)

    def answer(self, frame: Frame, moment: float, bus_baud: int, faults: Faults) -> Transmission | None:
        """Takes a request that ended at a moment; returns what it will send.

        Args:
            frame: the request.
            moment: when its last bit ended.
            bus_baud: the rate of meters that have none of their own, in Bd.
            faults: what is wrong.
        """
        baud = self.baud(bus_baud, faults)
        said = self._link.answer(frame, moment)
        if said is None:
            return None
        start = max([moment + self._delay(baud, faults)] + [answer.sent.end_s for answer in self._answers])
        sent = Transmission(start, 1 / baud, self._levels(said, baud, faults))
        self._answers.append(_Answer(moment, sent))
        return sent

    def baud(self, bus_baud: int, faults: Faults) -> int:
        """The rate at which it hears and sends, in Bd."""
        return faults.meter_baud or self._link.meter.baud or bus_baud

    def _delay(self, baud: int, faults: Faults) -> float:
        meter = self._link.meter
        own = meter.delay_s(baud) if faults.slow_s is None else faults.slow_s
        delay = faults.slow_meters.get(meter.address.identification, own)
        return delay + self._random.uniform(0, meter.jitter_s + faults.jitter_s)

    def _levels(self, said: bytes, baud: int, faults: Faults) -> bytes:
        random = self._random
        quirks = self._link.meter.quirks
        if len(said) > 1 and quirks.stops_after is not None and random.random() < quirks.stops_share:
            said = said[: quirks.stops_after]
        characters = [uart_levels(bytes((byte,))) for byte in said]
        if len(said) > 1 and random.random() < faults.lost_bytes:
            characters[random.randrange(len(said))] = b"\x01" * BITS
        if random.random() < faults.noise:
            for _ in range(random.randint(1, _NOISE_MAX)):
                characters[random.randrange(len(said))] = _disturbed(random)
        if len(said) > 1 and quirks.pause_s and random.random() < quirks.pause_share:
            place = random.randrange(1, len(said))
            characters.insert(place, b"\x01" * round(quirks.pause_s * baud))
        return b"".join(characters)


def _disturbed(random: Random) -> bytes:
    """Another byte in the place of one, or levels that are no byte at all."""
    if random.random() < 0.5:
        return uart_levels(bytes((random.randrange(256),)))
    return bytes(random.randrange(2) for _ in range(BITS))
