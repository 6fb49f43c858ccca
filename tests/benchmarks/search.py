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
from contextlib import aclosing
from dataclasses import asdict, dataclass, field
from random import Random
from statistics import median

from app.bus.master import BusMaster
from app.bus.scan import MeterFound, ScanFinished, ScanOptions, scan
from app.bus.timing import wire_time
from app.practice.building import Building
from app.practice.bus_server import PracticeBus
from tests.benchmarks.trials import TRIALS, Trial
from tests.fakes.cellars import Cellar, is_right, own_pace, receiving, two_makes
from tests.fakes.meters import simple_meter
from tests.fakes.virtual_bus import OutOfTimeError

BAUD = 2400
SELECTION, ACK, REQUEST = 17, 1, 5
ENDLESS_S = 7200.0
"""Of virtual time: a search that takes longer is not waited for."""


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
    all_there = trial.may_miss is None or row.missed <= trial.may_miss
    return in_time and all_there and not (row.wrong or row.repeated or row.unnamed or row.endless)


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
    jobs = [("read one known meter", lambda: reading(arguments.runs or 30, arguments.seed))]
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
    judged = {trial.name for trial in TRIALS if trial.may_miss == 0}
    lossless = [row for row in rows if row.name in judged]
    missed, meters = (sum(getattr(row, name) for row in lossless) for name in ("missed", "meters"))
    wrong = sum(row.wrong for row in rows)
    good = all(row.good for row in rows)
    if not arguments.json:
        print(f"missed on lines that lose nothing: {missed} of {meters}; wrong values: {wrong}")
        print("all reached" if good else "NOT all reached")
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
