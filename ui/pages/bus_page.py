"""The bus: what is wrong with it, settings of the meter on screen, and every byte that went over the line."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from app.message import Message
from app.services.jobs.configure import ConfigureJob, SettingKind
from app.services.jobs.diagnose import DiagnoseJob, RatesJob
from ui.i18n import tr, tr_message
from ui.theme import Theme
from ui.viewmodels.practice_faults import PracticeFaultsViewModel
from ui.viewmodels.trace import TraceViewModel
from ui.widgets.basics import button, em, label
from ui.widgets.flow import FlowLayout
from ui.widgets.practice_faults import PracticeFaultsButton
from ui.widgets.trace_panel import TracePanel
from ui.widgets.work_strip import WorkStrip
from ui.words import Words

_SETTING_WORDS = {
    SettingKind.PRIMARY_ADDRESS: "Set the primary address…",
    SettingKind.BAUD_RATE: "Set the baud rate…",
    SettingKind.APPLICATION_RESET: "Application reset…",
}


class BusPage(QWidget):
    """Follows the trace only while it is seen.

    Args:
        facts: what is known of line and adapter, in sentences.
    """

    setting_asked = Signal(object)
    """A :class:`SettingKind`, for the meter on screen."""

    def __init__(
        self,
        *,
        trace: TraceViewModel,
        diagnosis: DiagnoseJob,
        rates: RatesJob,
        configure: ConfigureJob,
        faults: PracticeFaultsViewModel,
        facts: Callable[[], tuple[Message, ...]],
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("bus_page")
        self._trace, self._facts_of_now = trace, facts
        self._words = Words()
        self.diagnose = button("diagnose_button")
        self._words.say(self.diagnose.setText, "Diagnose the line")
        self._words.say(self.diagnose.setToolTip, "Finds out why meters do not answer; changes nothing")
        self.diagnose.clicked.connect(diagnosis.start)
        self.find_rate = button("find_rate_button")
        self._words.say(self.find_rate.setText, "Find the baud rate")
        self.find_rate.clicked.connect(rates.start)
        self._serial = ""
        self.configure = button("configure_button")
        self._settings = QMenu(self.configure)
        self._settings.setObjectName("configure_menu")
        for kind, words in _SETTING_WORDS.items():
            action = self._settings.addAction("")
            action.setObjectName(f"configure_{kind.value}")
            self._words.say(action.setText, words)
            action.triggered.connect(lambda _on, each=kind: self.setting_asked.emit(each))
        self.configure.setMenu(self._settings)
        self.faults = PracticeFaultsButton(faults, theme)
        self._facts = label("line_facts", quiet=True, wrap=True)
        self._works = (diagnosis, rates, configure)
        self.strip = WorkStrip("bus_work", self._works, theme)
        self.panel = TracePanel(trace, theme)
        self._lay_out()
        for work in self._works:
            work.changed.whenever(self._say_busy)
        trace.counts_changed.connect(self.refresh_facts)
        trace.rows_reset.connect(self.refresh_facts)
        self.refresh_facts()

    def set_meter(self, serial: str) -> None:
        """Whose settings can be changed; empty for none."""
        self._serial = serial
        self.configure.setEnabled(bool(serial))
        self._say_meter()

    def apply_theme(self, theme: Theme) -> None:
        """Paints in the colours of now."""
        self.strip.apply_theme(theme)
        self.panel.apply_theme(theme)
        self.faults.apply_theme(theme)

    def retranslate(self) -> None:
        """Says everything in the language of now."""
        self._words.refresh()
        self.strip.retranslate()
        self.panel.retranslate()
        self.faults.refresh()
        self._say_meter()
        self.refresh_facts()

    def refresh_facts(self) -> None:
        """Says what is known of line and adapter now."""
        self._facts.setText("  ·  ".join(map(tr_message, self._facts_of_now())))

    def _say_meter(self) -> None:
        serial = self._serial
        self.configure.setText(tr("Configure {serial}", serial=serial) if serial else tr("Configure"))
        self.configure.setToolTip(
            tr("Settings inside the meter on screen") if serial else tr("Read the meter first.")
        )

    def showEvent(self, event: QShowEvent) -> None:
        """Qt's override: begins to follow the trace."""
        super().showEvent(event)
        self._trace.watch(on=True)
        self.refresh_facts()

    def hideEvent(self, event: QHideEvent) -> None:
        """Qt's override: ends to follow the trace."""
        super().hideEvent(event)
        self._trace.watch(on=False)

    def _lay_out(self) -> None:
        gap = em(self) // 2
        row = FlowLayout(gap, right=1)
        for part in (self.diagnose, self.find_rate, self.configure, self.faults.button):
            row.addWidget(part)
        top = QVBoxLayout()
        top.setContentsMargins(gap, gap, gap, 0)
        top.setSpacing(gap)
        top.addLayout(row)
        top.addWidget(self._facts)
        top.addWidget(self.strip)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(gap)
        column.addLayout(top)
        column.addWidget(self.panel, 1)

    def _say_busy(self) -> None:
        busy = any(work.running for work in self._works)
        for part in (self.diagnose, self.find_rate):
            part.setEnabled(not busy)
