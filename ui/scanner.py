"""A barcode scanner types where the focus happens to be: its code is taken as a meter's number anyway."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QWindow
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

FASTEST_HAND_MS = 50
"""Between two keys of a scanner lies less; no hand keeps that up for a whole number."""
LEAST_DIGITS = 6

_ENDS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_CHORDS = (
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
)


class ScannerFilter(QObject):
    """Watches the keys of one window, by the times they carry; keys pass until a number is complete.

    Args:
        window: its keys only, so that a dialog is left alone.
        home: the field that scans belong to; what arrives there is left to it.
    """

    scanned = Signal(str)
    """The code as it came; the Return that ended it pressed nothing else."""

    def __init__(self, window: QWindow, home: QWidget, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._home = home
        self._text = ""
        self._last_ms = 0
        self._field: QLineEdit | None = None
        self._before = ""
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt's override."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._take(event)
        return super().eventFilter(watched, event)

    def _take(self, event: QKeyEvent) -> bool:
        now, text = event.timestamp(), event.text()
        fast = self._last_ms > 0 and now - self._last_ms < FASTEST_HAND_MS
        self._last_ms = now
        if event.key() in _ENDS and not event.modifiers() & _CHORDS:
            scanned, self._text = self._text, ""
            digits = sum(character.isdigit() for character in scanned)
            if not fast or digits < LEAST_DIGITS or QApplication.focusWidget() is self._home:
                return False
            self._give_back()
            self.scanned.emit(scanned)
            return True
        if not text:
            # Shift alone: on some keyboards digits need it.
            return False
        if not text.isprintable() or event.modifiers() & _CHORDS:
            self._text = ""
            return False
        if not fast or not self._text:
            self._begin()
        self._text += text
        return False

    def _begin(self) -> None:
        focus = QApplication.focusWidget()
        self._text = ""
        self._field = focus if isinstance(focus, QLineEdit) else None
        self._before = self._field.text() if self._field is not None else ""

    def _give_back(self) -> None:
        """What the digits wrote over stands again in the field they fell into."""
        if self._field is not None and self._field.text() != self._before:
            self._field.setText(self._before)
            self._field.textEdited.emit(self._before)
