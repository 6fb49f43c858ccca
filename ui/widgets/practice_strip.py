"""Says on every page, in one line, that this is practice."""

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from ui.fonts import strong
from ui.i18n import tr
from ui.icons import icon
from ui.theme import Theme
from ui.widgets.basics import button, em, grows, label


class PracticeStrip(QFrame):
    """Hidden until practice begins; then it stays."""

    page_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("practice_strip")
        self.setProperty("banner", "info")
        self._icon, self._what, self._hint = (
            label(),
            label("practice_what"),
            label("practice_hint", quiet=True),
        )
        self._what.setFont(strong(self._what.font()))
        self._open = button("open_practice_page", link=True)
        self._open.clicked.connect(self.page_asked)
        row = QHBoxLayout(self)
        gap = em(self) // 2
        row.setContentsMargins(gap * 2, gap // 3, gap, gap // 3)
        row.setSpacing(gap)
        for widget in (self._icon, self._what, self._hint):
            row.addWidget(widget)
        # On a small screen the hint is what may be cut.
        grows(self._hint)
        row.setStretchFactor(self._hint, 1)
        row.addWidget(self._open)
        self.apply_theme(theme)
        self.retranslate()
        self.hide()

    def apply_theme(self, theme: Theme) -> None:
        """Draws the icon in the colours of now."""
        side = round(em(self) * 1.1)
        self._icon.setPixmap(
            icon("practice", theme.accent).pixmap(QSize(side, side), self.devicePixelRatio())
        )

    def retranslate(self) -> None:
        """Says everything in the language of now."""
        self._what.setText(tr("Practice: simulated meters and portal, nothing here is real."))
        self._hint.setText(tr("Try 94158186 to 94158197. It starts afresh each time."))
        self._open.setText(tr("Open the portal's page"))
