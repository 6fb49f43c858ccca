"""A scan begins only when asked, keeps each meter before it tells of it, and loses none at a stop."""

import asyncio

import pytest

from app.bus.errors import PortLost
from app.mbus.addresses import SecondaryAddress
from app.message import Message
from app.practice.faults import Faults
from app.services.adapter import AdapterState
from app.services.jobs.job import GO_ON, JobState
from app.services.jobs.scan import ScanJob, ScanKind, ScanWish, duration
from app.store.errors import StoreError
from tests.fakes.bus_desk import words
from tests.fakes.meters import simple_meter
from tests.fakes.virtual_bus import VirtualBus

NUMBERS = [str(94158186 + step) for step in range(6)]


def scan_of(desk, known=()) -> ScanJob:
    scan = ScanJob(desk.tasks, desk.adapter, desk.keep, lambda: known)
    desk.follow(scan)
    return scan


@pytest.fixture
def desk(desk_on):
    return desk_on(VirtualBus(*(simple_meter(number, size=83) for number in NUMBERS)))


def test_nothing_is_sent_before_the_person_asks(desk) -> None:
    scan = scan_of(desk)
    assert desk.bus.port.requests == []
    assert (scan.state, scan.status) == (JobState.IDLE, None)


def test_every_meter_is_kept_before_it_is_told(desk) -> None:
    scan = scan_of(desk)
    told = []

    def on_found(found) -> None:
        told.append(found.meter.address.identification)
        assert desk.kept == told

    scan.meter_found.subscribe(on_found)
    assert scan.start()
    assert not scan.start(), "a second scan would share the line with the first"
    desk.ended(scan)
    assert sorted(told) == NUMBERS
    assert scan.state is JobState.FINISHED
    assert words(scan.status).startswith("6 meters found\n")
    assert not scan.status.look


def test_a_stopped_scan_goes_on_where_it_stood(desk) -> None:
    scan = scan_of(desk)
    scan.meter_found.subscribe(lambda _found: scan.stop() if len(desk.kept) == 2 else None)
    scan.start()
    desk.ended(scan)
    assert scan.state is JobState.STOPPED
    assert scan.status.action == GO_ON
    asked = len(desk.bus.port.requests)
    assert scan.act()
    desk.ended(scan)
    assert sorted(desk.kept) == NUMBERS, "a meter was lost or read twice at the stop"
    assert len(desk.bus.port.requests) > asked
    assert scan.state is JobState.FINISHED


def test_the_answer_to_a_stopped_probe_does_not_pass_for_a_slow_meter(desk, loop) -> None:
    """Taken for slow, every meter would be waited for seconds, and the scan take ten times as long."""
    started = desk.bus.clock.time
    scan, port, line = scan_of(desk), desk.bus.port, desk.adapter.master._line

    def stop_once() -> None:
        if port.requests and scan.running and not port.delivered:
            port.on_read = lambda: None
            loop.call_soon_threadsafe(scan.stop)
            assert line.stop.wait(10)

    port.on_read = stop_once
    scan.start()
    desk.ended(scan)
    assert scan.state is JobState.STOPPED
    scan.act()
    desk.ended(scan)
    assert desk.bus.clock.time - started < 30
    assert sorted(desk.kept) == NUMBERS


def test_a_stop_while_the_disk_is_slow_loses_nothing(desk, waiting) -> None:
    disk = asyncio.Event()

    async def slow_keep(readout) -> None:
        await disk.wait()
        desk.kept.append(readout.telegram.header.identification)

    scan = ScanJob(desk.tasks, desk.adapter, slow_keep, tuple)
    scan.start()
    waiting.until(lambda: desk.bus.port.delivered > 80)
    waiting.until(lambda: bool(scan._unsaved))
    scan.stop()
    disk.set()
    desk.ended(scan)
    assert len(desk.kept) == 1
    assert len(scan.found) == 1
    scan.act()
    desk.ended(scan)
    assert sorted(desk.kept) == NUMBERS


def test_a_full_disk_interrupts_and_the_meter_is_kept_on_going_on(desk) -> None:
    scan = scan_of(desk)
    desk.refuse = StoreError(Message("the disk is full"))
    scan.start()
    desk.ended(scan)
    assert desk.errors == [desk.refuse]
    assert scan.state is JobState.FAILED
    assert scan.found == ()
    desk.refuse = None
    scan.act()
    desk.ended(scan)
    assert sorted(desk.kept) == NUMBERS


def test_an_adapter_unplugged_in_mid_scan_is_named_and_the_scan_goes_on_later(desk) -> None:
    scan = scan_of(desk)

    def unplug(_found) -> None:
        if len(desk.kept) == 2:
            desk.bus.port.faults = Faults(unplugged=True)

    scan.meter_found.subscribe(unplug)
    scan.start()
    desk.ended(scan)
    assert scan.state is JobState.FAILED
    assert isinstance(desk.errors[0], PortLost)
    assert desk.adapter.state is AdapterState.UNPLUGGED
    assert desk.bus.port.closed, "a port that is gone must be given back, or it cannot return"
    scan.act()
    desk.ended(scan)
    assert sorted(desk.kept) == NUMBERS
    assert len(desk.bus.ports) == 2


def test_the_meters_of_the_list_are_asked_first_unless_unwished(desk) -> None:
    known = scan_of(desk, (NUMBERS[4],))
    known.start()
    desk.ended(known)
    assert desk.kept[0] == NUMBERS[4]
    desk.kept.clear()
    desk.bus.port.requests.clear()
    known.set_wish(ScanWish(known_first=False))
    known.start()
    desk.ended(known)
    assert SecondaryAddress("FFFFFFFF").to_bytes() in desk.bus.port.requests[0]


def test_a_primary_scan_goes_on_after_the_address_asked_last(desk_on) -> None:
    meters = [simple_meter(number, size=40, primary=at) for number, at in zip(NUMBERS, (3, 9), strict=False)]
    desk = desk_on(VirtualBus(*meters))
    scan = scan_of(desk)
    scan.set_wish(ScanWish(kind=ScanKind.PRIMARY))
    scan.meter_found.subscribe(lambda _found: scan.stop() if len(desk.kept) == 1 else None)
    scan.start()
    desk.ended(scan)
    assert scan.state is JobState.STOPPED
    desk.bus.port.requests.clear()
    scan.act()
    desk.ended(scan)
    assert {request[2] for request in desk.bus.port.requests if len(request) == 5}.isdisjoint({0, 1, 2})
    assert len(scan.found) == 2
    assert "251 addresses asked" in words(scan.status)


def test_two_meters_with_one_number_are_pointed_out(desk_on) -> None:
    twins = [simple_meter(NUMBERS[0]), simple_meter(NUMBERS[0], manufacturer=0x2C2D, medium=6)]
    desk = desk_on(VirtualBus(*twins))
    scan = scan_of(desk)
    scan.start()
    desk.ended(scan)
    assert scan.twins == (NUMBERS[0],)
    assert scan.status.look
    assert "cannot tell them apart" in words(scan.status)


def test_an_empty_bus_points_to_the_diagnosis(desk_on) -> None:
    desk = desk_on(VirtualBus())
    scan = scan_of(desk)
    scan.start()
    desk.ended(scan)
    assert words(scan.status).startswith("No meter found")
    assert "diagnosis" in words(scan.status)
    assert scan.status.look


@pytest.mark.parametrize(("seconds", "said"), [(0.2, "1 s"), (59.4, "59 s"), (72, "1 min 12 s")])
def test_times_as_a_person_says_them(seconds: float, said: str) -> None:
    assert str(duration(seconds)) == said
