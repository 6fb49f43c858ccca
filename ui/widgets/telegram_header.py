"""The blue header: serial number, what it measures, maker, version, and the status in words."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from app.mbus.manufacturer import manufacturer_name, medium_name, status_words
from app.mbus.records import Header
from ui.fonts import strong
from ui.i18n import tr
from ui.icons import icon
from ui.theme import Theme
from ui.viewmodels.meter import MeterViewModel
from ui.widgets.basics import button, em, label, set_state


class TelegramHeader(QFrame):
    """Follows the meter on screen."""

    def __init__(self, meter: MeterViewModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("telegram_header")
        self.setProperty("header", "serial")
        self._meter = meter
        self._icon = label()
        self._serial = label("header_serial")
        self._serial.setFont(strong(self._serial.font(), 1.4))
        self._facts = label("header_facts", wrap=True)
        self._status = label("header_status")
        self._access = label("header_access")
        self.tick_all = button("tick_all_button")
        self.tick_all.clicked.connect(meter.tick_all_useful)
        row = QHBoxLayout(self)
        row.setContentsMargins(em(self), em(self) // 2, em(self), em(self) // 2)
        row.setSpacing(em(self) // 2)
        row.addWidget(self._icon)
        row.addWidget(self._serial)
        row.addSpacing(em(self) // 3)
        row.addWidget(self._facts, 1)
        row.addWidget(self._status)
        row.addWidget(self._access)
        row.addWidget(self.tick_all)
        meter.meter_opened.connect(self.retranslate)
        self.apply_theme(theme)

    def apply_theme(self, theme: Theme) -> None:
        """Paints in the colours of now."""
        colour = theme.header.text
        side = round(em(self) * 1.1)
        self._icon.setPixmap(icon("serial", colour).pixmap(QSize(side, side), self.devicePixelRatio()))
        self.retranslate()

    def retranslate(self) -> None:
        """Says who answered in the language of now."""
        self.tick_all.setText(tr("Tick all auxiliary"))
        self.tick_all.setToolTip(tr("Tick the index and every auxiliary register (F6)"))
        telegram = self._meter.telegram
        if telegram is None:
            return
        header = telegram.header
        self._serial.setText(header.identification if header else tr("no serial number"))
        self._facts.setText(_facts(header) if header else telegram.error.message if telegram.error else "")
        self._access.setText(tr("access {number}", number=header.access_number) if header else "")
        words = ", ".join(status_words(header.status, header.manufacturer)) if header else ""
        self._status.setText(
            tr("status: {words}", words=words)
            if header and header.status
            else tr("status ok")
            if header
            else ""
        )
        bad = bool(header and header.status)
        set_state(self._status, "bad" if bad else "")
        self.setAccessibleName(f"{self._serial.text()} {self._facts.text()} {self._status.text()}")


def _facts(header: Header) -> str:
    maker = manufacturer_name(header.manufacturer) or header.manufacturer
    medium = medium_name(header.medium)
    return " · ".join((medium[:1].upper() + medium[1:], maker, tr("version {number}", number=header.version)))
