"""The locks belong to pyproject.toml and say nothing of where packages come from."""

from pathlib import Path

import pytest

from tests.fakes.scripts import load_script

lock = load_script("lock")


def test_the_committed_locks_are_current_and_without_addresses() -> None:
    assert lock.problems() == []


@pytest.mark.parametrize(
    "line",
    [
        "--index-url somewhere",
        "--find-links wheels",
        "--extra-index-url x",
        "-e .",
        "-f wheels",
        "thing @ file:///wheels/thing.whl",
        "# via https://example.org",
    ],
)
def test_a_line_that_says_where_from_is_found(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("RUN_LOCK", "DEV_LOCK"):
        copy = tmp_path / f"{name}.txt"
        copy.write_text(getattr(lock, name).read_text("utf-8") + line + "\n", "utf-8")
        monkeypatch.setattr(lock, name, copy)
    assert [problem for problem in lock.problems() if line in problem]


def test_a_changed_dependency_makes_the_lock_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "fingerprint", lambda: "another")
    assert any("not from today's pyproject.toml" in problem for problem in lock.problems())
