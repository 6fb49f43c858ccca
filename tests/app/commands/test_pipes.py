"""Commands in a pipe whose reader has seen enough end without a traceback."""

import subprocess
import sys

import pytest

ACKNOWLEDGED = "E5"


@pytest.mark.parametrize(
    "words", [["ports"], ["ports", "--json"], ["decode", "--json", *[ACKNOWLEDGED] * 400]]
)
def test_a_reader_that_went_away_is_no_failure(words):
    # What is printed at the very end must not fail either, when the interpreter empties its buffers.
    with subprocess.Popen(
        [sys.executable, "-m", "app.cli", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as tool:
        tool.stdout.close()
        said = tool.stderr.read()
        assert tool.wait(timeout=60) == 0, said
    assert said == b""
