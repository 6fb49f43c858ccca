"""What can be wrong with the practice bus and its adapter, each switchable while it runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Echo(Enum):
    """What the level converter does with its receiver while it sends."""

    NONE = "none"
    """It hears the meters alone, also while it sends."""
    FULL = "full"
    """It hears itself too, and on top of it whoever answers meanwhile."""
    PARTIAL = "partial"
    """As before, but it switches late: the first bytes of the echo are missing."""
    BLANKED = "blanked"
    """It suppresses the echo by cutting its receiver off: what a meter sends meanwhile is lost."""


class Spoilt(Enum):
    """What the adapter does with a byte whose parity or stop bit is wrong."""

    PASSED = "passed"
    MARKED = "marked"
    """It is passed on, and the driver tells that it was wrong."""
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Poller:
    """Another master behind the same adapter, such as the site's gateway.

    Attributes:
        requests: what it sends, one after the other, and then from the first one on again.
        gap_s: from one of them to the next.
        pause_s: from the last one to the first one.
    """

    requests: tuple[bytes, ...]
    gap_s: float = 0.8
    pause_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Faults:
    """The faults now in force; hand the bus another object to switch.

    Attributes:
        dead: no power on the bus: nobody answers, whatever is asked.
        unplugged: the adapter is gone: connections break, new ones are refused.
        unplug_after: the adapter vanishes after so many more bytes of answers.
        lost_answers: share of answers that never arrive, 0 to 1; each meter's for itself.
        lost_requests: share of requests that a meter does not hear, 0 to 1; each meter for itself.
        lost_bytes: share of telegrams that lack one byte, 0 to 1.
        noise: share of answers in which some bytes are disturbed, 0 to 1.
        garbage: share of requests after which something comes that nobody sent, 0 to 1.
        babble_s: a byte that nobody asked for comes every so often; 0 for never.
        echo: what the level converter does while it sends.
        spoilt: what the adapter does with a byte that came disturbed.
        slow_meters: response delay in seconds by identification.
        slow_s: response delay of every meter in seconds, None for its own.
        meter_baud: rate of all meters in Bd, None for that of the bus.
        jitter_s: each answer starts up to so much later, beside the meter's own jitter.
        request_latency_s: the adapter sends what it is given so much later.
        latency_s: the adapter hands over what it receives so much later.
        latency_jitter_s: both take up to so much longer, differently each time.
        portion_s: the adapter hands over what it receives only every so often.
        poller: another master behind the same adapter.
        hold_s: the adapter serves one side alone until so long after its last byte; 0 for all at once.
    """

    dead: bool = False
    unplugged: bool = False
    unplug_after: int | None = None
    lost_answers: float = 0.0
    lost_requests: float = 0.0
    lost_bytes: float = 0.0
    noise: float = 0.0
    garbage: float = 0.0
    babble_s: float = 0.0
    echo: Echo = Echo.NONE
    spoilt: Spoilt = Spoilt.PASSED
    slow_meters: Mapping[str, float] = field(default_factory=dict)
    slow_s: float | None = None
    meter_baud: int | None = None
    jitter_s: float = 0.0
    request_latency_s: float = 0.0
    latency_s: float = 0.0
    latency_jitter_s: float = 0.0
    portion_s: float = 0.0
    poller: Poller | None = None
    hold_s: float = 0.0


NO_FAULTS = Faults()
