"""Nothing inside a meter is changed before the person has confirmed it, and what came of it is said."""

from dataclasses import replace

import pytest

from app.bus.errors import NoAnswer
from app.services.jobs.configure import ConfigureJob, MeterSetting, SettingKind
from app.services.jobs.job import JobState
from tests.fakes.bus_desk import words
from tests.fakes.meters import LUG, simple_meter
from tests.fakes.virtual_bus import VirtualBus

METER, OTHER = "94158192", "94158193"


@pytest.fixture
def bus() -> VirtualBus:
    return VirtualBus(simple_meter(METER, primary=1), simple_meter(OTHER, primary=2))


@pytest.fixture
def desk(desk_on, bus):
    return desk_on(bus)


def configure_of(desk, answer) -> ConfigureJob:
    async def confirm(wish):
        # The person reads the question before anything has been sent.
        assert desk.bus.port.requests == []
        return answer(wish)

    work = ConfigureJob(desk.tasks, desk.adapter, desk.keep, confirm)
    desk.follow(work)
    return work


def wish_for(bus, kind, value=0) -> MeterSetting:
    return MeterSetting(kind, bus.meters[0].address, value)


@pytest.mark.parametrize("kind", SettingKind)
def test_a_wish_given_up_sends_nothing(desk, bus, kind) -> None:
    work = configure_of(desk, lambda _wish: None)
    work.ask(wish_for(bus, kind, 300))
    desk.ended(work)
    assert bus.port.requests == []
    assert work.status is None


def test_the_question_names_the_meter_and_what_cannot_be_undone(bus) -> None:
    for kind in SettingKind:
        question = str(wish_for(bus, kind, 2400).question)
        assert METER in question
        assert "?" in question


def test_a_confirmed_address_is_set_read_back_and_kept(desk, bus) -> None:
    work = configure_of(desk, lambda wish: replace(wish, value=77))
    work.ask(wish_for(bus, SettingKind.PRIMARY_ADDRESS, 1))
    desk.ended(work)
    assert (bus.meters[0].primary, bus.meters[1].primary) == (77, 2)
    assert words(work.status) == f"The meter {METER} has the primary address 77 now."
    assert desk.kept == [METER]


def test_an_address_that_another_meter_has_is_not_given_twice(desk, bus) -> None:
    work = configure_of(desk, lambda wish: replace(wish, value=2))
    work.ask(wish_for(bus, SettingKind.PRIMARY_ADDRESS, 1))
    desk.ended(work)
    assert bus.meters[0].primary == 1
    assert "Nothing was changed" in words(work.status)
    assert work.status.look


def test_a_rate_is_switched_and_the_meter_read_at_it(desk, bus) -> None:
    work = configure_of(desk, lambda wish: wish)
    work.ask(wish_for(bus, SettingKind.BAUD_RATE, 9600))
    desk.ended(work)
    assert (bus.meters[0].baud, bus.meters[1].baud) == (9600, None)
    assert words(work.status) == f"The meter {METER} answers at 9600 Bd now."


def test_a_reset_reaches_one_meter_alone(desk, bus) -> None:
    work = configure_of(desk, lambda wish: wish)
    work.ask(wish_for(bus, SettingKind.APPLICATION_RESET))
    desk.ended(work)
    assert [len(meter.resets) for meter in bus.meters] == [1, 0]


def test_a_meter_that_is_not_there_is_told_as_an_error(desk) -> None:
    absent = replace(simple_meter("11111111", manufacturer=LUG).address)
    work = configure_of(desk, lambda wish: wish)
    work.ask(MeterSetting(SettingKind.APPLICATION_RESET, absent))
    desk.ended(work)
    assert work.state is JobState.FAILED
    assert isinstance(desk.errors[0], NoAnswer)
    assert "not made" in words(work.status)
