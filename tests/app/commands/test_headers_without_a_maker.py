"""A meter whose answer names no maker, in the commands: null where it does not tell, and the others go on."""

import json

import pytest

from app.cli import main
from app.mbus.addresses import SecondaryAddress
from app.mbus.frames import LongFrame
from app.practice.building import Building
from app.practice.bus_server import PracticeBus
from app.practice.meters import SimulatedMeter
from tests.fakes.meters import simple_meter

BAUD = "38400"
FIXED = LongFrame(0x08, 8, 0x73, bytes.fromhex("20094523 01 00 0569 31650000 23910600"))


@pytest.fixture
def port():
    meter = SimulatedMeter(
        SecondaryAddress("23450920", 0x32A7, 4, 4), lambda *_: (FIXED.to_bytes(),), primary=8
    )
    bus = PracticeBus(Building([simple_meter("23450910"), meter]), baud=int(BAUD))
    yield bus.start()
    bus.stop()


def test_scan_prints_null_for_what_it_does_not_tell(port, capsys):
    assert main(["scan", "--port", port, "--baud", BAUD, "--json"]) == 0
    *found, last = map(json.loads, capsys.readouterr().out.splitlines())
    assert last["summary"]["found"] == 2
    assert {each["identification"]: each for each in found}["23450920"] == {
        "identification": "23450920",
        "manufacturer": None,
        "version": None,
        "medium": "04",
        "secondary_address": {"wildcard": "20094523FFFFFFFF"},
        "primary_address": 8,
        "model": None,
        "problem": None,
        "problem_kind": None,
    }
    assert main(["scan", "--port", port, "--baud", BAUD]) == 0
    assert "23450920  maker not told  heat  primary 8" in capsys.readouterr().out


def test_read_and_diagnose_take_it(port, capsys):
    assert main(["read", "--port", port, "--baud", BAUD, "--serial", "23450920", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["header"]["identification"], told["header"]["manufacturer"]) == ("23450920", None)
    assert [(each["value"], each["unit"]) for each in told["records"]] == [
        ("6531000", "Wh"),
        ("69.123", "m³"),
    ]
    assert main(["diagnose", "--port", port, "--baud", BAUD, "--serial", "23450920"]) == 0
