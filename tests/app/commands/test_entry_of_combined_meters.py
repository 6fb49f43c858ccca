"""``mbus-tool entry`` of a meter for heat and cooling: two entries, and questions where nobody can know."""

import json

import pytest

from app.cli import main
from app.commands.outcome import ExitCode
from app.mbus.addresses import SecondaryAddress
from app.practice.building import Building
from app.practice.bus_server import PracticeBus
from app.practice.meters import SimulatedMeter
from tests.fakes.built_telegrams import built

BAUD = "38400"
COMBINED, ASKED, FAULTY = "94158192", "94158200", "94158210"
TWIN = "92811594A732040A"


def meter(number, *records, **head):
    reading = built(*records, identification=number, **head)
    address = SecondaryAddress.from_bytes(reading.header.wire_address)
    return SimulatedMeter(address, lambda *_: (reading.raw,), primary=1 + int(number) % 100)


@pytest.fixture(scope="module")
def port():
    meters = [
        meter(COMBINED, ("04", "06"), ("04", "13"), ("04", "863C"), ("8440", "13"), medium=0x0D),
        meter(ASKED, ("04", "06"), ("04", "86FF02"), maker="KAM", version=48),
        meter(FAULTY, ("44", "06"), ("04", "863C")),
    ]
    with PracticeBus(Building(meters), baud=int(BAUD)) as bus:
        yield bus.start()


@pytest.fixture
def entry(port, capsys):
    def run(number, *words):
        code = main(["entry", "--port", port, "--baud", BAUD, "--serial", number, *words])
        return code, capsys.readouterr().out

    return run


def test_heat_and_cold_are_two_entries_with_their_own_name_type_and_register(entry):
    code, out = entry(COMBINED, "--json", "--place", "Roof")
    told = json.loads(out)
    assert code == ExitCode.OK
    assert [(each["name"], each["type"], each["reg"]) for each in told["entries"]] == [
        (
            "CH - 94158192 - Roof",
            "heating",
            "[{'unit': 'heat_energy_kwh', 'factor': 0.001, 'dib': '04', 'vib': '06'}]",
        ),
        (
            "FR - 94158192 - Roof",
            "cooling",
            "[{'unit': 'cold_energy_kwh', 'factor': 0.001, 'dib': '04', 'vib': '863C'}]",
        ),
    ]
    assert (told["type"], told["reg"]) == ("heating", told["entries"][0]["reg"])
    assert any("Input 1 counts water" in question for question in told["questions"])


def test_the_type_asked_for_comes_first(entry):
    _, out = entry(COMBINED, "--json", "--type", "cooling")
    told = json.loads(out)
    assert (told["type"], [each["type"] for each in told["entries"]]) == ("cooling", ["cooling", "heating"])


def test_every_register_has_both_energies_under_their_own_units(entry):
    _, out = entry(COMBINED, "--json", "--useful")
    reg = json.loads(out)["reg"]
    assert (reg.count("heat_energy_kwh"), reg.count("cold_energy_kwh"), reg.count("vol_m3")) == (1, 1, 1)


def test_cold_that_is_not_certain_is_asked_and_no_entry(entry):
    _, out = entry(ASKED, "--json", "--useful")
    told = json.loads(out)
    assert [each["type"] for each in told["entries"]] == ["heating"]
    assert "cold" not in told["reg"]
    assert any("Does this meter count cold" in question for question in told["questions"])
    assert told["meter_model"] == "Kamstrup MULTICAL 302"


def test_a_person_reads_model_both_entries_and_questions(entry):
    _, out = entry(COMBINED)
    assert "Landis+Gyr, version 4" in out
    assert out.count("secondary_ad") == 2
    assert "? Input 1 counts water" in out


def test_where_the_number_is_not_unique_the_entry_has_the_whole_address(entry):
    _, out = entry(COMBINED, "--json", "--beside", TWIN)
    told = json.loads(out)
    assert {each["secondary_ad"] for each in told["entries"]} == {"92811594A732040D"}
    assert any(TWIN in question for question in told["questions"])
    code, out = entry(COMBINED, "--json", "--beside", "not an address")
    assert code == ExitCode.USAGE


def test_without_an_index_the_records_that_could_be_one_are_named(entry):
    code, out = entry(FAULTY, "--json", "--type", "heating")
    message = json.loads(out)["error"]["message"]
    assert code == ExitCode.METER
    assert "44 06: a stored value" in message
    assert "04 863C: counts cold" in message
