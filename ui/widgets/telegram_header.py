"""The blue header: serial number, what it measures, maker, version, and the status in words."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from app.domain.registers import Role
from app.mbus.addresses import UNKNOWN_OCTET
from app.mbus.fixed import status_of
from app.mbus.manufacturer import manufacturer_name, status_messages
from app.mbus.records import Header
from ui.fonts import strong
from ui.i18n import tr, tr_message
from ui.icons import icon
from ui.theme import Theme
from ui.viewmodels.meter import MeterViewModel
from ui.widgets.basics import button, em, label, set_state
from ui.words import medium_word

_ROOMY_EM = 42
"""From this width on everything has its place, in heights of the font."""


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
        for part in (self._serial, self.tick_all):
            part.setSizePolicy(QSizePolicy.Policy.Fixed, part.sizePolicy().verticalPolicy())
        meter.meter_opened.connect(self.retranslate)
        meter.rows_changed.connect(self._show_tick_all)
        self.apply_theme(theme)

    def apply_theme(self, theme: Theme) -> None:
        """Paints in the colours of now."""
        colour = theme.header.text
        side = round(em(self) * 1.1)
        self._icon.setPixmap(icon("serial", colour).pixmap(QSize(side, side), self.devicePixelRatio()))
        self.retranslate()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's override: where there is little room, what matters least is left out."""
        super().resizeEvent(event)
        self._show_what_fits()

    def _show_what_fits(self) -> None:
        narrow = self.width() < _ROOMY_EM * em(self)
        self._access.setVisible(not narrow)
        telegram = self._meter.telegram
        header = telegram.header if telegram is not None else None
        if telegram is not None and header is not None:
            self._status.setVisible(not narrow or bool(status_of(telegram)))
            self._facts.setText(medium_word(header) if narrow else self._told(header))

    def _told(self, header: Header) -> str:
        """What the header tells: short ones nothing of this, fixed structures neither maker nor version."""
        medium = medium_word(header) if header.medium != UNKNOWN_OCTET else ""
        models = self._meter.vocabulary.models
        if models.of(header) is not None or not manufacturer_name(header.manufacturer):
            named = tr_message(models.shown(header)) if header.manufacturer else ""
            return " · ".join(filter(None, (medium, named)))
        version = tr("version {number}", number=header.version)
        return " · ".join(filter(None, (medium, manufacturer_name(header.manufacturer), version)))

    def _show_tick_all(self) -> None:
        self.tick_all.setEnabled(any(row.register.role is Role.USEFUL for row in self._meter.rows))

    def retranslate(self) -> None:
        """Says who answered in the language of now."""
        self.tick_all.setText(tr("Tick all auxiliary"))
        self.tick_all.setToolTip(tr("Tick the index and every auxiliary register (F6)"))
        telegram = self._meter.telegram
        if telegram is None:
            return
        header = telegram.header
        self._serial.setText((header.identification if header else "") or tr("no serial number"))
        told = self._told(header) if header else telegram.error.message if telegram.error else ""
        self._facts.setText(told)
        self._access.setText(tr("access {number}", number=header.access_number) if header else "")
        status = status_of(telegram)
        words = ", ".join(map(tr_message, status_messages(status, header.manufacturer))) if header else ""
        self._status.setText(
            tr("status: {words}", words=words) if status else tr("status ok") if header else ""
        )
        set_state(self._status, "bad" if status else "")
        self._show_what_fits()
        self._show_tick_all()
        self.setAccessibleName(f"{self._serial.text()} {told} {self._status.text()}")
