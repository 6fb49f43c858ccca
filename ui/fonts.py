"""The bundled fonts, so that the window looks alike everywhere: Inter for words, JetBrains Mono for bytes."""

from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QApplication

from app.resources import resource_path

_FILES = ("Inter-Regular.otf", "Inter-SemiBold.otf", "JetBrainsMono-Regular.ttf")
WORDS_FAMILY = "Inter"
BYTES_FAMILY = "JetBrains Mono"
_WITH_FONTS_OF_THEIR_OWN = ("QAbstractItemView", "QHeaderView", "QMenu", "QMessageBox", "QTipLabel")


def load_fonts() -> None:
    """Makes the bundled fonts known to Qt; a damaged file leaves the system's font in its place."""
    for name in _FILES:
        QFontDatabase.addApplicationFont(str(resource_path("fonts", name)))


def words_font(base: QFont) -> QFont:
    """The font of the window, at the size the system asks for; digits all of one width, so columns align."""
    font = QFont(base)
    font.setFamilies([WORDS_FAMILY, base.family()])
    font.setFeature(QFont.Tag("tnum"), 1)
    font.setFeature(QFont.Tag("calt"), 0)
    return font


def spread_font(app: QApplication) -> None:
    """Gives the application's font to those kinds of widget too for which Windows has another one.

    Qt takes the system's fonts for them when its style is first set up: call it after the theme.
    """
    for kind in _WITH_FONTS_OF_THEIR_OWN:
        app.setFont(app.font(), kind)  # type: ignore[arg-type]  # the stub says bytes, PySide6 takes str alone


def bytes_font(base: QFont, scale: float = 0.94) -> QFont:
    """The font of bytes, addresses and register lists: one width, no ligatures (``->`` stays two signs)."""
    font = QFont(base)
    font.setFamilies([BYTES_FAMILY, "DejaVu Sans Mono", "Consolas", "monospace"])
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setFeature(QFont.Tag("calt"), 0)
    if base.pointSizeF() > 0:
        font.setPointSizeF(base.pointSizeF() * scale)
    return font


def strong(font: QFont, scale: float = 1.0) -> QFont:
    """The same font for headings and the value on the dial."""
    heavier = QFont(font)
    heavier.setWeight(QFont.Weight.DemiBold)
    if font.pointSizeF() > 0:
        heavier.setPointSizeF(font.pointSizeF() * scale)
    return heavier
