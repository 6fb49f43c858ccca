"""An answer is not a reading: told with its next step, and with an exit code of its own."""

import json

import pytest

from app import cli
from app.bus.readout import Readout
from app.bus.scan import MeterFound
from app.commands.scan import found_object
from app.mbus.addresses import SecondaryAddress
from app.mbus.frames import LongFrame
from app.mbus.response import decode
from app.mbus.search import FoundMeter
from app.practice.building import Building
from app.practice.bus_server import PracticeBus
from app.practice.meters import SimulatedMeter
from tests.fakes.meters import refusing_meter

BAUD = 38400


@pytest.fixture
def bus_with():
    """Serves meters on a real port; returns the words of the command line that name it."""
    started = []

    def start(*meters: SimulatedMeter) -> list[str]:
        bus = PracticeBus(Building(list(meters)), baud=BAUD)
        started.append(bus)
        return ["--port", bus.start(), "--baud", str(BAUD)]

    yield start
    for bus in started:
        bus.stop()


ANSWERS = [
    ("70", "08", "no reading"),
    ("70", "09", "read-outs a day"),
    ("B7", "0D010203", "maker"),
    ("A2", "", "maker"),
    ("72", "", "nothing that can be read"),
]


@pytest.mark.parametrize("command", ["read", "entry"])
@pytest.mark.parametrize(("ci", "body", "said"), ANSWERS)
def test_a_meter_that_tells_no_values_is_a_failure_with_a_next_step(
    bus_with, capsys: pytest.CaptureFixture[str], command: str, ci: str, body: str, said: str
) -> None:
    line = bus_with(refusing_meter("23450954", ci=int(ci, 16), data=bytes.fromhex(body)))
    code = cli.main([command, *line, "--serial", "23450954", "--json"])
    output = capsys.readouterr()
    assert code == 4, output
    error = json.loads(output.out.splitlines()[0])["error"]
    assert said in f"{error['message']} {error['next_step']}"
    assert error["next_step"]


def test_a_scan_says_why_a_found_meter_gave_no_reading() -> None:
    frame = LongFrame(0x08, 1, 0x70, b"\x09").to_bytes()
    readout = Readout(decode(frame), frame, 0.1, 0.1, 1, 2400, SecondaryAddress("23450954"))
    found = MeterFound(FoundMeter(SecondaryAddress("23450954")), readout, 1)
    assert "read-outs a day" in str(found_object(found)["problem"])
