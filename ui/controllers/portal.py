"""Signing in, uploading and verifying: what the person asks of the portal, and how it went."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from app.domain.delivery_state import FOR_THE_PERSON, WAITING, DeliveryState, OutboxItem
from app.domain.errors import DomainError
from app.domain.open_points import open_points
from app.domain.payload import MeterEntry, RegEntry, format_reg
from app.domain.portal_habit import PortalHabit, portal_habit
from app.domain.registers import Register
from app.domain.site import Installation
from app.domain.verification import Verdict, Verification, VerificationState
from app.mbus.records import Telegram
from app.message import Message
from app.portal.address import normal_base_url
from app.portal.contract import DEFAULT_BASE_URL
from app.portal.credentials import Account, GivenPassword, Secret
from app.portal.errors import PortalAddressError, PortalError, PortalNotFound
from app.services.site import Site
from app.services.tasks import TaskScope
from app.services.workspace import Workspace
from app.store.errors import StoreError
from ui.dialogs import ask
from ui.i18n import tr, tr_message
from ui.viewmodels.meter import MeterViewModel
from ui.viewmodels.portal import PortalState, PortalViewModel
from ui.windows.sign_in_dialog import SignInDialog

if TYPE_CHECKING:
    from app.domain.checks import Check

_MOST_NAMES = 6
NOTHING_TICKED = format_reg(())


class PortalController(QObject):
    """Between the portal's view model and the delivery.

    Args:
        workspace: the data folder in use; changes when practice begins.
        window: over which dialogs open.
    """

    happened = Signal(object, object)
    failed = Signal(object)
    outcome_changed = Signal()
    verified = Signal(object)
    """The :class:`Verification`."""
    outbox_told = Signal(str, str)
    """Names of what waits, and why it does."""
    by_hand_needed = Signal(object)
    """The upload of the meter on screen, which the portal takes only through its own form."""
    by_hand_told = Signal(str)
    """Names of all that is to be entered by hand."""

    def __init__(
        self,
        *,
        workspace: Workspace,
        tasks: TaskScope,
        site: Site,
        meter: MeterViewModel,
        portal: PortalViewModel,
        window: Callable[[], QWidget],
    ) -> None:
        super().__init__()
        self.workspace = workspace
        self._tasks, self._site = tasks, site
        self._meter, self._portal, self._window = meter, portal, window
        self._may_ask = False
        self.uploading = False
        self.verifying = False
        self._refused_empty = False
        self._verify_next = False
        """Whether the upload of a corrected factor is verified as soon as it arrives."""
        self._habits: dict[str, PortalHabit] = {}
        """By portal; for this session."""
        portal.site_chosen.connect(self._on_site)
        portal.site_wanted.connect(self._on_site_wanted)
        portal.gateways_changed.connect(self._keep_gateways)
        meter.meter_opened.connect(self._on_meter)

    # Account ---------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Shows what is known from last time, sends what waits, and signs in if the keyring can."""
        workspace = self.workspace
        self._portal.show_uploads(await workspace.store.outbox.items())
        workspace.delivery.subscribe(self._on_item)
        workspace.send()
        if workspace.has_account:
            self._portal.use_account(workspace.account.base_url)
            await self._show_known()
            self._sign_in()

    def ask_to_sign_in(self) -> None:
        """Opens the sign-in dialog."""
        self._tasks.spawn(self._ask_account(), "sign in dialog")

    async def use_account(self, account: Account, wanted: str = "") -> None:
        """Signs in with an account; its password is known, or comes from :meth:`give_password`.

        Args:
            account: of the portal.
            wanted: the portal's id of the site to begin with, where none is chosen yet.
        """
        try:
            account = Account(normal_base_url(account.base_url), account.username)
        except PortalAddressError as error:
            self.failed.emit(error)
            return
        if account != self.workspace.account:
            # First the window: nothing told late by the portal before may be kept as this one's.
            self._portal.use_account(account.base_url)
            await self.workspace.use_account(account)
            await self._show_known()
        self.workspace.delivery.wake()
        self._sign_in(wanted)

    async def give_password(self, account: Account, refused: bool) -> GivenPassword | None:  # noqa: FBT001
        """What the portal's client asks where no password is known: a dialog that names the account."""
        if not self._may_ask:
            return None
        dialog = SignInDialog(
            account.base_url, account.username, refused=refused, fixed=True, parent=self._window()
        )
        accepted = await ask(dialog)
        given = _given(dialog)
        dialog.deleteLater()
        return given if accepted else None

    async def _ask_account(self) -> None:
        account = self.workspace.account
        dialog = SignInDialog(account.base_url or DEFAULT_BASE_URL, account.username, parent=self._window())
        accepted = await ask(dialog)
        given, chosen = _given(dialog), dialog.account
        dialog.deleteLater()
        if accepted:
            self._may_ask = True
            await self.workspace.know_password(chosen, given)
            await self.use_account(chosen)

    async def _show_known(self) -> None:
        """Shows what the account's portal told last time."""
        workspace, portal = self.workspace, self.workspace.account.base_url
        sites = await workspace.store.portal_cache.installations(portal)
        site_id = workspace.settings.site_id
        self._portal.show_cached(sites, site_id)
        if site_id:
            self._portal.show_cached_gateways(await workspace.store.portal_cache.gateways(portal, site_id))

    def _sign_in(self, wanted: str = "") -> None:
        try:
            api = self.workspace.delivery.portal()
        except PortalError as error:
            self.failed.emit(error)
            return
        portal = self.workspace.account.base_url
        self._portal.sign_in(api, lambda sites: self._on_sites(portal, sites), wanted)

    def _on_site_wanted(self) -> None:
        self.happened.emit(tr("signed in"), tr("next: choose the site at the top"))

    def _on_sites(self, portal: str, sites: Sequence[Installation]) -> None:
        self.workspace.delivery.wake()
        self._tasks.spawn(self.workspace.store.portal_cache.save_installations(portal, sites), "keep sites")

    def _on_site(self, site_id: str) -> None:
        if self.workspace.is_open:
            self._tasks.spawn(self.workspace.keep(lambda was: replace(was, site_id=site_id)), "keep site")

    def _keep_gateways(self) -> None:
        site_id, gateways = self._portal.site_id, self._portal.gateways
        if site_id and gateways and self.workspace.is_open:
            self._tasks.spawn(
                self.workspace.store.portal_cache.save_gateways(
                    self.workspace.account.base_url, site_id, gateways
                ),
                "keep gateways",
            )

    # Upload ----------------------------------------------------------------------------------------------

    def upload(self) -> None:
        """Queues the meter on screen; the button's feedback shows when it is on disk."""
        if self.uploading or self._meter.entry is None:
            return
        entry, site_id = self._meter.entry, self._portal.site_id
        if entry.reg == NOTHING_TICKED:
            self._refused_empty = True
            self.outcome_changed.emit()
            return
        obstacle = self._obstacle(entry)
        if obstacle is not None:
            self.failed.emit(obstacle)
            return
        self.uploading = True
        self.outcome_changed.emit()
        self._tasks.spawn(self._upload(entry, site_id), "upload", self._on_uploaded)

    def _obstacle(self, entry: MeterEntry) -> Exception | None:
        """What the person has to do before an upload makes sense."""
        portal = self._portal
        if not self.workspace.is_open:
            return StoreError(Message("Uploads cannot be kept: the data file is not open."))
        if self.workspace.has_account and portal.sites and not portal.site_id:
            return MissingSiteError(
                Message("The account has several sites. Choose the meter's at the top, then upload again.")
            )
        if not self.workspace.has_account or not portal.site_id:
            return NotSignedInError(
                Message("No site is chosen yet, so the meter has nowhere to go. Sign in to the portal first.")
            )
        if portal.gateways and not entry.gateway_id:
            return MissingGatewayError(
                Message("Choose the gateway that the meter hangs on, then upload again.")
            )
        if portal.gateways and all(gateway.id != entry.gateway_id for gateway in portal.gateways):
            return MissingGatewayError(
                Message(
                    "The meter's gateway is none of this site. Choose one of this site, then upload again."
                )
            )
        return None

    async def _upload(self, entry: MeterEntry, site_id: str) -> None:
        try:
            item = await self.workspace.delivery.upload(entry, site_id)
        except (StoreError, DomainError) as error:
            self.failed.emit(error)
            return
        self._portal.show_upload(item)
        self.happened.emit(
            tr("{name} is in the outbox", name=entry.name), tr("next: verify, or read the next meter")
        )

    def _on_meter(self) -> None:
        self._refused_empty = self._verify_next = False

    def _on_uploaded(self, _task: object) -> None:
        self.uploading = False
        self.outcome_changed.emit()

    def _on_item(self, item: OutboxItem) -> None:
        before = self._portal.latest_like(item)
        self._portal.show_upload(item)
        self.outcome_changed.emit()
        changed = before is None or before.state is not item.state
        if item.state is DeliveryState.SENT and changed:
            self.happened.emit(tr("{name} is on the portal", name=item.entry.name), tr("next: verify"))
            if self._verify_next and self.item is not None and self.item.key == item.key:
                self._verify_next = False
                self.verify()
        elif item.state is DeliveryState.BY_HAND and changed:
            self._on_by_hand(item)

    def _on_by_hand(self, item: OutboxItem) -> None:
        """A sheet for the meter on screen; the others are named together, each has its sheet when opened."""
        shown = self.item
        if shown is not None and shown.key == item.key:
            self.by_hand_needed.emit(item)
        else:
            waiting = [each for each in self._portal.uploads if each.state is DeliveryState.BY_HAND]
            self.by_hand_told.emit(_names(waiting))

    def show_outbox(self) -> None:
        """Tells what waits and why."""
        if self.workspace.is_open:
            self._tasks.spawn(self._tell_outbox(), "outbox")

    def try_now(self) -> None:
        """The network is back: what waits is tried at once."""
        if self.workspace.is_open:
            self.workspace.delivery.wake()
            if self.workspace.has_account and self._portal.state is not PortalState.SIGNED_IN:
                self._sign_in()

    def come_back(self, state: Qt.ApplicationState) -> None:
        """The person is back at the window: what nobody answered to is tried now."""
        if state is Qt.ApplicationState.ApplicationActive and self.workspace.is_open:
            self.workspace.delivery.nudge()

    async def _tell_outbox(self) -> None:
        status = await self.workspace.delivery.status()
        items = [item for item in self._portal.uploads if item.state in WAITING | FOR_THE_PERSON]
        problem = status.problem or next((item.problem for item in items if item.problem), None)
        self.outbox_told.emit(_names(items), tr_message(problem) if problem is not None else "")

    # Verify ----------------------------------------------------------------------------------------------

    def verify(self) -> None:
        """Lets the gateway read the meter on screen and compares."""
        item, telegram = self.item, self._meter.telegram
        if self.verifying or telegram is None:
            return
        if item is None:
            self.failed.emit(
                PortalNotFound(Message("This meter was not uploaded yet. Upload it, then verify."))
            )
            return
        self.verifying = True
        self.outcome_changed.emit()
        self.happened.emit(tr("the gateway reads {name} …", name=item.entry.name), "")
        checks, taken_at = self._meter.checks, self._meter.read_at.astimezone()
        verifying = self._verify(item, telegram, taken_at, checks, self._meter.meter_id)
        self._tasks.spawn(verifying, "verify", self._on_verified)

    def correct_factors(self) -> None:
        """Sets the factors that the last verification proved, uploads, and verifies again."""
        verification = self.verification
        if verification is None or self.uploading or self.verifying:
            return
        for each in verification.registers:
            register = next((r for r in self._meter.registers if _is_of(r, each.entry)), None)
            if register is not None and each.verdict is Verdict.FACTOR:
                factor = each.right_factor
                self._meter.set_factor(register.record.index, None if factor == 1 else factor)
        self._verify_next = True
        self.upload()

    async def _verify(
        self,
        item: OutboxItem,
        telegram: Telegram,
        taken_at: datetime,
        checks: "Sequence[Check]",
        meter_id: str,
    ) -> None:
        try:
            verification = await self.workspace.delivery.verify(
                item, telegram, taken_at, self._meter.vocabulary
            )
        except PortalError as error:
            self.happened.emit(tr("not verified"), tr("next: see the message above"))
            self.failed.emit(error)
            return
        points = open_points(checks, verification)
        state = verification.state(len(points))
        if (habit := portal_habit(verification)) is not None:
            self._habits[item.portal] = habit
        try:
            await self._site.keep_verification(meter_id, verification, item)
        except StoreError as error:
            self.failed.emit(error)
        if self.item is not None and self.item.key == item.key:
            self.verified.emit(verification)
        happened, next_step = _VERIFIED_WORDS[state]
        self.happened.emit(tr(happened, name=item.entry.name), tr(next_step))

    def _on_verified(self, _task: object) -> None:
        self.verifying = False
        self.outcome_changed.emit()

    @property
    def item(self) -> OutboxItem | None:
        """The upload of the meter on screen."""
        entry = self._meter.entry
        return self._portal.upload_of(entry.secondary_ad) if entry is not None else None

    @property
    def verification(self) -> Verification | None:
        """What was compared last of the meter on screen, if the portal still has what was verified."""
        meter = self._meter.meter
        upload, last = (meter.facts.upload, meter.facts.verification) if meter is not None else (None, None)
        return last.outcome if upload is not None and last is not None and last.holds_for(upload) else None

    @property
    def open_points(self) -> tuple["Check", ...]:
        """The checks that the verification of the meter on screen left open."""
        return open_points(self._meter.checks, self.verification)

    @property
    def habit(self) -> PortalHabit | None:
        """What the verifications of this session proved about the portal of the meter on screen."""
        return self._habits.get(self.item.portal) if self.item is not None else None

    def outcome(self) -> tuple[str, str]:
        """How far the meter on screen is: a sentence, and its colour."""
        item, entry = self.item, self._meter.entry
        if self.verifying:
            return tr("The gateway is reading the meter …"), ""
        if self._refused_empty and entry is not None and entry.reg == NOTHING_TICKED:
            return tr("No register is ticked, so there is nothing to upload: tick at least one."), "look"
        if item is None:
            return "", ""
        if item.state is DeliveryState.SENT and item.entry != entry:
            return tr("On the portal, changed here since: upload again."), "look"
        if item.state is DeliveryState.SENT and self.verification is not None:
            points = self.open_points
            words, state = _VERIFIED_OUTCOMES[self.verification.state(len(points))]
            return tr(words, count=len(points)), state
        words, state = _OUTCOMES[item.state]
        problem = tr_message(item.problem) if item.problem is not None else ""
        reasons = "; ".join(f"{each.field}: {each.reason}" for each in item.field_reasons)
        return " ".join(part for part in (tr(words), problem, reasons) if part), state


def _is_of(register: Register, entry: RegEntry) -> bool:
    return bool(register.offers) and (register.key.dib, register.key.vib) == (entry.dib, entry.vib)


def _given(dialog: SignInDialog) -> GivenPassword:
    return GivenPassword(Secret(dialog.password.text()), keep=dialog.remember.isChecked())


def _names(items: Sequence[OutboxItem]) -> str:
    names = ", ".join(item.entry.name for item in items[:_MOST_NAMES])
    if len(items) > _MOST_NAMES:
        return tr("{names} and {count} more", names=names, count=len(items) - _MOST_NAMES)
    return names


class NotSignedInError(PortalError):
    """Something was asked that needs an account and a site."""


class MissingSiteError(PortalError):
    """The account has several sites, and the person has not said which one is meant."""


class MissingGatewayError(PortalError):
    """The entry has no gateway of the site although the portal told some."""


_VERIFIED_WORDS = {
    VerificationState.VERIFIED: ("verified {name}", "next: read the next meter"),
    VerificationState.OPEN: ("{name}: every value is equal", "next: look at the open checks"),
    VerificationState.LOOK: ("{name}: the portal shows other values", "next: see the reasons"),
    VerificationState.UPLOADED: ("{name}: not proved yet", "next: read the meter again, then verify"),
}
_VERIFIED_OUTCOMES = {
    VerificationState.VERIFIED: ("Verified: the portal shows what the meter says.", "ok"),
    VerificationState.OPEN: ("On the portal, every value equal; checks that are open: {count}.", "look"),
    VerificationState.LOOK: ("The portal does not show what the meter says.", "look"),
    VerificationState.UPLOADED: ("On the portal; not proved yet.", ""),
}

_OUTCOMES = {
    DeliveryState.QUEUED: ("Saved; it is sent by itself as soon as the portal answers.", "look"),
    DeliveryState.SENDING: ("Sending …", ""),
    DeliveryState.SENT: ("On the portal.", "ok"),
    DeliveryState.REJECTED: ("The portal refused it.", "bad"),
    DeliveryState.FAILED: ("It was not taken.", "bad"),
    DeliveryState.CHANGED: ("Somebody changed this meter on the portal.", "look"),
    DeliveryState.BY_HAND: ("To be entered by hand with the portal sheet.", "look"),
    DeliveryState.DONE_BY_HAND: ("Entered by hand.", "ok"),
    DeliveryState.REPLACED: ("A later upload took its place.", ""),
    DeliveryState.WITHDRAWN: ("It was taken back before it was sent.", ""),
}
