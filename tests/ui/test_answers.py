"""A failed reading in the window: said in a sentence, with buttons for what can be done, and nothing lost."""

import random
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QPushButton

from app.bus.port import LineSettings
from app.mbus.frames import LongFrame
from app.practice.building import Building
from app.practice.bus_server import PracticeBus
from app.practice.faults import Faults
from app.services.adapter import AdapterState
from app.services.explain import Kind
from app.services.jobs.job import JobState
from tests.fakes.field_cases import field_cases, telegrams_of
from tests.fakes.meters import simple_meter
from tests.fakes.odd_answers import NO_READINGS, NUMBER, answering_meter
from tests.fakes.window import Program

FAST = 38400
MAKERS_OWN = NO_READINGS["a maker's own telegram B7"][0]


@pytest.fixture
def serve(program: Program) -> Iterator:
    """Connects the window's adapter to a bus with these meters."""
    running: list[PracticeBus] = []

    def serve(*meters) -> PracticeBus:
        bus = PracticeBus(Building(list(meters)), baud=FAST)
        running.append(bus)
        program.application.adapter.choose_line(LineSettings(baud=FAST))
        program.application.adapter.choose(bus.start())
        program.wait(lambda: program.application.adapter.state is AdapterState.READY)
        return bus

    yield serve
    for bus in running:
        bus.stop()


def read(program: Program, number: str) -> None:
    program.type("serial_field", number)
    program.press(Qt.Key.Key_Return)
    program.wait(lambda: not program.application.reading.busy)


def settle(program: Program) -> None:
    """Waits until what was pasted is shown and kept."""
    program.wait(lambda: not {"open pasted", "save draft"} & set(program.application.tasks.running), 60_000)


def choices(program: Program) -> dict[str, QPushButton]:
    """The buttons of the banner by their words."""
    pushes = program.window.banner.findChildren(QPushButton)
    return {push.text(): push for push in pushes if push.isVisible() and "action" in push.objectName()}


def choose(program: Program, words: str) -> None:
    program.wait(lambda: words in choices(program))
    program.qtbot.mouseClick(choices(program)[words], Qt.MouseButton.LeftButton)


# What is pasted ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("raw", "kind", "said"), NO_READINGS.values(), ids=NO_READINGS)
def test_a_pasted_answer_that_is_no_reading_is_told_and_the_meter_on_screen_stays(
    program: Program, raw: bytes, kind: str, said: str
) -> None:
    program.open_telegram()
    program.paste(raw.hex(" "))
    program.wait(lambda: said in program.banner)
    assert program.application.errors.last.code == kind
    assert program.text("header_serial") == "94158192"


def test_nothing_that_can_be_pasted_raises_out_of_a_slot(program: Program) -> None:
    program.open_telegram()
    noise = random.Random(8)
    header = bytes.fromhex("92811594A7320404 01000000")
    bodies = (b"", header[:5], header, header + noise.randbytes(40), b"\xff" * 60, noise.randbytes(3))
    for ci in range(256):
        for body in bodies:
            program.window.text_pasted.emit(LongFrame(0x08, 1, ci, body).to_bytes().hex())
    for text in ("68", "E5", "10 5B FD 58 16", "68 05 05 68 53 FE 51 01 7A 08 25 16", "68 FF FF 68 08"):
        program.window.text_pasted.emit(text)
    settle(program)
    last = program.application.errors.last
    assert last is not None
    assert last.kind is not Kind.PROGRAM, last.details


@pytest.mark.parametrize("case", field_cases())
def test_every_telegram_of_the_field_can_be_pasted(program: Program, case: dict) -> None:
    for raw in telegrams_of(case):
        program.window.text_pasted.emit(raw.hex(" "))
    settle(program)
    last = program.application.errors.last
    assert last is None or last.kind is not Kind.PROGRAM, last.details


def test_a_list_pasted_anywhere_is_a_list_and_no_number(program: Program) -> None:
    program.open_telegram()
    program.find("records_table").setFocus()
    program.paste("94158193\n94158194\n94158195")
    assert "list of 3 lines" in program.banner
    assert program.text("header_serial") == "94158192"


def test_a_list_pasted_into_the_field_reads_nothing_and_is_taken_back(program: Program) -> None:
    program.type("serial_field", "94158193")
    program.find("serial_field").selectAll()
    program.paste("94158193\r\n94158194\r\n")
    assert "list of 2 lines" in program.text("serial_note")
    program.press(Qt.Key.Key_Return)
    assert not program.application.reading.busy
    program.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert program.text("serial_field") == "94158193"
    assert QGuiApplication.clipboard().text().count("\n") == 2


# What is typed -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "address", "said"),
    [
        ("94158192", "92811594FFFFFFFF", ""),
        ("8ZRI8800857629", "29768500FFFFFFFF", "the last eight of 8ZRI8800857629"),
        ("6 DME 41 7194 2539", "39259471FFFFFFFF", "Reads 71942539"),
        ("S/N 66660205", "05026666FFFFFFFF", "Reads 66660205"),
        ("67211183/A/15", "83112167FFFFFFFF", "Reads 67211183"),
        ("92811594A7320404", "92811594A7320404", "Landis+Gyr"),
        ("94158192, 94158193", "", "several numbers"),
        ("\u0669\u0664", "", "0 to 9"),
        ("hello", "", "digits only"),
    ],
)
def test_what_was_understood_stands_beside_the_field_before_anything_is_asked(
    program: Program, typed: str, address: str, said: str
) -> None:
    program.find("serial_field").setText(typed)
    assert program.text("secondary_address") == address
    assert said in program.text("serial_note")
    assert program.find("serial_note").isVisible() is bool(program.text("serial_note"))


@pytest.mark.parametrize("text", ["\x00", "9" * 10_000, "\u2003\u00a0", "\ufeff", "a\nb\nc"])
def test_whatever_stands_in_the_field_is_a_sentence(program: Program, text: str) -> None:
    program.find("serial_field").setText(text)
    assert program.text("serial_note")
    program.press(Qt.Key.Key_Return)


# What can be done ----------------------------------------------------------------------------------------


def test_the_last_digits_of_a_label_lead_to_the_meter_in_one_click(program: Program, serve) -> None:
    serve(simple_meter("85246798"), simple_meter("94158190"))
    read(program, "6798")
    program.wait(lambda: "need not be the one on the bus" in program.banner)
    assert {"Search the bus", "Diagnose the line", "Ask by fabrication number"} <= set(choices(program))
    choose(program, "Read the meter ending in 6798")
    program.wait(lambda: program.text("header_serial") == "85246798")
    assert not program.banner
    serial = next(each for each in program.application.meter.checks if each.code == "serial")
    assert "Nobody typed" in str(serial.reason), "the label's number is another"


def test_digits_of_an_address_are_read_turned_in_one_click(program: Program, serve) -> None:
    serve(simple_meter("94158192"))
    read(program, "92811594")
    choose(program, "Read 94158192 (digits turned)")
    program.wait(lambda: program.text("header_serial") == "94158192")
    assert program.text("serial_field") == "94158192"


def test_a_search_is_one_click_away(program: Program, serve) -> None:
    serve(simple_meter("85246798"))
    read(program, "11111111")
    choose(program, "Search the bus")
    program.wait(lambda: [line.serial for line in program.application.lines.rows] == ["85246798"])
    program.wait(lambda: program.application.bus.scan.state is JobState.FINISHED)


def test_meters_with_one_number_are_searched_and_read_by_their_full_address(program: Program, serve) -> None:
    serve(simple_meter("94158192", medium=4), simple_meter("94158192", medium=6, size=90))
    read(program, "94158192")
    program.wait(lambda: bool(program.banner))
    choose(program, "Search for this number")
    scan = program.application.bus.scan
    program.wait(lambda: scan.state is JobState.FINISHED)
    said = " ".join(str(each) for each in scan.status.details)
    assert "92811594A7320404" in said
    read(program, "92811594A7320406")
    program.wait(lambda: program.text("header_serial") == "94158192")
    assert program.application.meter.telegram.header.medium == 6


def test_a_diagnosis_looks_for_the_meter_that_was_missed(program: Program, serve) -> None:
    serve(simple_meter("94158190"))
    read(program, "11111111")
    choose(program, "Diagnose the line")
    diagnosis = program.application.bus.diagnosis
    program.wait(lambda: diagnosis.state is JobState.FINISHED, timeout_ms=30_000)
    assert "11111111" in str(diagnosis.report.message)


def test_a_known_meter_that_cannot_be_read_is_shown_as_it_was(program: Program, serve) -> None:
    bus = serve(simple_meter("94158190"), simple_meter("94158191"))
    read(program, "94158190")
    program.wait(lambda: program.text("header_serial") == "94158190")
    read(program, "94158191")
    program.wait(lambda: program.text("header_serial") == "94158191")
    bus.faults = Faults(dead=True)
    read(program, "94158190")
    program.wait(lambda: bool(program.banner))
    assert program.text("header_serial") == "94158190"
    assert "Below is its last reading" in program.banner


def test_an_answer_that_is_no_reading_takes_nothing_away(program: Program, serve) -> None:
    bus = serve(answering_meter(simple_meter(NUMBER).telegrams()[0]))
    read(program, NUMBER)
    program.wait(lambda: program.text("header_serial") == NUMBER)
    bus.building.meters[0].content = lambda *_: (MAKERS_OWN,)
    program.press(Qt.Key.Key_F5)
    program.wait(lambda: "maker's own kind" in program.banner)
    assert program.text("header_serial") == NUMBER
    assert program.application.meter.telegram.is_reading
    assert {"Read again", "Reset its application"} <= set(choices(program))
    choose(program, "Reset its application")
    program.wait(lambda: program.window.findChild(QDialog, "configure_dialog") is not None)
    program.window.findChild(QDialog, "configure_dialog").reject()
    program.wait(lambda: not program.application.bus.configure.running)


def test_a_scan_names_a_meter_without_a_reading_and_says_why(program: Program, serve) -> None:
    serve(answering_meter(MAKERS_OWN), simple_meter("94158190"))
    program.click("scan_button")
    scan = program.application.bus.scan
    program.wait(lambda: scan.state is JobState.FINISHED, timeout_ms=60_000)
    assert "94158190" in [line.serial for line in program.application.lines.rows]
    assert program.application.meter.telegram is None or program.application.meter.telegram.is_reading
    said = " ".join(str(each) for each in scan.status.details)
    assert NUMBER in said
    assert "without any reading" in said
