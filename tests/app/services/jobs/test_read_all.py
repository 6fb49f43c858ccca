"""Reading all: one that does not answer is named with its reason, and the rest goes on."""

import pytest

from app.practice.faults import Faults
from app.services.jobs.job import JobState
from app.services.jobs.read_all import ReadAllJob
from tests.fakes.bus_desk import words
from tests.fakes.meters import simple_meter
from tests.fakes.virtual_bus import VirtualBus

THERE = ["94158186", "94158187", "94158188"]
MISSING = "11111111"
LIST = [THERE[0], MISSING, THERE[1], THERE[2]]


@pytest.fixture
def desk(desk_on):
    return desk_on(VirtualBus(*(simple_meter(number, size=60) for number in THERE)))


@pytest.fixture
def work(desk) -> ReadAllJob:
    work = ReadAllJob(desk.tasks, desk.adapter, desk.keep, lambda: LIST, clock=desk.bus.clock.now)
    desk.follow(work)
    return work


def test_one_that_fails_is_named_and_the_rest_is_read(desk, work) -> None:
    said = []
    work.changed.subscribe(lambda _job: said.append(words(work.status)) if work.status else None)
    assert work.start()
    desk.ended(work)
    assert desk.kept == THERE
    assert [each.serial for each in work.failures] == [MISSING]
    assert words(work.status).startswith("3 of 4 meters read\n")
    assert words(work.status).count(MISSING) == 1, "named once, with its reason"
    assert work.status.look
    assert any("Reading 94158188" in text and "left" in text for text in said)


def test_those_that_failed_can_be_read_again(desk, work) -> None:
    work.start()
    desk.ended(work)
    desk.bus.port.wire._links += VirtualBus(simple_meter(MISSING)).open("", desk.adapter.line).wire._links
    assert work.act()
    desk.ended(work)
    assert desk.kept == [*THERE, MISSING]
    assert words(work.status).startswith("4 meters read")
    assert not work.act(), "nothing is left to be read again"


def test_a_stop_goes_on_with_the_meters_that_wait(desk, work) -> None:
    work.meter_tried.subscribe(lambda serial: work.stop() if serial == LIST[0] else None)
    work.start()
    desk.ended(work)
    assert work.state is JobState.STOPPED
    assert desk.kept == THERE[:1]
    work.act()
    desk.ended(work)
    assert desk.kept == THERE


def test_a_port_that_vanishes_ends_it_without_blaming_the_meters(desk, work) -> None:
    def unplug(serial: str) -> None:
        if serial == LIST[0]:
            desk.bus.port.faults = Faults(unplugged=True)

    work.meter_tried.subscribe(unplug)
    work.start()
    desk.ended(work)
    assert work.state is JobState.FAILED
    assert work.failures == ()
    work.act()
    desk.ended(work)
    assert desk.kept == THERE


def test_an_empty_list_is_nothing_to_do(desk) -> None:
    work = ReadAllJob(desk.tasks, desk.adapter, desk.keep, tuple)
    assert not work.start()
    assert work.status is None
