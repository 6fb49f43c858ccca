"""A person's hands on the real window: finds widgets by name, types and clicks, waits for what must come."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.message import Message
from app.portal.credentials import Account, Secret
from tests.fakes.practice_telegrams import ALL_USEFUL, INDEX_ALONE, MOMENT, raw_telegram, telegram
from ui.application import Application

__all__ = [
    "ALL_USEFUL",
    "INDEX_ALONE",
    "MOMENT",
    "NoVault",
    "Program",
    "english",
    "raw_telegram",
    "telegram",
]


class NoVault:
    """Keeps no password, so that no test touches a keyring."""

    def load(self, account: Account) -> Secret | None:
        return None

    def save(self, account: Account, password: Secret) -> bool:
        return False

    def forget(self, account: Account) -> None:
        return None


class Program:
    """The window under test."""

    def __init__(self, application: Application, qtbot: QtBot) -> None:
        self.application = application
        self.window = application.window
        self.qtbot = qtbot

    def activate(self) -> None:
        """The window in front again, as a window manager does it when a dialog closes."""
        self.window.activateWindow()
        self.wait(self.window.isActiveWindow)

    def find(self, name: str, kind: type = QWidget) -> QWidget:
        widget = self.window.findChild(kind, name)
        assert widget is not None, f"the window has no {name}"
        return widget

    def text(self, name: str) -> str:
        return self.find(name).text()

    def type(self, name: str, text: str) -> None:
        field = self.find(name, QLineEdit)
        field.setFocus()
        field.selectAll()
        self.qtbot.keyClicks(field, text)

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """A key goes to whatever has the focus, as with a real keyboard."""
        self.qtbot.keyClick(QApplication.focusWidget() or self.window, key, modifier)

    def click(self, name: str) -> None:
        widget = self.find(name)
        assert widget.isVisible(), f"{name} is hidden"
        assert widget.isEnabled(), f"{name} is off"
        self.qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)

    def wait(self, condition, timeout_ms: int = 15_000) -> None:
        self.qtbot.waitUntil(condition, timeout=timeout_ms)

    def paste(self, text: str) -> None:
        """Ctrl+V wherever the focus is."""
        self.activate()
        QGuiApplication.clipboard().setText(text)
        self.press(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)

    def open_telegram(self, serial: str = "94158192") -> None:
        """A telegram on screen without a bus."""
        self.paste(raw_telegram(serial).hex(" "))
        self.wait(lambda: self.text("header_serial") == serial)

    @property
    def reg(self) -> str:
        return self.window.right.reg.literal

    @property
    def banner(self) -> str:
        return "" if self.window.banner.isHidden() else self.window.banner.text


def english(message: Message | None) -> str:
    return "" if message is None else str(message)
