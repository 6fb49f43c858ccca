"""Buildings and their meters in the real window: made, asked for, moved, removed, and taken back."""

import json
import subprocess
import sys
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialog, QListWidget

from tests.fakes.window import Program, raw_telegram

CONTROL = Qt.KeyboardModifier.ControlModifier
SERIALS = ["94158190", "94158191", "94158192"]


def serials_shown(program: Program) -> list[str]:
    return [line.serial for line in program.application.lines.rows]


def three_meters(program: Program) -> None:
    for serial in SERIALS:
        program.open_telegram(serial)


def mark(program: Program, *rows: int) -> None:
    table = program.find("meters_list")
    table.setFocus()
    table.clearSelection()
    for row in rows:
        where = table.visualRect(table.model().index(row, 1)).center()
        modifier = CONTROL if row != rows[0] else Qt.KeyboardModifier.NoModifier
        program.qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, modifier, where)


def choose_in_menu(program: Program, name: str) -> None:
    menu = program.window.left.menu()
    action = menu.findChild(QAction, name)
    assert action.isEnabled(), name
    action.trigger()
    menu.deleteLater()


def dialog(program: Program, name: str) -> QDialog:
    program.wait(lambda: program.window.findChild(QDialog, name) is not None)
    return program.window.findChild(QDialog, name)


def make_building(program: Program, name: str) -> None:
    program.wait(lambda: program.window.findChild(QDialog, "building_dialog") is not None)
    assert not program.find("building_ok").isEnabled(), "a building has a name or an address"
    program.find("building_name").setText(name)
    program.click("building_ok")


def test_meters_are_taken_off_the_list_and_one_key_brings_them_back(program: Program) -> None:
    three_meters(program)
    program.type("place_field", "Cellar")
    mark(program, 0, 2)
    assert len(program.window.left.chosen) == 2
    program.press(Qt.Key.Key_Delete)
    program.wait(lambda: serials_shown(program) == SERIALS[1:2])
    program.find("meters_list").setFocus()
    program.press(Qt.Key.Key_Z, CONTROL)
    program.wait(lambda: serials_shown(program) == SERIALS)
    assert [line.label for line in program.application.lines.rows] == ["", "", "Cellar"]


def test_meters_go_to_a_building_made_by_hand_without_any_account(program: Program) -> None:
    three_meters(program)
    mark(program, 0, 1)
    choose_in_menu(program, "menu_move")
    question = dialog(program, "choose_building")
    assert not program.find("choose_building_ok").isEnabled(), "nothing is chosen for the person"
    question.findChild(QListWidget).setCurrentRow(0)
    program.click("choose_building_ok")
    make_building(program, "Rue du Lac 12")
    program.wait(lambda: serials_shown(program) == SERIALS[2:])
    choose_in_menu(program, "menu_building")
    question = dialog(program, "choose_building")
    question.findChild(QListWidget).setCurrentRow(0)
    program.click("choose_building_ok")
    program.wait(lambda: serials_shown(program) == SERIALS[:2])


def test_what_is_decided_in_the_table_is_undone_from_the_menu(program: Program) -> None:
    three_meters(program)
    site = program.application.site
    ids = [row.meter_id for row in site.rows]
    site.change(ids, lambda draft: replace(draft, place="Cellar"))
    program.wait(lambda: {line.label for line in program.application.lines.rows} == {"Cellar"})
    choose_in_menu(program, "menu_undo")
    program.wait(lambda: {line.label for line in program.application.lines.rows} == {""})
    assert program.text("place_field") == "", "the page follows"
    choose_in_menu(program, "menu_redo")
    program.wait(lambda: {line.label for line in program.application.lines.rows} == {"Cellar"})


def test_which_of_two_meters_with_one_number_was_read_is_asked(program: Program, run) -> None:
    first, second = (run(program.application.site.add("94158192")) for _ in range(2))
    program.application.meters.open_pasted(raw_telegram())
    question = dialog(program, "which_meter")
    question.findChild(QListWidget).setCurrentRow(1)
    program.click("which_meter_ok")
    program.wait(lambda: program.text("header_serial") == "94158192")
    assert program.application.meter.meter_id == second
    assert not program.application.site.row(first).summary.answered


def test_a_building_in_the_window_touches_one_row_and_decodes_once() -> None:
    """What the benchmark counts; its times are for people."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.site", "--meters", "20", "--many", "0", "--json"],
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    )
    figures = json.loads(done.stdout)
    assert figures["reading"] == {"rows_touched": 1, "decodes": 1, "page_refreshes": 1}
    assert figures["change"] == {"rows_touched": 1, "page_refreshes": 1}
