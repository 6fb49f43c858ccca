"""Searches buses that are like those in cellars, in virtual time, and counts who was missed.

Run: ``python -m tests.benchmarks.search [--runs N] [--trial WORD] [--json] [--no-real-time]``.
Every row shows the median of its runs beside what is to be reached, and how many meters were missed in all
of them; what was read is compared with what the meter says. Meters are half-duplex, bits add up, delays are
drawn; see ``tests/fakes/cellars.py``. Only the last row takes real time: a server that paces every byte.
"""

import argparse
import asyncio
import json
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import asdict, dataclass, field
from random import Random
from statistics import median

from app.bus.master import BusMaster
from app.bus.scan import MeterFound, ScanFinished, ScanOptions, scan
from app.bus.timing import wire_time
from app.practice.building import Building
from app.practice.bus_server import PracticeBus
from app.practice.faults import Faults
from app.practice.meters import Quirks, ResetNeed
from tests.fakes.cellars import (
    NETWORK,
    USB,
    Cellar,
    in_step,
    is_right,
    mixed,
    own_pace,
    receiving,
    strangers,
    two_makes,
)
from tests.fakes.meters import simple_meter
from tests.fakes.virtual_bus import OutOfTimeError

BAUD = 2400
SELECTION, ACK, REQUEST = 17, 1, 5
ENDLESS_S = 7200.0
"""Of virtual time: a search that takes longer is not waited for."""


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
        may_miss: how many meters of all runs may be missed; lines that lose answers are not blamed for all.
        only_known: whether only the list of known meters is asked.
    """

    name: str
    make: Callable[[Random, int], Cellar]
    target_s: float | None = None
    longest_s: float | None = None
    named_s: float | None = None
    first_s: float | None = None
    runs: int = 10
    may_miss: int = 0
    only_known: bool = False


@dataclass
class Row:
    """What came of the runs of one trial; times in seconds."""

    name: str
    target_s: float | None = None
    runs: int = 0
    meters: int = 0
    missed: int = 0
    wrong: int = 0
    repeated: int = 0
    unnamed: int = 0
    endless: int = 0
    elapsed_s: list[float] = field(default_factory=list)
    first_s: list[float] = field(default_factory=list)
    named_s: list[float] = field(default_factory=list)
    cpu_s: float = 0.0
    good: bool = True


def plain(make: Callable[[Random], list]) -> Callable[[Random, int], Cellar]:
    return lambda random, index: Cellar(make(random), faults=receiving(index))


def with_faults(make: Callable[[Random], list], faults) -> Callable[[Random, int], Cellar]:
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


def half_slow(random: Random) -> list:
    return in_step(8, random, delay_s=1.5, jitter_s=0.03)


def known_250(random: Random, index: int) -> Cellar:
    return Cellar(strangers(250, random, (0.02, 0.12)), faults=receiving(index))


TRIALS = (
    Trial("1 alone", plain(lambda random: in_step(1, random)), 3.5, first_s=1.0),
    Trial("3 of a batch, in step", plain(lambda random: in_step(3, random)), 10, first_s=None),
    Trial("12 of a batch, in step", plain(lambda random: in_step(12, random)), 21),
    Trial("2 at 30/60 ms", plain(lambda random: two_makes(2, random, (0.03, 0.06))), 10, runs=20),
    Trial("2 at 60/120 ms", plain(lambda random: two_makes(2, random, (0.06, 0.12))), 10, runs=20),
    Trial(
        "6 + 6 of two makes, 30/60 ms", plain(lambda random: two_makes(12, random, (0.03, 0.06))), 24, runs=20
    ),
    Trial("12 mixed, 15..150 ms", plain(lambda random: mixed(12, random)), 24, runs=15),
    Trial("25 mixed, 15..150 ms", plain(lambda random: mixed(25, random)), 56, runs=15),
    Trial("40 mixed, 15..150 ms", plain(lambda random: mixed(40, random)), 83),
    Trial("30 mixed, USB timer of 16 ms", with_faults(lambda random: mixed(30, random), USB), 60),
    Trial("250 in step", plain(lambda random: in_step(250, random)), 600, runs=1),
    Trial("250 strangers, 20..120 ms", known_250, 650, runs=1),
    Trial("250 strangers, only the known list", known_250, 200, runs=1, only_known=True),
    Trial("1 behind TCP, 200 ms each way", with_faults(lambda random: mixed(1, random), NETWORK), 10),
    Trial("12 behind TCP, 200 ms each way", with_faults(lambda random: mixed(12, random), NETWORK), 70),
    Trial("1 slow (1.5 s) among 5", one_odd(6, response_delay_s=1.5), 35),
    Trial("8 slow (1.5 s)", plain(half_slow), None),
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
        with_faults(
            lambda random: mixed(12, random),
            Faults(lost_answers=0.1),
        ),
        None,
        may_miss=1,
    ),
    Trial(
        "12 mixed, 30 % of answers lost",
        with_faults(
            lambda random: mixed(12, random),
            Faults(lost_answers=0.3),
        ),
        None,
        may_miss=1,
    ),
)


def options_for(trial: Trial, cellar: Cellar) -> ScanOptions:
    if not trial.only_known:
        return ScanOptions()
    known = tuple(meter.address for meter in cellar.meters)
    names = ScanOptions.__dataclass_fields__
    return ScanOptions(known=known, **{name: True for name in ("only_known", "known_only") if name in names})


@dataclass
class _Search:
    """What one search told, and when."""

    found: list[tuple[float, MeterFound]] = field(default_factory=list)
    told: list[tuple[float, str]] = field(default_factory=list)
    finished: bool = False

    def note(self, moment: float, event: object) -> None:
        if isinstance(event, MeterFound):
            self.found.append((moment, event))
        elif isinstance(event, ScanFinished):
            self.finished = True
        elif hasattr(event, "message"):
            self.told.append((moment, f"{getattr(event, 'address', '')} {event.message}"))


async def search(master: BusMaster, options: ScanOptions) -> _Search:
    """One search, however it ends."""
    seen = _Search()
    started = master.now()
    try:
        async with aclosing(scan(master, options)) as events:
            async for event in events:
                seen.note(master.now() - started, event)
    except OutOfTimeError:
        pass
    return seen


def count(row: Row, cellar: Cellar, seen: _Search, elapsed_s: float) -> None:
    """Adds one run to a row: who was missed, who was not named, and whether every value is right."""
    found = {event.meter.address for _, event in seen.found}
    row.runs += 1
    row.meters += len(cellar.readable)
    row.missed += sum(
        not any(address.matches(meter.address) for address in found) for meter in cellar.readable
    )
    for _, event in seen.found:
        row.wrong += not is_right(cellar.meters, event.meter.address, event.readout.telegram.records)
    row.repeated += len(seen.found) - len({event.meter for _, event in seen.found})
    for number in cellar.named:
        moments = [moment for moment, words in seen.told if number in words]
        row.unnamed += not moments
        row.named_s += moments[:1]
    row.endless += not seen.finished
    row.elapsed_s.append(elapsed_s)
    row.first_s += [moment for moment, _ in seen.found[:1]]


def run(trial: Trial, runs: int | None, seed: int) -> Row:
    row = Row(trial.name, trial.target_s)
    started = time.process_time()
    for index in range(runs or trial.runs):
        cellar = trial.make(Random(f"{seed} {trial.name} {index}"), index)
        bus = cellar.bus(index, baud=BAUD, limit_s=ENDLESS_S)

        async def scenario(bus=bus, cellar=cellar):
            async with bus.master() as master:
                return await search(master, options_for(trial, cellar))

        seen = asyncio.run(scenario())
        count(row, cellar, seen, bus.clock.time - 1000)
    row.cpu_s = time.process_time() - started
    row.good = is_good(trial, row)
    return row


def is_good(trial: Trial, row: Row) -> bool:
    limits = (
        (trial.target_s, row.elapsed_s, median),
        (trial.longest_s, row.elapsed_s, max),
        (trial.named_s, row.named_s, median),
        (trial.first_s, row.first_s, median),
    )
    in_time = all(limit is None or not times or reduce(times) <= limit for limit, times, reduce in limits)
    return (
        in_time
        and row.missed <= trial.may_miss
        and not (row.wrong or row.repeated or row.unnamed or row.endless)
    )


def reading(runs: int, seed: int) -> Row:
    """Reads of one known meter, each as a ratio to what the wire and the meter's own delay need."""
    row = Row("read one known meter (ratio)", 1.03)
    for index in range(runs):
        random = Random(f"{seed} read {index}")
        meter = simple_meter(
            f"{random.randrange(10**8):08d}",
            size=random.choice((60, 100, 200, 255)),
            jitter_s=0,
            **own_pace(random),
        )
        bus = Cellar([meter], faults=receiving(index)).bus(index, baud=BAUD)

        async def scenario(bus=bus, meter=meter):
            async with bus.master() as master:
                await master.read_secondary(meter.address)
                first = len(bus.port.requests)
                readout = await master.read_secondary(meter.address)
                return readout, bus.clock.time - bus.port.sent_at[first]

        readout, elapsed = asyncio.run(scenario())
        least = wire_time(SELECTION + ACK + REQUEST + len(readout.raw), BAUD) + 2 * meter.delay_s(BAUD)
        row.elapsed_s.append(elapsed / least)
        row.wrong += not is_right([meter], meter.address, readout.telegram.records)
        row.runs += 1
        row.meters += 1
    row.good = median(row.elapsed_s) <= 1.03 and not row.wrong
    return row


def real_time(seed: int) -> Row:
    """Twelve of two makes on the paced practice bus, over a socket, in real time."""
    row = Row("12 of two makes, 36/52 ms, real time", 25)
    cellar = Cellar(two_makes(12, Random(f"{seed} real"), (0.036, 0.052)))

    async def scenario(url: str) -> tuple[_Search, float]:
        async with BusMaster(url) as master:
            started = time.monotonic()
            seen = await search(master, ScanOptions())
            return seen, time.monotonic() - started

    with PracticeBus(Building(cellar.meters), baud=BAUD) as bus:
        seen, elapsed = asyncio.run(scenario(bus.start()))
    count(row, cellar, seen, elapsed)
    row.good = elapsed <= 25 and not (row.missed or row.wrong)
    return row


def show(row: Row) -> None:
    """One line of the table."""
    target = "" if row.target_s is None else f"{row.target_s:7.6g}"
    first = f"{median(row.first_s):6.2f}" if row.first_s else ""
    named = f"{median(row.named_s):6.1f}" if row.named_s else ""
    notes = [
        *([f"WRONG VALUES {row.wrong}"] if row.wrong else []),
        *([f"found again {row.repeated}"] if row.repeated else []),
        *([f"not named {row.unnamed}"] if row.unnamed else []),
        *([f"not over after {ENDLESS_S:g} s: {row.endless}"] if row.endless else []),
        *([] if row.good else ["NOT REACHED"]),
    ]
    print(
        f"{row.name:37} {target:>7} {median(row.elapsed_s):8.6g} {max(row.elapsed_s):8.6g} "
        f"{first:>6} {named:>6} {row.missed:4} of {row.meters:<5} {row.runs:3}  {', '.join(notes)}",
        flush=True,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, help="of each trial; otherwise as each trial says")
    parser.add_argument("--trial", default="", help="only trials with this in their name")
    parser.add_argument("--seed", type=int, default=1, help="decides what is drawn")
    parser.add_argument("--json", action="store_true", help="one object a row instead of the table")
    parser.add_argument("--no-real-time", action="store_true", help="without the row that takes real time")
    arguments = parser.parse_args()
    rows = []
    jobs: list[tuple[str, Callable[[], Row]]] = [
        ("read one known meter", lambda: reading(arguments.runs or 30, arguments.seed))
    ]
    jobs += [(trial.name, lambda trial=trial: run(trial, arguments.runs, arguments.seed)) for trial in TRIALS]
    if not arguments.no_real_time:
        jobs.append(("two makes, real time", lambda: real_time(arguments.seed)))
    if not arguments.json:
        print(
            f"{'trial':37} {'reach':>7} {'median':>8} {'longest':>8} "
            f"{'first':>6} {'named':>6}    missed     runs"
        )
    for name, job in jobs:
        if arguments.trial in name:
            rows.append(row := job())
            print(json.dumps(asdict(row)), flush=True) if arguments.json else show(row)
    lossless = [row for row in rows if "lost" not in row.name]
    missed, meters = (sum(getattr(row, name) for row in lossless) for name in ("missed", "meters"))
    wrong = sum(row.wrong for row in rows)
    good = all(row.good for row in rows)
    if not arguments.json:
        print(f"missed on lines that lose nothing: {missed} of {meters}; wrong values: {wrong}")
        print("all reached" if good else "NOT all reached")
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
