"""Two real processes on one data folder: the second brings the first window forward and ends."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.services.doorbell import FILE_NAME, announced

ROOT = Path(__file__).parents[2]
PATIENCE_S = 40.0

Start = Callable[[], "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts the program on one data folder; what still runs in the end is ended."""
    running: list[subprocess.Popen[str]] = []

    def start() -> "subprocess.Popen[str]":
        running.append(
            subprocess.Popen(
                [sys.executable, "-m", "ui", "--data-folder", str(tmp_path / "data")],
                cwd=ROOT,
                env={
                    **os.environ,
                    "QT_QPA_PLATFORM": "offscreen",
                    "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
                },
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.communicate()


def until_announced(process: "subprocess.Popen[str]", folder: Path) -> None:
    """Waits until the window of a process says where it is."""
    end = time.monotonic() + PATIENCE_S
    while (said := announced(folder)) is None or said.pid != process.pid:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end, "no window announced itself"
        time.sleep(0.02)  # of another process nothing tells but the file


@pytest.mark.timeout(150)
def test_a_second_process_ends_at_once_and_a_crashed_one_is_in_nobodys_way(
    start: Start, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    first = start()
    until_announced(first, folder)
    assert start().wait(PATIENCE_S) == 0
    assert first.poll() is None, "the first goes on"

    first.kill()
    first.wait()
    assert (folder / FILE_NAME).exists(), "what a crashed run leaves behind"
    after = start()
    until_announced(after, folder)
    assert start().wait(PATIENCE_S) == 0
    assert after.poll() is None
