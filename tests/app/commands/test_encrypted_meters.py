"""``mbus-tool read`` and ``entry`` of an encrypted meter over a real socket: with its key as of any other."""

import io
import json
from dataclasses import replace

import keyring
import pytest
from keyring.backends.fail import Keyring as NoKeyring

from app.cli import main
from app.commands.outcome import ExitCode
from app.portal.credentials import Secret
from app.portal.system_keyring import SystemKeyring
from app.practice.building import practice_building
from app.practice.bus_server import PracticeBus
from app.services.meter_keys import KeptKeys
from tests.fakes.meters import encrypted_meter

KEY = bytes(range(16))


@pytest.fixture(scope="module")
def port():
    building = replace(practice_building(), meters=(encrypted_meter(KEY, telegrams=2),))
    with PracticeBus(building, baud=38400) as bus:
        yield bus.start()


@pytest.fixture
def run(port, capsys, monkeypatch):
    monkeypatch.setattr(keyring.core, "_keyring_backend", NoKeyring())

    def run(command, *words, typed=""):
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        code = main([command, "--port", port, "--baud", "38400", "--serial", "94158192", *words])
        printed = capsys.readouterr()
        for secret in (KEY.hex(), "ff" * 16):
            assert secret not in (printed.out + printed.err).lower()
        return code, printed.out, printed.err

    return run


@pytest.mark.parametrize("number", ["", "94158192="])
def test_read_shows_the_values_of_both_telegrams(run, number):
    code, out, _ = run("read", "--json", "--key-file", "-", typed=f"{number}{KEY.hex()}\n")
    told = json.loads(out)
    assert (code, told["ok"], len(told["records"])) == (ExitCode.OK, True, 4)
    assert told["records"][0]["value"] == "37223000"


def test_entry_takes_the_key_from_a_file_as_windows_writes_it(run, tmp_path):
    file = tmp_path / "keys.txt"
    file.write_text(f"94158192={KEY.hex()}\n", encoding="utf-16")
    code, out, _ = run("entry", "--json", "--key-file", str(file))
    assert code == ExitCode.OK
    assert "'dib': '04', 'vib': '06'" in json.loads(out)["reg"]


def test_the_key_kept_in_the_keyring_is_found(run, monkeypatch):
    kept = {}
    monkeypatch.setattr(
        SystemKeyring, "save", lambda _, account, secret: bool(kept.update({account: secret})) or True
    )
    monkeypatch.setattr(SystemKeyring, "load", lambda _, account: kept.get(account))
    KeptKeys(SystemKeyring()).keep("94158192", KEY, beyond_this_run=True)
    assert all(isinstance(secret, Secret) for secret in kept.values())
    assert run("read", "--json")[0] == ExitCode.OK


@pytest.mark.parametrize(("typed", "reason"), [("", "key is not known"), ("FF" * 16, "does not fit")])
def test_without_the_right_key_the_reason_is_told(run, typed, reason):
    words = ("--key-file", "-")
    code, out, _ = run("read", "--json", *words, typed=typed)
    assert code == ExitCode.METER
    error = json.loads(out)["error"]
    assert (error["kind"], reason in error["message"]) == ("encrypted", True)
    code, out, err = run("entry", "--json", *words, typed=typed)
    assert code == ExitCode.METER
    assert json.loads(out)["error"]["kind"] == "encrypted_reading"
    assert "Enter the meter's key" in err


@pytest.mark.parametrize("file", ["-", "absent.txt"])
def test_what_is_no_key_ends_the_command_before_anything_is_sent(run, file):
    code, out, _ = run("read", "--json", "--key-file", file, typed="00")
    assert code == ExitCode.USAGE
    assert json.loads(out)["error"]["kind"] == "meter_key"


WRONG_KEYS = [
    "00",
    "0" * 31,
    "0" * 33,
    "G" * 32,
    "0" * 10_000,
    "",
    "\x00" * 32,
    "=",
    "0" * 32 + "=",
    "٠" * 32,
]


@pytest.mark.parametrize("key", WRONG_KEYS, ids=range(len(WRONG_KEYS)))
def test_a_key_of_the_wrong_length_is_a_sentence_that_does_not_repeat_it(run, tmp_path, key):
    file = tmp_path / "keys.txt"
    file.write_text(f"94158191={KEY.hex()}\n\n94158192={key}\n", encoding="utf-8")
    code, _, err = run("read", "--key-file", str(file))
    assert code == ExitCode.USAGE
    assert "line 3 of the key file" in err


def test_a_key_on_the_command_line_is_refused_and_not_repeated(capsys):
    """Every program of the computer can read the command line of every other."""
    for words in (["--key", KEY.hex()], ["--key=" + KEY.hex()], ["--key"]):
        with pytest.raises(SystemExit) as ended:
            main(["read", "--port", "socket://127.0.0.1:9", "--serial", "94158192", *words])
        printed = capsys.readouterr()
        assert ended.value.code == ExitCode.USAGE
        assert KEY.hex() not in printed.out + printed.err
        assert "--key-file -" in printed.err


def test_help_offers_no_key_on_the_command_line(capsys):
    with pytest.raises(SystemExit):
        main(["read", "--help"])
    words = capsys.readouterr().out.split()
    assert "--key-file" in words
    assert "--key" not in words
