"""The hands and eyes of the self-test: finds widgets by name, clicks, types, waits, and takes pictures."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

PATIENCE_S = 60.0
"""How long anything may take that a person would wait for; a slow machine reads a meter in some seconds."""

_LOOK_EVERY_S = 0.02
_SETTLED_AFTER_S = 0.2

AnyWidget = TypeVar("AnyWidget", bound=QWidget)


class CheckFailed(Exception):  # noqa: N818 - named for what happened
    """A check did not find what it expected; the text says both."""


@dataclass(frozen=True, slots=True)
class Account:
    """How the practice portal is asked, beside the window, what it stored."""

    portal: str
    username: str
    password: str = field(repr=False)
    site_id: str


@dataclass(frozen=True, slots=True)
class Stage:
    """What a check works on.

    Attributes:
        window: the real one, shown.
        account: of the practice portal.
        first_paint_s: from the start of the process (or of the self-test) to the window's first paint.
        pictures: where pictures go; None for none.
    """

    window: QWidget
    account: Account
    first_paint_s: float
    pictures: Path | None

    def find(self, kind: type[AnyWidget], name: str) -> AnyWidget:
        """The widget of that object name."""
        widget = self.window.findChild(kind, name)
        if widget is None:
            raise CheckFailed(f"the window has no {kind.__name__} named {name}")
        return widget

    def text(self, name: str) -> str:
        """What a label or field says."""
        widget = self.find(QWidget, name)
        if not isinstance(widget, QLabel | QLineEdit):
            raise CheckFailed(f"{name} is a {type(widget).__name__}, which has no text")
        return widget.text()

    def click(self, name: str) -> None:
        """Clicks the middle of a widget, if a person could."""
        widget = self.find(QWidget, name)
        middle = QPoint(widget.width() // 2, widget.height() // 2)
        hit = self.window.childAt(widget.mapTo(self.window, middle))
        if not widget.isVisible() or hit is None or not (hit is widget or widget.isAncestorOf(hit)):
            raise CheckFailed(f"{name} cannot be clicked: it is hidden or covered")
        if not widget.isEnabled():
            raise CheckFailed(f"{name} cannot be clicked: it is switched off")
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle)

    def type(self, name: str, text: str) -> None:
        """Replaces what stands in a field, key by key."""
        line = self.find(QLineEdit, name)
        line.setFocus()
        line.selectAll()
        QTest.keyClicks(line, text)

    def press(self, key: Qt.Key, name: str | None = None) -> None:
        """Presses a key in a widget, or in the window."""
        QTest.keyClick(self.find(QWidget, name) if name else self.window, key)

    async def until(self, condition: Callable[[], object], what: str) -> None:
        """Waits while the loop goes on.

        Raises:
            CheckFailed: it did not come true in time.
        """
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not condition():  # noqa: ASYNC110 - what it waits for is on the screen, and tells nobody
                    await asyncio.sleep(_LOOK_EVERY_S)
        except TimeoutError:
            raise CheckFailed(f"waited {PATIENCE_S:.0f} s in vain until {what}") from None

    async def picture(self, name: str) -> None:
        """Keeps the window as it looks now, where pictures are wanted."""
        if self.pictures is not None:
            # Layouts settle in the events that follow a change.
            await asyncio.sleep(_SETTLED_AFTER_S)
            self.pictures.mkdir(parents=True, exist_ok=True)
            path = self.pictures / f"{name}.png"
            if not self.window.grab().save(str(path)):
                raise CheckFailed(f"the picture {path} cannot be written")


def expect(what: str, got: object, expected: object) -> None:
    """Compares.

    Raises:
        CheckFailed: they differ; it says both.
    """
    if got != expected:
        raise CheckFailed(f"{what}: expected {expected!r}, got {got!r}")
