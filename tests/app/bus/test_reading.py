"""Reading one meter in virtual time: right, as fast as the wire, and stubborn where it must be."""

import asyncio
from dataclasses import replace
from itertools import pairwise

import pytest

from app.bus import timing
from app.bus.errors import Diagnosis, GarbledAnswer, NoAnswer, NoTelegram, PortClosed, PortLost
from app.bus.line_errors import LineErrors
from app.bus.memory import MeterMemory
from app.mbus.addresses import SecondaryAddress
from app.mbus.requests import req_ud2, snd_nke
from app.mbus.security import MeterKeys
from app.practice.faults import Echo, Faults, Poller
from app.practice.meters import Quirks, ResetNeed
from tests.fakes.meters import encrypted_meter, simple_meter, value_of
from tests.fakes.virtual_bus import VirtualBus

KEY = bytes(range(16))
ADDRESS = SecondaryAddress("94158192")


def run(bus, job, **options):
    async def scenario():
        async with bus.master(**options) as master:
            return await job(master)

    return asyncio.run(scenario())


def read(bus, address=ADDRESS, **options):
    if isinstance(address, int):
        return run(bus, lambda master: master.read_primary(address), **options)
    return run(bus, lambda master: master.read_secondary(address), **options)


def volume(readout) -> int:
    return next(int(str(r.value).replace(".", "")) for r in readout.telegram.records if r.vib == b"\x13")


def lose_next(bus, fits):
    """The next request that fits gets no answer."""
    opened, lost = bus.open, []

    def opener(url, settings):
        port = opened(url, settings)
        write = port.write

        def drop(data):
            if fits(data) and not lost:
                lost.append(data)
                port.requests.append(data)
            else:
                write(data)

        port.write = drop
        return port

    bus.open = opener


def outcome_of(bus):
    try:
        return volume(read(bus))
    except GarbledAnswer as error:
        return error.diagnosis
    except NoAnswer:
        return NoAnswer


@pytest.mark.parametrize("size", [83, 100, 200, 261])
@pytest.mark.parametrize("delay_s", [0.015, 0.06, 0.15])
def test_a_read_is_within_three_percent_of_the_wire_and_the_meters_own_delay(size, delay_s):
    readout = read(VirtualBus(simple_meter(size=size, response_delay_s=delay_s, jitter_s=0)))
    assert len(readout.raw) == size
    assert readout.attempts == 1
    assert readout.wire_minimum_s == pytest.approx((17 + 1 + 5 + size) * 11 / 2400 + 2 * delay_s)
    assert readout.wire_minimum_s < readout.elapsed_s < 1.03 * readout.wire_minimum_s


def test_the_answer_is_of_the_meter_that_was_asked():
    readout = read(VirtualBus(simple_meter("94158191"), simple_meter("94158192")))
    assert readout.telegram.header.identification == "94158192"
    assert readout.address == ADDRESS
    assert readout.baud == 2400


def test_a_primary_address_is_reset_before_it_is_read():
    bus = VirtualBus(simple_meter(primary=5))
    readout = read(bus, 5)
    assert readout.telegram.header.identification == "94158192"
    assert bus.port.requests[0][:3] == bytes.fromhex("104005")


def test_all_telegrams_of_one_meter_are_read_and_joined():
    steps = []
    bus = VirtualBus(simple_meter(telegrams=3))
    readout = run(bus, lambda master: master.read_secondary(ADDRESS, progress=steps.append))
    assert len(readout.raw) == 3 * 60
    assert len(readout.telegram.records) == 3
    assert not readout.telegram.more_records_follow
    fcbs = [request[1] for request in bus.port.requests if request[0] == 0x10]
    assert fcbs == [0x7B, 0x5B, 0x7B]
    assert [step.telegrams for step in steps] == [0, 1, 2, 3]


def test_a_meter_that_promises_more_for_ever_is_left_in_the_end():
    readout = read(VirtualBus(simple_meter(telegrams=500)))
    assert readout.telegram.more_records_follow
    assert len(readout.raw) == 40 * 60


def test_a_meter_that_repeats_its_first_telegram_for_ever_is_left_at_once():
    bus = VirtualBus(simple_meter(telegrams=3, quirks=Quirks(stuck=True)))
    assert len(read(bus).raw) == 60


@pytest.mark.parametrize(("keys", "records"), [(MeterKeys({"94158192": KEY}), 4), (MeterKeys(), 0)])
def test_an_encrypted_meter_is_read_to_its_end_with_its_key(keys, records):
    """That more follows stands inside what is encrypted."""
    bus = VirtualBus(encrypted_meter(KEY, telegrams=2))

    async def scenario():
        async with bus.master(keys=keys) as master:
            return await master.read_secondary(ADDRESS)

    telegram = asyncio.run(scenario()).telegram
    assert len(telegram.records) == records
    assert (telegram.error is None) is bool(records)


@pytest.mark.parametrize("quirks", [Quirks(select_fcb=True), Quirks(first_fcb=False)])
def test_the_other_fcb_is_tried_and_remembered(quirks):
    bus = VirtualBus(simple_meter(quirks=quirks))

    async def twice(master):
        await master.read_secondary(ADDRESS)
        before = len(bus.port.requests)
        readout = await master.read_secondary(ADDRESS)
        return readout, bus.port.requests[before:]

    readout, requests = run(bus, twice)
    assert readout.attempts == 1
    assert len(requests) == 2, "the second time the right one is used at once"


def test_a_slow_meter_is_read_and_from_then_on_waited_for():
    bus = VirtualBus(simple_meter(), faults=Faults(slow_s=1.6))

    async def twice(master):
        first = await master.read_secondary(ADDRESS)
        second = await master.read_secondary(ADDRESS)
        return first, second, master.memory.meter(ADDRESS)

    first, second, memory = run(bus, twice)
    assert first.telegram.header.identification == "94158192"
    assert memory.slow
    assert second.attempts == 1


def test_nobody_there_is_known_after_three_ways_to_ask_the_last_one_patient():
    bus = VirtualBus(simple_meter("11111111"))
    with pytest.raises(NoAnswer) as caught:
        read(bus)
    assert "94158192" in str(caught.value.message)
    assert caught.value.advice is not None
    selections = [request[4] for request in bus.port.requests if request[0] == 0x68]
    assert selections == [0x53, 0x73, 0x53]
    resets = [request[2] for request in bus.port.requests if request[0] == 0x10]
    assert resets == [0xFD, 0xFF], "before the last try the links of all are reset"
    assert bus.clock.time - 1000.0 < 3.5


def test_a_lost_answer_is_asked_for_again_with_the_same_fcb():
    bus = VirtualBus(simple_meter())
    lose_next(bus, lambda request: request[:2] == bytes.fromhex("107B"))
    readout = read(bus)
    assert readout.attempts == 2
    asked = [request[1] for request in bus.port.requests if request[0] == 0x10]
    assert asked == [0x7B, 0x7B]
    assert readout.wire_minimum_s < 0.7, "attempts that failed are no part of the minimum"


@pytest.mark.parametrize("echo", [Echo.FULL, Echo.PARTIAL])
def test_an_echo_is_taken_out_and_costs_nothing(echo):
    bus = VirtualBus(simple_meter(), faults=Faults(echo=echo))

    async def twice(master):
        await master.read_secondary(ADDRESS)
        readout = await master.read_secondary(ADDRESS)
        return readout, master.memory.adapter.echoes

    readout, echoes = run(bus, twice)
    assert echoes
    assert readout.attempts == 1
    assert readout.elapsed_s < 1.06 * readout.wire_minimum_s


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(
    "faults",
    [Faults(noise=0.3), Faults(lost_bytes=0.3), Faults(lost_answers=0.2), Faults(noise=0.2, echo=Echo.FULL)],
    ids=["noise", "lost_bytes", "lost_answers", "noise_and_echo"],
)
def test_on_a_bad_line_a_value_is_right_or_there_is_none(faults, seed):
    bus = VirtualBus(simple_meter(), faults=faults, seed=seed)
    outcome = outcome_of(bus)
    named = (Diagnosis.NOISE, Diagnosis.FRAME_SHORT, Diagnosis.COLLISION)
    assert outcome in (value_of("94158192"), NoAnswer, *named)


@pytest.mark.parametrize(("portion", "latency"), [(0.02, 0.0), (0.04, 0.03), (0.0, 0.02)])
def test_an_adapter_that_hands_over_late_and_in_portions_is_no_trouble(portion, latency):
    bus = VirtualBus(simple_meter(size=200), faults=Faults(portion_s=portion, latency_s=latency))
    readout = read(bus)
    assert readout.attempts == 1
    assert volume(readout) == value_of("94158192")


def test_an_adapter_with_a_long_latency_is_learned():
    bus = VirtualBus(simple_meter(), faults=Faults(latency_s=0.25))  # such as a device server's COM port

    async def thrice(master):
        return [await master.read_secondary(ADDRESS) for _ in range(3)]

    assert run(bus, thrice)[-1].attempts == 1


def test_two_meters_on_one_number_are_named_as_a_collision():
    bus = VirtualBus(simple_meter(medium=4), simple_meter(medium=7, manufacturer=0x1111))
    with pytest.raises(GarbledAnswer) as caught:
        read(bus)
    assert caught.value.diagnosis is Diagnosis.COLLISION
    assert caught.value.raw


def test_a_frame_that_is_always_one_byte_short_says_so():
    with pytest.raises(GarbledAnswer) as caught:
        read(VirtualBus(simple_meter(size=250), faults=Faults(lost_bytes=1.0), seed=5), 0)
    assert caught.value.diagnosis is Diagnosis.FRAME_SHORT
    assert "1 byte" in str(caught.value)


def test_a_port_that_vanishes_in_mid_read_is_named_and_closed_without_trouble():
    bus = VirtualBus(simple_meter(), faults=Faults(unplug_after=30))
    with pytest.raises(PortLost):
        read(bus)
    assert bus.port.closed


def test_a_master_that_is_not_open_says_so():
    async def scenario():
        master = VirtualBus(simple_meter()).master()
        with pytest.raises(PortClosed):
            await master.read_secondary(ADDRESS)
        await master.close()

    asyncio.run(scenario())


def test_a_meter_with_a_rate_of_its_own_is_read_at_it_and_the_next_one_at_the_bus_rate():
    bus = VirtualBus(simple_meter("94158192", baud=300), simple_meter("94158193"))

    async def both(master):
        master.memory.remember(ADDRESS, MeterMemory(baud=300))
        first = await master.read_secondary(ADDRESS)
        second = await master.read_secondary(SecondaryAddress("94158193"))
        return first.baud, second.baud

    assert run(bus, both) == (300, 2400)


def test_the_answer_window_is_the_standards():
    # A meter at the very end of the window of 330 bit times and 50 ms is still heard at the first attempt.
    bus = VirtualBus(simple_meter(response_delay_s=timing.answer_window(2400)))
    assert read(bus).attempts == 1


def test_meters_on_one_address_are_read_by_fabrication_number():
    twins = [simple_meter(fabrication_number=number) for number in ("00000071", "00000082")]
    bus = VirtualBus(*twins)
    readout = run(bus, lambda master: master.read_secondary(ADDRESS, fabrication_number="00000082"))
    number = next(record for record in readout.telegram.records if record.vib == b"\x78")
    assert number.data == bytes.fromhex("82000000")


def test_a_meter_that_answers_in_place_of_another_is_not_believed():
    bus = VirtualBus(simple_meter("11111111"))

    async def job(master):
        link = bus.port.wire._links[0]

        def take_any(frame):
            link.selected = True
            return b"\xe5"

        link._selection = take_any
        with pytest.raises(GarbledAnswer) as caught:
            await master.read_secondary(ADDRESS)
        return caught.value

    error = run(bus, job)
    assert error.diagnosis is Diagnosis.WRONG_METER
    assert "11111111 (11111111A7320404) instead of 94158192" in str(error.message)


def test_a_meter_that_can_be_selected_but_says_nothing_is_told():
    bus = VirtualBus(simple_meter())

    async def job(master):
        bus.port.wire._links[0]._data = lambda fcb: None
        with pytest.raises(NoAnswer, match="was found, but sends no telegram"):
            await master.read_secondary(ADDRESS)

    run(bus, job)


def test_a_telegram_whose_bytes_the_hardware_marks_is_not_believed():
    bus = VirtualBus(simple_meter())

    async def job(master):
        def mark():
            bus.port.errors = LineErrors(spoilt=1)

        bus.port.on_read = mark
        with pytest.raises(GarbledAnswer) as caught:
            await master.read_secondary(ADDRESS)
        return caught.value

    assert run(bus, job).diagnosis is Diagnosis.WRONG_PARITY


def test_a_line_that_babbles_does_not_hold_a_read_for_ever():
    bus = VirtualBus(simple_meter())

    async def job(master):
        port = bus.port

        def babble():
            port.wire._put(bus.clock.time + 0.005, 0x55)

        port.on_read = babble
        with pytest.raises(GarbledAnswer):
            await master.read_secondary(ADDRESS)

    run(bus, job)
    assert bus.clock.time < 1100


@pytest.mark.parametrize("need", list(ResetNeed))
def test_a_meter_that_wants_its_link_reset_first_is_read(need):
    assert volume(read(VirtualBus(simple_meter(quirks=Quirks(needs_reset=need))))) == value_of("94158192")


def test_a_meter_that_only_takes_c_73_is_read_within_its_second_attempt():
    bus = VirtualBus(simple_meter(quirks=Quirks(select_fcb=True)))
    assert read(bus).attempts == 2


def test_a_meter_that_acknowledges_a_request_for_data_is_busy_and_asked_again_with_the_same_fcb():
    bus = VirtualBus(simple_meter(quirks=Quirks(busy_s=1.5)))
    readout = read(bus)
    assert volume(readout) == value_of("94158192")
    requests = [(at, request[1]) for at, request in zip(bus.port.sent_at, bus.port.requests, strict=True)]
    asked = [at for at, control in requests if control == 0x7B]
    assert all(later - earlier > 0.3 for earlier, later in pairwise(asked))
    assert not any(control == 0x5B for _, control in requests)


def test_a_meter_that_is_busy_for_ever_does_not_hold_the_line():
    bus = VirtualBus(simple_meter(quirks=Quirks(busy_s=50)))
    with pytest.raises(NoTelegram):
        read(bus)
    assert bus.clock.time - 1000 < 25


def test_a_meter_that_acknowledges_and_sends_nothing_names_the_read_out_credit_before_it_is_blamed():
    bus = VirtualBus(simple_meter(quirks=Quirks(mute=True)))
    with pytest.raises(NoTelegram) as caught:
        read(bus)
    assert "read-outs a day" in str(caught.value.advice)
    asked = {request[1] for request in bus.port.requests if request[0] == 0x10}
    assert asked == {0x7B, 0x5B, 0x40}, "7B, a reset, 5B"


def test_a_meter_that_makes_its_telegram_anew_each_time_is_believed_on_a_disturbed_line():
    """Its access number changes: two answers are compared without it, or they would never be alike."""
    meter = simple_meter(quirks=Quirks(remakes=True))
    bus = VirtualBus(meter, faults=Faults(noise=0.4), seed=3)
    assert outcome_of(bus) in (value_of("94158192"), Diagnosis.NOISE)


def test_a_meter_that_always_promises_more_and_sends_the_same_is_left_after_one_telegram():
    """Only its access number changes."""
    readout = read(VirtualBus(simple_meter(endless=True)))
    assert len(readout.raw) == 60
    assert readout.incomplete


def test_a_later_telegram_that_fails_is_asked_for_by_beginning_anew_once():
    bus = VirtualBus(simple_meter(telegrams=3))

    async def job(master):
        link = bus.port.wire._links[0]
        data, deaf = link._data, [5]

        def fail(fcb):
            if link._position == 1 and deaf[0]:
                deaf[0] -= 1
                return None
            return data(fcb=fcb)

        link._data = fail
        return await master.read_secondary(ADDRESS)

    readout = run(bus, job)
    assert len(readout.raw) == 180
    assert not readout.incomplete


def test_what_came_of_a_meter_that_stops_in_the_middle_is_returned_and_marked():
    bus = VirtualBus(simple_meter(telegrams=3))

    async def job(master):
        link = bus.port.wire._links[0]
        data = link._data
        link._data = lambda fcb: None if link._position == 1 else data(fcb=fcb)
        return await master.read_secondary(ADDRESS)

    readout = run(bus, job)
    assert readout.incomplete
    assert readout.telegram.more_records_follow
    assert len(readout.telegram.records) == 2


def test_a_pause_inside_a_telegram_is_waited_out():
    assert read(VirtualBus(simple_meter(quirks=Quirks(pause_s=0.12)))).attempts == 1


def test_a_telegram_that_begins_and_stops_is_so_many_bytes_short():
    with pytest.raises(GarbledAnswer) as caught:
        read(VirtualBus(simple_meter(size=60, quirks=Quirks(stops_after=25))))
    assert caught.value.diagnosis is Diagnosis.FRAME_SHORT
    assert "35 byte" in str(caught.value.message)


def test_garbage_after_every_request_is_a_disturbed_line_and_no_collision():
    with pytest.raises(GarbledAnswer) as caught:
        read(VirtualBus(simple_meter(), faults=Faults(garbage=1.0)))
    assert caught.value.diagnosis is Diagnosis.NOISE
    assert "Whatever address" in str(caught.value.message)


def test_an_address_that_can_mean_several_is_listened_to_until_all_have_answered():
    meters = [
        simple_meter(number, response_delay_s=0.02 + 0.1 * (number == "94158193")) for number in NUMBERS
    ]
    with pytest.raises(GarbledAnswer) as caught:
        read(VirtualBus(*meters), SecondaryAddress("9415819F"))
    assert caught.value.diagnosis is Diagnosis.COLLISION


NUMBERS = ("94158192", "94158193")
POLLING = Faults(poller=Poller((snd_nke(3).to_bytes(), req_ud2(3, True).to_bytes()), 0.6, 5.0), hold_s=3.0)


def test_a_gateway_that_holds_the_line_is_waited_for_and_named_when_a_meter_is_missed():
    bus = VirtualBus(simple_meter("11111111", primary=3), faults=replace(POLLING, hold_s=0.0))

    async def job(master):
        await master.run(lambda line: line.listen(12))
        with pytest.raises((NoAnswer, GarbledAnswer)) as caught:
            await master.read_secondary(ADDRESS)
        return master.has_other_master, caught.value.advice

    seen, advice = run(bus, job)
    assert seen
    assert "Another master" in str(advice)


def test_a_line_without_another_master_has_none():
    async def job(master):
        await master.read_secondary(ADDRESS)
        return master.has_other_master

    assert not run(VirtualBus(simple_meter(), faults=Faults(echo=Echo.FULL)), job)


def test_nothing_is_sent_before_a_slow_answer_to_a_request_that_was_given_up():
    """A request owns the line until its answer window is over."""
    bus = VirtualBus(simple_meter(response_delay_s=0.18, jitter_s=0))

    async def job(master):
        task = asyncio.create_task(master.read_secondary(ADDRESS))
        loop = asyncio.get_running_loop()

        def give_up():
            bus.port.on_read = lambda: None
            loop.call_soon_threadsafe(task.cancel)
            assert master._line.stop.wait(5)

        bus.port.on_read = give_up
        await asyncio.wait({task})
        return await master.read_secondary(ADDRESS)

    readout = run(bus, job)
    assert readout.telegram.header.identification == "94158192"
    first, second = bus.port.sent_at[:2]
    assert second - first >= 17 * 11 / 2400 + timing.answer_window(2400)
