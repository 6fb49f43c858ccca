"""An encrypted meter in the window, over a real socket: its key is asked for, tried, and opens the values."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QLabel, QLineEdit

from app.practice.building import practice_building
from app.practice.bus_server import PracticeBus
from tests.fakes.meters import encrypted_meter
from tests.fakes.window import INDEX_ALONE, Program
from ui.windows.key_dialog import KeyDialog

KEY = bytes(range(16))


@pytest.fixture
def read_encrypted(program: Program):
    """The encrypted meter has been read and the banner stands."""
    building = replace(practice_building(), meters=[encrypted_meter(KEY)])
    with PracticeBus(building, baud=38400) as bus:
        program.application.adapter.choose(bus.start())
        program.application.adapter.choose_line(replace(program.application.adapter.line, baud=38400))
        program.type("serial_field", "94158192")
        program.press(Qt.Key.Key_Return)
        program.wait(lambda: "key is not known" in program.banner)
        yield program


def dialog_of(program: Program) -> KeyDialog:
    program.click("banner_action")
    program.wait(lambda: isinstance(QApplication.activeModalWidget(), KeyDialog))
    return QApplication.activeModalWidget()


def answer(program: Program, dialog: KeyDialog, text: str) -> None:
    field = dialog.findChild(QLineEdit, "key_field")
    # As it is pasted: keys that no keyboard has cannot be clicked.
    field.setText(text)
    program.qtbot.keyClick(field, Qt.Key.Key_Return)


def test_the_key_is_tried_on_the_telegram_and_shows_it_without_reading_again(read_encrypted: Program) -> None:
    program = read_encrypted
    dialog = dialog_of(program)
    note = dialog.findChild(QLabel, "key_note")
    answer(program, dialog, "no key at all")
    assert "32 hex digits" in note.text()
    for wrong in ("0" * 31, "0" * 33, "0" * 2000, "\N{ARABIC-INDIC DIGIT ZERO}" * 32):
        answer(program, dialog, wrong)
        assert "32 hex digits" in note.text()
    answer(program, dialog, "FF" * 16)
    assert "does not fit" in note.text(), "a wrong key is told as such"
    requests = len(program.application.adapter.master.trace.entries())
    answer(program, dialog, KEY.hex())
    program.wait(lambda: program.reg == INDEX_ALONE)
    assert program.banner == ""
    assert len(program.application.adapter.master.trace.entries()) == requests
    program.press(Qt.Key.Key_F5)
    program.wait(lambda: not program.application.reading.busy)
    program.wait(lambda: program.reg == INDEX_ALONE)
    assert program.banner == "", "the key is known for the next reading"


def test_nothing_is_kept_when_the_question_is_closed(read_encrypted: Program) -> None:
    program = read_encrypted
    dialog = dialog_of(program)
    buttons = dialog.findChild(QDialogButtonBox)
    buttons.button(QDialogButtonBox.StandardButton.Cancel).click()
    program.wait(lambda: QApplication.activeModalWidget() is None)
    assert "key is not known" in program.banner
    assert program.application.meter.telegram.error is not None
