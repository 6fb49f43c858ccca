"""What stands in the middle before anything is read: what to do first, and practice mode in one click."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.icons import app_icon, icon
from ui.theme import Theme
from ui.widgets.basics import button, em, label, title
from ui.words import Words

_STEPS = (
    "1.  Choose your adapter at the top left.",
    "2.  Type or scan the serial number on the meter's label and press Return.",
    "3.  Tick the registers, press Upload, then Verify.",
)


class EmptyPage(QWidget):
    """Calm, and never a dead end."""

    practice_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("empty_page")
        self._words = Words()
        drawing = label()
        side = em(self) * 5
        drawing.setPixmap(app_icon().pixmap(QSize(side, side), self.devicePixelRatio()))
        heading = title("empty_title", 1.35)
        self._words.say(heading.setText, "Read your first meter")
        self._practice = button("practice_button")
        self._words.say(self._practice.setText, "Start practice mode")
        self._practice.clicked.connect(self.practice_asked)
        self._note = label("practice_note", quiet=True, wrap=True)
        self._words.say(
            self._note.setText,
            "No hardware at hand? Practice mode brings simulated meters, a bus and a portal. "
            "A raw telegram can be pasted anywhere with Ctrl+V.",
        )
        column = QVBoxLayout()
        column.setSpacing(em(self) // 2)
        column.addStretch(2)
        column.addWidget(drawing, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(heading)
        for text in _STEPS:
            step = label(wrap=True)
            self._words.say(step.setText, text)
            column.addWidget(step)
        column.addSpacing(em(self))
        column.addWidget(self._note)
        column.addWidget(self._practice, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(3)
        row = QHBoxLayout(self)
        row.addStretch(1)
        row.addLayout(column, 3)
        row.addStretch(1)
        self.apply_theme(theme)

    def set_practice_possible(self, *, possible: bool) -> None:
        """Shows or hides the offer, e.g. when practice mode runs already."""
        self._practice.setVisible(possible)
        self._note.setVisible(possible)

    def apply_theme(self, theme: Theme) -> None:
        """Nothing here is painted in a colour of its own but the button's icon."""
        self._practice.setIcon(icon("practice", theme.accent))

    def retranslate(self) -> None:
        """Says everything in the language of now."""
        self._words.refresh()
