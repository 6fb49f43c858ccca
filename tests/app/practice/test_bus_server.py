"""The practice bus over real sockets: the documented meter, several masters, cables that are pulled."""

import asyncio
from datetime import datetime

import pytest

from app.bus.errors import PortGone, PortLost
from app.bus.master import BusMaster
from app.bus.port import LineSettings
from app.bus.timing import wire_time
from app.mbus.addresses import SecondaryAddress
from app.mbus.response import decode
from app.practice.building import DOCUMENTED_METER, practice_building
from app.practice.bus_server import PracticeBus
from app.practice.faults import Faults

NOW = datetime(2026, 11, 22, 9, 30)  # noqa: DTZ001 - a meter's clock knows no zone
FAST = LineSettings(baud=38400)
DOCUMENTED = SecondaryAddress(DOCUMENTED_METER)


@pytest.fixture
def bus():
    with PracticeBus(practice_building(now=NOW), baud=FAST.baud) as bus:
        yield bus


def pairs(telegram):
    return [(record.dib_hex, record.vib_hex) for record in telegram.records]


def test_the_documented_meter_says_the_documented_list_in_its_order():
    frames = practice_building(now=NOW).meter(DOCUMENTED_METER).telegrams()
    assert len(frames) == 1
    telegram = decode(frames[0])
    documented = [("04", vib) for vib in ("06", "13", "2B", "3B")] + [
        ("02", vib) for vib in ("5B", "5F", "61")
    ]
    said = pairs(telegram)
    assert [pair for pair in said if pair in documented] == documented
    assert len(set(said)) == len(said), "each pair once, or the portal could not tell them apart"
    values = {record.vib_hex: str(record.value) for record in telegram.records if not record.storage}
    assert values["06"] == "37351000"
    assert values["6D"] == str(NOW)
    assert telegram.header.manufacturer == "LUG"
    assert (telegram.header.version, telegram.header.medium, telegram.header.status) == (4, 4, 0)


def test_the_building_has_what_a_site_has():
    meters = practice_building(now=NOW).meters
    numbers = [meter.address.identification for meter in meters]
    assert len(set(numbers)) == len(numbers)
    assert {str(94158186 + step) for step in range(12)} <= set(numbers)
    media = [meter.address.medium for meter in meters]
    assert media.count(0x06) == 12
    assert media.count(0x16) == 12
    assert 0x0A in media
    assert len({meter.primary for meter in meters}) == len(meters)
    assert any(len(meter.telegrams()) == 2 for meter in meters)
    assert any(b"\x04\x0e" in meter.telegrams()[0] for meter in meters), "one counts in MJ"


def test_one_seed_makes_one_building():
    def said(seed):
        return [meter.telegrams() for meter in practice_building(seed=seed, now=NOW).meters]

    assert said(3) == said(3)
    assert said(3) != said(4)


def test_a_meter_is_read_over_tcp(bus):
    async def scenario():
        async with BusMaster(bus.start(), FAST) as master:
            return await master.read_secondary(DOCUMENTED)

    readout = asyncio.run(scenario())
    assert readout.telegram.header.identification == DOCUMENTED_METER
    delay = bus.building.meter(DOCUMENTED_METER).delay_s(FAST.baud)
    least = wire_time(17 + 1 + 5 + len(readout.raw), FAST.baud) + 2 * delay
    assert readout.elapsed_s >= least, "no faster than the wire and the meter allow"


def test_two_masters_do_not_disturb_each_others_selection(bus):
    async def scenario():
        url = bus.start()
        async with BusMaster(url, FAST) as laptop, BusMaster(url, FAST) as gateway:
            other = SecondaryAddress("30417501")
            return await asyncio.gather(
                *(laptop.read_secondary(DOCUMENTED) for _ in range(3)),
                *(gateway.read_secondary(other) for _ in range(3)),
            )

    numbers = [readout.telegram.header.identification for readout in asyncio.run(scenario())]
    assert numbers == [DOCUMENTED_METER] * 3 + ["30417501"] * 3


def test_an_adapter_unplugged_in_mid_read_is_named_and_works_again_once_plugged_in(bus):
    async def scenario():
        url = bus.start()
        bus.faults = Faults(unplug_after=20)
        async with BusMaster(url, FAST) as master:
            with pytest.raises(PortLost):
                await master.read_secondary(DOCUMENTED)
        bus.faults = Faults()
        async with BusMaster(url, FAST) as master:
            return await master.read_secondary(DOCUMENTED)

    assert asyncio.run(scenario()).telegram.header.identification == DOCUMENTED_METER


def test_a_stopped_bus_refuses_and_leaves_no_thread(bus):
    url = bus.start()
    bus.stop()
    with pytest.raises(PortGone) as caught:
        asyncio.run(BusMaster(url, FAST).open())
    assert caught.value.advice is not None


@pytest.mark.filterwarnings("ignore:setDaemon|setName:DeprecationWarning")
def test_the_rate_of_the_master_counts_over_rfc2217():
    async def scenario(url, baud):
        async with BusMaster(url, LineSettings(baud=baud)) as master:
            return await master.read_secondary(DOCUMENTED)

    with PracticeBus(practice_building(now=NOW), baud=9600) as bus:
        readout = asyncio.run(scenario(bus.start_rfc2217(), 9600))
    assert readout.baud == 9600
    assert readout.telegram.header.identification == DOCUMENTED_METER
