"""The self-test must not pass where a person would be stuck: hidden, covered, switched off or missing."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui import self_test, self_test_stage
from ui.self_test import FirstPaint, SelfTestOptions, parse_options, run_checks
from ui.self_test_checks import CHECKS, Check, resources_are_whole
from ui.self_test_stage import Account, CheckFailed, Stage, expect

Run = Callable[..., Any]
ACCOUNT = Account("http://127.0.0.1:1", "installer", "secret-word", "site")


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    column = QVBoxLayout(window)
    for name, widget in (("button", QPushButton("Go")), ("field", QLineEdit()), ("words", QLabel("Said"))):
        widget.setObjectName(name)
        column.addWidget(widget)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    return window


@pytest.fixture
def stage(window: QWidget, tmp_path: Path) -> Stage:
    return Stage(window, ACCOUNT, 0.5, tmp_path / "pictures")


def test_a_click_and_keys_arrive_as_from_a_person(stage: Stage, window: QWidget) -> None:
    clicks: list[str] = []
    stage.find(QPushButton, "button").clicked.connect(lambda: clicks.append("clicked"))
    stage.click("button")
    assert clicks == ["clicked"]
    stage.type("field", "94158192")
    assert stage.text("field") == "94158192"
    stage.type("field", "7")
    assert stage.text("field") == "7", (
        "typing replaces what stood there, as a barcode scanner's next number does"
    )
    stage.press(Qt.Key.Key_Backspace, "field")
    assert stage.text("field") == ""


def cover(button: QPushButton) -> None:
    lid = QWidget(button.parentWidget())
    lid.setGeometry(button.geometry())
    lid.show()


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda button: button.hide(), "hidden"),
        (lambda button: button.setEnabled(False), "switched off"),
        (cover, "covered"),
        (lambda button: button.setObjectName("other"), "no QWidget named button"),
    ],
)
def test_a_click_a_person_could_not_make_fails(stage: Stage, spoil: object, why: str) -> None:
    spoil(stage.find(QPushButton, "button"))  # type: ignore[operator]
    with pytest.raises(CheckFailed, match=why):
        stage.click("button")


def test_waiting_in_vain_says_for_what(run: Run, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(self_test_stage, "PATIENCE_S", 0.05)
    with pytest.raises(CheckFailed, match="the meter answers"):
        run(stage.until(lambda: False, "the meter answers"))


def test_a_picture_is_kept(run: Run, stage: Stage, tmp_path: Path) -> None:
    run(stage.picture("1-empty"))
    assert (tmp_path / "pictures" / "1-empty.png").read_bytes().startswith(b"\x89PNG")


def test_a_broken_step_ends_the_job_but_not_the_other_checks(run: Run, stage: Stage) -> None:
    async def good(_stage: Stage) -> str:
        return "fine"

    async def bad(_stage: Stage) -> str:
        expect("reg", "[]", "[{}]")
        return "never"

    async def crash(_stage: Stage) -> str:
        raise ZeroDivisionError

    checks = [
        Check("crash", crash),
        Check("job: 1", bad, follows_job=True),
        Check("job: 2", good, follows_job=True),
        Check("other", good),
    ]
    lines: list[str] = []
    results = run(run_checks(stage, checks, lines.append))
    assert [(result.name, result.ok) for result in results] == [
        ("crash", False),
        ("job: 1", False),
        ("job: 2", False),
        ("other", True),
    ]
    assert "expected '[{}]', got '[]'" in results[1].detail
    assert results[2].detail == "not reached"
    assert len(lines) == len(checks)


def test_the_report_is_one_json_object_and_keeps_the_password_to_itself(
    run: Run,
    window: QWidget,
    tmp_path: Path,
    capfdbinary: pytest.CaptureFixture[bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(self_test, "CHECKS", (Check("resources", resources_are_whole),))
    options = SelfTestOptions(as_json=True, report=tmp_path / "report.json")
    report = run(self_test.self_test(window, ACCOUNT, options, first_paint_s=0.25))
    assert report.ok
    printed = json.loads(capfdbinary.readouterr().out)
    assert printed == json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert printed["first_paint_s"] == 0.25
    assert printed["checks"][0]["name"] == "resources"
    assert "secret-word" not in json.dumps(printed) + repr(ACCOUNT)


def test_no_check_at_all_is_no_pass(run: Run, window: QWidget) -> None:
    options = SelfTestOptions(only="no check of this name")
    assert not run(self_test.self_test(window, ACCOUNT, options, first_paint_s=0.1)).ok


def test_names_are_unique_and_the_job_is_in_order() -> None:
    names = [check.name for check in CHECKS]
    assert len(set(names)) == len(names)
    assert [name for name in names if name.startswith("job")] == [
        "job: practice",
        "job: type",
        "job: read",
        "job: index",
        "job: tick",
        "job: upload",
        "job: verify",
    ]


def test_the_command_line_says_what_to_check_and_where_to_write() -> None:
    words = [
        "--self-test",
        "--only",
        "job",
        "--json",
        "--report",
        "r.json",
        "--pictures",
        "p",
        "--started",
        "1.5",
    ]
    assert parse_options(words) == SelfTestOptions(True, Path("r.json"), Path("p"), "job", 1.5)
    assert parse_options(["--self-test"]) == SelfTestOptions()


def test_the_first_paint_is_noted_after_it_happened(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    first = FirstPaint(window)
    before = time.time()
    window.show()
    qtbot.waitUntil(first.painted.done)
    assert before <= first.painted.result() <= time.time()
    window.repaint()
