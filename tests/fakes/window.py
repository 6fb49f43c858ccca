"""A person's hands on the real window: finds widgets by name, types and clicks, waits for what must come."""

from datetime import UTC, datetime

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.mbus.records import Telegram
from app.mbus.response import decode
from app.message import Message
from app.portal.credentials import Account, Secret
from app.practice.building import practice_building
from ui.application import Application

MOMENT = datetime(2026, 11, 22, 10, 14, tzinfo=UTC)
INDEX_ALONE = "[{'unit': 'heat_energy_kwh', 'factor': 0.001, 'dib': '04', 'vib': '06'}]"
ALL_USEFUL = (
    "[{'unit': 'heat_energy_kwh', 'factor': 0.001, 'dib': '04', 'vib': '06'}, "
    "{'unit': 'vol_m3', 'dib': '04', 'vib': '13'}, "
    "{'unit': 'power_kw', 'dib': '04', 'vib': '2B'}, "
    "{'unit': 'vol_flow_m3_h', 'dib': '04', 'vib': '3B'}, "
    "{'unit': 'flow_temp', 'dib': '02', 'vib': '5B'}, "
    "{'unit': 'return_temp', 'dib': '02', 'vib': '5F'}, "
    "{'unit': 'diff_temp', 'dib': '02', 'vib': '61'}]"
)


def raw_telegram(serial: str = "94158192") -> bytes:
    """What a meter of the practice building answers."""
    return b"".join(practice_building(seed=1, now=MOMENT).meter(serial).telegrams())


def telegram(serial: str = "94158192") -> Telegram:
    return decode(raw_telegram(serial))


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
