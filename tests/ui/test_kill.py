"""Killed after Upload with the portal down, started again with the portal up: the meter is there once."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from app.portal.client import PortalClient
from app.portal.credentials import fixed_password
from app.practice.portal import PracticePortal
from app.services.commissioning import load_vocabulary
from tests.fakes.window import ALL_USEFUL

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def start(
    what: str, folder: Path, portal: str, username: str, password: str, site_id: str
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.ui.kill_program",
            what,
            str(folder),
            portal,
            username,
            password,
            site_id,
        ],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.timeout(90)
def test_an_upload_survives_a_kill_and_arrives_once(tmp_path: Path, run) -> None:
    data, server_folder = tmp_path / "data", tmp_path / "portal"
    server_folder.mkdir()
    server = PracticePortal(server_folder, load_vocabulary(), seed=1)
    port = free_port()
    portal = f"http://127.0.0.1:{port}/api/v1"
    account = (portal, server.username, server.password, server.site_id)

    killed = start("upload", data, *account)
    try:
        assert killed.stdout is not None
        line = killed.stdout.readline()
        assert line.startswith("queued"), killed.communicate(timeout=10)[1]
    finally:
        killed.kill()
        killed.communicate(timeout=10)

    server.start(port)
    try:
        for _ in range(2):
            # The second start must find nothing left to send.
            again = start("deliver", data, *account)
            out, err = again.communicate(timeout=40)
            assert out.startswith("sent"), err
        stored = run(stored_meters(*account))
    finally:
        server.stop()
    assert [(entry.name, entry.secondary_ad, entry.reg) for entry in stored] == [
        ("CH - 94158192 - Apartment 203", "92811594FFFFFFFF", ALL_USEFUL)
    ]


async def stored_meters(portal: str, username: str, password: str, site_id: str):
    client = PortalClient(portal, username, fixed_password(password))
    try:
        listed = [each for each in await client.meters(site_id) if each.secondary_ad]
        return [(await client.get_meter(site_id, each.id)).entry for each in listed]
    finally:
        await client.close()
