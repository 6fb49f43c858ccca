"""Every state of the window, light and dark, scaled, and with long words: nothing is cut off.

The pictures are for a person's eye; set ``MBUS_PICTURES`` to a folder to keep them.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STATES = 12
DIALOGS = 4


@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    ("name", "scale", "options"),
    [
        ("laptop", "1", []),
        ("scaled-150", "1.5", ["--width", "1280", "--height", "690"]),
        ("long-words", "1", ["--long"]),
    ],
)
def test_every_state_is_drawn_and_nothing_is_cut_off(
    name: str, scale: str, options: list[str], tmp_path: Path
) -> None:
    folder = Path(os.environ.get("MBUS_PICTURES") or tmp_path) / name
    done = subprocess.run(
        [sys.executable, "-m", "tests.ui.pictures", str(folder), *options],
        cwd=ROOT,
        env={
            **os.environ,
            "QT_QPA_PLATFORM": "offscreen",
            "QT_SCALE_FACTOR": scale,
            "PYTHONPATH": str(ROOT),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=170,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {}, "texts or columns are cut off"
    assert len(list(folder.glob("*.png"))) == 2 * (STATES + DIALOGS)
