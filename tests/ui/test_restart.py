"""What an installer did is there again: after a restart, in practice, and with other settings."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QLineEdit, QMainWindow, QSplitter, QWidget

from app.services.adapter import AdapterState
from tests.fakes.window import ALL_USEFUL, NoVault, Program
from ui.application import Application, Options
from ui.theme import ThemeChoice
from ui.window_state import WindowState

Starter = Callable[..., Program]


@pytest.fixture
def start(qapp, loop, qtbot, tmp_path: Path) -> Iterator[Starter]:
    """Starts the program on one data folder, as often as wanted."""
    sheet, font, running = qapp.styleSheet(), qapp.font(), []

    def start(**options) -> Program:
        application = Application(
            qapp, Options(tmp_path / "data", **options), list_ports=tuple, vault=NoVault()
        )
        application.show()
        task = loop.create_task(application.run())
        running.append((application, task))
        qtbot.waitUntil(lambda: "delivery" in application.tasks.running, timeout=20_000)
        return Program(application, qtbot)

    yield start
    for application, task in running:
        application.window.close()
        qtbot.waitUntil(task.done, timeout=15_000)
        application.window.deleteLater()
    qapp.setStyleSheet(sheet)
    qapp.setFont(font)


def stop(program: Program) -> None:
    closed = []
    program.application.closed.connect(lambda: closed.append(True))
    program.window.close()
    program.wait(lambda: bool(closed))


def test_ticks_place_and_telegram_are_there_after_a_restart(start: Starter) -> None:
    first = start()
    first.open_telegram()
    first.press(Qt.Key.Key_F6)
    first.type("place_field", "Apartment 203")
    first.window.resize(first.window.width(), 640)
    stop(first)

    second = start()
    second.wait(lambda: second.application.lines.rowCount() == 1)
    assert [(line.serial, line.label) for line in second.application.lines.rows] == [
        ("94158192", "Apartment 203")
    ]
    second.open_telegram()
    assert second.reg == ALL_USEFUL
    assert second.text("place_field") == "Apartment 203"
    assert second.window.height() == 640


def test_the_last_building_and_its_last_meter_are_open_after_a_restart(start: Starter, run) -> None:
    first = start()
    building = run(first.application.sites.add("Rue du Lac 12"))
    first.application.sites.open(building.site_id)
    for serial in ("94158192", "94158193"):
        first.open_telegram(serial)
    first.type("place_field", "Apartment 204")
    first.application.meters.open_known("94158192")
    first.wait(lambda: first.text("header_serial") == "94158192")
    stop(first)

    second = start()
    second.wait(lambda: second.text("header_serial") == "94158192")
    assert second.application.site.site_id == building.site_id
    assert [line.label for line in second.application.lines.rows] == ["", "Apartment 204"]
    (marked,) = second.window.left.chosen
    assert second.application.site.row(marked).serial == "94158192"


def test_the_panels_have_the_widths_of_last_time(qtbot, tmp_path: Path) -> None:
    def window() -> tuple[QMainWindow, QSplitter]:
        window, splitter = QMainWindow(), QSplitter()
        qtbot.addWidget(window)
        splitter.setObjectName("panels")
        for _ in range(3):
            splitter.addWidget(QWidget())
        window.setCentralWidget(splitter)
        window.resize(700, 300)
        return window, splitter

    first, panels = window()
    first.show()
    panels.setSizes([200, 300, 180])
    sizes = panels.sizes()
    WindowState(tmp_path).keep(first, [panels])
    second, restored = window()
    WindowState(tmp_path).restore(second, [restored])
    second.show()
    assert restored.sizes() == pytest.approx(sizes, abs=2)
    assert second.size() == first.size()


def test_a_damaged_window_file_gives_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "window.ini").write_bytes(b"\x00\xff[General]theme=purple")
    assert WindowState(tmp_path).theme is ThemeChoice.SYSTEM


def test_a_second_copy_of_the_program_is_told_so(start: Starter, qapp, loop, qtbot, tmp_path: Path) -> None:
    """The window that has the folder does not answer: it hangs, or is of a version that cannot."""
    first = start()
    (tmp_path / "data" / "window.json").unlink()
    second = Application(qapp, Options(tmp_path / "data"), list_ports=tuple, vault=NoVault())
    second.show()
    task = loop.create_task(second.run())
    qtbot.waitUntil(second.window.unsaved_strip.isVisible, timeout=10_000)
    assert "another copy" in Program(second, qtbot).text("unsaved_why").lower()
    assert not second.workspace.is_open, "two windows cannot both write"
    assert first.application.workspace.is_open
    second.window.close()
    qtbot.waitUntil(task.done, timeout=10_000)
    second.window.deleteLater()


@pytest.mark.qt_log_ignore("does not support raise", extend=True)
def test_a_second_start_brings_the_first_window_forward(start: Starter, qapp, loop, qtbot, tmp_path) -> None:
    """Two starts at once: the one that comes too late to the data file finds the other window."""
    first = start()
    first.window.showMinimized()
    second = Application(qapp, Options(tmp_path / "data"), list_ports=tuple, vault=NoVault())
    second.show()
    task = loop.create_task(second.run())
    qtbot.waitUntil(task.done, timeout=10_000)
    task.result()
    first.wait(lambda: not first.window.isMinimized())
    assert first.application.workspace.is_open
    second.window.deleteLater()


def test_without_a_data_folder_the_window_says_so_until_there_is_one(
    qapp, loop, qtbot, tmp_path: Path
) -> None:
    """A folder that cannot be made is no traceback, and what was entered meanwhile is not lost."""
    sheet, font = qapp.styleSheet(), qapp.font()
    blocked = tmp_path / "data"
    blocked.write_text("in the way")
    application = Application(qapp, Options(blocked), list_ports=tuple, vault=NoVault())
    application.show()
    task = loop.create_task(application.run())
    program = Program(application, qtbot)
    program.wait(application.window.unsaved_strip.isVisible)
    assert str(blocked) in program.text("unsaved_why")
    program.open_telegram()
    program.press(Qt.Key.Key_Escape)
    program.click("unsaved_again")
    program.wait(lambda: "open folder" not in application.tasks.running)
    assert application.window.unsaved_strip.isVisible(), "it lasts as long as what it says"

    blocked.unlink()
    program.click("unsaved_again")
    program.wait(lambda: application.workspace.is_open)
    program.wait(application.window.unsaved_strip.isHidden)
    program.wait(lambda: [line.serial for line in application.lines.rows] == ["94158192"])
    application.window.close()
    qtbot.waitUntil(task.done, timeout=15_000)
    task.result()
    application.window.deleteLater()
    qapp.setStyleSheet(sheet)
    qapp.setFont(font)


def test_practice_is_one_click_from_the_empty_window(start: Starter) -> None:
    program = start()
    program.click("practice_button")
    program.wait(lambda: bool(program.application.portal.gateways), timeout_ms=30_000)
    assert program.find("practice_strip").isVisible()
    assert not program.find("practice_button").isVisible()
    assert program.application.adapter.state is AdapterState.READY
    assert program.text("portal_state") == "signed in"
    asked = []
    program.application.dialogs.open_page = asked.append
    program.click("open_practice_page")
    assert asked == [program.application.world.addresses.portal_page]
    program.type("serial_field", "94158192")
    program.press(Qt.Key.Key_Return)
    program.wait(lambda: program.application.meter.telegram is not None)


def test_settings_hold_at_once_and_after_a_restart(start: Starter) -> None:
    first = start()
    first.click("settings_button")
    first.wait(lambda: first.window.findChild(QDialog, "settings_dialog") is not None)
    dialog = first.find("settings_dialog", QDialog)
    dialog.findChild(QCheckBox, "convert_box").setChecked(True)
    pattern = dialog.findChild(QLineEdit, "pattern_field")
    pattern.setText("{nothing}")
    ok = dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Ok)
    assert not ok.isEnabled(), "a pattern that cannot be filled is refused with its reason"
    pattern.setText("{serial} {place}")
    dialog.findChild(type(first.find("line_choice")), "theme_choice").setCurrentIndex(2)
    first.qtbot.mouseClick(ok, Qt.MouseButton.LeftButton)
    first.wait(lambda: first.application.themes.choice is ThemeChoice.DARK)
    first.wait(lambda: first.application.workspace.settings.convert_always)
    stop(first)

    second = start()
    assert second.application.themes.theme.dark
    second.open_telegram()
    second.type("place_field", "Cellar")
    assert second.text("name_field") == "94158192 Cellar"
    second.press(Qt.Key.Key_F6)
    assert "'power_kw', 'factor': 0.001" in second.reg


def test_a_port_given_at_the_start_is_opened(start: Starter) -> None:
    program = start(port="loop://")
    program.wait(lambda: program.application.adapter.state is not AdapterState.OPENING)
    assert program.application.adapter.url == "loop://"
