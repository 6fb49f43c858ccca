"""The bus in the real window: a small building on a fast line, scanned, stopped, spoilt and mended."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFileDialog, QLineEdit, QTableView

from app.bus.errors import Diagnosis
from app.bus.port import LineSettings
from app.bus.trace import Direction
from app.bus.trace_file import load_trace
from app.domain.building import NO_SITE
from app.domain.progress import Progress
from app.domain.site import Installation
from app.portal.credentials import Account
from app.practice.building import Building, practice_building
from app.practice.bus_server import PracticeBus
from app.practice.fault_board import FaultBoard
from app.services.adapter import AdapterState
from app.services.jobs.configure import SettingKind
from app.services.jobs.job import JobState
from tests.fakes.window import MOMENT, Program

FAST = 38400
ACCOUNT = Account("https://portal.example/api", "anna")
SERIALS = tuple(str(94158186 + step) for step in range(8))
HUNG_S = 2.0
"""The promise is 0.2 s; a machine busy with other tests gets ten times that."""
DEAD_BUS_MS = 60_000
"""Every rate is tried with the patience that slow meters need: some twenty seconds on a silent line."""


@pytest.fixture
def bus() -> Iterator[PracticeBus]:
    whole = practice_building(seed=1, now=MOMENT)
    bus = PracticeBus(Building([whole.meter(serial) for serial in SERIALS]), baud=FAST)
    yield bus
    bus.stop()


@pytest.fixture
def desk(program: Program, bus: PracticeBus) -> Program:
    """The program with its adapter on the bus."""
    program.application.bus.faults.use(FaultBoard(bus))
    program.application.adapter.choose_line(LineSettings(baud=FAST))
    program.application.adapter.choose(bus.start())
    program.wait(lambda: program.application.adapter.state is AdapterState.READY)
    return program


def serials_shown(program: Program) -> list[str]:
    return [line.serial for line in program.application.lines.rows]


def stored(program: Program, run) -> list[str]:
    known = run(program.application.workspace.store.meters.load(NO_SITE))
    return sorted(meter.serial for meter in known if meter.reading is not None)


def test_a_building_is_scanned_live_stopped_and_taken_up_again(desk: Program, run) -> None:
    scan = desk.application.bus.scan
    assert scan.state is JobState.IDLE, "it never scans unasked"
    desk.click("scan_button")
    desk.wait(lambda: len(serials_shown(desk)) >= 2)
    assert scan.running, "meters appear while the scan goes on"
    assert not desk.find("scan_button").isEnabled()
    pressed = time.monotonic()
    desk.press(Qt.Key.Key_Escape)
    desk.wait(lambda: not scan.running)
    assert time.monotonic() - pressed < HUNG_S, "a stop waits for nothing on the line"
    assert desk.text("work_title") == "Scan stopped"
    desk.wait(lambda: stored(desk, run) == serials_shown(desk))
    desk.click("work_act")
    desk.wait(lambda: not scan.running)
    assert desk.text("work_title") == "8 meters found"
    assert serials_shown(desk) == list(SERIALS)
    assert stored(desk, run) == list(SERIALS)
    line = desk.application.lines.rows[0]
    assert (line.progress, line.facts) == (Progress.READ, "Heat · Landis+Gyr ULTRAHEAT T550 (UH50)")

    table = desk.find("meters_list", QTableView)
    row = table.model().row_of_serial("94158192")
    where = table.visualRect(table.model().index(row, 1)).center()
    desk.qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=where)
    desk.wait(lambda: desk.text("header_serial") == "94158192")
    assert desk.reg.startswith("[{'unit': 'heat_energy_kwh'"), "a meter found opens as if it had been read"


def test_what_a_scan_found_before_a_site_was_known_waits_for_the_person_to_say_which(
    desk: Program, run
) -> None:
    portal = desk.application.portal
    desk.application.workspace.delivery.account = ACCOUNT
    portal.show_cached((Installation("a", "Rue du Lac 12"), Installation("b", "Rue du Lac 14")), "")
    scan = desk.application.bus.scan
    desk.click("scan_button")
    desk.wait(lambda: not scan.running, timeout_ms=60_000)
    portal.choose_site("b")
    desk.wait(lambda: "8 meters were read without a site: which building" in desk.banner)
    assert serials_shown(desk) == [], "nothing is decided for the person"
    push = desk.find("banner_action")
    assert push.text() == "This building"
    desk.click("banner_action")
    desk.wait(lambda: serials_shown(desk) == list(SERIALS))
    desk.find("meters_list").setFocus()
    desk.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    desk.wait(lambda: serials_shown(desk) == [])
    assert len(run(desk.application.site.without_site())) == len(SERIALS)


def test_the_only_building_takes_what_was_read_before_says_so_and_gives_it_back(desk: Program, run) -> None:
    desk.open_telegram()
    desk.application.workspace.delivery.account = ACCOUNT
    desk.application.portal.show_cached((Installation("a", "Rue du Lac 12"),), "a")
    desk.wait(lambda: "is now in Rue du Lac 12" in desk.banner)
    desk.wait(lambda: desk.text("header_serial") == "94158192")
    assert serials_shown(desk) == ["94158192"]
    desk.click("banner_action")
    desk.wait(lambda: serials_shown(desk) == [])
    assert len(run(desk.application.site.without_site())) == 1


def test_read_all_reads_the_list_and_names_what_fails(desk: Program, bus: PracticeBus, run) -> None:
    for serial in (*SERIALS[:3], "11111111"):
        run(desk.application.site.add(serial))
    assert len(serials_shown(desk)) == 4
    desk.click("read_all_button")
    desk.wait(lambda: desk.text("work_title") == "3 of 4 meters read")
    assert "11111111" in desk.application.bus.strip.text
    states = {line.serial: line.progress for line in desk.application.lines.rows}
    assert states == {"11111111": Progress.ON_LIST, **dict.fromkeys(SERIALS[:3], Progress.READ)}


def test_a_dead_bus_is_named_and_what_went_over_the_line_is_kept_as_a_file(
    desk: Program, tmp_path: Path
) -> None:
    bus_parts = desk.application.bus
    desk.click("tab_bus")
    bus_parts.faults.switch("dead", on=True)
    desk.wait(lambda: desk.application.adapter.state is AdapterState.READY)
    desk.click("diagnose_button")
    desk.wait(lambda: bus_parts.diagnosis.state is JobState.FINISHED, DEAD_BUS_MS)
    assert bus_parts.diagnosis.report.diagnosis is Diagnosis.DEAD_BUS
    assert "measure the bus" in bus_parts.page.strip.text
    desk.wait(lambda: bus_parts.page.panel.model.rowCount() > 5)

    path = tmp_path / "trouble.mbustrace"
    master = desk.application.adapter.master
    desk.click("trace_export")
    dialog = desk.window.findChild(QFileDialog, "export_dialog")
    desk.wait(dialog.isVisible)
    dialog.findChild(QLineEdit, "fileNameEdit").setText(str(path))
    dialog.accept()
    desk.wait(lambda: "trouble.mbustrace" in desk.text("status_happened"))
    recorded = load_trace(path.read_text(encoding="utf-8"))
    assert recorded.line.baud == FAST
    sent = [entry.data for entry in recorded.entries if entry.direction is Direction.SENT]
    assert sent == [e.data for e in master.trace.entries() if e.direction is Direction.SENT]


def test_a_setting_is_changed_only_after_a_yes(desk: Program, bus: PracticeBus) -> None:
    meter = bus.building.meter("94158192")
    before = meter.primary
    desk.type("serial_field", "94158192")
    desk.press(Qt.Key.Key_Return)
    desk.wait(lambda: desk.text("header_serial") == "94158192")
    configure = desk.application.bus.configure

    def dialog() -> QDialog:
        found = [each for each in desk.window.findChildren(QDialog, "configure_dialog") if each.isVisible()]
        return found[0] if found else None

    for answer in ("no", "yes"):
        desk.application.bus.page.setting_asked.emit(SettingKind.PRIMARY_ADDRESS)
        desk.wait(lambda: dialog() is not None)
        asking = dialog()
        assert not asking.accept_button.isEnabled(), "its present address is no change"
        asking.field.clear()
        assert not asking.accept_button.isEnabled(), "no number is no address"
        desk.qtbot.keyClicks(asking.field, "200")
        assert "cannot" in asking.question.text() or "only be set again by hand" in asking.question.text()
        assert asking.findChild(QDialogButtonBox) is not None
        if answer == "no":
            desk.qtbot.keyClick(asking, Qt.Key.Key_Return)
        else:
            desk.qtbot.mouseClick(asking.accept_button, Qt.MouseButton.LeftButton)
        desk.wait(lambda: not configure.running)
        assert meter.primary == (before if answer == "no" else 200), "a stray Return must change nothing"
    assert not desk.application.bus.page.strip.isHidden() or not desk.application.bus.page.isVisible()
    assert "primary address 200" in desk.application.bus.page.strip.text


def test_an_adapter_that_is_unplugged_in_mid_scan_is_named(desk: Program, run) -> None:
    bus_parts = desk.application.bus
    desk.click("scan_button")
    desk.wait(lambda: len(serials_shown(desk)) >= 2)
    bus_parts.faults.switch("unplugged", on=True)
    # The line's loss is told by several parts, each in its own turn of the loop.
    desk.wait(lambda: desk.text("work_title") == "Scan interrupted")
    desk.wait(lambda: desk.text("adapter_state") == "unplugged")
    desk.wait(lambda: "broke" in desk.banner)
    assert not bus_parts.scan.running
    found = serials_shown(desk)
    bus_parts.faults.switch("unplugged", on=False)
    desk.click("work_act")
    desk.wait(lambda: not bus_parts.scan.running)
    assert set(found) <= set(serials_shown(desk)) == set(SERIALS)
    assert desk.text("adapter_state") == "ready"


def test_faults_are_offered_in_practice_only(program: Program, bus: PracticeBus) -> None:
    program.click("tab_bus")
    offer = program.find("practice_faults_button")
    assert offer.isHidden()
    board = FaultBoard(bus)
    program.application.bus.faults.use(board)
    assert not offer.isHidden()
    board_keys = {switch.key for switch in board.switches}
    for key in board_keys:
        program.application.bus.faults.switch(key, on=True)
    assert program.text("practice_faults_button") == f"Practice faults: {len(board_keys)}"
    assert bus.faults.dead
    assert [meter.address.identification for meter in bus.building.meters].count("94158192") == 2
    program.application.bus.faults.clear()
    assert not bus.faults.dead
    assert len(bus.building.meters) == len(SERIALS)
