"""A change of a whole building that is killed is done for all its meters or for none, and never undone."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
KILLS = int(os.environ.get("MBUS_KILLS", "60"))
"""As many as CI has time for; a thousand were done once."""


@pytest.mark.timeout(60 + KILLS)
@pytest.mark.skipif(not hasattr(os, "fork"), reason="the killed process is a fork")
def test_no_kill_leaves_a_change_half_done_or_loses_one_that_was_said_to_be_done(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.app.services.kill_bulk", str(tmp_path), str(KILLS), "7"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=1200,
    )
    assert done.returncode == 0, done.stderr
    kills = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(kills) == KILLS
    for kill in kills:
        assert kill["meters"] == 60
        assert len(kill["places"]) == 1, f"half a change: {kill}"
        (place,) = kill["places"]
        number = int(place.removeprefix("place "))
        assert number in (kill["done"], kill["done"] + 1), f"what was said to be done is lost: {kill}"
