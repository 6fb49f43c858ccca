"""Tool tips show what meters, portals and files say as text: Qt would take a tag in it for a page."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication, QLabel


class PlainTips(QObject):
    """Makes every tool tip of the program plain text, whoever shows it: widgets, tables, combo boxes.

    Qt guesses from its text whether a tool tip is rich text, and a rich one loads the pictures that it names.
    All of them are shown by one label of Qt's own, which is caught when it is made.
    """

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Changes the label's format before its first text comes."""
        if (
            event.type() == QEvent.Type.Polish
            and watched.inherits("QTipLabel")
            and isinstance(watched, QLabel)
        ):
            watched.setTextFormat(Qt.TextFormat.PlainText)
        return False
