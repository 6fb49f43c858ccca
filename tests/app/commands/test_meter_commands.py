"""``mbus-tool read`` and ``entry`` over a real socket on the practice bus, as a script would use them."""

import json
import socket
from datetime import datetime
from decimal import Decimal

import pytest

from app.cli import main
from app.commands.outcome import ExitCode
from app.practice.building import practice_building
from app.practice.bus_server import PracticeBus

BAUD = 38400
INDEX_ALONE = "[{'unit': 'heat_energy_kwh', 'factor': 0.001, 'dib': '04', 'vib': '06'}]"


@pytest.fixture(scope="module")
def port():
    building = practice_building(now=lambda: datetime.now().replace(microsecond=0))  # noqa: DTZ005
    with PracticeBus(building, baud=BAUD) as bus:
        yield bus.start()


@pytest.fixture
def run(port, capsys):
    def run(command, *words, port=port):
        try:
            code = main([command, "--port", port, "--baud", str(BAUD), *words])
        except SystemExit as stop:
            code = stop.code
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def test_read_prints_the_decoded_telegram_and_what_it_took(run):
    code, out, _ = run("read", "--serial", "94158192", "--json")
    (line,) = out.splitlines()
    answer = json.loads(line)
    assert code == ExitCode.OK
    assert answer["ok"]
    assert answer["header"]["identification"] == "94158192"
    assert next(record["value"] for record in answer["records"] if record["vib"] == "06") == "37351000"
    assert answer["elapsed_s"] >= answer["wire_minimum_s"] > 0


def test_read_without_json_is_for_a_person(run):
    code, out, _ = run("read", "--serial", "94158192")
    assert code == ExitCode.OK
    assert "meter 94158192, LUG (Landis+Gyr), version 4, heat" in out
    assert "wire minimum" in out


def test_the_entry_is_the_index_alone_unless_more_is_asked_for(run):
    _, out, _ = run("entry", "--serial", "94158192", "--place", "Apartment 203", "--json")
    entry = json.loads(out)
    assert (entry["reg"], entry["secondary_ad"]) == (INDEX_ALONE, "92811594FFFFFFFF")
    assert entry["name"] == "CH - 94158192 - Apartment 203"
    _, out, _ = run("entry", "--serial", "94158192", "--useful", "--convert-always", "--json")
    assert "'power_kw', 'factor': 0.001" in json.loads(out)["reg"]


def test_the_entry_for_a_person_names_what_to_look_at(run):
    _, out, _ = run("entry", "--serial", "94158192", "--useful")
    assert "Model         generic_mbus" in out
    assert "! power_kw: The portal will read 2150 kW" in out


def test_a_meter_that_counts_in_megajoule_gets_a_factor_to_kwh(run):
    building = practice_building()
    number = next(
        meter.address.identification
        for meter in building.meters
        if meter.address.manufacturer != building.meter("94158192").address.manufacturer
        and meter.address.medium == 0x04
    )
    _, out, _ = run("entry", "--serial", number, "--json")
    reg = json.loads(out)["reg"]
    factor = Decimal(reg.partition("'factor': ")[2].partition(",")[0])
    assert abs(factor * 3_600_000 - 1) < Decimal("1e-14"), reg


@pytest.mark.parametrize(
    ("serial", "code", "kind"),
    [
        ("123456789", ExitCode.USAGE, "serial_number"),
        ("9415819A", ExitCode.USAGE, "serial_number"),
        ("11111111", ExitCode.METER, "no_answer"),
    ],
)
def test_an_error_is_a_sentence_an_object_and_an_exit_code(run, serial, code, kind):
    exit_code, out, err = run("read", "--serial", serial, "--json")
    answer = json.loads(out)
    assert (exit_code, answer["ok"], answer["error"]["kind"]) == (code, False, kind)
    assert answer["error"]["message"] in err


def test_a_port_that_is_not_there_has_its_own_exit_code(run):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        free = taken.getsockname()[1]
    code, out, err = run("read", "--serial", "1", port=f"socket://127.0.0.1:{free}")
    assert (code, out) == (ExitCode.PORT, "")
    assert "Nothing answers at" in err


def test_ports_lists_without_hardware_and_in_json(capsys):
    assert main(["ports"]) == ExitCode.OK
    assert main(["ports", "--json"]) == ExitCode.OK
    for line in capsys.readouterr().out.splitlines():
        if line.startswith("{"):
            assert json.loads(line)["url"]


def test_without_a_command_the_overview_and_a_usage_code(capsys):
    with pytest.raises(SystemExit) as stop:
        main([])
    assert stop.value.code == ExitCode.USAGE
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    assert stop.value.code == 0
    shown = capsys.readouterr().out
    assert "upload" in shown
    assert "the meter does not answer" in shown


def test_every_command_of_the_overview_has_its_help(capsys):
    for command in ("ports", "read", "decode", "entry", "upload", "practice", "scan", "diagnose", "replay"):
        with pytest.raises(SystemExit) as stop:
            main([command, "--help"])
        assert stop.value.code == 0, command
        assert f"mbus-tool {command}" in capsys.readouterr().out
