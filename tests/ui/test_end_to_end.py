"""The main job in the real window: practice bus at its real pace over TCP, practice portal over HTTP."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QComboBox, QDialog, QTableView

from app.domain.delivery_state import DeliveryState
from app.portal.client import PortalClient
from app.portal.credentials import fixed_password
from app.practice.portal_faults import PortalFault
from app.practice.world import PracticeWorld
from tests.fakes.opened import opened_meter
from tests.fakes.window import ALL_USEFUL, INDEX_ALONE, Program
from ui.viewmodels.portal import PortalState

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def world(tmp_path: Path) -> Iterator[PracticeWorld]:
    folder = tmp_path / "world"
    folder.mkdir()
    world = PracticeWorld.start(folder)
    yield world
    world.stop()


class StallWatch:
    """The longest time the window did not answer, measured by a timer that should fire at once."""

    def __init__(self) -> None:
        self.longest_s = 0.0
        self._last = time.perf_counter()
        self._timer = QTimer()
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def _tick(self) -> None:
        now = time.perf_counter()
        self.longest_s = max(self.longest_s, now - self._last)
        self._last = now

    def stop(self) -> float:
        self._timer.stop()
        return self.longest_s


def sign_in(program: Program, world: PracticeWorld, *, wrong_first: bool = False) -> None:
    addresses = world.addresses
    program.click("sign_in_button")
    program.wait(lambda: program.window.findChild(QDialog, "sign_in_dialog") is not None)
    for name, text in (
        ("portal_field", addresses.portal),
        ("username_field", addresses.username),
        ("password_field", "wrong" if wrong_first else addresses.password),
    ):
        program.find(name).setText(text)
    program.click("sign_in_ok")
    if wrong_first:
        program.wait(lambda: any("refused" in label for label in dialog_notes(program)))
        program.find("password_field").setText(addresses.password)
        program.click("sign_in_ok")
    choose_site(program, world)
    program.wait(lambda: bool(program.application.portal.gateways))


def choose_site(program: Program, world: PracticeWorld) -> None:
    """The account has two sites: the person says which one is meant."""
    program.wait(lambda: bool(program.application.portal.sites))
    sites = program.find("site_choice", QComboBox)
    sites.activated.emit(sites.findData(world.addresses.site_id))


def dialog_notes(program: Program) -> list[str]:
    dialogs = [each for each in program.window.findChildren(QDialog) if each.isVisible()]
    return [
        child.text()
        for each in dialogs
        for child in each.findChildren(type(program.find("outcome")), "sign_in_note")
    ]


def choose_adapter(program: Program, url: str) -> None:
    """A typed URL, as for a level converter on the network."""
    program.activate()
    combo = program.find("adapter_choice", QComboBox)
    combo.lineEdit().setFocus()
    combo.lineEdit().selectAll()
    program.qtbot.keyClicks(combo.lineEdit(), url)
    program.press(Qt.Key.Key_Return)
    program.wait(lambda: program.text("adapter_state") == "ready")


def test_read_tick_upload_verify(program: Program, world: PracticeWorld, run, capsys) -> None:
    sign_in(program, world)
    choose_adapter(program, world.addresses.bus)
    watch = StallWatch()
    program.type("serial_field", "94158192")
    assert program.text("secondary_address") == "92811594FFFFFFFF"
    program.press(Qt.Key.Key_Return)
    program.wait(lambda: program.application.meter.telegram is not None)
    assert program.text("header_serial") == "94158192"
    assert program.text("status_happened").startswith("read 94158192 in ")
    assert program.reg == INDEX_ALONE
    program.press(Qt.Key.Key_F6)
    assert program.reg == ALL_USEFUL
    program.type("place_field", "Apartment 203")
    assert program.text("name_field") == "CH - 94158192 - Apartment 203"
    program.press(Qt.Key.Key_Return, CONTROL)
    program.wait(lambda: program.text("outcome") == "On the portal.")
    stored = run(stored_meters(world))
    assert [(each.name, each.secondary_ad, each.reg) for each in stored] == [
        ("CH - 94158192 - Apartment 203", "92811594FFFFFFFF", ALL_USEFUL)
    ]
    program.click("verify_button")
    program.wait(lambda: program.application.desk.verification is not None, timeout_ms=30_000)
    # The documented list shows what it does to the power; one click sets the factor and verifies again.
    assert program.text("verification_summary") == "The portal does not show what the meter says"
    assert [line.progress.name for line in program.application.lines.rows] == ["LOOK"]
    assert "does not convert W to kW itself" in program.text("verification_note")
    assert program.text("meters_count") == "0 of 1 verified"
    program.click("correct_factors")
    program.wait(lambda: program.text("outcome").startswith("Verified"), timeout_ms=30_000)
    assert program.reg == ALL_USEFUL.replace("'power_kw', ", "'power_kw', 'factor': 0.001, ")
    assert program.text("verification_summary").startswith("Verified")
    assert "needs the factor 0.001 here" in program.text("verification_note")
    assert program.text("meters_count") == "1 of 1 verified"
    assert not program.find("correct_factors").isVisible()
    table = program.find("verification_table", QTableView)
    assert table.isVisible()
    assert table.model().rowCount() == 7
    assert program.banner == ""
    assert [line.progress.name for line in program.application.lines.rows] == ["VERIFIED"]
    with capsys.disabled():
        print(f" longest stall {watch.stop() * 1000:.0f} ms", end="")  # noqa: T201 - measured, not asserted


async def stored_meters(world: PracticeWorld):
    addresses = world.addresses
    client = PortalClient(addresses.portal, addresses.username, fixed_password(addresses.password))
    try:
        listed = [each for each in await client.meters(addresses.site_id) if each.secondary_ad]
        return [(await client.get_meter(addresses.site_id, each.id)).entry for each in listed]
    finally:
        await client.close()


def test_a_wrong_password_is_asked_for_again(program: Program, world: PracticeWorld) -> None:
    sign_in(program, world, wrong_first=True)
    assert program.application.portal.state is PortalState.SIGNED_IN
    assert program.text("portal_state") == "signed in"


def test_a_meter_that_does_not_answer_is_a_sentence_with_a_next_step(
    program: Program, world: PracticeWorld
) -> None:
    choose_adapter(program, world.addresses.bus)
    program.open_telegram()
    program.type("place_field", "Apartment 203")
    program.type("serial_field", "11111111")
    program.press(Qt.Key.Key_Return)
    program.wait(lambda: "No meter answers at 11111111" in program.banner, timeout_ms=30_000)
    assert "search the bus" in program.banner
    assert program.text("place_field") == "Apartment 203", "nothing already done is lost"


def test_a_reading_is_stopped_by_key_and_the_next_one_works(program: Program, world: PracticeWorld) -> None:
    choose_adapter(program, world.addresses.bus)
    program.type("serial_field", "11111111")
    program.press(Qt.Key.Key_Return)
    program.wait(lambda: program.application.reading.busy)
    program.press(Qt.Key.Key_Escape)
    program.wait(lambda: not program.application.reading.busy, timeout_ms=2000)
    assert "stopped" in program.text("status_happened")
    program.type("serial_field", "94158192")
    program.press(Qt.Key.Key_Return)
    program.wait(lambda: program.application.meter.telegram is not None)


def test_a_portal_without_a_write_part_opens_the_sheet(program: Program, world: PracticeWorld) -> None:
    world.faults.set(PortalFault.NO_WRITE, on=True)
    addresses = world.addresses
    program.click("sign_in_button")
    program.wait(lambda: program.window.findChild(QDialog, "sign_in_dialog") is not None)
    for name, text in (
        ("portal_field", addresses.portal),
        ("username_field", addresses.username),
        ("password_field", addresses.password),
    ):
        program.find(name).setText(text)
    program.click("sign_in_ok")
    choose_site(program, world)
    program.wait(lambda: bool(program.application.portal.site and program.application.portal.site.name))
    program.open_telegram()
    program.click("upload_button")
    program.wait(lambda: program.window.findChild(QDialog, "portal_sheet") is not None)
    program.click("copy_sheet_reg")
    program.wait(lambda: program.find("done_reg").isChecked())
    program.click("sheet_done")
    program.wait(lambda: program.application.desk.item.state is DeliveryState.DONE_BY_HAND)
    assert program.text("outcome").startswith("Entered by hand.")


def test_a_meter_changed_on_the_portal_shows_both_versions(
    program: Program, world: PracticeWorld, run
) -> None:
    sign_in(program, world)
    program.open_telegram()
    program.type("place_field", "Apartment 203")
    program.click("upload_button")
    program.wait(lambda: program.text("outcome") == "On the portal.")
    item = program.application.desk.item
    run(rename(world, item.meter_id, "Somebody else's name"))
    program.activate()
    program.press(Qt.Key.Key_F6)
    assert "changed here since" in program.text("outcome")
    program.click("upload_button")
    program.wait(lambda: program.application.desk.item.state is DeliveryState.CHANGED)
    program.click("show_comparison")
    program.wait(lambda: program.window.findChild(QDialog, "compare_dialog") is not None)
    assert program.text("compare_name_1") == "CH - 94158192 - Apartment 203"
    assert program.text("compare_name_2") == "Somebody else's name"
    program.click("compare_overwrite")
    program.wait(lambda: program.application.desk.item.state is DeliveryState.SENT)
    assert [(each.name, each.reg) for each in run(stored_meters(world))] == [
        ("CH - 94158192 - Apartment 203", ALL_USEFUL)
    ]


async def rename(world: PracticeWorld, meter_id: str, name: str) -> None:
    addresses = world.addresses
    client = PortalClient(addresses.portal, addresses.username, fixed_password(addresses.password))
    try:
        stored = await client.get_meter(addresses.site_id, meter_id)
        await client.update_meter(addresses.site_id, meter_id, replace(stored.entry, name=name), stored.etag)
    finally:
        await client.close()


def test_what_waits_can_be_looked_at_and_tried_again(program: Program, world: PracticeWorld) -> None:
    sign_in(program, world)
    world.faults.set(PortalFault.DROP, on=True)
    program.open_telegram()
    program.click("upload_button")
    program.wait(lambda: program.application.desk.item is not None)
    program.wait(lambda: program.find("waiting_button").isVisible())
    program.wait(lambda: program.application.desk.item.problem is not None)
    program.click("waiting_button")
    program.wait(lambda: "CH - 94158192" in program.banner)
    world.faults.set(PortalFault.DROP, on=False)
    program.click("banner_action")
    program.wait(lambda: program.application.desk.item.state is DeliveryState.SENT)


def test_a_meter_that_stands_on_the_site_already_is_said(program: Program, world: PracticeWorld, run) -> None:
    run(create_elsewhere(world))
    sign_in(program, world)
    program.open_telegram()
    program.wait(lambda: any(check.code == "twice" for check in program.application.meter.checks))


async def create_elsewhere(world: PracticeWorld) -> None:
    addresses = world.addresses
    client = PortalClient(addresses.portal, addresses.username, fixed_password(addresses.password))
    meter = opened_meter()
    try:
        gateways = await client.gateways(addresses.site_id)
        entry = replace(meter.entry, gateway_id=gateways[0].id, name="By another installer")
        await client.create_meter(addresses.site_id, entry, "a-key-of-its-own")
    finally:
        await client.close()
