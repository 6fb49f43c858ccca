"""The legend: what blue, red and yellow mean; always in sight."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from ui.icons import icon
from ui.theme import Theme, Tone
from ui.widgets.basics import em, label
from ui.words import Words

_ENTRIES = (
    (Tone.SERIAL, "serial", "The meter's serial number"),
    (Tone.INDEX, "index", "The value on the dial, which the portal bills by"),
    (Tone.AUXILIARY, "auxiliary", "A further register that the portal knows"),
)


class Legend(QWidget):
    """Icon and word of each tone, in its colour."""

    def __init__(self, words: Words, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("legend")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(em(self) // 3)
        self._parts: list[tuple[Tone, QLabel]] = []
        for tone, text, more in _ENTRIES:
            drawing, word = label(), label(f"legend_{tone.value}")
            word.setProperty("tone", tone.value)
            words.say(word.setText, text)
            words.say(word.setToolTip, more)
            row.addWidget(drawing)
            row.addWidget(word)
            row.addSpacing(em(self) // 2)
            self._parts.append((tone, drawing))
        row.addStretch(1)
        self.apply_theme(theme)

    def apply_theme(self, theme: Theme) -> None:
        """Paints in the colours of now."""
        side = round(em(self) * 0.85)
        for tone, drawing in self._parts:
            colour = theme.tones[tone].text
            drawing.setPixmap(icon(tone.value, colour).pixmap(QSize(side, side), self.devicePixelRatio()))
