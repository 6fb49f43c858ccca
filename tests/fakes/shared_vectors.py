"""The telegrams and facts that lie beside the project, for the tests that compare with them."""

import json
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "vectors"
ABSENT = f"the shared vectors are not beside the project ({FOLDER.name})"


def telegrams() -> list:
    """One parameter a telegram; a single skipped one where there are none."""
    path = FOLDER / "telegrams.jsonl"
    if not path.is_file():
        return [pytest.param(None, marks=pytest.mark.skip(reason=ABSENT))]
    found = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [pytest.param(vector, id=str(vector["id"])) for vector in found]


def gateway_print_format() -> dict:
    """What the gateway's library prints for every VIF; skips the test where it is absent."""
    path = FOLDER / "gateway_print_format.json"
    if not path.is_file():
        pytest.skip(ABSENT)
    return json.loads(path.read_text(encoding="utf-8"))
