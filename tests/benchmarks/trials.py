"""The trials of the search benchmark: what hangs on the bus, and what a search of it must reach."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from app.mbus import requests
from app.practice.faults import NO_FAULTS, Faults, Poller, Spoilt
from app.practice.meters import Quirks, ResetNeed, SimulatedMeter
from tests.fakes.cellars import (
    NETWORK,
    USB,
    Cellar,
    in_step,
    mixed,
    own_pace,
    receiving,
    strangers,
    two_makes,
)
from tests.fakes.meters import simple_meter

POLLER = Poller((requests.snd_nke(1).to_bytes(), requests.req_ud2(1, True).to_bytes()), 0.8, 6.0)
HOSTILE = {
    "noise in 30 % of telegrams": Faults(noise=0.3),
    "10 % of requests unheard": Faults(lost_requests=0.1),
    "garbage after each request": Faults(garbage=1.0),
    "a byte every 30 ms": Faults(babble_s=0.03),
    "disturbed bytes swallowed": Faults(spoilt=Spoilt.DROPPED),
    "a gateway polls too": Faults(poller=POLLER),
    "line held by a gateway": Faults(poller=POLLER, hold_s=3.0),
}

Make = Callable[[Random], list[SimulatedMeter]]


@dataclass(frozen=True)
class Trial:
    """One row of the table.

    Attributes:
        name: what hangs on the bus.
        make: draws such a bus; gets the number of the run too.
        target_s: how long the search may take, in the median; None where nothing is demanded.
        longest_s: how long any run may take.
        named_s: when the meter that cannot be read or told apart must have been named, in the median.
        first_s: when the first meter must be on the screen, in the median.
        runs: how often, if not told otherwise.
        may_miss: how many meters of all runs may be missed; None where the line is too bad to demand any.
        only_known: whether only the list of known meters is asked.
    """

    name: str
    make: Callable[[Random, int], Cellar]
    target_s: float | None = None
    longest_s: float | None = None
    named_s: float | None = None
    first_s: float | None = None
    runs: int = 10
    may_miss: int | None = 0
    only_known: bool = False


def on_a_bus(make: Make, faults: Faults = NO_FAULTS) -> Callable[[Random, int], Cellar]:
    return lambda random, index: Cellar(make(random), faults=receiving(index, faults))


def one_odd(count: int, *, named: bool = False, **settings) -> Callable[[Random, int], Cellar]:
    """A meter that is not like the others."""

    def make(random: Random, index: int) -> Cellar:
        meters = mixed(count - 1, random)
        near = int(meters[0].address.identification) if meters else random.randrange(10**8 - 4)
        number = f"{(near + 4) % 10**8:08d}"
        meters.append(simple_meter(number, size=83, **{**own_pace(random), **settings}))
        return Cellar(meters, {number} if named else set(), receiving(index))

    return make


def same_number(*, other_maker: bool) -> Callable[[Random, int], Cellar]:
    def make(random: Random, index: int) -> Cellar:
        meters = mixed(3, random)
        number = f"{random.randrange(10**7, 10**8):08d}"
        first = simple_meter(number, size=83, quirks=Quirks(enhanced=False), **own_pace(random))
        second = simple_meter(
            number,
            size=83,
            quirks=Quirks(enhanced=False),
            manufacturer=meters[0].address.manufacturer if other_maker else first.address.manufacturer,
            medium=7 if other_maker else 4,
            **own_pace(random),
        )
        return Cellar([*meters, first, second], set() if other_maker else {number}, receiving(index))

    return make


def hostile(faults: Faults) -> Callable[[Random, int], Cellar]:
    """A line so bad that nothing is demanded but an end, and no wrong value."""

    def make(random: Random) -> list[SimulatedMeter]:
        meters = mixed(12, random)
        # One of them is asked by the gateway.
        meters[0].primary = 1
        return meters

    return on_a_bus(make, faults)


def eight_slow(random: Random) -> list[SimulatedMeter]:
    return in_step(8, random, delay_s=1.5, jitter_s=0.03)


def known_250(random: Random, index: int) -> Cellar:
    return Cellar(strangers(250, random, (0.02, 0.12)), faults=receiving(index))


TRIALS = (
    Trial("1 alone", on_a_bus(lambda random: in_step(1, random)), 3.5, first_s=1.0),
    Trial("3 of a batch, in step", on_a_bus(lambda random: in_step(3, random)), 10, first_s=None),
    Trial("12 of a batch, in step", on_a_bus(lambda random: in_step(12, random)), 21),
    Trial("2 at 30/60 ms", on_a_bus(lambda random: two_makes(2, random, (0.03, 0.06))), 10, runs=20),
    Trial("2 at 60/120 ms", on_a_bus(lambda random: two_makes(2, random, (0.06, 0.12))), 10, runs=20),
    Trial(
        "6 + 6 of two makes, 30/60 ms",
        on_a_bus(lambda random: two_makes(12, random, (0.03, 0.06))),
        24,
        runs=20,
    ),
    Trial("12 mixed, 15..150 ms", on_a_bus(lambda random: mixed(12, random)), 24, runs=15),
    Trial("25 mixed, 15..150 ms", on_a_bus(lambda random: mixed(25, random)), 56, runs=15),
    Trial("40 mixed, 15..150 ms", on_a_bus(lambda random: mixed(40, random)), 83),
    Trial("30 mixed, USB timer of 16 ms", on_a_bus(lambda random: mixed(30, random), USB), 60),
    Trial("250 in step", on_a_bus(lambda random: in_step(250, random)), 600, runs=1),
    Trial("250 strangers, 20..120 ms", known_250, 650, runs=1),
    Trial("250 strangers, only the known list", known_250, 200, runs=1, only_known=True),
    Trial("1 behind TCP, 200 ms each way", on_a_bus(lambda random: mixed(1, random), NETWORK), 10),
    Trial("12 behind TCP, 200 ms each way", on_a_bus(lambda random: mixed(12, random), NETWORK), 70),
    Trial("1 slow (1.5 s) among 5", one_odd(6, response_delay_s=1.5), 35),
    Trial("8 slow (1.5 s)", on_a_bus(eight_slow), None),
    Trial("1 mute among 5", one_odd(6, named=True, quirks=Quirks(mute=True)), 35),
    Trial("1 mute alone", one_odd(1, named=True, quirks=Quirks(mute=True)), 20, longest_s=30, named_s=20),
    Trial("identical twins, 3 others", same_number(other_maker=False), 30, named_s=20),
    Trial("same number, other maker, 3 others", same_number(other_maker=True), 30),
    Trial("1 of 6 only selected with C = 73", one_odd(6, quirks=Quirks(select_fcb=True)), None),
    Trial(
        "1 of 6 not selected before SND_NKE", one_odd(6, quirks=Quirks(needs_reset=ResetNeed.SELECTION)), None
    ),
    Trial("1 of 6 sends nothing before SND_NKE", one_odd(6, quirks=Quirks(needs_reset=ResetNeed.DATA)), None),
    Trial("1 of 6 pauses 120 ms in its telegram", one_odd(6, quirks=Quirks(pause_s=0.12)), None),
    Trial(
        "12 mixed, 10 % of answers lost",
        on_a_bus(
            lambda random: mixed(12, random),
            Faults(lost_answers=0.1),
        ),
        None,
        may_miss=1,
    ),
    Trial(
        "12 mixed, 30 % of answers lost",
        on_a_bus(
            lambda random: mixed(12, random),
            Faults(lost_answers=0.3),
        ),
        None,
        may_miss=1,
    ),
    *(
        Trial(f"12 mixed, {name}", hostile(faults), longest_s=1200, may_miss=None, runs=5)
        for name, faults in HOSTILE.items()
    ),
)
