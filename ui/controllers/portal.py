"""Signing in, uploading and verifying: what the person asks of the portal, and how it went."""

import asyncio
from collections.abc import Callable, Sequence
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
from app.store.errors import StoreError
from ui.dialogs import ask
from ui.i18n import tr, tr_message
from ui.session import Session
from ui.tasks import TaskScope
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
        session: the data folder in use; changes when practice begins.
        window: over which dialogs open.
    """

    happened = Signal(str, str)
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
        session: Session,
        tasks: TaskScope,
        meter: MeterViewModel,
        portal: PortalViewModel,
        window: Callable[[], QWidget],
    ) -> None:
        super().__init__()
        self.session = session
        self._tasks, self._meter, self._portal, self._window = tasks, meter, portal, window
        self._may_ask = False
        self._running: asyncio.Task[None] | None = None
        self.uploading = False
        self.verifying = False
        self._refused_empty = False
        self.verification: Verification | None = None
        self._verify_next = False
        """Whether the upload of a corrected factor is verified as soon as it arrives."""
        self._open_points: dict[str, tuple[Check, ...]] = {}
        """By the key of the upload."""
        self._habits: dict[str, PortalHabit] = {}
        """By portal; for this session."""
        portal.site_chosen.connect(self._on_site)
        portal.gateways_changed.connect(self._keep_gateways)
        meter.meter_opened.connect(self._on_meter)

    # Account ---------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Shows what is known from last time, sends what waits, and signs in if the keyring can."""
        session = self.session
        self._portal.show_uploads(await session.store.outbox.items())
        session.delivery.subscribe(self._on_item)
        self._running = self._tasks.spawn(session.delivery.run(), "delivery")
        if session.has_account:
            self._portal.use_account(session.account.base_url)
            await self._show_known()
            self._sign_in()

    async def stop(self) -> None:
        """Sends nothing more; what waits is kept."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait({self._running})
            self._running = None

    def ask_to_sign_in(self) -> None:
        """Opens the sign-in dialog."""
        self._tasks.spawn(self._ask_account(), "sign in dialog")

    async def use_account(self, account: Account) -> None:
        """Signs in with an account; its password is known, or comes from :meth:`give_password`."""
        try:
            account = Account(normal_base_url(account.base_url), account.username)
        except PortalAddressError as error:
            self.failed.emit(error)
            return
        if account != self.session.account:
            # First the window: nothing told late by the portal before may be kept as this one's.
            self._portal.use_account(account.base_url)
            await self.session.use_account(account)
            await self._show_known()
        self.session.delivery.wake()
        self._sign_in()

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
        account = self.session.account
        dialog = SignInDialog(account.base_url or DEFAULT_BASE_URL, account.username, parent=self._window())
        accepted = await ask(dialog)
        given, chosen = _given(dialog), dialog.account
        dialog.deleteLater()
        if accepted:
            self._may_ask = True
            await self.session.know_password(chosen, given)
            await self.use_account(chosen)

    async def _show_known(self) -> None:
        """Shows what the account's portal told last time."""
        session, portal = self.session, self.session.account.base_url
        sites = await session.store.portal_cache.installations(portal)
        site_id = str(session.settings.get("site_id", ""))
        self._portal.show_cached(sites, site_id)
        if site_id:
            self._portal.show_cached_gateways(await session.store.portal_cache.gateways(portal, site_id))

    def _sign_in(self) -> None:
        try:
            api = self.session.delivery.portal()
        except PortalError as error:
            self.failed.emit(error)
            return
        portal = self.session.account.base_url
        self._portal.sign_in(api, lambda sites: self._on_sites(portal, sites))

    def _on_sites(self, portal: str, sites: Sequence[Installation]) -> None:
        self.session.delivery.wake()
        self._tasks.spawn(self.session.store.portal_cache.save_installations(portal, sites), "keep sites")

    def _on_site(self, site_id: str) -> None:
        if self.session.is_open:
            self._tasks.spawn(self.session.keep({"site_id": site_id}), "keep site")

    def _keep_gateways(self) -> None:
        site_id, gateways = self._portal.site_id, self._portal.gateways
        if site_id and gateways and self.session.is_open:
            self._tasks.spawn(
                self.session.store.portal_cache.save_gateways(
                    self.session.account.base_url, site_id, gateways
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
        if not self.session.is_open:
            return StoreError(Message("Uploads cannot be kept: the data file is not open."))
        if not self.session.has_account or not portal.site_id:
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
            item = await self.session.delivery.upload(entry, site_id)
        except (StoreError, DomainError) as error:
            self.failed.emit(error)
            return
        self.verification = None
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
        if self.session.is_open:
            self._tasks.spawn(self._tell_outbox(), "outbox")

    def try_now(self) -> None:
        """The network is back: what waits is tried at once."""
        if self.session.is_open:
            self.session.delivery.wake()
            if self.session.has_account and self._portal.state is not PortalState.SIGNED_IN:
                self._sign_in()

    def come_back(self, state: Qt.ApplicationState) -> None:
        """The person is back at the window: what nobody answered to is tried now."""
        if state is Qt.ApplicationState.ApplicationActive and self.session.is_open:
            self.session.delivery.nudge()

    async def _tell_outbox(self) -> None:
        status = await self.session.delivery.status()
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
        self._tasks.spawn(self._verify(item, telegram, taken_at, checks), "verify", self._on_verified)

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
        self, item: OutboxItem, telegram: Telegram, taken_at: datetime, checks: "Sequence[Check]"
    ) -> None:
        try:
            verification = await self.session.delivery.verify(
                item, telegram, taken_at, self._meter.vocabulary
            )
        except PortalError as error:
            self.happened.emit(tr("not verified"), tr("next: see the message above"))
            self.failed.emit(error)
            return
        points = open_points(checks, verification)
        self._open_points[item.key] = points
        state = verification.state(len(points))
        if (habit := portal_habit(verification)) is not None:
            self._habits[item.portal] = habit
        self._portal.show_verification(item.key, state)
        if self.item is not None and self.item.key == item.key:
            self.verification = verification
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
    def open_points(self) -> tuple["Check", ...]:
        """The checks that the verification of the meter on screen left open."""
        return self._open_points.get(self.item.key, ()) if self.item is not None else ()

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
        verified = self._portal.verification_of(item.key)
        if item.state is DeliveryState.SENT and verified is not None:
            words, state = _VERIFIED_OUTCOMES[verified]
            return tr(words, count=len(self.open_points)), state
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
