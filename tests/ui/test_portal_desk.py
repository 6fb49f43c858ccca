"""Signing in, uploading and changing the site in the real window: nothing goes where it does not belong."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QComboBox, QDialog

from app.domain.delivery_state import DeliveryState
from app.domain.site import Gateway, Installation
from app.message import Message
from app.portal.credentials import Account, Passwords, Secret
from app.portal.errors import PortalNeedsLogin, PortalUnreachable
from app.practice.portal import PracticePortal
from app.practice.portal_faults import PortalFault
from app.services.account import NO_ACCOUNT
from tests.fakes.portals import practice_portal, uploaded
from tests.fakes.window import Program

HERE = Account("https://here.example/api", "anna")
THERE = Account("https://there.example/api", "bert")


class Offline:
    """A portal nobody reaches; it is asked nothing that needs a password."""

    async def _fail(self, *_: object) -> None:
        raise PortalUnreachable(Message("The portal cannot be reached."))

    installations = installation_info = gateways = meters = _fail

    async def close(self) -> None:
        return None


class Vault:
    """A keyring that remembers what was kept in it."""

    def __init__(self) -> None:
        self.kept: dict[Account, str] = {}

    def load(self, account: Account) -> Secret | None:
        return Secret(self.kept[account]) if account in self.kept else None

    def save(self, account: Account, password: Secret) -> bool:
        self.kept[account] = password.reveal()
        return True

    def forget(self, account: Account) -> None:
        self.kept.pop(account, None)


@pytest.fixture
def offline(program: Program) -> Program:
    """The window with portals that nobody reaches: what it does by itself shows alone."""
    program.application.workspace.delivery._lanes.portal_for = lambda _account: Offline()
    return program


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[PracticePortal]:
    folder = tmp_path / "portal"
    folder.mkdir()
    with practice_portal(folder) as running:
        yield running


def open_dialog(program: Program) -> QDialog:
    program.click("sign_in_button")
    program.wait(lambda: program.window.findChild(QDialog, "sign_in_dialog") is not None)
    return program.find("sign_in_dialog")


def sign_in(program: Program, address: str, username: str, password: str) -> None:
    open_dialog(program)
    for name, text in (
        ("portal_field", address),
        ("username_field", username),
        ("password_field", password),
    ):
        program.find(name).setText(text)
    program.click("sign_in_ok")


def two_sites(program: Program, run: Callable[..., object]) -> None:
    """Signed in, with two sites, a gateway each; the first is chosen."""
    run(program.application.desk.use_account(HERE))
    portal = program.application.portal
    portal.show_cached((Installation("a"), Installation("b")), "a")
    portal.show_cached_gateways((Gateway("gateway-a", "Gateway A"),))


def passwords_of(program: Program) -> Passwords:
    return program.application.workspace._passwords


# Passwords ---------------------------------------------------------------------------------------------


def test_a_typed_password_goes_to_the_account_it_was_typed_for_alone(offline: Program, run) -> None:
    """Uploads of the account before still wait and ask too: their portal must not get this password."""
    passwords, vault = passwords_of(offline), Vault()
    passwords._vault = vault
    vault.kept[HERE] = "kept before"
    sign_in(offline, HERE.base_url, HERE.username, "typed now")
    offline.wait(lambda: offline.application.workspace.account == HERE)
    assert run(passwords.get(HERE)).reveal() == "typed now", "not the one kept before"
    assert vault.kept == {HERE: "kept before"}, "until the typed one has worked"
    asking = offline.application.tasks.spawn(passwords.get(THERE), "another account asks")
    asking.add_done_callback(lambda task: task.exception())
    offline.wait(lambda: offline.window.findChildren(QDialog, "sign_in_dialog") != [])
    shown = [each for each in offline.window.findChildren(QDialog, "sign_in_dialog") if each.isVisible()]
    offline.wait(lambda: [each.portal.text() for each in shown] == [THERE.base_url])
    shown[0].reject()
    offline.wait(asking.done)
    assert isinstance(asking.exception(), PortalNeedsLogin)


def test_a_sign_in_that_is_given_up_leaves_no_password(offline: Program, run) -> None:
    dialog = open_dialog(offline)
    dialog.password.setText("typed and thought better of")
    dialog.reject()
    offline.wait(lambda: "sign in dialog" not in offline.application.tasks.running)
    with pytest.raises(PortalNeedsLogin):
        run(passwords_of(offline).get(offline.application.workspace.account))


@pytest.mark.parametrize("address", ["http://portal.example/api", "ftp://user:geheim@portal.example"])
def test_an_address_no_password_may_go_to_is_said_in_the_dialog_and_not_kept(
    offline: Program, address: str
) -> None:
    sign_in(offline, address, "anna", "pw")
    dialog = offline.find("sign_in_dialog")
    assert dialog.isVisible()
    assert "https://" in offline.text("sign_in_note")
    assert "geheim" not in offline.text("sign_in_note")
    assert offline.application.workspace.account == NO_ACCOUNT
    dialog.reject()
    offline.wait(lambda: "sign in dialog" not in offline.application.tasks.running)


def test_an_address_no_password_may_go_to_is_kept_by_nobody(offline: Program, run) -> None:
    run(offline.application.desk.use_account(Account("http://portal.example/api", "anna")))
    assert "unprotected" in offline.banner
    assert offline.application.workspace.account == NO_ACCOUNT
    assert offline.application.workspace.settings.portal == ""


# Sites -------------------------------------------------------------------------------------------------


def test_another_site_closes_the_meter_whose_draft_waits_on_its_own(offline: Program, run) -> None:
    """Its gateway is one of its own site: uploaded to the other, it would hang on nothing."""
    two_sites(offline, run)
    offline.open_telegram()
    offline.application.meter.set_gateway("gateway-a")
    offline.type("place_field", "Apartment 203")
    offline.application.portal.choose_site("b")
    assert offline.application.meter.draft is None
    assert "94158192" not in offline.window.windowTitle()
    offline.open_telegram()
    offline.wait(lambda: offline.application.meter.draft is not None)
    assert offline.text("place_field") == ""
    assert offline.application.meter.draft.gateway_id == ""
    offline.application.portal.choose_site("a")
    offline.wait(lambda: [line.label for line in offline.application.lines.rows] == ["Apartment 203"])
    offline.application.meters.open_known("94158192")
    offline.wait(lambda: offline.application.meter.draft is not None)
    assert offline.application.meter.draft.place == "Apartment 203"
    assert offline.application.meter.draft.gateway_id == "gateway-a"


def test_a_meter_read_before_a_site_was_known_is_asked_for_and_comes_with_all_that_was_typed(
    offline: Program, run
) -> None:
    offline.open_telegram()
    offline.type("place_field", "Apartment 203")
    two_sites(offline, run)
    offline.wait(lambda: "which building is it of?" in offline.banner)
    assert offline.application.meter.draft is None, "its gateway may be one of another building"
    offline.click("banner_action")
    offline.wait(lambda: [line.label for line in offline.application.lines.rows] == ["Apartment 203"])


def test_a_meter_asked_for_on_a_site_that_is_left_meanwhile_does_not_open(offline: Program, run) -> None:
    """It would stand on the other site with the draft, and the gateway, of its own."""
    two_sites(offline, run)
    offline.open_telegram()
    offline.application.meter.close()
    offline.application.meters.open_known("94158192")
    offline.application.portal.choose_site("b")
    offline.wait(lambda: not {"open meter", "change site"} & set(offline.application.tasks.running))
    assert offline.application.meter.draft is None
    assert offline.application.lines.rowCount() == 0


def test_a_gateway_of_another_site_is_refused_before_the_upload(offline: Program, run) -> None:
    two_sites(offline, run)
    offline.open_telegram()
    offline.application.meter.set_gateway("gateway-b")
    offline.click("upload_button")
    assert "none of this site" in offline.banner
    assert offline.application.portal.uploads == ()


def test_another_account_does_not_take_the_site_of_the_one_before_over(offline: Program, run) -> None:
    """Without a network nobody would notice, and the upload would go to a site of another customer."""
    two_sites(offline, run)
    offline.open_telegram()
    run(offline.application.desk.use_account(THERE))
    assert offline.application.portal.site_id == ""
    assert offline.application.portal.sites == ()
    assert offline.application.workspace.settings.site_id == ""
    assert offline.application.meter.draft is None


def test_an_account_and_that_it_has_no_site_yet_are_kept_together(offline: Program, run) -> None:
    """A program that ends in between must not begin with the site of another account."""
    two_sites(offline, run)
    offline.wait(lambda: offline.application.workspace.settings.site_id == "a")
    run(offline.application.workspace.use_account(THERE))
    settings = run(offline.application.workspace.store.settings.all())
    assert (settings["portal"], settings["site_id"]) == (THERE.base_url, "")


# Uploads -----------------------------------------------------------------------------------------------


def test_an_upload_with_nothing_ticked_is_refused_at_the_button(offline: Program, run) -> None:
    """The portal would take a meter without a register, and nobody would see that it measures nothing."""
    two_sites(offline, run)
    offline.open_telegram()
    meter = offline.application.meter
    meter.set_gateway("gateway-a")
    index = meter.reg_parts[0][0]
    meter.toggle(index)
    offline.click("upload_button")
    assert "No register is ticked" in offline.text("outcome")
    assert offline.application.portal.uploads == ()
    meter.toggle(index)
    assert offline.text("outcome") == ""
    offline.click("upload_button")
    offline.wait(lambda: offline.application.desk.item is not None)


def test_of_several_sites_none_is_chosen_for_the_person(program: Program, portal: PracticePortal) -> None:
    """Meters that were read before would hang on whatever site the portal names first."""
    program.open_telegram()
    sign_in(program, portal.api_url, portal.username, portal.password)
    program.wait(lambda: "choose the site" in program.text("status_next"))
    sites = program.find("site_choice", QComboBox)
    assert (sites.count(), sites.currentIndex(), program.application.portal.site_id) == (2, -1, "")
    program.click("upload_button")
    program.wait(lambda: "has several sites" in program.banner)
    assert uploaded(portal) == []
    sites.activated.emit(1)
    program.wait(lambda: program.application.portal.site_id == sites.itemData(1))


def test_a_portal_without_a_write_part_opens_one_sheet_and_names_the_others(
    program: Program, portal: PracticePortal, run
) -> None:
    """Forty meters would open forty windows one on the other."""
    portal.faults.set(PortalFault.NO_WRITE, on=True)
    sign_in(program, portal.api_url, portal.username, portal.password)
    program.wait(lambda: bool(program.application.portal.sites))
    program.application.portal.choose_site(portal.site_id)
    program.open_telegram()
    entry, site_id = program.application.meter.entry, program.application.portal.site_id
    uploads = program.application.portal
    for number in (1, 2, 3):
        other = replace(entry, name=f"Meter {number}", secondary_ad=f"0{number}000000FFFFFFFF")
        run(program.application.workspace.delivery.upload(other, site_id))
    program.wait(lambda: [each.state for each in uploads.uploads] == [DeliveryState.BY_HAND] * 3)
    assert "Meter 1, Meter 2, Meter 3" in program.banner
    assert "by hand" in program.banner
    assert program.window.findChildren(QDialog) == []
    program.click("upload_button")
    program.wait(lambda: program.window.findChild(QDialog, "portal_sheet") is not None)
    program.wait(lambda: all(each.state is DeliveryState.BY_HAND for each in uploads.uploads))
    assert len(program.window.findChildren(QDialog)) == 1
    assert uploaded(portal) == []
    program.find("portal_sheet").reject()
    program.wait(lambda: "dialog" not in program.application.tasks.running)
