"""Keeps the serial field ready: after every step the next scan must land there, not on a button nearby."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit, QWidget

from app.services.jobs.job import Job
from app.services.jobs.read import ReadJob
from ui.scanner import ScannerFilter
from ui.viewmodels.portal import PortalState, PortalViewModel
from ui.windows.main_window import MainWindow


class FocusController(QObject):
    """Gives the focus to the serial field when something begins or ends, but never takes it from who types.

    Args:
        window: whose focus it is.
        reading: after each, the next number is awaited.
        portal: after signing in, too.
        works: scans and the like; their buttons go off or away while they have the focus.
    """

    def __init__(
        self,
        window: MainWindow,
        reading: ReadJob,
        portal: PortalViewModel,
        works: Sequence[Job],
    ) -> None:
        super().__init__()
        self._window, self._portal = window, portal
        self._scanner: ScannerFilter | None = None
        self._signed_in = False
        self._settling = QTimer(self)
        # Buttons that go off pass the focus on by themselves; only then is it known where to.
        self._settling.setSingleShot(True)
        self._settling.setInterval(0)
        self._settling.timeout.connect(self._settle)
        reading.meter_read.whenever(self._after_reading)
        reading.reading_failed.whenever(self._after_reading)
        portal.state_changed.connect(self._on_portal)
        for work in works:
            self._watch(work)

    def watch_scanner(self) -> None:
        """Takes scans wherever the focus is; the window is there by now."""
        handle = self._window.windowHandle()
        if handle is not None:
            self._scanner = ScannerFilter(handle, self._window.left.serial_field, self)
            self._scanner.scanned.connect(self._window.left.read_scanned)

    def during(self, act: Callable[[], None], running: Callable[[], bool]) -> None:
        """Does what a button asks for with the serial field ready, and what was typed elsewhere taken over.

        Args:
            act: begins something.
            running: whether it began; if not, the focus goes back to where it was.
        """
        before = self._window.focusWidget()
        self._window.await_serial()
        act()
        if not running() and before is not None:
            before.setFocus()

    def settle(self) -> None:
        """Something ended: the serial field is ready as soon as the buttons have settled."""
        self._settling.start()

    def _watch(self, work: Job) -> None:
        was = work.running

        def look() -> None:
            nonlocal was
            if work.running is not was:
                was = work.running
                self.settle()

        work.changed.whenever(look)

    def _on_portal(self) -> None:
        signed_in = self._portal.state is PortalState.SIGNED_IN
        if signed_in and not self._signed_in:
            self.settle()
        self._signed_in = signed_in

    def _after_reading(self) -> None:
        field = self._window.left.serial_field
        if not (field.hasFocus() and field.isModified()):
            self._window.await_serial()

    def _settle(self) -> None:
        focus: QWidget | None = self._window.focusWidget()
        field = self._window.left.serial_field
        if focus is field or isinstance(focus, QPlainTextEdit):
            return
        if isinstance(focus, QComboBox):
            focus = focus.lineEdit()
        top = isinstance(focus, QLineEdit) and self._window.top.isAncestorOf(focus)
        if isinstance(focus, QLineEdit) and (not top or focus.isModified()):
            return
        self._window.await_serial()
