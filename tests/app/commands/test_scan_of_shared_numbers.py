"""``mbus-tool scan`` where meters share a number, or are two parts of one: said, with what to do."""

import json

import pytest

from app.cli import main
from app.mbus.response import decode, secondary_address
from app.practice.building import Building
from app.practice.bus_server import PracticeBus
from app.practice.meters import SimulatedMeter
from tests.fakes.built_telegrams import built
from tests.fakes.field_cases import field_case, telegrams_of
from tests.fakes.meters import simple_meter

BAUD = "38400"
HEAT, COLD = "48094523B4090B04", "48094523B4090B0A"


@pytest.fixture
def serve():
    buses = []

    def start(*meters):
        bus = PracticeBus(Building(list(meters)), baud=int(BAUD))
        buses.append(bus)
        return bus.start()

    yield start
    for bus in buses:
        bus.stop()


def meter(raw, primary):
    address = secondary_address(decode(raw).header)
    return SimulatedMeter(address, lambda *_: (raw,), primary=primary)


def test_heat_and_cold_under_one_number_are_found_and_told_as_one_meter(serve, capsys):
    case = field_case("heat and cooling part share number and primary address")
    url = serve(*(meter(raw, 1) for raw in telegrams_of(case)))
    assert main(["scan", "--port", url, "--baud", BAUD, "--json", "--within", "23450948"]) == 0
    *found, last = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert sorted(each["secondary_address"]["exact"] for each in found) == [HEAT, COLD]
    summary = last["summary"]
    assert summary["parts_of_one_meter"] == [[HEAT, COLD]]
    assert [sorted(same) for same in summary["shared_numbers"]] == [[HEAT, COLD]]
    assert any("heat and the cold part of one meter" in remark for remark in summary["remarks"])


@pytest.mark.parametrize(("address", "type_"), [(HEAT, "heating"), (COLD, "cooling")])
def test_each_part_is_an_entry_by_its_whole_address(serve, capsys, address, type_):
    case = field_case("heat and cooling part share number and primary address")
    url = serve(*(meter(raw, 1) for raw in telegrams_of(case)))
    assert main(["entry", "--port", url, "--baud", BAUD, "--json", "--address", address]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(each["type"], each["secondary_ad"]) for each in told["entries"]] == [(type_, address)]


def test_a_cold_part_with_the_next_number_is_one_meter_for_the_makers_that_do_so(serve, capsys):
    parts = [
        built(("04", "06"), identification="20140033", maker="QDS", medium=0x04),
        built(("04", "06"), identification="20140034", maker="QDS", medium=0x0A),
    ]
    url = serve(*(meter(each.raw, at) for at, each in enumerate(parts, 1)))
    assert main(["scan", "--port", url, "--baud", BAUD, "--json", "--within", "2014003F"]) == 0
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert len(last["summary"]["parts_of_one_meter"]) == 1
    assert last["summary"]["shared_numbers"] == []


def test_the_last_digits_of_a_label_find_the_meter_among_others(serve, capsys):
    url = serve(*(simple_meter(number) for number in ("85246798", "85246799", "12346798")))
    assert main(["scan", "--port", url, "--baud", BAUD, "--ending", "6798"]) == 0
    out = capsys.readouterr().out
    assert "85246798" in out
    assert "12346798" in out
    assert "85246799" not in out
    assert "2 meter(s) found" in out
    assert "bear the number" not in out


def test_an_ending_that_is_none_is_a_sentence(serve, capsys):
    assert main(["scan", "--port", "socket://127.0.0.1:9", "--ending", "67a8"]) == 2
    assert "digits only" in capsys.readouterr().err
