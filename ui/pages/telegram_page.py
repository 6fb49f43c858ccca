"""The middle: who answered, the records, the bytes beneath, and further pages behind tabs."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ui.pages.empty_page import EmptyPage
from ui.pages.gateway_page import GatewayTextPage
from ui.pages.records_page import RecordsPage
from ui.theme import Theme
from ui.viewmodels.meter import MeterViewModel
from ui.widgets.basics import button, em
from ui.widgets.legend import Legend
from ui.widgets.telegram_header import TelegramHeader
from ui.words import Words


class TelegramPage(QFrame):
    """The header and a stack of pages; other developers' pages join by :meth:`add_page`."""

    page_shown = Signal(str)
    """Key of the page that came to the front."""

    def __init__(self, meter: MeterViewModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("telegram_card")
        self.setProperty("card", True)  # noqa: FBT003 - Qt's own signature
        self._words = Words()
        self._meter = meter
        self.header = TelegramHeader(meter, theme)
        self.records = RecordsPage(meter, theme)
        self.gateway = GatewayTextPage(meter, theme)
        self.empty = EmptyPage(theme)
        self._legend = Legend(self._words, theme)
        self._stack = QStackedWidget()
        self._stack.setObjectName("telegram_pages")
        self._stack.addWidget(self.empty)
        self._tabs = QButtonGroup(self)
        self._tabs.setExclusive(True)
        self._pages: dict[str, QWidget] = {}
        self._needs_meter: set[str] = set()
        self._key = "records"
        self._tab_row = QHBoxLayout()
        self._foot = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._lay_out()
        self.add_page("records", "Records", self.records)
        self.add_page("gateway", "Gateway text", self.gateway)
        meter.meter_opened.connect(self._show_current)
        self.show_page("records")

    def add_page(self, key: str, title: str, page: QWidget, *, needs_meter: bool = True) -> QPushButton:
        """Puts a page behind a tab.

        Args:
            key: its stable name.
            title: the words on the tab (English; translated here).
            page: a widget; its ``apply_theme(theme)`` and ``retranslate()`` are called if it has them.
            needs_meter: whether it shows the meter on screen; without one, the empty page stands there.
        """
        tab = button(f"tab_{key}", tab=True)
        tab.setCheckable(True)
        self._words.say(tab.setText, title)
        tab.clicked.connect(lambda: self.show_page(key))
        self._tabs.addButton(tab)
        self._tab_row.insertWidget(len(self._pages), tab)
        self._stack.addWidget(page)
        self._pages[key] = page
        if needs_meter:
            self._needs_meter.add(key)
        return tab

    def show_page(self, key: str) -> None:
        """Brings a page to the front."""
        self._key = key
        tab = self.findChild(QPushButton, f"tab_{key}")
        if tab is not None:
            tab.setChecked(True)
        self._show_current()
        self.page_shown.emit(key)

    @property
    def shown(self) -> str:
        """Key of the page in front."""
        return self._key

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's override: where tabs and legend do not fit on one line, the legend goes below."""
        super().resizeEvent(event)
        needed = self._tab_row.minimumSize().width() + self._legend.sizeHint().width() + 3 * em(self)
        one_line = needed <= event.size().width()
        directions = QBoxLayout.Direction
        self._foot.setDirection(directions.LeftToRight if one_line else directions.TopToBottom)

    def apply_theme(self, theme: Theme) -> None:
        """Passes the colours of now on."""
        for part in (self.header, self.empty, self._legend, *self._pages.values()):
            if hasattr(part, "apply_theme"):
                part.apply_theme(theme)

    def retranslate(self) -> None:
        """Says everything in the language of now."""
        self._words.refresh()
        for part in (self.header, self.empty, *self._pages.values()):
            if hasattr(part, "retranslate"):
                part.retranslate()

    def _show_current(self) -> None:
        empty = self._meter.telegram is None
        needs = self._key in self._needs_meter
        self.header.setVisible(needs and not empty)
        self._legend.setVisible(needs)
        self._stack.setCurrentWidget(self.empty if empty and needs else self._pages[self._key])

    def _lay_out(self) -> None:
        gap = em(self) // 2
        self._tab_row.setSpacing(gap // 2)
        self._tab_row.addStretch(1)
        self._foot.setContentsMargins(gap, gap // 2, gap, gap // 2)
        self._foot.addLayout(self._tab_row, 1)
        self._foot.addWidget(self._legend)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self._stack, 1)
        column.addLayout(self._foot)
