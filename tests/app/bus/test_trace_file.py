"""The trace as lines a person reads, as a file, and served again as a bus."""

import asyncio
import json

import pytest

from app.bus.errors import GarbledAnswer, NoAnswer
from app.bus.master import BusMaster
from app.bus.port import LineSettings
from app.bus.trace import Direction, TraceEntry
from app.bus.trace_file import TraceFileError, export_trace, load_trace
from app.bus.trace_lines import answer_meaning, request_meaning, trace_lines
from app.mbus import requests
from app.mbus.addresses import SecondaryAddress
from app.practice.faults import Echo, Faults
from app.practice.replay import ReplayBus, ReplayWire, recorded_answers
from tests.fakes.meters import simple_meter
from tests.fakes.virtual_bus import VirtualBus

ADDRESS = SecondaryAddress("94158192")


def traced(bus, *, error=None):
    async def scenario():
        async with bus.master() as master:
            if error is None:
                await master.read_secondary(ADDRESS)
            else:
                with pytest.raises(error):
                    await master.read_secondary(ADDRESS)
            return master

    return asyncio.run(scenario())


def test_a_read_makes_four_lines_with_their_meaning():
    master = traced(VirtualBus(simple_meter()))
    lines = trace_lines(master.trace.entries())
    assert [str(line.meaning) for line in lines] == [
        "line at 2400 8E1",
        "select 94158192",
        "understood",
        "ask the selected meter for data",
        "telegram of 94158192 with 1 records",
    ]
    assert [line.direction for line in lines[1:3]] == [Direction.SENT, Direction.RECEIVED]
    assert len(lines[4].data) == 60


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (requests.snd_nke(5), "reset the link of 5"),
        (requests.req_ud1(5, True), "ask 5 for alarms"),
        (requests.set_baud_rate(5, 9600), "switch 5 to 9600 Bd"),
        (requests.application_reset(5), "reset the application of 5"),
        (requests.set_primary_address(5, 6), "send data to 5"),
        (requests.snd_ud(5, 0x5C), "send to 5"),
        (requests.select(SecondaryAddress("94158192", medium=4)), "select 94158192 (92811594FFFFFF04)"),
    ],
)
def test_what_requests_mean(frame, words):
    assert str(request_meaning(frame.to_bytes())) == words


def test_what_is_no_request():
    assert str(request_meaning(b"\x68\x01")) == "no request of this program"
    assert str(request_meaning(b"\xe5")) == "no request of this program"


def test_what_odd_answers_mean():
    request = requests.req_ud2(5, True).to_bytes()
    assert str(answer_meaning(request, request)) == "echo of the request"
    assert str(answer_meaning(request + b"\xe5", request)) == "echo, then: understood"
    assert str(answer_meaning(b"\x68\x03\x03\x68\x08\x05", request)).startswith("no frame: expected 9 bytes")
    assert str(answer_meaning(b"\x10\x08\x05\x0d\x16", request)) == "a frame of 5 bytes"


def test_an_exported_trace_comes_back_the_same():
    master = traced(VirtualBus(simple_meter()))
    text = master.export_trace()
    recorded = load_trace(text)
    assert recorded.line == LineSettings()
    kept = master.trace.entries()
    assert [(entry.direction, entry.data, entry.note) for entry in recorded.entries] == [
        (entry.direction, entry.data, entry.note) for entry in kept
    ]
    start = kept[0].time_s
    assert [entry.time_s for entry in recorded.entries] == pytest.approx(
        [e.time_s - start for e in kept], abs=1e-6
    )
    assert "telegram of 94158192 with 1 records" in text


def test_an_empty_trace_is_a_file_too():
    assert load_trace(export_trace((), LineSettings(baud=300))).line.baud == 300


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("hello", 1),
        ("[]", 1),
        ('{"format": "other", "version": 1}', 1),
        (export_trace((), LineSettings()) + '{"t": 0, "dir": "sideways"}', 2),
        (export_trace((), LineSettings()) + '{"t": 0, "dir": "sent", "hex": "1"}', 2),
        (export_trace((), LineSettings()) + '{"t": 0, "dir": "sent"}\n3', 3),
    ],
)
def test_what_is_no_trace_says_where(text, line):
    with pytest.raises(TraceFileError) as caught:
        load_trace(text)
    assert f"line {line}" in str(caught.value.message)
    assert caught.value.advice is not None


def replayed(text, job):
    with ReplayBus(load_trace(text)) as bus:
        url = bus.start()

        async def scenario():
            async with BusMaster(url, load_trace(text).line) as master:
                return await job(master)

        return asyncio.run(scenario())


def test_a_recorded_read_can_be_read_again():
    bus = VirtualBus(simple_meter(), baud=38400, faults=Faults(echo=Echo.FULL))
    text = traced(bus).export_trace()
    readout = replayed(text, lambda master: master.read_secondary(ADDRESS))
    assert readout.telegram.header.identification == "94158192"


def test_recorded_trouble_is_the_same_trouble_again():
    twins = [simple_meter(medium=4), simple_meter(medium=7, manufacturer=0x1111)]
    text = traced(VirtualBus(*twins, baud=38400), error=GarbledAnswer).export_trace()

    async def job(master):
        with pytest.raises(GarbledAnswer) as caught:
            await master.read_secondary(ADDRESS)
        return caught.value

    original = asyncio.run(_error_of(VirtualBus(*twins, baud=38400)))
    assert replayed(text, job).diagnosis is original.diagnosis


async def _error_of(bus):
    async with bus.master() as master:
        with pytest.raises(GarbledAnswer) as caught:
            await master.read_secondary(ADDRESS)
        return caught.value


def test_what_was_never_asked_is_never_answered():
    text = traced(VirtualBus(simple_meter(), baud=38400)).export_trace()

    async def job(master):
        with pytest.raises(NoAnswer):
            await master.read_secondary(SecondaryAddress("11111111"))
        return True

    assert replayed(text, job)


def entry(number, time_s, direction, text):
    return TraceEntry(number, time_s, direction, bytes.fromhex(text))


def test_answers_come_in_turn_and_the_last_one_stays():
    answers = recorded_answers(
        [
            entry(0, 0.0, Direction.RECEIVED, "FF"),
            entry(1, 1.0, Direction.SENT, "1040054516"),
            entry(2, 2.0, Direction.SENT, "1040054516"),
            entry(3, 2.5, Direction.RECEIVED, "E5"),
        ]
    )
    wire = ReplayWire(answers, 2400)
    request = bytes.fromhex("1040054516")
    wire.receive(10.0, request)
    assert wire.next_due is None, "the first time nobody answered"
    for now in (20.0, 30.0):
        wire.receive(now, request[:2])
        wire.receive(now + 0.1, request[2:])
        assert wire.next_due == now + 0.1 + 0.5
        assert wire.take(now + 0.2) == b""
        assert wire.take(now + 1) == b"\xe5"


def test_a_request_that_was_broken_off_does_not_spoil_the_next():
    answers = recorded_answers(
        [entry(0, 1.0, Direction.SENT, "1040054516"), entry(1, 1.1, Direction.RECEIVED, "E5")]
    )
    wire = ReplayWire(answers, 2400)
    wire.receive(1.0, b"\x10\x40")
    wire.receive(5.0, bytes.fromhex("1040054516"))
    assert wire.take(6.0) == b"\xe5"


def test_the_file_is_one_json_object_a_line():
    text = traced(VirtualBus(simple_meter())).export_trace()
    assert all(isinstance(json.loads(line), dict) for line in text.splitlines())
