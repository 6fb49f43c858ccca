"""The diagnosis says what is wrong in words with the next step; one click takes it where there is one."""

import pytest

from app.bus.errors import Diagnosis
from app.practice.faults import Echo, Faults
from app.services.adapter import AdapterState
from app.services.jobs.diagnose import DiagnoseJob, RatesJob
from app.services.jobs.job import JobState
from tests.fakes.bus_desk import words
from tests.fakes.meters import simple_meter
from tests.fakes.virtual_bus import VirtualBus

METER = "94158192"


def diagnosis_of(desk) -> DiagnoseJob:
    work = DiagnoseJob(desk.tasks, desk.adapter)
    desk.follow(work)
    work.start()
    return work


@pytest.mark.parametrize(
    ("faults", "diagnosis", "said"),
    [
        (Faults(), Diagnosis.HEALTHY, "The bus works"),
        (Faults(dead=True), Diagnosis.DEAD_BUS, "measure the bus"),
        (Faults(echo=Echo.FULL), Diagnosis.HEALTHY, "echo"),
    ],
)
def test_what_is_wrong_is_said_with_the_next_step(desk_on, faults, diagnosis, said) -> None:
    desk = desk_on(VirtualBus(simple_meter(METER), faults=faults))
    work = diagnosis_of(desk)
    desk.ended(work)
    assert work.report.diagnosis is diagnosis
    assert said in words(work.status)
    assert work.status.look is (diagnosis is not Diagnosis.HEALTHY)
    assert work.status.action is None


def test_a_wrong_rate_is_set_right_by_one_click(desk_on, waiting) -> None:
    desk = desk_on(VirtualBus(simple_meter(METER), faults=Faults(meter_baud=9600)))
    work = diagnosis_of(desk)
    desk.ended(work)
    assert work.report.diagnosis is Diagnosis.WRONG_BAUD
    assert str(work.status.action) == "Use 9600 Bd"
    assert work.act()
    assert desk.adapter.line.baud == 9600
    assert work.state is JobState.IDLE
    waiting.until(lambda: desk.adapter.state is AdapterState.READY)


def test_a_stopped_diagnosis_can_begin_again(desk_on, waiting) -> None:
    desk = desk_on(VirtualBus(simple_meter(METER)))
    work = diagnosis_of(desk)
    assert work.stop()
    desk.ended(work)
    assert work.state is JobState.STOPPED
    assert work.act()
    desk.ended(work)
    assert work.report.diagnosis is Diagnosis.HEALTHY


def test_the_rates_are_tried_and_the_line_has_its_own_again(desk_on, waiting) -> None:
    desk = desk_on(VirtualBus(simple_meter(METER), faults=Faults(meter_baud=300)))
    work = RatesJob(desk.tasks, desk.adapter)
    work.start()
    desk.ended(work)
    assert work.answered == (300,)
    assert desk.adapter.master.baud == 2400
    assert str(work.status.action) == "Use 300 Bd"
    work.act()
    waiting.until(lambda: desk.adapter.state is AdapterState.READY)
    assert desk.adapter.line.baud == 300


def test_nobody_at_any_rate_is_said_so(desk_on) -> None:
    desk = desk_on(VirtualBus(faults=Faults(dead=True)))
    work = RatesJob(desk.tasks, desk.adapter)
    work.start()
    desk.ended(work)
    assert "Nobody answers at any baud rate." in words(work.status)
    assert work.status.look
    assert not work.act()
