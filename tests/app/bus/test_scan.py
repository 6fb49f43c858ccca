"""Scans in virtual time: every meter found, in the time promised, on good lines and bad ones."""

import asyncio
from contextlib import aclosing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.bus.errors import Diagnosis, PortLost
from app.bus.scan import (
    KNOWN_MAKERS,
    MeterFound,
    MetersUnresolved,
    ScanOptions,
    ScanProgress,
    ScanState,
    scan,
    scan_primary,
)
from app.mbus.addresses import SecondaryAddress
from app.mbus.search_numbers import COMMON_MAKERS
from app.practice.building import practice_building
from app.practice.faults import Echo, Faults
from app.practice.meters import Quirks
from tests.fakes.meters import simple_meter, value_of
from tests.fakes.virtual_bus import VirtualBus

BATCH = [str(94158186 + step) for step in range(12)]


def batch(**options):
    return [simple_meter(number, size=83, **options) for number in BATCH]


async def collect(events):
    async with aclosing(events) as stream:
        return [event async for event in stream]


def scanned(bus, *, by=scan, **options):
    async def scenario():
        async with bus.master() as master:
            return await collect(by(master, ScanOptions(**options)))

    return asyncio.run(scenario())


def numbers(events):
    return sorted(event.meter.address.identification for event in events if isinstance(event, MeterFound))


def check_values(events):
    for event in events:
        if isinstance(event, MeterFound):
            volume = next(r for r in event.readout.telegram.records if r.vib == b"\x13")
            assert volume.value.mantissa == value_of(event.meter.address.identification)


def test_one_meter_is_on_the_screen_within_a_second_and_the_census_takes_two_more():
    bus = VirtualBus(simple_meter(size=83))

    async def scenario():
        async with bus.master() as master, aclosing(scan(master)) as stream:
            return [(bus.clock.time - 1000, event) async for event in stream]

    events = asyncio.run(scenario())
    (shown_s,) = [moment for moment, event in events if isinstance(event, MeterFound)]
    assert shown_s < 1.05, "this meter takes 0.1 s of its own"
    assert events[-1][1].found == 1
    assert events[-1][1].elapsed_s < 4.0


@pytest.mark.parametrize(
    ("wanted", "limit_s"),
    [(["94158192", "94158193", "94158194"], 12), (["94158192", "30417501", "71503344"], 12), (BATCH, 28)],
)
@pytest.mark.parametrize("faults", [Faults(), Faults(jitter_s=0.02)], ids=["clean", "garbled"])
def test_several_meters_are_found_in_the_time_promised(wanted, limit_s, faults):
    meters = [simple_meter(number, size=83) for number in wanted]
    events = scanned(VirtualBus(*meters, faults=faults, seed=1))
    assert numbers(events) == sorted(wanted)
    assert events[-1].elapsed_s < limit_s
    check_values(events)


def test_the_whole_practice_building_is_found():
    building = practice_building()
    events = scanned(VirtualBus(*building.meters))
    assert numbers(events) == sorted(meter.address.identification for meter in building.meters)


def test_an_empty_bus_is_known_when_slow_meters_and_those_that_want_a_reset_were_waited_for():
    events = scanned(VirtualBus())
    assert events[-1].found == 0
    assert events[-1].probes == 3
    assert events[-1].elapsed_s < 7.5


@pytest.mark.parametrize(
    "faults",
    [
        Faults(portion_s=0.03, latency_s=0.02),
        Faults(latency_s=0.15),
        Faults(lost_answers=0.2),
        Faults(echo=Echo.FULL),
        Faults(echo=Echo.PARTIAL, jitter_s=0.01),
        Faults(noise=0.1),
        Faults(lost_bytes=0.1),
        Faults(slow_s=1.3),
        Faults(slow_s=1.9, jitter_s=0.02),
        Faults(latency_s=0.3),
        Faults(latency_s=0.6, jitter_s=0.02),
        Faults(latency_s=0.15, portion_s=0.05, lost_answers=0.1),
        Faults(slow_meters={"94158191": 1.9}),
        Faults(slow_meters={"94158186": 1.1, "94158196": 1.6}),
    ],
    ids=[
        "portions",
        "late",
        "lossy",
        "echo",
        "partial_echo",
        "noise",
        "lost_bytes",
        "slow",
        "very_slow",
        "far",
        "very_far",
        "far_and_lossy",
        "one_slow",
        "two_slow",
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_every_meter_is_found_on_a_bad_line_and_read_right(faults, seed):
    events = scanned(VirtualBus(*batch(), faults=faults, seed=seed))
    assert numbers(events) == BATCH
    # An address is asked again and again only where answers are lost.
    assert events[-1].probes < (500 if faults.lost_answers else 150), "the search is not sent astray"
    check_values(events)


def test_a_slow_meter_among_fast_ones_is_found():
    bus = VirtualBus(*batch(), faults=Faults(slow_meters={"94158191": 1.4}))
    assert numbers(scanned(bus)) == BATCH


def test_meters_on_one_number_are_told_apart():
    twins = [simple_meter("94158192", medium=4), simple_meter("94158192", medium=7, manufacturer=0x5A57)]
    events = scanned(VirtualBus(*twins, simple_meter("94158193", manufacturer=0x5A57)))
    assert numbers(events) == ["94158192", "94158192", "94158193"]


def test_makers_nobody_has_here_are_tried_on_wish():
    rare = [maker for maker in KNOWN_MAKERS if maker not in COMMON_MAKERS][-2:]
    meters = [simple_meter("94158192", manufacturer=maker) for maker in rare]
    assert numbers(scanned(VirtualBus(*meters))) == []
    assert numbers(scanned(VirtualBus(*meters), exhaustive=True)) == ["94158192", "94158192"]


def test_meters_on_one_address_are_told_apart_by_fabrication_number():
    twins = [simple_meter("94158192", fabrication_number=number) for number in ("00000071", "00000082")]
    events = scanned(VirtualBus(*twins))
    found = [event.meter.fabrication_number for event in events if isinstance(event, MeterFound)]
    assert sorted(found) == ["00000071", "00000082"]


def test_meters_that_cannot_be_told_apart_are_named():
    twins = [
        simple_meter("94158192", quirks=Quirks(enhanced=False), response_delay_s=s) for s in (0.03, 0.09)
    ]
    events = scanned(VirtualBus(*twins))
    unresolved = [event for event in events if isinstance(event, MetersUnresolved)]
    assert unresolved
    assert unresolved[0].diagnosis is Diagnosis.COLLISION
    assert "94158192" in str(unresolved[0].message)


def test_progress_tells_what_is_known_and_ends_with_all_branches_done():
    events = [event for event in scanned(VirtualBus(*batch())) if isinstance(event, ScanProgress)]
    assert [event.probes for event in events] == list(range(1, len(events) + 1))
    assert events[0].branches == 0, "before everybody has answered nothing is known"
    done = [event.branches_done for event in events]
    assert done == sorted(done)
    assert (events[-1].branches_done, events[-1].branches) == (10, 10)


def test_only_the_known_list_is_asked_and_an_expected_number_ends_a_scan():
    known = tuple(SecondaryAddress(number) for number in BATCH[:3])
    bus = VirtualBus(*batch())
    assert numbers(scanned(bus, known=known, only_known=True)) == BATCH[:3]
    assert len(bus.port.requests) == 6, "a selection and a request each"
    assert len(numbers(scanned(VirtualBus(*batch()), expected=5))) == 5


def test_known_serials_are_asked_first():
    bus = VirtualBus(*batch())
    known = SecondaryAddress("94158195")
    events = scanned(bus, known=(known,))
    assert isinstance(events[0], MeterFound)
    assert events[0].meter.address.identification == "94158195"
    assert numbers(events) == BATCH


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 2500), st.integers(0, 3))
def test_a_scan_stopped_anywhere_goes_on_where_it_was(reads, seed):
    bus = VirtualBus(*batch()[:4], seed=seed)

    async def scenario():
        state = ScanState()
        found = []
        async with bus.master() as master:

            async def until_stopped():
                async with aclosing(scan(master, state=state)) as stream:
                    async for event in stream:
                        found.append(event)

            task = asyncio.create_task(until_stopped())
            loop = asyncio.get_running_loop()
            count = 0

            def on_read():
                nonlocal count
                count += 1
                if count == reads:
                    loop.call_soon_threadsafe(task.cancel)

            bus.port.on_read = on_read
            await asyncio.wait({task})
            stopped = task.cancelled()
            readout = await master.read_secondary(SecondaryAddress("94158187"))
            assert readout.telegram.header.identification == "94158187"
            found += await collect(scan(master, state=state))
        assert bus.port.closed
        assert len(asyncio.all_tasks()) == 1, "no task is left behind"
        return found, stopped

    found, stopped = asyncio.run(scenario())
    assert set(numbers(found)) == set(BATCH[:4])
    if stopped:
        # The event of a probe under way may be lost with the task, never the meter: it is asked again.
        assert len(numbers(found)) <= 4


def test_a_port_that_vanishes_in_mid_scan_keeps_what_was_found():
    bus = VirtualBus(*batch(), faults=Faults(unplug_after=700))

    async def scenario():
        state = ScanState()
        async with bus.master() as master:
            with pytest.raises(PortLost):
                await collect(scan(master, state=state))
        return state.search.found

    assert 0 < len(asyncio.run(scenario())) < 12


def test_primary_addresses_are_scanned_within_their_range():
    meters = [simple_meter("94158192", primary=3), simple_meter("94158193", primary=7)]
    events = scanned(VirtualBus(*meters), by=scan_primary, first=1, last=9)
    assert [event.primary_address for event in events if isinstance(event, MeterFound)] == [3, 7]
    assert events[-1].probes == 9


def test_two_meters_on_one_primary_address_are_named():
    meters = [simple_meter("94158192", primary=3), simple_meter("30417501", primary=3, medium=6)]
    events = scanned(VirtualBus(*meters), by=scan_primary, first=3, last=3)
    unresolved = [event for event in events if isinstance(event, MetersUnresolved)]
    assert [event.diagnosis for event in unresolved] == [Diagnosis.COLLISION]


def test_a_meter_that_only_acknowledges_is_named_by_both_scans():
    for by, options in ((scan, {}), (scan_primary, {"first": 3, "last": 3})):
        bus = VirtualBus(simple_meter(primary=3))

        async def scenario(bus=bus, by=by, options=options):
            async with bus.master() as master:
                bus.port.wire._links[0]._data = lambda fcb: None
                return await collect(by(master, ScanOptions(**options)))

        events = asyncio.run(scenario())
        assert any(isinstance(event, MetersUnresolved) for event in events)
        assert numbers(events) == []


def headless(number, **options):
    """A meter that does not tell who it is (CI 78)."""
    return simple_meter(number, headless=True, **options)


def test_meters_that_do_not_tell_their_number_are_found_by_asking_for_each_digit():
    events = scanned(VirtualBus(headless("94158192"), simple_meter("30417501")))
    assert numbers(events) == ["30417501", "94158192"]


def test_a_meter_that_does_not_tell_its_number_is_named_by_a_primary_scan():
    events = scanned(VirtualBus(headless("94158192", primary=3)), by=scan_primary, first=3, last=3)
    unresolved = [event for event in events if isinstance(event, MetersUnresolved)]
    assert "does not tell its number" in str(unresolved[0].message)


def test_a_scan_of_a_stuck_line_ends_and_says_that_it_is_the_line():
    bus = VirtualBus()

    async def scenario():
        async with bus.master() as master:
            send = bus.port.write
            bus.port.write = lambda data: (send(data), bus.port.wire._put(bus.clock.time + 0.1, 0xE5))
            return await collect(scan(master))

    events = asyncio.run(scenario())
    (unresolved,) = (event for event in events if isinstance(event, MetersUnresolved))
    assert unresolved.diagnosis is Diagnosis.NOISE
    assert events[-1].probes < 30
