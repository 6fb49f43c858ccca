"""Rates found, settings changed: confirmed by the meter, checked afterwards, never told to several meters."""

import asyncio

import pytest

from app.bus.baud import find_rates
from app.bus.configure import (
    application_reset,
    confirm_application_reset,
    confirm_baud_rate,
    confirm_primary_address,
    primary_address_taken,
    set_baud_rate,
    set_primary_address,
)
from app.bus.errors import NotConfirmed, Unproved
from app.mbus.addresses import SecondaryAddress
from app.mbus.errors import EncodeError
from app.practice.faults import Faults
from tests.fakes.meters import LUG, fixed_meter, simple_meter
from tests.fakes.virtual_bus import VirtualBus

ADDRESS = SecondaryAddress("94158192")


def run(bus, job, **options):
    async def scenario():
        async with bus.master(**options) as master:
            return await job(master)

    return asyncio.run(scenario())


async def rates(master):
    return [(rate.baud, rate.answered) async for rate in find_rates(master)]


def test_the_rates_at_which_somebody_answers_are_found():
    bus = VirtualBus(simple_meter("94158192", baud=300), simple_meter("94158193"), baud=9600)

    async def job(master):
        return await rates(master), master.baud

    tried, after = run(bus, job)
    assert [baud for baud, answered in tried if answered] == [300, 9600]
    assert tried[0][0] == 2400, "the likely rate first"
    assert after == 9600, "the line has its own rate again"


def test_meters_that_acknowledge_at_once_at_another_rate_are_not_taken_for_noise():
    meters = [simple_meter(str(94158190 + step), response_delay_s=0.04 + 0.05 * step) for step in range(3)]

    async def job(master):
        return await rates(master)

    assert (300, True) in run(VirtualBus(*meters, baud=300), job, baud=2400)


def test_the_rate_of_the_line_can_be_changed():
    async def job(master):
        await master.set_baud(300)
        readout = await master.read_secondary(ADDRESS)
        return readout.baud, master.baud

    assert run(VirtualBus(simple_meter(), baud=300), job, baud=2400) == (300, 300)


@pytest.mark.parametrize("address", [ADDRESS, 5])
def test_a_primary_address_is_set_and_read_back(address):
    meter = simple_meter(primary=5)

    async def job(master):
        assert not await primary_address_taken(master, 17)
        readout = await set_primary_address(master, address, 17)
        assert await primary_address_taken(master, 17)
        return readout

    readout = run(VirtualBus(meter, simple_meter("94158193", primary=9)), job)
    assert meter.primary == 17
    assert readout.telegram.address == 17


@pytest.mark.parametrize("new", [-1, 251, 253])
def test_an_address_that_no_meter_can_have_is_refused_before_anything_is_sent(new):
    bus = VirtualBus(simple_meter())

    async def job(master):
        with pytest.raises(EncodeError):
            await set_primary_address(master, ADDRESS, new)

    run(bus, job)
    assert bus.port.requests == []


def test_a_setting_is_never_told_to_several_meters():
    meters = [
        simple_meter("94158192", primary=1),
        simple_meter("94158193", primary=2, response_delay_s=0.062),
    ]

    async def job(master):
        with pytest.raises(Unproved):
            await set_primary_address(master, SecondaryAddress("9415819F"), 17)

    run(VirtualBus(*meters), job)
    assert [meter.primary for meter in meters] == [1, 2]


def test_another_meter_at_the_new_address_is_not_taken_for_the_one_that_was_set():
    # The meter confirms but ignores the setting; the address belongs to somebody else.
    stubborn = simple_meter("94158192", primary=1)
    other = simple_meter("30417501", primary=17)
    bus = VirtualBus(stubborn, other)

    async def job(master):
        bus.port.wire._links[0]._set = lambda data: None
        with pytest.raises(NotConfirmed):
            await set_primary_address(master, ADDRESS, 17)

    run(bus, job)


def test_a_meter_that_is_not_found_at_its_new_address_is_told():
    bus = VirtualBus(simple_meter(primary=1))

    async def job(master):
        bus.port.wire._links[0]._set = lambda data: None
        with pytest.raises(NotConfirmed) as caught:
            await set_primary_address(master, ADDRESS, 17)
        return caught.value

    assert run(bus, job).advice is not None


def test_a_baud_rate_is_set_read_back_and_remembered():
    meter = simple_meter()

    async def job(master):
        readout = await set_baud_rate(master, ADDRESS, 9600)
        again = await master.read_secondary(ADDRESS)
        return readout.baud, again.baud

    assert run(VirtualBus(meter), job) == (9600, 9600)
    assert meter.baud == 9600


def test_a_meter_that_keeps_its_rate_is_told_and_still_read():
    meter = simple_meter()
    bus = VirtualBus(meter)

    async def job(master):
        links = bus.port.wire._links
        links[0]._long = lambda frame: b"\xe5"
        with pytest.raises(NotConfirmed):
            await set_baud_rate(master, ADDRESS, 9600)
        return await master.read_secondary(ADDRESS)

    assert run(bus, job).baud == 2400


def test_a_primary_meter_can_change_its_rate_too():
    assert run(VirtualBus(simple_meter(primary=5)), lambda master: set_baud_rate(master, 5, 300)).baud == 300


def test_an_unknown_rate_is_refused_before_anything_is_sent():
    bus = VirtualBus(simple_meter())

    async def job(master):
        with pytest.raises(EncodeError):
            await set_baud_rate(master, ADDRESS, 1234)

    run(bus, job)
    assert bus.port.requests == []


def test_an_application_reset_arrives():
    meter = simple_meter()
    run(VirtualBus(meter), lambda master: application_reset(master, ADDRESS, 0x10))
    assert meter.resets == [0x10]


def test_a_meter_that_does_not_confirm_is_told():
    bus = VirtualBus(simple_meter(primary=5))

    async def job(master):
        bus.port.wire._links[0]._long = lambda frame: None
        with pytest.raises(NotConfirmed):
            await application_reset(master, 5)

    run(bus, job)


def test_on_a_line_that_loses_answers_a_setting_still_arrives():
    meter = simple_meter()
    run(
        VirtualBus(meter, faults=Faults(lost_answers=0.2), seed=2),
        lambda master: application_reset(master, ADDRESS),
    )
    assert None in meter.resets


def test_each_confirmation_names_the_meter_and_what_cannot_be_undone():
    for message in (
        confirm_primary_address(ADDRESS, 17),
        confirm_baud_rate(ADDRESS, 9600),
        confirm_application_reset(ADDRESS),
    ):
        assert "94158192" in str(message)


def test_a_meter_that_vanishes_while_it_is_switched_is_told_and_not_remembered():
    meter = simple_meter()
    bus = VirtualBus(meter)

    async def job(master):
        link = bus.port.wire._links[0]

        def switch(frame):
            meter.baud = 1
            return b"\xe5"

        link._long = switch
        with pytest.raises(NotConfirmed):
            await set_baud_rate(master, ADDRESS, 9600)
        return master.memory.meter(ADDRESS).baud

    assert run(bus, job) != 9600


def test_of_two_meters_with_one_address_neither_is_told_anything():
    """Selected they both are, and both would take the setting."""
    twins = [simple_meter(primary=1, response_delay_s=0.03), simple_meter(primary=2, response_delay_s=0.09)]

    async def job(master):
        for change in (
            lambda: set_primary_address(master, SecondaryAddress("94158192", LUG, 4, 4), 17),
            lambda: set_primary_address(master, ADDRESS, 17),
            lambda: set_baud_rate(master, ADDRESS, 300),
            lambda: application_reset(master, ADDRESS),
        ):
            with pytest.raises(Unproved) as caught:
                await change()
            assert "Nothing was changed" in str(caught.value.message)

    run(VirtualBus(*twins), job)
    assert [(meter.primary, meter.baud, meter.resets) for meter in twins] == [(1, None, []), (2, None, [])]


def test_two_meters_of_one_number_are_told_apart_by_their_exact_address():
    meters = [
        simple_meter(primary=1, response_delay_s=0.03),
        simple_meter(primary=2, manufacturer=0x2C2D, response_delay_s=0.09),
    ]
    exact = SecondaryAddress("94158192", 0x2C2D, 4, 4)
    run(VirtualBus(*meters), lambda master: set_primary_address(master, exact, 17))
    assert [meter.primary for meter in meters] == [1, 17]


def test_a_meter_whose_telegram_does_not_tell_who_it_is_is_told_nothing():
    for meter in (simple_meter(headless=True, primary=1), fixed_meter(primary=1)):

        async def job(master):
            with pytest.raises(Unproved):
                await set_primary_address(master, 1, 17)

        run(VirtualBus(meter), job)
        assert meter.primary == 1
