"""Small parts that every page is made of: cards, titles, wrapped labels, copy buttons."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QGuiApplication
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from ui.fonts import bytes_font, strong
from ui.icons import icon
from ui.theme import Theme


def card(name: str) -> QFrame:
    """A surface with a border."""
    frame = QFrame()
    frame.setObjectName(name)
    frame.setProperty("card", True)  # noqa: FBT003 - Qt's own signature
    return frame


def em(widget: QWidget) -> int:
    """The height of the widget's font in pixels: the measure of every distance."""
    return QFontMetrics(widget.font()).height()


def label(name: str = "", *, quiet: bool = False, wrap: bool = False, mono: bool = False) -> QLabel:
    """A text; what it says can be selected and copied where it is a value."""
    text = QLabel()
    text.setObjectName(name)
    text.setTextFormat(Qt.TextFormat.PlainText)
    text.setProperty("quiet", quiet)
    text.setWordWrap(wrap)
    if mono:
        text.setFont(bytes_font(text.font()))
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return text


def title(name: str, scale: float = 1.12) -> QLabel:
    """A heading."""
    text = label(name)
    text.setFont(strong(text.font(), scale))
    return text


def set_state(widget: QWidget, state: str) -> None:
    """Gives a widget the colour of ``ok``, ``look`` or ``bad``; empty for none."""
    if widget.property("state") != state:
        widget.setProperty("state", state)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def button(name: str, *, primary: bool = False, link: bool = False, tab: bool = False) -> QPushButton:
    """A button; Return presses it like Space does."""
    push = QPushButton()
    push.setObjectName(name)
    push.setProperty("primary", primary)
    push.setProperty("link", link)
    push.setProperty("tab", tab)
    push.setAutoDefault(True)
    if link:
        push.setCursor(Qt.CursorShape.PointingHandCursor)
    return push


class IconButton(QToolButton):
    """A button with an icon alone; its name is told to screen readers and as a tool tip."""

    def __init__(self, name: str, icon_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._icon_name = icon_name
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        side = round(em(self) * 1.0)
        self.setIconSize(QSize(side, side))

    def set_words(self, text: str) -> None:
        """What it does, for eyes and ears."""
        self.setAccessibleName(text)
        self.setToolTip(text)

    def apply_theme(self, theme: Theme) -> None:
        """Draws the icon in the colours of now."""
        self.setIcon(icon(self._icon_name, theme.muted))


class CopyButton(IconButton):
    """Copies one text, exactly as the portal wants it, and shows that it did."""

    def __init__(self, name: str, source: Callable[[], str], parent: QWidget | None = None) -> None:
        super().__init__(name, "copy", parent)
        self._source = source
        self.clicked.connect(self.copy)

    def copy(self) -> None:
        """Puts the text on the clipboard."""
        copy_text(self._source())


def copy_text(text: str) -> None:
    """Puts a text on the clipboard."""
    QGuiApplication.clipboard().setText(text)


def grows(widget: QWidget) -> None:
    """Lets a widget take the width that is left, and be narrower than its text."""
    widget.setSizePolicy(QSizePolicy.Policy.Ignored, widget.sizePolicy().verticalPolicy())
    widget.setMinimumWidth(em(widget) * 4)
