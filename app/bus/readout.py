"""What a reading of one meter is, and what it cost."""

from dataclasses import dataclass

from app.mbus.addresses import SecondaryAddress
from app.mbus.records import Telegram


@dataclass(frozen=True, slots=True)
class Readout:
    """One meter, read.

    Attributes:
        telegram: what it said; of several telegrams joined.
        raw: the bytes of all its frames, one after the other, as they came.
        elapsed_s: from the first byte sent to the last byte received.
        wire_minimum_s: the least time of these exchanges: each byte its bit times, each answer the meter's
            own delay; idle times, retries and latencies are what a master may lose.
        attempts: 1 when everything was answered at once, otherwise the most attempts one request took.
        baud: at which it was read, in Bd.
        address: how it was asked.
        incomplete: whether the meter has more to say that could not be read.
    """

    telegram: Telegram
    raw: bytes
    elapsed_s: float
    wire_minimum_s: float
    attempts: int
    baud: int
    address: SecondaryAddress | int
    incomplete: bool = False


@dataclass(frozen=True, slots=True)
class ReadProgress:
    """How far a reading is.

    Attributes:
        telegrams: how many of the meter have come.
        attempt: which attempt is under way, from 1.
    """

    telegrams: int
    attempt: int
