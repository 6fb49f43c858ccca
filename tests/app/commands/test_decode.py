"""``mbus-tool decode``: what scripts rely on, to the letter."""

import io
import json
import subprocess
import sys

import pytest

from app import cli
from app.commands import decode
from app.mbus import security
from app.mbus.addresses import SecondaryAddress
from app.mbus.dif import DataField, Dib
from app.mbus.encode import RecordToSend, encode_header, encode_response, make_header
from app.mbus.frames import LongFrame
from app.mbus.records import Number

ADDRESS = SecondaryAddress.parse("92811594A7320404")
HEADER = make_header(ADDRESS, access_number=12)
ENERGY = RecordToSend(Dib(DataField.INT32), b"\x06", Number(37351, 3))
ANSWER = encode_response(HEADER, [ENERGY], address=1)
KEY = "000102030405060708090A0B0C0D0E0F"


def run(capsys, *words):
    code = cli.main(["decode", *words])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.fixture(autouse=True)
def _no_pipe(monkeypatch):
    """Capturing replaces the streams that the program would switch to UTF-8."""
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(getattr(cli.sys, name), "reconfigure", lambda **_: None, raising=False)


def test_object_of_the_documentation_to_the_letter(capsys):
    code, out, _ = run(capsys, "--json", ANSWER.hex())
    assert code == 0
    assert out.count("\n") == 1
    assert json.loads(out) == {
        "ok": True,
        "error": None,
        "frame": "long",
        "control": "08",
        "address": 1,
        "ci": "72",
        "header": {
            "identification": "94158192",
            "manufacturer": "LUG",
            "version": 4,
            "medium": "04",
            "medium_name": "heat",
            "access_number": 12,
            "status": "00",
            "signature": "0000",
        },
        "secondary_address": {"exact": "92811594A7320404", "wildcard": "92811594FFFFFFFF"},
        "records": [
            {
                "index": 0,
                "offset": 19,
                "length": 6,
                "dib": "04",
                "vib": "06",
                "description": "ENERGY",
                "function": "INST_VAL",
                "storage": 0,
                "tariff": 0,
                "subunit": 0,
                "value": "37351000",
                "unit": "Wh",
                "extensions": [],
                "flags": [],
                "gateway_text": "DIB:04, VIB:06 -> descr:ENERGY, function:INST_VAL, "
                "scaled value:3.7351E7, unit:WATT_HOUR, Wh",
            }
        ],
        "manufacturer_data": "",
        "more_records_follow": False,
        "incomplete": False,
    }
    assert list(json.loads(out)) == [
        *("ok", "error", "frame", "control", "address", "ci", "header", "secondary_address"),
        *("records", "manufacturer_data", "more_records_follow", "incomplete"),
    ]


def test_one_object_a_line_in_input_order_and_0_although_some_are_bad(capsys, monkeypatch):
    lines = [ANSWER.hex(" "), "", "zz", "E5", ANSWER[:-2].hex(), (ANSWER + ANSWER).hex()]
    monkeypatch.setattr("sys.stdin", io.StringIO("\r\n".join(lines) + "\r\n"))
    code, out, _ = run(capsys, "--json")
    told = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [t["error"] and t["error"]["kind"] for t in told] == [
        None,
        "empty",
        "hex",
        None,
        "truncated",
        None,
    ]
    assert [t["ok"] for t in told] == [True, False, False, True, False, True]
    assert [len(t["records"]) for t in told] == [1, 0, 0, 0, 1, 2]


def test_arguments_files_and_standard_input(capsys, monkeypatch, tmp_path):
    file = tmp_path / "telegrams.txt"
    file.write_text("\ufeffE5\n10 5B 01 5C 16\n", encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.StringIO("E5"))

    def frames(*words):
        return [json.loads(line)["frame"] for line in run(capsys, "--json", *words)[1].splitlines()]

    assert frames("105B015C16", "E5") == ["short", "ack"]
    assert frames("10", "5B", "01", "5C", "16") == ["short"]
    assert frames(str(file)) == ["ack", "short"]
    assert frames("--file", str(file)) == ["ack", "short"]
    for encoding in ("utf-16-le", "utf-16-be"):
        # As PowerShell writes it with >.
        file.write_bytes("\ufeffE5\r\n10 5B 01 5C 16\r\n".encode(encoding))
        assert frames("--file", str(file)) == ["ack", "short"]
    assert frames("-", "105B015C16") == ["ack", "short"]


@pytest.mark.parametrize(
    "words",
    [
        ["--file", "absent.txt"],
        ["--key-file", "absent.txt", "E5"],
    ],
)
def test_2_only_when_it_cannot_run(capsys, words):
    code, out, err = run(capsys, "--json", *words)
    assert (code, out) == (2, "")
    assert err.startswith("mbus-tool decode: ")


def encrypted() -> str:
    header = make_header(ADDRESS, access_number=12, signature=b"\x10\x05")
    plain = b"\x2f\x2f" + ENERGY.to_bytes() + b"\x2f" * 8
    secret = security.cbc_encrypt(bytes.fromhex(KEY), security.initial_vector(header), plain)
    return LongFrame(0x08, 1, 0x72, encode_header(header) + secret).to_bytes().hex()


@pytest.mark.parametrize("word", [KEY, f"94158192={KEY}"])
def test_key_opens_and_never_shows(capsys, tmp_path, word):
    file = tmp_path / "keys.txt"
    file.write_text(f"\n{word}\n", encoding="utf-8")
    for form in (["--json"], []):
        code, out, err = run(capsys, *form, "--key-file", str(file), encrypted())
        assert code == 0
        assert "37351000" in out
        assert KEY not in (out + err).upper()


def test_wrong_or_missing_key_is_told_as_such(capsys, tmp_path):
    wrong, none = tmp_path / "wrong.txt", tmp_path / "none.txt"
    wrong.write_text("FF" * 16, encoding="utf-8")
    none.write_text("00", encoding="utf-8")
    assert run(capsys, "--json", "--key-file", str(none), "E5")[0] == 2
    for words in ([], ["--key-file", str(wrong)]):
        told = json.loads(run(capsys, "--json", *words, encrypted())[1])
        assert told["error"]["kind"] == "encrypted"
        assert told["header"]["identification"] == "94158192"


def test_headers_that_do_not_tell_are_null(capsys):
    short = LongFrame(0x08, 1, 0x7A, bytes.fromhex("0C100000")).to_bytes()
    fixed = LongFrame(0x08, 1, 0x73, bytes.fromhex("785634120A00E97E0100000035010000")).to_bytes()
    told = [json.loads(line) for line in run(capsys, "--json", short.hex(), fixed.hex())[1].splitlines()]
    assert told[0]["header"]["identification"] is None
    assert (told[0]["header"]["access_number"], told[0]["header"]["status"]) == (12, "10")
    assert told[1]["header"]["identification"] == "12345678"
    assert told[1]["header"]["manufacturer"] is None
    assert [t["secondary_address"] for t in told] == [None, {"wildcard": "78563412FFFFFFFF"}]
    assert (told[1]["header"]["version"], told[1]["header"]["medium_name"]) == (None, "water")


@pytest.mark.parametrize("parts", ["FFFF0404", "A732FF04", "A73204FF"])
def test_address_with_an_unknown_part_is_never_called_exact(capsys, parts):
    data = bytes.fromhex(f"92811594{parts}0C000000")
    told = json.loads(run(capsys, "--json", LongFrame(0x08, 1, 0x72, data).to_bytes().hex())[1])
    assert told["secondary_address"] == {"wildcard": "92811594FFFFFFFF"}
    fields = (told["header"]["manufacturer"], told["header"]["version"], told["header"]["medium"])
    assert fields.count(None) == 1


def test_number_of_wildcards_only_is_no_number(capsys):
    data = bytes.fromhex("FFFFFFFFA73204040C000000")
    told = json.loads(run(capsys, "--json", LongFrame(0x08, 1, 0x72, data).to_bytes().hex())[1])
    assert (told["header"]["identification"], told["secondary_address"]) == (None, None)


def test_selection_shows_the_address_it_means(capsys):
    wire = LongFrame(0x53, 0xFD, 0x52, bytes.fromhex("92811594FFFFFFFF")).to_bytes().hex()
    told = json.loads(run(capsys, "--json", wire)[1])
    assert told["secondary_address"] == {"wildcard": "92811594FFFFFFFF"}


@pytest.mark.skipif(sys.platform == "win32", reason="a closed pipe is another error there")
def test_reader_that_has_seen_enough_is_no_failure(tmp_path):
    file = tmp_path / "telegrams.txt"
    file.write_text("E5\n" * 5000, encoding="utf-8")
    command = [sys.executable, "-m", "app.cli", "decode", "--json", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert json.loads(process.stdout.readline())["frame"] == "ack"
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_text_for_a_person(capsys):
    records = [ENERGY, RecordToSend(Dib(DataField.INT16, storage=1), b"\x6c", None)]
    header = make_header(ADDRESS, access_number=12, status=0x10)
    raw = encode_response(header, records, manufacturer_data=b"\x0a", more_records_follow=True)
    _, out, _ = run(capsys, raw.hex())
    for words in (
        "long frame, C 08, address 0, CI 72",
        "meter 94158192, LUG (Landis+Gyr), version 4, heat",
        "access number 12, status 10 (temporary error)",
        "secondary address 92811594A7320404",
        "ENERGY INST_VAL: 37351000 Wh",
        "DATE INST_VAL storage 1: no value  [invalid_date, gateway_differs]",
        "manufacturer data 0A",
        "more records follow",
    ):
        assert words in out


def test_text_names_what_the_gateway_has_no_name_for(capsys):
    records = [RecordToSend(Dib(DataField.INT8), bytes.fromhex(vib), 1) for vib in ("FD3A", "7C03485225")]
    _, out, _ = run(capsys, encode_response(HEADER, [*records, b"\x7f"]).hex())
    assert "NOT_SUPPORTED (dimensionless) INST_VAL: 1" in out
    assert "USER_DEFINED (%RH) INST_VAL: 1" in out
    assert "NOT_SUPPORTED INST_VAL: no value" in out


CONTROLS = "a\n\r\x0b\x0c\x1b[2J\x1c\x1d\x1e\x7f\x85b"


def test_control_characters_of_a_meter_break_no_line(capsys):
    text = CONTROLS.encode("latin-1")[::-1]
    records = [
        b"\x0d\xfd\x0b" + bytes((len(text),)) + text,
        b"\x01\x7c" + bytes((len(text),)) + text + b"\x01",
        b"\x0d\xfd\x0b\x06" + "\u2028\u2029".encode()[::-1],
    ]
    raw = encode_response(HEADER, records).hex()
    _, out, _ = run(capsys, "--json", raw)
    assert len(out.splitlines()) == 1
    assert out.rstrip("\n").isprintable()
    first, second, third = json.loads(out)["records"]
    assert first["value"] == CONTROLS
    assert CONTROLS in second["gateway_text"].translate({0xFF85: 0x85})
    assert "\u2028\u2029" in third["gateway_text"]
    _, out, _ = run(capsys, raw)
    assert "a\\n\\r\\x0b\\x0c\\x1b[2J" in out
    assert out.replace("\n", "").isprintable()


def test_periodic_date_is_told_in_words(capsys):
    raw = encode_response(HEADER, [b"\x42\x6c\xff\xf5", ENERGY]).hex()
    periodic, energy = json.loads(run(capsys, "--json", raw)[1])["records"]
    assert (periodic["value"], periodic["text"]) == (None, "every year on 31 May")
    assert "periodic" in periodic["flags"]
    assert "text" not in energy
    assert "DATE INST_VAL storage 1: every year on 31 May" in run(capsys, raw)[1]


@pytest.mark.parametrize(
    ("ci", "data", "kind", "words"),
    [
        (0x70, "09", "application", "too many readouts"),
        (0xA2, "0102", "manufacturer", "CI A2"),
        (0xB7, "0D01020304", "manufacturer", "CI B7"),
        (0x78, "", "no_records", "without a single record"),
        (0x72, "92811594A73204040C0000000F0102", "no_records", "maker's own kind only"),
    ],
)
def test_answer_that_is_no_reading_says_so(capsys, ci, data, kind, words):
    told = json.loads(run(capsys, "--json", LongFrame(0x08, 1, ci, bytes.fromhex(data)).to_bytes().hex())[1])
    assert (told["ok"], told["error"]["kind"]) == (False, kind)
    assert words in told["error"]["message"]


def test_answer_with_a_part_missing_is_incomplete(capsys):
    first = encode_response(HEADER, [ENERGY], more_records_follow=True).hex()
    last = encode_response(HEADER, [ENERGY]).hex()
    told = [
        json.loads(line)["incomplete"] for line in run(capsys, "--json", first, first + last)[1].splitlines()
    ]
    assert told == [True, False]


def test_text_of_what_is_no_answer(capsys):
    _, out, _ = run(capsys, "E5", "zz", "6804046808017A0C8F16")
    assert "ack frame\n" in out
    assert "ERROR (hex): expected hexadecimal digits, got 'z' as character 1" in out
    assert "ERROR (truncated)" in out
    unknown = make_header(SecondaryAddress.parse("9281159401000404"))
    assert "meter 94158192, @@A, version 4, heat" in run(capsys, encode_response(unknown, []).hex())[1]
    fixed = LongFrame(0x08, 1, 0x73, bytes.fromhex("785634120A03E97E0100000035010000")).to_bytes()
    told = run(capsys, fixed.hex())[1]
    assert "meter 12345678, water\n" in told
    assert "status 03 (no error)" in told


def test_module_offers_what_the_command_line_needs():
    assert callable(decode.add_arguments)
    assert callable(decode.run)
