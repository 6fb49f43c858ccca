"""The window by keyboard: every routine step is one key, nothing typed is lost, nothing is without a name."""

import ast

import pytest
from PySide6.QtCore import QCoreApplication, Qt, QTranslator
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QPlainTextEdit,
    QTableView,
    QWidget,
)

from app.domain.registers import Role
from tests.fakes.window import ALL_USEFUL, INDEX_ALONE, Program, raw_telegram
from ui.theme import Tone

CONTROL = Qt.KeyboardModifier.ControlModifier


def test_the_window_is_ready_for_the_scanner(program: Program) -> None:
    assert QApplication.focusWidget() is program.find("serial_field")
    assert program.find("practice_button").isVisible(), "the empty window offers practice"
    assert not program.find("upload_button").isEnabled()


@pytest.mark.parametrize(
    ("typed", "address", "note"),
    [
        ("94158192", "92811594FFFFFFFF", ""),
        ("9415 8192", "92811594FFFFFFFF", ""),
        ("4158192", "92811504FFFFFFFF", "One leading zero was missing; read as 04158192."),
        ("94x", "", "digits only"),
        ("123456789", "", "at most 8 digits"),
    ],
)
def test_the_address_is_shown_while_typing(program: Program, typed: str, address: str, note: str) -> None:
    program.type("serial_field", typed)
    assert program.text("secondary_address") == address
    assert note in program.text("serial_note")


def test_a_telegram_pasted_anywhere_opens_as_if_read(program: Program) -> None:
    program.find("serial_field").setFocus()
    program.paste(f"Response:\n{raw_telegram().hex(' ')}\nDIB:04, VIB:06 -> descr:ENERGY")
    program.wait(lambda: program.text("header_serial") == "94158192")
    assert program.text("serial_field") == "94158192", "the telegram itself does not land in the field"
    assert program.reg == INDEX_ALONE


def test_a_short_text_is_pasted_into_the_field(program: Program) -> None:
    program.paste("94158192")
    assert program.text("secondary_address") == "92811594FFFFFFFF"


def test_a_paste_that_is_no_telegram_is_said_calmly(program: Program) -> None:
    program.find("meters_list").setFocus()
    program.paste("no telegram")
    assert "no telegram in what was pasted" in program.banner
    program.press(Qt.Key.Key_Escape)
    assert program.banner == ""


def test_one_key_ticks_all_that_is_useful(program: Program) -> None:
    program.open_telegram()
    program.press(Qt.Key.Key_F6)
    assert program.reg == ALL_USEFUL


def test_space_ticks_the_row_wherever_the_cursor_stands(program: Program) -> None:
    program.open_telegram()
    table = program.find("records_table", QTableView)
    model = table.model()
    volume = next(at for at, row in enumerate(model.rows) if row.register.key.vib == "13")
    table.setFocus()
    table.setCurrentIndex(model.index(volume, model.column_of("value")))
    program.press(Qt.Key.Key_Space)
    assert [each["vib"] for each in ast.literal_eval(program.reg)] == ["06", "13"]
    program.press(Qt.Key.Key_Space)
    assert program.reg == INDEX_ALONE


def test_the_selected_register_lights_its_dict_and_its_bytes(program: Program) -> None:
    program.open_telegram()
    program.press(Qt.Key.Key_F6)
    right, middle = program.window.right, program.window.middle
    record = next(each.record for each in program.application.meter.registers if each.key.vib == "2B")
    program.application.meter.select(record.index)
    assert right.reg.lit_line == 2
    assert middle.records.bytes.lit == (record.offset, record.length)
    assert middle.records.bytes.tone_at(record.offset) is Tone.AUXILIARY
    assert middle.records.bytes.tone_at(7) is Tone.SERIAL


def test_a_click_on_a_byte_selects_its_record(program: Program) -> None:
    program.open_telegram()
    view = program.window.middle.records.bytes
    record = program.application.meter.registers[1].record
    spot = view.byte_rect(record.offset + 1).center().toPoint()
    program.qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert program.application.meter.selected == record.index
    table = program.find("records_table", QTableView)
    assert table.currentIndex().row() == 1


def test_copying_gives_what_the_portal_wants(program: Program) -> None:
    program.open_telegram()
    program.press(Qt.Key.Key_F6)
    clipboard = QGuiApplication.clipboard()
    program.click("copy_reg")
    assert clipboard.text() == ALL_USEFUL
    program.click("copy_secondary_ad")
    assert clipboard.text() == "92811594FFFFFFFF"
    reg = program.find("reg_view", QPlainTextEdit)
    reg.setFocus()
    program.press(Qt.Key.Key_A, CONTROL)
    program.press(Qt.Key.Key_C, CONTROL)
    assert clipboard.text() == ALL_USEFUL, "one line, although it is shown on many"
    table = program.find("records_table", QTableView)
    table.setFocus()
    table.selectRow(1)
    program.press(Qt.Key.Key_C, CONTROL)
    assert clipboard.text() == INDEX_ALONE[1:-1]


def test_place_and_name_follow_the_pattern(program: Program) -> None:
    program.open_telegram()
    program.type("place_field", "Apartment 203")
    assert program.text("name_field") == "CH - 94158192 - Apartment 203"


def test_the_one_click_of_the_consequence_mends_it(program: Program) -> None:
    program.open_telegram()
    program.press(Qt.Key.Key_F6)
    power = next(each.record.index for each in program.application.meter.registers if each.key.vib == "2B")
    program.application.meter.select(power)
    assert "2.15" in program.text("strip_result")
    program.click("fix_factor")
    assert "'power_kw', 'factor': 0.001" in program.reg
    assert "2.150" in program.text("strip_result")


def test_a_hot_water_index_names_both_units_in_use_one_click_apart(program: Program) -> None:
    program.open_telegram("30417501")
    assert "'unit': 'hot_water'" in program.reg, "as documented, until the person decides otherwise"
    index = next(each for each in program.application.meter.registers if each.role is Role.INDEX)
    program.application.meter.select(index.record.index)
    assert "hot_water is the unit as documented" in program.text("strip_result")
    program.click("fix_factor")
    assert "'unit': 'vol_m3'" in program.reg
    program.click("fix_factor")
    assert "'unit': 'hot_water'" in program.reg


def test_a_typed_factor_is_checked_and_kept(program: Program) -> None:
    program.open_telegram()
    program.application.meter.select(1)
    program.type("factor_field", "abc")
    program.press(Qt.Key.Key_Return)
    assert "no number" in program.text("strip_result")
    assert program.reg == INDEX_ALONE
    program.type("factor_field", "0,002")
    program.press(Qt.Key.Key_Return)
    assert "'factor': 0.002" in program.reg


def test_upload_without_an_account_says_what_to_do_and_loses_nothing(program: Program) -> None:
    program.open_telegram()
    program.type("place_field", "Apartment 203")
    program.press(Qt.Key.Key_Return, CONTROL)
    assert "Sign in" in program.banner
    assert program.text("place_field") == "Apartment 203"


def test_reading_without_an_adapter_offers_a_way_on(program: Program) -> None:
    program.type("serial_field", "94158192")
    program.press(Qt.Key.Key_Return)
    program.wait(lambda: "No adapter is chosen" in program.banner)
    assert "practice" in program.text("banner_action").lower()


def test_help_opens_and_closes_by_key(program: Program) -> None:
    program.press(Qt.Key.Key_F1)
    program.wait(lambda: program.window.findChild(QDialog, "help_dialog") is not None)
    program.qtbot.keyClick(program.find("help_dialog"), Qt.Key.Key_Escape)
    program.wait(lambda: "dialog" not in program.application.tasks.running, timeout_ms=3000)


def test_what_was_decided_is_there_again_when_the_meter_is_opened(program: Program) -> None:
    program.open_telegram()
    program.press(Qt.Key.Key_F6)
    program.type("place_field", "Apartment 203")
    program.open_telegram("94158193")
    assert program.text("place_field") == ""
    program.open_telegram("94158192")
    assert program.text("place_field") == "Apartment 203"
    assert program.reg == ALL_USEFUL


def test_everything_that_takes_the_focus_has_a_name_for_the_ear_and_for_tests(program: Program) -> None:
    program.open_telegram()
    program.press(Qt.Key.Key_Return, CONTROL)
    assert program.banner
    nameless = [
        f"{type(widget).__name__} {widget.objectName()}"
        for widget in program.window.findChildren(QWidget)
        if widget.isVisible()
        and isinstance(widget, QAbstractButton | QLineEdit | QComboBox | QTableView | QPlainTextEdit)
        and widget.focusPolicy() is not Qt.FocusPolicy.NoFocus
        and not widget.objectName().startswith("qt_")
        and not (
            widget.objectName()
            and (widget.accessibleName() or (isinstance(widget, QAbstractButton) and widget.text()))
        )
        and not isinstance(widget.parent(), QComboBox)
    ]
    assert not nameless


def test_tab_goes_as_the_eye_goes(program: Program) -> None:
    program.open_telegram()
    # There is something to verify.
    program.window.right.set_busy(uploading=False, verifying=False, uploaded=True, other=False)
    seen, widget = [], program.find("serial_field")
    for _ in range(600):
        widget = widget.nextInFocusChain()
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible() and widget.isEnabled():
            seen.append(widget.objectName())
    wanted = [
        "read_button",
        "meters_list",
        "tick_all_button",
        "records_table",
        "bytes_view",
        "type_choice",
        "place_field",
        "name_field",
        "reg_view",
        "dial_field",
        "upload_button",
        "verify_button",
    ]
    positions = [seen.index(name) for name in wanted]
    assert positions == sorted(positions), [seen[at] for at in sorted(positions)]


class Shouting(QTranslator):
    def isEmpty(self):  # noqa: N802
        return False

    def translate(self, context, text, disambiguation=None, n=-1):
        return f"«{text}»"


def test_another_language_needs_no_restart(program: Program) -> None:
    program.open_telegram()
    translator = Shouting()
    QCoreApplication.installTranslator(translator)
    try:
        program.wait(lambda: program.text("upload_button") == "«Upload»")
        assert program.text("tab_records") == "«Records»"
        assert program.text("meters_title") == "«Meters»"
        assert program.reg == INDEX_ALONE, "portal keys are never translated"
    finally:
        QCoreApplication.removeTranslator(translator)
    program.wait(lambda: program.text("upload_button") == "Upload")


def test_what_is_next_and_the_button_that_stands_out_follow_the_meter(program: Program) -> None:
    """Nothing is said by an event and left standing."""
    program.wait(lambda: "choose the adapter" in program.text("status_next"))
    program.open_telegram()
    program.wait(lambda: "tick the registers" in program.text("status_next"))
    assert program.find("upload_button").property("primary") is True
    assert program.find("verify_button").property("primary") is False
    program.application.meters.close()
    program.wait(lambda: "choose the adapter" in program.text("status_next"))
    assert program.find("upload_button").property("primary") is False
