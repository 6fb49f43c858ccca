"""What is wrong with a bus, told apart and said in words."""

import asyncio

import pytest

from app.bus.answer import Answer, Outcome
from app.bus.diagnose import diagnose
from app.bus.errors import Diagnosis
from app.bus.garbled import diagnose as diagnose_answers
from app.bus.garbled import missing_bytes
from app.bus.line_errors import NO_ERRORS, LineErrors
from app.mbus.addresses import SecondaryAddress
from app.mbus.frames import LongFrame
from app.mbus.requests import req_ud2, snd_nke
from app.practice.faults import Echo, Faults, Poller
from app.practice.meters import Quirks
from tests.fakes.meters import simple_meter
from tests.fakes.virtual_bus import VirtualBus

ADDRESS = SecondaryAddress("94158192")


def report(bus, address=None, **options):
    steps = []

    async def scenario():
        async with bus.master(**options) as master:
            return await diagnose(master, address, steps.append)

    result = asyncio.run(scenario())
    assert steps, "the person is told what is being done"
    return result


def test_a_good_bus_with_one_meter():
    result = report(VirtualBus(simple_meter()))
    assert result.diagnosis is Diagnosis.HEALTHY
    assert "94158192" in str(result.message)
    assert (result.echo, result.baud, result.advice) == (False, 2400, None)


def test_a_good_bus_with_several_meters():
    meters = [simple_meter(str(94158190 + step)) for step in range(4)]
    result = report(VirtualBus(*meters, faults=Faults(jitter_s=0.02)))
    assert result.diagnosis is Diagnosis.HEALTHY
    assert "several" in str(result.message)


def test_a_dead_bus():
    result = report(VirtualBus(simple_meter(), faults=Faults(dead=True)))
    assert result.diagnosis is Diagnosis.DEAD_BUS
    assert result.baud is None
    assert "V" in str(result.advice)


def test_an_echo_but_nobody_behind_it():
    result = report(VirtualBus(faults=Faults(echo=Echo.FULL)))
    assert result.diagnosis is Diagnosis.NOBODY_ANSWERS
    assert result.echo


def test_an_echo_on_a_good_bus_is_a_remark():
    result = report(VirtualBus(simple_meter(), faults=Faults(echo=Echo.FULL)))
    assert result.diagnosis is Diagnosis.HEALTHY
    assert any("echo" in str(remark) for remark in result.remarks)


def test_the_wrong_baud_rate_names_the_right_one():
    result = report(VirtualBus(simple_meter(), baud=300), baud=2400)
    assert result.diagnosis is Diagnosis.WRONG_BAUD
    assert result.baud == 300
    assert "300" in str(result.message)


def test_one_meter_that_is_missing_on_a_good_bus():
    result = report(VirtualBus(simple_meter("11111111")), ADDRESS)
    assert result.diagnosis is Diagnosis.NOBODY_ANSWERS
    assert "94158192" in str(result.message)


def test_one_meter_that_is_there():
    assert report(VirtualBus(simple_meter()), ADDRESS).diagnosis is Diagnosis.HEALTHY


def test_two_meters_on_one_number():
    twins = [simple_meter(medium=4), simple_meter(medium=7, manufacturer=0x1111)]
    other = simple_meter("11111111")
    result = report(VirtualBus(*twins, other), ADDRESS)
    assert result.diagnosis is Diagnosis.COLLISION
    assert result.raw


@pytest.mark.parametrize("seed", range(4))
def test_a_disturbed_line(seed):
    result = report(VirtualBus(simple_meter(), faults=Faults(noise=0.6), seed=seed))
    assert result.diagnosis in (Diagnosis.NOISE, Diagnosis.FRAME_SHORT)


@pytest.mark.parametrize("seed", range(4))
def test_a_line_that_loses_bytes_says_how_many_the_frame_lacks(seed):
    result = report(VirtualBus(simple_meter(size=200), faults=Faults(lost_bytes=1.0), seed=seed))
    assert result.diagnosis is Diagnosis.FRAME_SHORT
    assert "short" in str(result.message)


def test_a_line_that_loses_answers_is_not_called_good():
    result = report(VirtualBus(simple_meter(), faults=Faults(lost_answers=0.4), seed=4))
    assert result.diagnosis is Diagnosis.NOISE


def test_a_port_that_vanishes_meanwhile():
    result = report(VirtualBus(simple_meter(), faults=Faults(unplug_after=10)))
    assert result.diagnosis is Diagnosis.PORT_LOST


def answer(raw, *, errors=NO_ERRORS, frame=None):
    return Answer(Outcome.GARBLED, b"", received=raw, errors=errors, frame=frame)


TELEGRAM = LongFrame(0x08, 1, 0x72, bytes(range(40))).to_bytes()


@pytest.mark.parametrize(
    ("answers", "diagnosis"),
    [
        (
            [answer(TELEGRAM, errors=LineErrors(spoilt=40), frame=LongFrame(8, 1, 0x72))],
            Diagnosis.WRONG_PARITY,
        ),
        ([answer(b"\x12\x34\x56\x78\x9a", errors=LineErrors(spoilt=4))], Diagnosis.WRONG_BAUD),
        ([answer(b"\x00\x00\x00\x00\x00\x00")], Diagnosis.WRONG_BAUD),
        ([answer(TELEGRAM[:-1])], Diagnosis.FRAME_SHORT),
        ([answer(TELEGRAM[:10] + TELEGRAM[12:])], Diagnosis.FRAME_SHORT),
        ([answer(b"\x68" * 30), answer(b"\x68" * 30)], Diagnosis.COLLISION),
        ([answer(b"\x68" * 30), answer(b"\x68" * 31)], Diagnosis.COLLISION),
        ([answer(TELEGRAM[:20])], Diagnosis.FRAME_SHORT),
        ([answer(b"\x68\x01\x68\x68"), answer(b"")], Diagnosis.NOISE),
        ([answer(TELEGRAM[:-2] + b"\x00\x16")], Diagnosis.NOISE),
    ],
)
def test_what_the_bytes_tell(answers, diagnosis):
    assert diagnose_answers(answers) is diagnosis


def test_how_many_bytes_are_missing():
    assert missing_bytes(TELEGRAM) == 0
    assert missing_bytes(TELEGRAM[:-1]) == 1
    assert missing_bytes(TELEGRAM + b"\x00") == -1
    assert missing_bytes(b"\xe5") is None


def test_bytes_that_nobody_asked_for_are_a_remark():
    bus = VirtualBus(simple_meter())

    async def scenario():
        async with bus.master() as master:
            bus.port.wire._put(bus.clock.time + 0.1, 0x55)
            return await diagnose(master)

    result = asyncio.run(scenario())
    assert any("without being asked" in str(remark) for remark in result.remarks)


def test_noise_alone_is_called_noise():
    bus = VirtualBus()

    async def scenario():
        async with bus.master() as master:
            port = bus.port
            send = port.write

            def write(data):
                send(data)
                port.wire._put(bus.clock.time + 0.4, 0x55)

            port.write = write
            return await diagnose(master)

    result = asyncio.run(scenario())
    assert result.diagnosis in (Diagnosis.NOISE, Diagnosis.WRONG_BAUD)


def test_meters_that_only_acknowledge_are_not_called_good():
    bus = VirtualBus(simple_meter())

    async def scenario():
        async with bus.master() as master:
            bus.port.wire._links[0]._data = lambda fcb: None
            return await diagnose(master)

    result = asyncio.run(scenario())
    assert result.diagnosis is not Diagnosis.HEALTHY


def babbling(bus, period):
    """Makes the line bring bytes without end, whatever is asked."""
    port = bus.port

    def babble():
        if port.wire.next_due is None:
            for step in range(1, 40):
                port.wire._put(bus.clock.time + step * period, 0x55)

    port.on_read = babble
    port.pending, pending = lambda: (babble(), pending())[1], port.pending


@pytest.mark.parametrize("once_asked", [False, True])
def test_a_line_that_babbles_is_told_at_once(once_asked):
    bus = VirtualBus()

    async def scenario():
        async with bus.master() as master:
            send = bus.port.write
            if once_asked:
                bus.port.write = lambda data: (babbling(bus, 0.02), send(data))
            else:
                babbling(bus, 0.02)
            started = bus.clock.time
            return await diagnose(master), bus.clock.time - started

    result, elapsed = asyncio.run(scenario())
    assert result.diagnosis is Diagnosis.NOISE
    assert "without end" in str(result.message)
    assert elapsed < 15


def test_a_line_stuck_at_acknowledgements_is_told_soon():
    bus = VirtualBus()

    async def scenario():
        async with bus.master() as master:
            send = bus.port.write
            bus.port.write = lambda data: (send(data), bus.port.wire._put(bus.clock.time + 0.1, 0xE5))
            started = bus.clock.time
            return await diagnose(master), bus.clock.time - started

    result, elapsed = asyncio.run(scenario())
    assert result.diagnosis is Diagnosis.NOISE
    assert elapsed < 20


def test_a_converter_that_answers_garbage_to_everything_is_a_disturbed_line():
    """Not "several meters": the same comes when an address is asked that no meter has."""
    bus = VirtualBus(simple_meter())

    async def scenario():
        async with bus.master() as master:
            send = bus.port.write

            def write(data):
                send(data)
                for step, byte in enumerate(bytes.fromhex("0000004004")):
                    bus.port.wire._put(bus.clock.time + 0.12 + step * 0.005, byte)

            bus.port.write = write
            return await diagnose(master)

    result = asyncio.run(scenario())
    assert result.diagnosis is Diagnosis.NOISE
    assert "Whatever address" in str(result.message)


@pytest.mark.parametrize("faults", [Faults(portion_s=0.2), Faults(portion_s=0.05, latency_s=0.1)])
def test_portions_are_no_other_baud_rate(faults):
    assert report(VirtualBus(simple_meter(), faults=faults)).diagnosis is Diagnosis.HEALTHY


def test_a_pause_inside_the_telegram_is_no_other_baud_rate():
    bus = VirtualBus(simple_meter(quirks=Quirks(pause_s=0.2)))
    assert report(bus).diagnosis is Diagnosis.HEALTHY


def test_a_meter_that_takes_wildcards_only_is_healthy_with_a_remark():
    result = report(VirtualBus(simple_meter(quirks=Quirks(wildcard_fields=True))))
    assert result.diagnosis is Diagnosis.HEALTHY
    assert any("wildcards only" in str(remark) for remark in result.remarks)


def test_a_meter_whose_telegram_stops_is_so_many_bytes_short():
    result = report(VirtualBus(simple_meter(size=60, quirks=Quirks(stops_after=25))))
    assert result.diagnosis is Diagnosis.FRAME_SHORT
    assert "35 byte" in str(result.message)


def test_another_master_is_told_beside_a_good_bus():
    poller = Poller((snd_nke(3).to_bytes(), req_ud2(3, True).to_bytes()), 0.6, 1.0)
    meters = [simple_meter(primary=3), simple_meter("30417501", primary=4)]
    result = report(VirtualBus(*meters, faults=Faults(poller=poller)))
    words = " ".join(map(str, (result.message, *result.remarks)))
    assert "nother master" in words


def test_a_slow_bus_is_no_dead_bus():
    assert report(VirtualBus(simple_meter(response_delay_s=1.5))).diagnosis is Diagnosis.HEALTHY
