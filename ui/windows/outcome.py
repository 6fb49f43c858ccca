"""Shows in the window how far uploads and verifications are, and what of them waits for the person."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from app.domain.delivery_state import DeliveryState, OutboxItem
from app.domain.verification import Verification
from app.services.jobs.read import ReadJob
from ui.controllers.portal import PortalController
from ui.i18n import tr
from ui.pages.verification_page import VerificationPage
from ui.viewmodels.meter import MeterViewModel
from ui.viewmodels.portal import PortalViewModel
from ui.windows.dialogs import DialogController
from ui.windows.main_window import MainWindow

PAGE = "verification"


class OutcomePanel(QObject):
    """Between the portal's desk and the panels; decides nothing.

    Args:
        window: gets the page with the compared values.
        page: that page.
        desk: uploads and verifies.
        dialogs: opens the portal sheet and the comparison of two versions.
        meter: the one on screen.
        reading: while another number is being read, the meter on screen is not uploaded.
        portal: how far each upload is.
    """

    def __init__(
        self,
        *,
        window: MainWindow,
        page: VerificationPage,
        desk: PortalController,
        dialogs: DialogController,
        meter: MeterViewModel,
        reading: ReadJob,
        portal: PortalViewModel,
    ) -> None:
        super().__init__()
        self._window, self._page, self._desk, self._dialogs = window, page, desk, dialogs
        self._meter, self._reading = meter, reading
        window.middle.add_page(PAGE, "Verification", page)
        for changed in (
            desk.outcome_changed,
            meter.rows_changed,
            portal.uploads_changed,
        ):
            changed.connect(self.refresh)
        reading.busy_changed.whenever(self.refresh)
        meter.meter_opened.connect(self._on_meter_opened)
        desk.verified.connect(self._on_verified)
        page.correction_asked.connect(desk.correct_factors)
        desk.by_hand_needed.connect(dialogs.show_sheet)
        desk.by_hand_told.connect(self._show_by_hand)
        desk.outbox_told.connect(self._show_outbox)
        window.top.outbox_asked.connect(desk.show_outbox)
        window.right.verification_asked.connect(lambda: window.middle.show_page(PAGE))
        window.right.sheet_asked.connect(lambda: self._with_item(dialogs.show_sheet))
        window.right.comparison_asked.connect(lambda: self._with_item(dialogs.show_comparison))

    def refresh(self) -> None:
        """Shows how far the meter on screen is, and which buttons make sense."""
        right, desk = self._window.right, self._desk
        text, state = desk.outcome()
        item = desk.item
        upload_state = item.state if item is not None else None
        right.show_outcome(
            text,
            state,
            values=desk.verification is not None,
            sheet=upload_state is DeliveryState.BY_HAND,
            compare=upload_state is DeliveryState.CHANGED,
        )
        draft, asked = self._meter.draft, self._reading.serial
        other = (
            self._reading.busy and draft is not None and asked is not None and asked.digits != draft.serial
        )
        right.set_busy(
            uploading=desk.uploading, verifying=desk.verifying, uploaded=item is not None, other=other
        )

    def _on_meter_opened(self) -> None:
        verification = self._desk.verification
        if verification is not None:
            self._page.show_verification(verification, self._desk.open_points, self._desk.habit)
        else:
            self._page.clear()
        if self._window.middle.shown == PAGE:
            self._window.middle.show_page("records")

    def _on_verified(self, verification: Verification) -> None:
        self._page.show_verification(verification, self._desk.open_points, self._desk.habit)
        self._window.middle.show_page(PAGE)

    def _with_item(self, show: Callable[[OutboxItem], None]) -> None:
        item = self._desk.item
        if item is not None:
            show(item)

    def _show_outbox(self, names: str, problem: str) -> None:
        self._window.banner.show_message(
            "info",
            tr("Waiting to be sent: {names}", names=names),
            problem or tr("They are sent by themselves, one a second."),
            actions=(("try_now", tr("Try now")),),
        )

    def _show_by_hand(self, names: str) -> None:
        self._window.banner.show_message(
            "look",
            tr("To be entered by hand: {names}", names=names),
            tr("The portal has no interface for new meters."),
            tr("Open each in the list; its portal sheet has a copy button for every field."),
        )
