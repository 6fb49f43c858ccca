"""The field cases beside the project: telegrams from public reports, for the tests of their kinds."""

import json
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "field"
ABSENT = f"the field cases are not beside the project ({FOLDER.name})"


def field_cases(*kinds: str) -> list:
    """One parameter a case, its name as the id; a single skipped one where there are none.

    Args:
        kinds: only cases of these kinds (the field ``kind``); every case without any.
    """
    path = FOLDER / "cases.jsonl"
    if not path.is_file():
        return [pytest.param(None, marks=pytest.mark.skip(reason=ABSENT))]
    found = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    cases = [case for case in found if not kinds or case["kind"] in kinds]
    assert cases, f"no field case is of the kinds {kinds}"
    return [pytest.param(case, id=case["name"]) for case in cases]


def field_case(name: str) -> dict:
    """The case of that name; skips the test where there are none."""
    cases = [each.values[0] for each in field_cases() if each.values[0] is not None]
    if not cases:
        pytest.skip(ABSENT)
    return next(case for case in cases if case["name"] == name)


def telegrams_of(case: dict) -> list[bytes]:
    """The telegrams of a case; empty where it has none."""
    return [bytes.fromhex(each) for each in case.get("hex", "").split(",") if each.strip()]
