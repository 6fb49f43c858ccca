"""``mbus-tool practice``: one line once everything answers, and an end that scripts can bring about."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parents[3]
LONG_ENOUGH_S = 60


@contextmanager
def practice(*words: str, stdin: int = subprocess.PIPE) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        (sys.executable, "-m", "app.cli", "practice", *words),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def addresses(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    found: dict[str, Any] = json.loads(process.stdout.readline())
    return found


def test_one_line_and_everything_answers_until_the_pipe_is_closed() -> None:
    with practice("--seed", "7") as process:
        told = addresses(process)
        assert list(told) == ["bus", "portal", "portal_page", "gateway", "username", "password", "site_id"]
        assert told["bus"].startswith("socket://127.0.0.1:")
        login = {"username": told["username"], "password": told["password"]}
        assert httpx.post(f"{told['portal']}/auth", json=login, trust_env=False).status_code == 200
        assert told["site_id"] in httpx.get(told["portal_page"], trust_env=False).text
        assert httpx.get(f"{told['gateway']}/", trust_env=False).status_code == 404
        out, err = process.communicate(timeout=LONG_ENOUGH_S)
        assert (process.returncode, out, err) == (0, "", "")


def test_the_second_building_tells_what_stands_at_each_of_its_meters() -> None:
    with practice("--faults") as process:
        meters = addresses(process)["meters"]
        assert len(meters) == 20
        by_serial = {meter["serial"]: meter for meter in meters}
        assert by_serial["15022718"]["dial"] == "128,437"
        assert by_serial["85246798"]["label"] == "67211183"
        assert all(meter["fault"] and meter["found_by"] for meter in meters)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to send")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_and_no_pipe_is_no_reason_to_end(number: signal.Signals) -> None:
    with practice(stdin=subprocess.DEVNULL) as process:
        addresses(process)
        assert process.poll() is None
        process.send_signal(number)
        assert process.wait(LONG_ENOUGH_S) == 0


def test_the_folder_keeps_the_portals_meters(tmp_path: Path) -> None:
    with practice("--folder", str(tmp_path / "Übung")) as process:
        addresses(process)
    assert list((tmp_path / "Übung").glob("*.sqlite"))


def test_a_taken_port_is_a_sentence() -> None:
    with practice() as first:
        port = addresses(first)["portal"].split(":")[2].split("/")[0]
        with practice("--portal-port", port) as second:
            assert second.wait(LONG_ENOUGH_S) == 1
            assert second.stderr is not None
            assert "could not start" in second.stderr.read()
