"""Says on every page, for as long as it lasts, that nothing is saved, and why."""

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from app.message import Message
from ui.fonts import strong
from ui.i18n import tr, tr_message
from ui.icons import icon
from ui.theme import Theme
from ui.widgets.basics import button, em, label


class UnsavedStrip(QFrame):
    """Hidden while all is well; nobody can close it."""

    again_asked = Signal()
    """The data folder is to be tried once more."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("unsaved_strip")
        self.setProperty("banner", "bad")
        self._reason: Message | None = None
        self._icon, self._what = label(), label("unsaved_what")
        self._why = label("unsaved_why", wrap=True)
        self._what.setFont(strong(self._what.font()))
        self._again = button("unsaved_again")
        self._again.clicked.connect(self.again_asked)
        row = QHBoxLayout(self)
        gap = em(self) // 2
        row.setContentsMargins(gap * 2, gap // 3, gap, gap // 3)
        row.setSpacing(gap)
        row.addWidget(self._icon)
        row.addWidget(self._what)
        row.addWidget(self._why, 1)
        row.addWidget(self._again)
        self.apply_theme(theme)
        self.retranslate()
        self.hide()

    def show_reason(self, reason: Message | None) -> None:
        """Why nothing is saved; None takes the strip away."""
        self._reason = reason
        self.retranslate()
        self.setVisible(reason is not None)

    def apply_theme(self, theme: Theme) -> None:
        """Draws the icon in the colours of now."""
        side = round(em(self) * 1.1)
        self._icon.setPixmap(icon("warning", theme.bad).pixmap(QSize(side, side), self.devicePixelRatio()))

    def retranslate(self) -> None:
        """Says everything in the language of now."""
        self._what.setText(tr("Nothing is saved!"))
        self._why.setText(tr_message(self._reason) if self._reason is not None else "")
        self._again.setText(tr("Try again"))
