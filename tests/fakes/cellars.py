"""Buses as they hang in cellars: meters of several makes and deliveries, each with a pace of its own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from app.mbus.addresses import SecondaryAddress
from app.mbus.manufacturer import letters_to_code
from app.practice.faults import NO_FAULTS, Echo, Faults
from app.practice.meters import SimulatedMeter
from app.practice.pace import LONGEST_S, SHORTEST_S, Hearing
from tests.fakes.meters import LUG, simple_meter, value_of
from tests.fakes.virtual_bus import VirtualBus

SIZE = 83
"""Bytes of a telegram of usual size."""

USUAL_S = (SHORTEST_S, LONGEST_S)
USB = Faults(portion_s=0.016)
"""The latency timer of the commonest USB chip."""
NETWORK = Faults(request_latency_s=0.2, latency_s=0.2)
"""A converter behind 0.2 s of network each way."""

MAKERS = tuple(letters_to_code(letters) for letters in ("LUG", "ZRI", "KAM", "HYD", "EFE", "SPX"))


@dataclass(slots=True)
class Cellar:
    """A bus, and what a search must say of it.

    Attributes:
        meters: all of them.
        named: numbers that must be named, because these meters cannot be read or told apart.
        faults: of line and adapter.
    """

    meters: list[SimulatedMeter]
    named: set[str] = field(default_factory=set)
    faults: Faults = NO_FAULTS

    @property
    def readable(self) -> list[SimulatedMeter]:
        """Those that must be found."""
        return [meter for meter in self.meters if meter.address.identification not in self.named]

    def bus(self, seed: int, **options) -> VirtualBus:
        return VirtualBus(*self.meters, faults=self.faults, seed=seed, url=url_of(self.faults), **options)


def url_of(faults: Faults) -> str:
    """Who is far away is opened as a network's converter."""
    far = faults.latency_s + faults.request_latency_s + faults.latency_jitter_s >= 0.05
    return "socket://converter.invalid:4001" if far else "virtual"


def own_pace(random: Random, window: tuple[float, float] = USUAL_S) -> dict:
    """Delay and deafness of one meter, drawn."""
    return {"response_delay_s": random.uniform(*window), "hearing": random.choice(list(Hearing))}


def in_step(count: int, random: Random, *, delay_s: float = 0.06, **settings) -> list[SimulatedMeter]:
    """One delivery: numbers in a row, and all answer at the same moment."""
    first = random.randrange(10**7, 9 * 10**7)
    hearing = random.choice(list(Hearing))
    pace = {"response_delay_s": delay_s, "jitter_s": 0.0, "hearing": hearing, **settings}
    return [simple_meter(f"{first + step:08d}", size=SIZE, **pace) for step in range(count)]


def mixed(
    count: int, random: Random, window: tuple[float, float] = USUAL_S, **settings
) -> list[SimulatedMeter]:
    """Deliveries of several makes with gaps in their numbers, and strangers; each meter has its own pace."""
    numbers: dict[str, tuple[int, int]] = {}
    starts = [random.randrange(10**7, 9 * 10**7) for _ in range(3)]
    makes = random.sample(MAKERS, 3)
    while len(numbers) < count:
        make = random.randrange(3)
        starts[make] += random.choice((1, 1, 1, 2, 3, 17))
        stranger = random.random() < 0.2
        number = random.randrange(10**8) if stranger else starts[make]
        numbers[f"{number:08d}"] = (random.choice(MAKERS) if stranger else makes[make], 4 + 3 * (make == 1))
    return [
        simple_meter(
            number, size=SIZE, manufacturer=maker, medium=medium, **{**own_pace(random, window), **settings}
        )
        for number, (maker, medium) in numbers.items()
    ]


def strangers(count: int, random: Random, window: tuple[float, float], **settings) -> list[SimulatedMeter]:
    """Numbers that have nothing to do with each other."""
    numbers = random.sample(range(10**8), count)
    return [
        simple_meter(f"{number:08d}", size=SIZE, **{**own_pace(random, window), **settings})
        for number in numbers
    ]


def two_makes(count: int, random: Random, delays: tuple[float, float]) -> list[SimulatedMeter]:
    """Two deliveries; all meters of one make take the same time."""
    hearing = random.choice(list(Hearing))
    meters = []
    for maker, delay in zip((LUG, MAKERS[1]), delays, strict=True):
        first = random.randrange(10**7, 9 * 10**7)
        meters += [
            simple_meter(
                f"{first + step:08d}", size=SIZE, manufacturer=maker, response_delay_s=delay, hearing=hearing
            )
            for step in range(count // 2)
        ]
    return meters


def receiving(index: int, faults: Faults = NO_FAULTS) -> Faults:
    """Adapters take turns in what they do with their receiver while they send."""
    return replace(faults, echo=(Echo.NONE, Echo.BLANKED, Echo.FULL)[index % 3])


def volumes(raw_records: Iterable) -> Sequence[int]:
    """The volumes that a telegram tells."""
    # A fixed structure has no VIB.
    return [
        record.value.mantissa
        for record in raw_records
        if record.vib == b"\x13" or (not record.vib and record.description == "VOLUME")
    ]


def is_right(meters: Sequence[SimulatedMeter], address: SecondaryAddress, records: Iterable) -> bool:
    """Whether a reading is what one of the meters on this bus would say."""
    there = any(address.matches(meter.address) for meter in meters)
    return there and volumes(records)[:1] == [value_of(address.identification)]
