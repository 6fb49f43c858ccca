"""A barcode scanner types where the focus happens to be: what it types is taken as a number anyway."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QWindow
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)
from shiboken6 import isValid

FASTEST_HAND_MS = 50
"""Between two keys of a scanner lies less; no hand keeps that up for a whole number."""
LEAST_DIGITS = 6
_SURE = 2
"""So many keys at that pace, and the next one, are no hand's."""
_MOST = 200
"""No barcode of a label is longer."""

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
    """What the scanner typed, letters and signs included; the Return that ended it pressed nothing else."""

    def __init__(self, window: QWindow, home: QWidget, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._home = home
        self._typed = ""
        self._last_ms = 0
        self._give_back: Callable[[], None] = _nothing
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
            typed, self._typed = self._typed, ""
            digits = sum(each.isdecimal() for each in typed)
            if not fast or digits < LEAST_DIGITS or QApplication.focusWidget() is self._home:
                return False
            self._give_back()
            self.scanned.emit(typed)
            return True
        if not text:
            # Shift alone: on some keyboards digits need it, and capitals on all.
            return False
        if not text.isprintable() or event.modifiers() & _CHORDS:
            self._typed = ""
            return False
        if not fast or not self._typed:
            self._typed = ""
            self._give_back = _restorer(QApplication.focusWidget())
        surely = len(self._typed) >= _SURE
        self._typed = (self._typed + text)[:_MOST]
        # Over a button a blank would press it, over a list it would open it.
        return surely and not _takes_text(QApplication.focusWidget())


def _takes_text(focus: QWidget | None) -> bool:
    if isinstance(focus, QComboBox):
        return focus.isEditable()
    return isinstance(focus, QLineEdit | QPlainTextEdit | QTextEdit | QAbstractSpinBox)


def _nothing() -> None:
    return


def _restorer(focus: QWidget | None) -> Callable[[], None]:
    """Puts back what the keys of a scan write over, or choose, where they fall."""
    if isinstance(focus, QLineEdit):
        field, before = focus, focus.text()

        def restore_text() -> None:
            if isValid(field) and field.text() != before:
                field.setText(before)
                field.textEdited.emit(before)

        return restore_text
    if isinstance(focus, QComboBox):
        box, at, text = focus, focus.currentIndex(), focus.currentText()

        def restore_choice() -> None:
            if isValid(box) and (box.currentIndex(), box.currentText()) != (at, text):
                box.setCurrentIndex(at)
                box.activated.emit(at)
                if box.isEditable():
                    box.setEditText(text)

        return restore_choice
    return _nothing
