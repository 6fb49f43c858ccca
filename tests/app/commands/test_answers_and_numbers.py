"""An answer that is no reading fails in every command, in words and codes; labels' numbers are understood."""

import json
from io import StringIO

import pytest

from app.cli import main
from app.commands.outcome import ExitCode
from app.practice.building import Building
from app.practice.bus_server import PracticeBus
from app.practice.meters import Quirks, SimulatedMeter
from tests.fakes.field_cases import field_case, telegrams_of
from tests.fakes.meters import simple_meter
from tests.fakes.odd_answers import NO_READINGS, NUMBER, answering_meter

BAUD = "38400"


@pytest.fixture
def serve():
    running = []

    def serve(*meters: SimulatedMeter) -> str:
        running.append(PracticeBus(Building(list(meters)), baud=int(BAUD)))
        return running[-1].start()

    yield serve
    for bus in running:
        bus.stop()


@pytest.fixture(scope="module")
def one_meter():
    with PracticeBus(Building([simple_meter("94158192")]), baud=int(BAUD)) as bus:
        yield bus.start()


@pytest.fixture
def run(capsys):
    def run(command, port, *words):
        code = main([command, "--port", port, "--baud", BAUD, *words])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


@pytest.mark.parametrize(("raw", "kind", "said"), NO_READINGS.values(), ids=NO_READINGS)
@pytest.mark.parametrize("command", ["read", "entry"])
def test_what_is_no_reading_is_no_success(serve, run, command, raw, kind, said):
    code, out, err = run(command, serve(answering_meter(raw)), "--serial", NUMBER, "--json")
    answer = json.loads(out)
    assert (code, answer["ok"], answer["error"]["kind"]) == (ExitCode.METER, False, kind)
    assert said in answer["error"]["next_step"]
    assert answer["error"]["message"] in err


def test_an_upload_of_no_reading_stops_before_the_portal(serve, run, tmp_path, monkeypatch):
    monkeypatch.setattr("sys.stdin", StringIO("secret\n"))
    code, out, _ = run(
        "upload",
        serve(answering_meter(NO_READINGS["a maker's own telegram B7"][0])),
        *("--serial", NUMBER, "--portal", "http://127.0.0.1:9", "--username", "u", "--password-stdin"),
        *("--site", "s", "--data", str(tmp_path), "--json"),
    )
    assert (code, json.loads(out)["error"]["kind"]) == (ExitCode.METER, "makers_own")


def test_what_came_is_shown_all_the_same(serve, run):
    port = serve(answering_meter(NO_READINGS["a maker's own telegram B7"][0]))
    assert json.loads(run("read", port, "--serial", NUMBER, "--json")[1])["ci"] == "B7"
    code, out, err = run("read", port, "--serial", NUMBER)
    assert code == ExitCode.METER
    assert "B7" in out
    assert "reset --port" in err, "the next step is a command to copy"


def test_the_reset_that_is_advised_is_a_command(serve, run):
    port = serve(simple_meter(NUMBER))
    assert run("reset", port, "--serial", NUMBER, "--yes", "--json")[:2] == (
        ExitCode.OK,
        '{"ok": true, "error": null}\n',
    )
    code, out, err = run("reset", port, "--serial", NUMBER)
    assert (code, out) == (ExitCode.USAGE, ""), "nobody was there to be asked"
    assert "--yes" in err


@pytest.mark.parametrize("name", ["a maker's own telegram B7", "application error 70, too many read-outs"])
def test_a_scan_lists_it_with_its_problem_and_goes_on(serve, run, name):
    raw, kind, _ = NO_READINGS[name]
    port = serve(answering_meter(raw), simple_meter("94158190"), simple_meter("94158191"))
    code, out, _ = run("scan", port, "--json")
    *found, last = map(json.loads, out.splitlines())
    listed = {each["identification"]: each["problem_kind"] for each in found}
    assert sorted(listed) == [NUMBER, "94158190", "94158191"]
    assert listed[NUMBER] in (kind, "no_reading")
    assert listed["94158190"] is None
    assert "summary" in last
    assert code == ExitCode.METER
    assert f"{NUMBER}  ! " in run("scan", port)[1]


def test_a_scan_by_primary_address_lists_it_too(serve, run):
    port = serve(
        answering_meter(NO_READINGS["a maker's own telegram B7"][0], primary=3),
        simple_meter("94158190", primary=4),
    )
    out = run("scan", port, "--primary", "--json")[1]
    *found, _ = map(json.loads, out.splitlines())
    assert {each["primary_address"]: each["problem"] is not None for each in found} == {3: True, 4: False}


def test_diagnose_tells_the_meter_from_the_line(serve, run):
    port = serve(answering_meter(NO_READINGS["a maker's own telegram B7"][0]), simple_meter("94158190"))
    code, out, _ = run("diagnose", port, "--serial", NUMBER, "--json")
    told = json.loads(out)
    assert (code, told["diagnosis"]) == (ExitCode.METER, "no_reading")
    assert told["next_step"]


def test_a_meter_that_limits_its_read_outs_is_named_before_it_is_blamed(run, serve):
    case = field_case("selected, but no telegram")
    code, _, err = run("read", serve(simple_meter(NUMBER, quirks=Quirks(mute=True))), "--serial", NUMBER)
    assert code == ExitCode.METER, case["expected"]
    assert "limited number" in err or "read-outs" in err
    assert "fault" not in err or err.index("read-outs") < err.index("fault")


@pytest.mark.parametrize(
    "typed",
    [
        "94158192",
        "94 158 192",
        "S/N 94158192",
        "(21)94158192",
        "CH - 94158192",
        "94158192/A/15",
        "8LUG8894158192",
        "8 LUG 88 9415 8192",
        "92811594FFFFFFFF",
        "92811594A7320404",
        "9415819F",
    ],
)
def test_every_form_of_a_number_reads_the_meter(one_meter, run, typed):
    code, out, _ = run("read", one_meter, "--serial", typed, "--json")
    assert code == ExitCode.OK
    assert json.loads(out)["header"]["identification"] == "94158192"


def test_what_was_understood_is_told_before_anything_is_asked(run):
    _, _, err = run("read", "socket://127.0.0.1:1", "--serial", "8ZRI8800857629")
    assert err.startswith("Reads 00857629, the last eight of 8ZRI8800857629.")


def test_twins_are_told_apart_by_the_full_address(serve, run):
    port = serve(simple_meter("94158192", medium=4), simple_meter("94158192", medium=0x0A))
    for medium in ("04", "0A"):
        _, out, _ = run("read", port, "--address", f"92811594A73204{medium}", "--json")
        assert json.loads(out)["header"]["medium"] == medium


def test_a_meter_is_found_by_its_fabrication_number(serve, run):
    port = serve(simple_meter("85246798", medium=7, fabrication_number="66660205"), simple_meter("94158190"))
    code, out, _ = run("entry", port, "--fabrication-number", "66660205", "--json")
    assert code == ExitCode.OK
    assert json.loads(out)["secondary_ad"] == "98672485FFFFFFFF", "the portal gets the number of the bus"


def test_a_label_whose_number_is_not_the_one_on_the_bus_leads_to_the_search(serve, run):
    field_case("label number is not the M-Bus number")
    port = serve(simple_meter("85246798"))
    code, out, err = run("read", port, "--serial", "6798", "--json")
    assert code == ExitCode.METER
    assert "need not be the one on the bus" in err
    steps = {each["step"]: each["command"] for each in json.loads(out)["error"]["next_steps"]}
    assert {"search", "diagnose", "read_fabrication_number", "read_ending"} <= set(steps)
    words = steps["read_ending"].split()
    assert words[:2] == ["mbus-tool", "read"]
    assert main(words[1:]) == ExitCode.OK, "what is advised must work"
    words = steps["search"].split()
    assert main(words[1:]) == ExitCode.OK


def test_a_number_copied_from_an_address_is_offered_turned(serve, run):
    _, out, _ = run("read", serve(simple_meter("94158192")), "--serial", "92811594", "--json")
    steps = {each["step"]: each["command"] for each in json.loads(out)["error"]["next_steps"]}
    assert steps["read_turned"].endswith("--serial 94158192")
    assert main(steps["read_turned"].split()[1:]) == ExitCode.OK


@pytest.mark.parametrize(
    "typed", ["94158192\n94158193", "94158192, 94158193", "٩٤", "9\x004", "1" * 10_000, "\u2003", "hello"]
)
@pytest.mark.parametrize("command", ["read", "entry", "diagnose"])
def test_what_is_no_number_is_a_sentence(run, command, typed):
    code, _, err = run(command, "socket://127.0.0.1:1", "--serial", typed)
    assert code == ExitCode.USAGE
    assert err.count("\n") == 1
    assert err.strip().endswith(".") or "1 to 8 digits" in err


@pytest.mark.parametrize("name", ["1.80E+4 kW", "float digits and E notation in the other checks"])
def test_numbers_in_sentences_have_no_exponent_and_no_16_digits(serve, run, name):
    (raw,) = telegrams_of(field_case(name))
    number = raw[7:11][::-1].hex()
    _, out, _ = run("entry", serve(answering_meter(raw, number)), "--serial", number, "--useful", "--json")
    reasons = " ".join(each["reason"] for each in json.loads(out)["checks"])
    assert "E+" not in reasons
    assert not any(
        len(word.strip(".").replace(".", "")) > 12 for word in reasons.split() if word[0].isdigit()
    )
