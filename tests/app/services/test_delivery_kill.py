"""The program is killed at the worst moments; started again, the meter is on the portal exactly once."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from app.practice.portal import PortalTimes, PracticePortal
from app.practice.portal_data import Stored
from app.services.commissioning import load_vocabulary
from tests.fakes.portals import INDEX_REG, gateway_of, practice_portal, uploaded

ROOT = Path(__file__).parents[3]
LONG_ENOUGH_S = 60


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[PracticePortal]:
    with practice_portal(tmp_path / "portal") as running:
        yield running


@contextmanager
def uploader(
    portal: PracticePortal, folder: Path, action: str, url: str = ""
) -> Iterator[subprocess.Popen[str]]:
    """The program, running; what is left of it at the end is killed."""
    arguments = (
        str(folder),
        url or portal.api_url,
        portal.username,
        portal.site_id,
        gateway_of(portal),
        action,
    )
    process = subprocess.Popen(
        (sys.executable, "-m", "tests.fakes.uploader", *arguments),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdin is not None
        process.stdin.write(f"{portal.password}\n")
        process.stdin.flush()
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_until_queued(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "queued\n"


def send_what_waits(portal: PracticePortal, folder: Path) -> None:
    with uploader(portal, folder, "send") as process:
        assert process.wait(LONG_ENOUGH_S) == 0


def test_killed_after_the_upload_was_queued_with_the_portal_down(tmp_path: Path) -> None:
    desk = tmp_path / "Müller"
    portal = PracticePortal(tmp_path / "portal", load_vocabulary(), times=PortalTimes(request_interval_s=0))
    portal.start()
    port = int(portal.page_url.rpartition(":")[2])
    address = portal.api_url
    portal.suspend()
    try:
        with uploader(portal, desk, "upload", address) as process:
            wait_until_queued(process)
            process.kill()
            process.wait(LONG_ENOUGH_S)
        assert uploaded(portal) == []
        portal.start(port)
        send_what_waits(portal, desk)
        send_what_waits(portal, desk)
        (body,) = uploaded(portal)
        assert body["additional_settings"] == {"secondary_ad": "92811594FFFFFFFF", "reg": INDEX_REG}
    finally:
        portal.stop()


def test_killed_between_the_portals_commit_and_the_answer(portal: PracticePortal, tmp_path: Path) -> None:
    desk = tmp_path / "desk"
    committed, killed = threading.Event(), threading.Event()
    create = portal.data.create
    keys: list[str] = []

    def create_and_hold(site_id: str, body: dict[str, Any], key: str, **_: object) -> Stored:
        stored = create(site_id, body, key)
        keys.append(key)
        committed.set()
        killed.wait(LONG_ENOUGH_S)
        return stored

    portal.data.create = create_and_hold  # type: ignore[method-assign]
    with uploader(portal, desk, "upload") as process:
        wait_until_queued(process)
        assert committed.wait(LONG_ENOUGH_S)
        process.kill()
        process.wait(LONG_ENOUGH_S)
    killed.set()
    assert len(uploaded(portal)) == 1
    send_what_waits(portal, desk)
    assert len(uploaded(portal)) == 1
    assert len(keys) == 1, "it was found in the list: no second create"
    assert portal.requests.count(f"POST /meter_info/{portal.site_id}") == 1
    assert not any(request.startswith("PUT") for request in portal.requests)
