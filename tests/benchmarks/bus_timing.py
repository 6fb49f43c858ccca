"""Measures reads and scans on the paced practice bus, as ratios to what the wire needs at least.

Run: ``python -m tests.benchmarks.bus_timing [--quick]``. Takes about two minutes, nearly all of it bit times.
"""

import argparse
import asyncio
from contextlib import aclosing
from random import Random

from app.bus.master import BusMaster
from app.bus.scan import MeterFound, ScanFinished, scan
from app.bus.timing import idle_time, wire_minimum, wire_time
from app.mbus.addresses import SecondaryAddress
from app.practice.building import Building, practice_building
from app.practice.bus_server import PracticeBus
from app.practice.faults import Faults
from tests.fakes.meters import simple_meter

BAUD = 2400
READS = 3
SELECT = 17
REQUEST = 5
ACK = 1
TYPICAL = 83
"""A telegram of this size is read in 0.60 s on the wire."""

LIMIT_READ = 1.05


async def measure_reads(size: int) -> bool:
    with PracticeBus(Building([simple_meter(size=size)]), baud=BAUD) as bus:
        async with BusMaster(bus.start()) as master:
            readouts = [await master.read_secondary(SecondaryAddress("94158192")) for _ in range(READS)]
    worst = max(readout.elapsed_s / readout.wire_minimum_s for readout in readouts)
    elapsed = max(readout.elapsed_s for readout in readouts)
    minimum = wire_minimum(SELECT + ACK + REQUEST + size, 2, BAUD)
    print(
        f"read, telegram of {size:3} bytes: {elapsed:.3f} s, wire minimum {minimum:.3f} s, ratio {worst:.3f}"
        f"  (limit {LIMIT_READ})"
    )
    return worst <= LIMIT_READ


async def measure_scan(name: str, building: Building, limit_s: float | None, faults: Faults) -> bool:
    wanted = {meter.address.identification for meter in building.meters}
    minimum = sum(_read_minimum(sum(map(len, meter.telegrams()))) for meter in building.meters)
    found: set[str] = set()
    last_found_s = 0.0
    with PracticeBus(building, baud=BAUD, faults=faults) as bus:
        async with BusMaster(bus.start()) as master:
            started = master.now()
            async with aclosing(scan(master)) as events:
                async for event in events:
                    if isinstance(event, MeterFound):
                        found.add(event.meter.address.identification)
                        last_found_s = master.now() - started
                    elif isinstance(event, ScanFinished):
                        finished = event
    limit = "" if limit_s is None else f"  (limit {limit_s:g} s)"
    print(
        f"scan, {name:26}: {len(found):2} of {len(wanted)} found, the last after {last_found_s:6.2f} s, "
        f"finished {finished.elapsed_s:6.2f} s, {finished.probes:3} probes, "
        f"{finished.elapsed_s / minimum:.2f} of reading them with known addresses{limit}",
        flush=True,
    )
    return found == wanted and (limit_s is None or finished.elapsed_s <= limit_s)


def _read_minimum(size: int) -> float:
    return wire_minimum(SELECT + ACK + REQUEST + size, 2, BAUD)


def batch(count: int, first: int = 94158186) -> Building:
    return Building([simple_meter(f"{first + step:08d}", size=TYPICAL) for step in range(count)])


def strangers(count: int) -> Building:
    random = Random(7)
    return Building([simple_meter(f"{random.randrange(10**8):08d}", size=TYPICAL) for _ in range(count)])


async def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="without the scan of 40 meters")
    arguments = parser.parse_args()
    print(
        f"{BAUD} Bd, {wire_time(1, BAUD) * 1000:.2f} ms a byte, meters answer after 60 ms, "
        f"idle time {idle_time(BAUD) * 1000:.1f} ms (not in the minimum)"
    )
    good = [await measure_reads(size) for size in (60, 100, 200, 261)]
    jitter = Faults(jitter_s=0.02)
    good += [
        await measure_scan("1 meter", batch(1), 0.7, Faults()),
        await measure_scan("3 consecutive", batch(3), 10, Faults()),
        await measure_scan("3 strangers", strangers(3), 10, jitter),
        await measure_scan("12 consecutive, in step", batch(12), 25, Faults()),
        await measure_scan("12 consecutive, out of step", batch(12), 25, jitter),
    ]
    if not arguments.quick:
        good.append(await measure_scan("practice building", practice_building(), None, jitter))
    print("all within their limits" if all(good) else "NOT all within their limits")
    return 0 if all(good) else 1


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
