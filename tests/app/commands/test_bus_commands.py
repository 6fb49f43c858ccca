"""``scan``, ``diagnose`` and ``replay`` as a script sees them: lines, fields, exit codes."""

import json
import subprocess
import sys
from datetime import datetime

import pytest

from app.bus.errors import Diagnosis
from app.bus.scan import MetersUnresolved, ScanFinished
from app.cli import main
from app.commands.scan import Printed
from app.message import Message
from app.practice.building import Building, practice_building
from app.practice.bus_server import PracticeBus
from app.practice.faults import NO_FAULTS, Echo, Faults
from tests.fakes.meters import simple_meter

NOW = datetime(2026, 11, 22, 9, 30)  # noqa: DTZ001 - a meter's clock knows no zone
BAUD = "38400"


@pytest.fixture
def serve():
    buses = []

    def start(*meters, faults=NO_FAULTS):
        bus = PracticeBus(Building(list(meters)), baud=int(BAUD), faults=faults)
        buses.append(bus)
        return bus.start()

    yield start
    for bus in buses:
        bus.stop()


def lines(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_scan_prints_one_object_a_meter_and_a_summary(serve, capsys):
    meters = practice_building(now=NOW).meters
    wanted = [
        meter for meter in meters if meter.address.identification in ("94158192", "30422076", "71503344")
    ]
    assert main(["scan", "--port", serve(*wanted), "--baud", BAUD, "--json"]) == 0
    *found, last = lines(capsys)
    by_number = {each["identification"]: each for each in found}
    assert by_number["94158192"] == {
        "identification": "94158192",
        "manufacturer": "LUG",
        "version": 4,
        "medium": "04",
        "secondary_address": {"exact": "92811594A7320404", "wildcard": "92811594FFFFFFFF"},
        "primary_address": 7,
        "model": "Landis+Gyr ULTRAHEAT T550 (UH50)",
        "problem": None,
        "problem_kind": None,
    }
    assert sorted(by_number) == ["30422076", "71503344", "94158192"]
    assert last["summary"]["found"] == 3
    assert last["summary"]["probes"] >= 11
    assert last["summary"]["elapsed_s"] > 0


@pytest.mark.parametrize(
    "faults",
    [
        Faults(lost_answers=0.2),
        Faults(echo=Echo.PARTIAL, jitter_s=0.01),
        Faults(noise=0.1),
        Faults(portion_s=0.02, latency_s=0.01),
    ],
    ids=["lossy", "echo", "noise", "late_portions"],
)
def test_a_scan_over_a_bad_line_finds_every_meter(serve, capsys, faults):
    numbers = ["94158190", "94158191", "94158200"]
    url = serve(*(simple_meter(number) for number in numbers), faults=faults)
    main(["scan", "--port", url, "--baud", BAUD, "--json"])
    *found, _ = lines(capsys)
    assert sorted(each["identification"] for each in found) == numbers


def test_scan_in_words_with_a_known_serial(serve, capsys):
    url = serve(simple_meter(primary=2))
    assert main(["scan", "--port", url, "--baud", BAUD, "--known", "94158192"]) == 0
    said = capsys.readouterr().out
    assert "94158192  Landis+Gyr ULTRAHEAT T550 (UH50)  heat  primary 2  92811594A7320404" in said
    assert "1 meter(s) found with" in said


def test_scan_refuses_a_serial_that_is_none(capsys):
    assert main(["scan", "--port", "socket://127.0.0.1:1", "--known", "x"]) == 2


def test_what_a_scan_cannot_tell_apart_is_said_and_is_no_success(capsys):
    printed = Printed(as_json=True)
    printed.take(MetersUnresolved("94158192", Message("Several meters answer."), Diagnosis.COLLISION))
    printed.take(ScanFinished(0, 40, 12.3456))
    assert printed.exit_code == 4
    told = capsys.readouterr()
    assert json.loads(told.out) == {"summary": {"found": 0, "probes": 40, "elapsed_s": 12.346}}
    assert "Several meters answer." in told.err


def test_a_port_that_is_not_there(capsys):
    for command in ("scan", "diagnose"):
        assert main([command, "--port", "socket://127.0.0.1:1"]) == 3
        assert "Nothing answers at" in capsys.readouterr().err


def test_diagnose_a_good_and_a_dead_bus(serve, capsys):
    assert main(["diagnose", "--port", serve(simple_meter()), "--baud", BAUD, "--json"]) == 0
    (good,) = lines(capsys)
    assert good["diagnosis"] == "healthy"
    dead = serve(simple_meter(), faults=Faults(dead=True))
    assert main(["diagnose", "--port", dead, "--baud", BAUD, "--serial", "94158192"]) == 4
    assert "Not a byte comes back" in capsys.readouterr().out


def test_diagnose_refuses_a_serial_that_is_none(capsys):
    assert main(["diagnose", "--port", "socket://127.0.0.1:1", "--serial", "abc"]) == 2


def test_replay_refuses_what_is_no_trace(tmp_path, capsys):
    file = tmp_path / "odd.mbustrace"
    assert main(["replay", str(file)]) == 2
    file.write_text("hello", encoding="utf-8")
    assert main(["replay", str(file)]) == 2
    assert "no trace" in capsys.readouterr().err


def test_replay_serves_until_it_is_stopped(tmp_path, capsys):
    file = tmp_path / "empty.mbustrace"
    file.write_text(
        '{"format": "mbus-trace", "version": 1, "baud": 2400, "bytesize": 8, "parity": "E", "stopbits": 1}\n',
        encoding="utf-8",
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "replay", str(file)], stdout=subprocess.PIPE, text=True
    )
    try:
        told = json.loads(process.stdout.readline())
        assert told["baud"] == 2400
        assert told["bus"].startswith("socket://127.0.0.1:")
    finally:
        process.terminate()
        process.communicate(timeout=30)
