"""What can be wrong with the practice bus, each switchable while it runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Echo(Enum):
    """What the level converter sends back of each request."""

    NONE = "none"
    FULL = "full"
    PARTIAL = "partial"


@dataclass(frozen=True, slots=True)
class Faults:
    """The faults now in force; hand the bus another object to switch.

    Attributes:
        dead: no power on the bus: nobody answers, whatever is asked.
        unplugged: the adapter is gone: connections break, new ones are refused.
        unplug_after: the adapter vanishes after so many more bytes of answers.
        lost_answers: share of answers that never arrive, 0 to 1.
        lost_bytes: share of telegrams that lack one byte, 0 to 1.
        noise: share of answers in which some bytes are disturbed, 0 to 1.
        echo: what the level converter sends back.
        slow_meters: response delay in seconds by identification.
        slow_s: response delay of every meter in seconds, None for its own.
        meter_baud: rate of all meters in Bd, None for that of the bus.
        jitter_s: each answer starts up to so much later, so that collisions are garbled instead of clean.
        latency_s: the adapter hands over what it receives so much later.
        portion_s: the adapter hands over what it receives only every so often.
    """

    dead: bool = False
    unplugged: bool = False
    unplug_after: int | None = None
    lost_answers: float = 0.0
    lost_bytes: float = 0.0
    noise: float = 0.0
    echo: Echo = Echo.NONE
    slow_meters: Mapping[str, float] = field(default_factory=dict)
    slow_s: float | None = None
    meter_baud: int | None = None
    jitter_s: float = 0.0
    latency_s: float = 0.0
    portion_s: float = 0.0


NO_FAULTS = Faults()
