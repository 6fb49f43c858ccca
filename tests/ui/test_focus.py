"""A scanner types and ends with Return: after every step the digits must land in the serial field."""

from decimal import Decimal

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QTableView

from app.bus.errors import PortGone
from app.domain.delivery_state import DeliveryState, OutboxItem
from app.domain.payload import parse_reg
from app.domain.progress import Progress
from app.domain.verification import RegisterComparison, Verdict, Verification
from app.message import Message
from app.portal.credentials import Account
from tests.fakes.window import MOMENT, Program

CONTROL = Qt.KeyboardModifier.ControlModifier
SCANNER_MS, HAND_MS = 8, 120


def keys(program: Program, text: str, gap_ms: int, begin_ms: int = 5000) -> None:
    """Keys at the window, as the system brings them, with the times they carry."""
    handle = program.window.windowHandle()
    for at, each in enumerate(text):
        code = Qt.Key.Key_Return if each == "\r" else Qt.Key(ord(each))
        event = QKeyEvent(QEvent.Type.KeyPress, code, Qt.KeyboardModifier.NoModifier, each)
        event.setTimestamp(begin_ms + at * gap_ms)
        QCoreApplication.sendEvent(handle, event)


def at_the_serial_field(program: Program) -> bool:
    field = program.find("serial_field")
    return QApplication.focusWidget() is field and field.selectedText() == field.text()


def has_a_site(program: Program) -> None:
    """An account and a site are chosen; nothing is sent anywhere."""
    program.application.workspace.delivery.account = Account("http://127.0.0.1:9", "installer")
    program.application.portal.use_account("http://127.0.0.1:9")
    program.application.portal.show_cached((), "site")


def uploaded(program: Program) -> OutboxItem:
    entry = program.application.meter.entry
    assert entry is not None
    item = OutboxItem("key", "http://127.0.0.1:9", "installer", "site", entry, MOMENT, DeliveryState.SENT)
    program.application.portal.show_upload(item)
    program.application.site.take_upload(item)
    return item


def test_after_an_upload_the_next_scan_has_its_place(program: Program) -> None:
    has_a_site(program)
    program.open_telegram()
    program.type("place_field", "Apartment 203")
    program.press(Qt.Key.Key_Return, CONTROL)
    assert at_the_serial_field(program), "Upload goes off while it runs and must not pass the focus on"
    program.wait(lambda: not program.application.desk.uploading)
    assert at_the_serial_field(program)
    program.press(Qt.Key.Key_9)
    assert program.text("serial_field") == "9", "the next scan takes the old number's place"


def test_what_hinders_an_upload_leaves_the_focus_where_it_was(program: Program) -> None:
    program.open_telegram()
    program.type("place_field", "Apartment 203")
    program.press(Qt.Key.Key_Return, CONTROL)
    assert QApplication.focusWidget() is program.find("place_field")


def test_after_a_verification_the_next_scan_has_its_place(program: Program) -> None:
    has_a_site(program)
    program.open_telegram()
    uploaded(program)
    program.click("verify_button")
    program.wait(lambda: not program.application.desk.verifying)
    program.wait(lambda: at_the_serial_field(program))


def test_after_work_on_the_bus_the_next_scan_has_its_place(program: Program) -> None:
    program.find("scan_button").setFocus()
    program.click("scan_button")
    program.wait(lambda: not program.application.bus.scan.running)
    program.wait(lambda: at_the_serial_field(program))


def test_who_types_keeps_the_focus_when_something_ends(program: Program) -> None:
    program.open_telegram()
    program.type("place_field", "Apart")
    program.application.focus.settle()
    QCoreApplication.processEvents()
    QCoreApplication.processEvents()
    assert QApplication.focusWidget() is program.find("place_field")


def test_a_scan_is_taken_wherever_the_focus_is(program: Program) -> None:
    program.open_telegram()
    program.type("place_field", "Apartment 203")
    keys(program, "94158193\r", SCANNER_MS)
    assert program.text("serial_field") == "94158193"
    assert program.text("place_field") == "Apartment 203", "the digits went into the place on their way"
    assert program.application.meter.draft.place == "Apartment 203"
    assert program.application.reading.serial.digits == "94158193"


@pytest.mark.parametrize(
    ("code", "digits"),
    [
        ("8ZRI8800857629", "00857629"),
        ("S/N 66660205", "66660205"),
        ("(21)94158193", "94158193"),
        ("67211183/A/15", "67211183"),
        ("92811594FFFFFFFF", "94158192"),
    ],
)
def test_letters_and_signs_of_a_barcode_are_part_of_it(program: Program, code: str, digits: str) -> None:
    program.open_telegram()
    program.type("place_field", "Apartment 203")
    keys(program, f"{code}\r", SCANNER_MS)
    assert program.text("serial_field") == code
    assert program.text("place_field") == "Apartment 203"
    assert program.application.reading.serial.digits == digits


def test_a_barcode_that_is_no_number_is_said_beside_the_field(program: Program) -> None:
    program.open_telegram()
    program.find("records_table").setFocus()
    keys(program, "8800857629\r", SCANNER_MS)
    assert "at most 8 digits" in program.text("serial_note")
    assert program.application.reading.serial is None


def test_a_scan_over_a_list_chooses_nothing_in_it(program: Program) -> None:
    program.open_telegram()
    choice = program.find("type_choice")
    before = choice.currentIndex()
    choice.setFocus()
    keys(program, "CH - 94158193\r", SCANNER_MS)
    assert choice.currentIndex() == before
    assert program.text("serial_field") == "CH - 94158193"


def test_quick_words_are_no_scan(program: Program) -> None:
    program.open_telegram()
    program.type("place_field", "")
    keys(program, "FLAT 203\r", SCANNER_MS)
    assert program.text("place_field") == "FLAT 203"
    assert program.application.reading.serial is None


def test_what_a_hand_types_is_no_scan(program: Program) -> None:
    program.open_telegram()
    program.type("place_field", "Flat ")
    keys(program, "94158193\r", HAND_MS)
    assert program.text("place_field") == "Flat 94158193"
    assert program.application.reading.serial is None


def test_a_scan_presses_no_button(program: Program) -> None:
    program.find("scan_button").setFocus()
    keys(program, "94158193\r", SCANNER_MS)
    assert not program.application.bus.scan.running
    assert program.application.reading.serial.digits == "94158193"


def test_the_line_that_is_marked_is_the_meter_that_is_shown(program: Program) -> None:
    program.open_telegram("94158192")
    program.open_telegram("94158193")
    table = program.find("meters_list", QTableView)
    program.wait(lambda: program.application.lines.rowCount() == 2 and table.currentIndex().row() == 1)
    table.setFocus()
    program.press(Qt.Key.Key_Up)
    program.wait(lambda: program.text("header_serial") == "94158192")
    assert program.text("serial_field") == "94158192", "F5 and Return read the meter that is shown"
    spot = table.visualRect(program.application.lines.index(1, 1)).center()
    program.qtbot.mouseClick(table.viewport(), Qt.MouseButton.RightButton, pos=spot)
    program.wait(lambda: program.text("header_serial") == "94158193")


def test_f5_reads_the_meter_that_is_shown(program: Program) -> None:
    program.open_telegram("94158192")
    program.type("serial_field", "94158197")
    program.find("records_table").setFocus()
    program.press(Qt.Key.Key_F5)
    assert program.application.reading.serial.digits == "94158192"


def test_a_failed_read_leaves_no_other_meter_to_upload(program: Program) -> None:
    program.open_telegram("94158192")
    program.type("serial_field", "94158197")
    program.press(Qt.Key.Key_Return)
    assert not program.find("upload_button").isEnabled(), "another number is being read"
    program.wait(lambda: bool(program.banner))
    program.wait(lambda: program.application.meter.draft is None)
    assert not program.find("upload_button").isEnabled()
    assert program.text("serial_field") == "94158197"


def test_the_label_of_a_pasted_telegram_was_compared_by_nobody(program: Program) -> None:
    program.open_telegram()
    serial = next(each for each in program.application.meter.checks if each.code == "serial")
    assert "Nobody typed" in str(serial.reason)


def test_a_change_after_the_verification_is_told(program: Program, run) -> None:
    has_a_site(program)
    program.open_telegram()
    item, application = uploaded(program), program.application
    run(application.site.keep_verification(application.meter.meter_id, all_equal(item), item))
    assert "every value equal" in application.desk.outcome()[0], "the label was compared by nobody"
    program.wait(lambda: [line.progress for line in application.lines.rows] == [Progress.VERIFIED_OPEN])
    program.type("place_field", "Apartment 204")
    assert "changed here since" in program.text("outcome")
    program.wait(lambda: [line.progress for line in application.lines.rows] == [Progress.CHANGED_SINCE])


def all_equal(item: OutboxItem) -> Verification:
    """The gateway reads what the meter says."""
    one = Decimal(1)
    return Verification(
        "2026-11-22T10:15:00Z",
        tuple(RegisterComparison(each, one, one, "", Verdict.EQUAL) for each in parse_reg(item.entry.reg)),
    )


def test_there_is_nothing_to_verify_before_an_upload(program: Program) -> None:
    has_a_site(program)
    program.open_telegram()
    assert not program.find("verify_button").isEnabled()
    assert "Upload first" in program.find("verify_button").toolTip()
    uploaded(program)
    assert program.find("verify_button").isEnabled()


def test_the_window_fits_the_screen_whatever_was_kept(program: Program) -> None:
    window = program.window
    room = window.screen().availableGeometry()
    least = window.minimumSizeHint()
    assert least.width() < 911, "a laptop of 1366 pixels at 150 %"
    assert window.width() <= max(room.width(), least.width())
    window.move(room.right() - 50, room.bottom() - 50)
    window.resize(room.width() + 700, room.height() + 300)
    window.fit_screen()
    assert window.width() <= max(room.width(), least.width()), "Upload stood beyond the edge at 150 %"
    assert window.height() <= max(room.height(), least.height())
    assert room.contains(window.frameGeometry().topLeft())


def test_the_bytes_stay_where_they_are_when_the_selection_moves(program: Program) -> None:
    program.open_telegram()
    page = program.window.middle.records
    index = program.application.meter.registers[1].record.index
    other = next(row.register.record.index for row in program.application.meter.rows if row.tick is None)
    tops = set()
    for selected in (index, other):
        program.application.meter.select(selected)
        QCoreApplication.processEvents()
        tops.add(page.bytes.geometry().top())
    assert len(tops) == 1


def test_an_error_that_is_over_does_not_stay(program: Program) -> None:
    errors = program.application.errors
    errors.show(PortGone(Message("There is no port X.")))
    assert program.banner
    errors.take_back("portal_")
    assert program.banner, "another trouble has not ended"
    errors.take_back("port_")
    assert not program.banner
