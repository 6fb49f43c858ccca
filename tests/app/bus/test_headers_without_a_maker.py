"""Meters whose answer names no maker, or nobody at all: one of them must not end the work on a whole bus."""

import asyncio

import pytest

from app.bus.diagnose import diagnose
from app.bus.errors import Diagnosis
from app.bus.scan import MeterFound, ScanFinished, ScanOptions, scan, scan_primary
from app.mbus.addresses import SecondaryAddress
from app.mbus.frames import LongFrame
from app.practice.meters import SimulatedMeter
from tests.fakes.meters import simple_meter
from tests.fakes.virtual_bus import VirtualBus

NUMBER = "23450920"
ORDINARY = ["23450910", "23450911", "23450912", "23450913"]
DATA = {
    0x73: "20094523 01 00 0569 31650000 23910600",
    0x77: "23450920 01 00 6905 00006531 00069123",
    0x78: "0406E7910000",
    0x7A: "0C 00 0000 0406E7910000",
}
NUMBERED = (0x73, 0x77)


def meter(ci, primary=8):
    telegram = LongFrame(0x08, primary, ci, bytes.fromhex(DATA[ci])).to_bytes()
    return SimulatedMeter(SecondaryAddress(NUMBER, 0x32A7, 4, 4), lambda *_: (telegram,), primary=primary)


def ran(bus, work):
    async def scenario():
        async with bus.master() as master:
            return await work(master)

    return asyncio.run(scenario())


async def collected(events):
    return [event async for event in events]


@pytest.mark.parametrize("ci", sorted(DATA))
def test_it_is_read_by_its_number(ci):
    readout = ran(VirtualBus(meter(ci)), lambda master: master.read_secondary(SecondaryAddress(NUMBER)))
    assert readout.telegram.ci == ci
    assert readout.telegram.records


@pytest.mark.parametrize("ci", sorted(DATA))
def test_a_scan_finds_it_and_goes_on(ci):
    bus = VirtualBus(*map(simple_meter, ORDINARY), meter(ci))
    events = ran(bus, lambda master: collected(scan(master)))
    found = sorted(event.meter.address.text[:8] for event in events if isinstance(event, MeterFound))
    assert found == sorted(SecondaryAddress(number).text[:8] for number in [*ORDINARY, NUMBER])
    assert isinstance(events[-1], ScanFinished)


@pytest.mark.parametrize("ci", NUMBERED)
def test_a_primary_scan_tells_its_number(ci):
    events = ran(VirtualBus(meter(ci)), lambda master: collected(scan_primary(master, ScanOptions(last=9))))
    assert [e.meter.address for e in events if isinstance(e, MeterFound)] == [SecondaryAddress(NUMBER)]


@pytest.mark.parametrize("ci", sorted(DATA))
def test_a_diagnosis_comes_to_its_end(ci):
    report = ran(
        VirtualBus(meter(ci)), lambda master: diagnose(master, SecondaryAddress(NUMBER), lambda _: None)
    )
    assert report.diagnosis is Diagnosis.HEALTHY
