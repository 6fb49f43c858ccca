"""The one style sheet, on top of Fusion: cards, fields and buttons, measured in the font's own height."""

from typing import TYPE_CHECKING

from PySide6.QtGui import QColor, QFont, QFontMetricsF

from app.resources import resource_path
from ui.colours import contrast

if TYPE_CHECKING:
    from ui.theme import Theme


def _tick_icon(ground: QColor) -> str:
    """The tick that stands out from a ticked box."""
    dark = contrast(ground, QColor("white")) > contrast(ground, QColor("black"))
    return resource_path("icons", "tick-on-dark.svg" if dark else "tick-on-light.svg").as_posix()


def stylesheet(theme: "Theme", font: QFont) -> str:
    """Fills the template with the theme's colours and sizes from the font's metrics."""
    em = QFontMetricsF(font).height()
    colours = {name: getattr(theme, name).name() for name in _COLOURS}
    serial = theme.header
    colours.update((tone.value, each.text.name()) for tone, each in theme.tones.items())
    sizes = {
        "radius": round(em * 0.42),
        "small_radius": round(em * 0.3),
        "pad": round(em * 0.34),
        "wide_pad": round(em * 0.75),
        "line": max(1, round(em / 16)),
        "focus": max(2, round(em / 9)),
        "tick": round(em * 0.95),
        "handle": round(em * 0.55),
        "bar": round(em * 0.62),
        "bar_radius": round(em * 0.31),
        "tick_icon": _tick_icon(theme.accent),
        "arrow": resource_path("icons", "drop-down.svg").as_posix(),
        "arrow_size": round(em * 0.75),
    }
    return _TEMPLATE.format(
        **colours, **sizes, serial_tint=serial.tint.name(), serial_stripe=serial.stripe.name()
    )


_COLOURS = (
    "window",
    "card",
    "inset",
    "border",
    "text",
    "muted",
    "scroll",
    "accent",
    "on_accent",
    "accent_tint",
    "ok",
    "look",
    "bad",
    "look_tint",
    "bad_tint",
)

_TEMPLATE = """
QWidget {{ selection-background-color: {accent}; selection-color: {on_accent}; }}
QToolTip {{ border: 0; padding: {pad}px; }}
QFrame[card="true"] {{ background: {card}; border: {line}px solid {border}; border-radius: {radius}px; }}
QLabel[quiet="true"], QLabel[field="true"] {{ color: {muted}; }}
QLabel[tone="serial"] {{ color: {serial}; }}
QLabel[tone="index"] {{ color: {index}; }}
QLabel[tone="auxiliary"] {{ color: {auxiliary}; }}
QLabel[state="ok"] {{ color: {ok}; }}
QLabel[state="look"] {{ color: {look}; }}
QLabel[state="bad"] {{ color: {bad}; }}
QLineEdit, QComboBox, QPlainTextEdit, QTextBrowser, QSpinBox {{
  background: {card}; border: {line}px solid {border}; border-radius: {small_radius}px; padding: {pad}px; }}
QLineEdit:focus, QComboBox:focus, QPlainTextEdit:focus, QTextBrowser:focus, QSpinBox:focus {{
  border: {focus}px solid {accent}; padding: {pad}px; }}
QLineEdit:read-only {{ background: {inset}; }}
QComboBox::drop-down {{ border: 0; width: {tick}px; subcontrol-position: center right; right: {pad}px; }}
QComboBox::down-arrow {{ image: url("{arrow}"); width: {arrow_size}px; height: {arrow_size}px; }}
QComboBox QAbstractItemView {{ background: {card}; border: {line}px solid {border}; outline: 0; }}
QPushButton, QToolButton[boxed="true"] {{
  background: {card}; border: {line}px solid {border}; border-radius: {small_radius}px;
  padding: {pad}px {wide_pad}px; }}
QPushButton:hover, QToolButton[boxed="true"]:hover {{ border-color: {accent}; }}
QPushButton:pressed, QToolButton[boxed="true"]:pressed {{ background: {accent_tint}; }}
QPushButton:focus, QToolButton[boxed="true"]:focus {{ border: {focus}px solid {accent}; }}
QPushButton:disabled, QToolButton[boxed="true"]:disabled {{ color: {muted}; background: {inset}; }}
QPushButton[primary="true"] {{
  background: {accent}; color: {on_accent}; border-color: {accent}; font-weight: 600; }}
QPushButton[primary="true"]:focus {{ border: {focus}px solid {text}; }}
QPushButton[primary="true"]:disabled {{ background: {inset}; color: {muted}; border-color: {border}; }}
QPushButton[link="true"] {{ background: transparent; border: {focus}px solid transparent; color: {accent};
  padding: 0 {pad}px; text-decoration: underline; text-align: left; }}
QPushButton[link="true"]:focus {{ border-color: {accent}; }}
QPushButton[dense="true"] {{ padding: {pad}px {pad}px; }}
QCheckBox {{ spacing: {pad}px; padding: {line}px {focus}px;
  border: {focus}px solid transparent; border-radius: {small_radius}px; }}
QCheckBox:focus {{ border-color: {accent}; }}
QCheckBox::indicator {{ width: {tick}px; height: {tick}px; border: {line}px solid {muted};
  border-radius: {bar_radius}px; background: {card}; }}
QCheckBox::indicator:checked {{ background: {accent}; border-color: {accent}; image: url("{tick_icon}"); }}
QToolButton {{
  border: {focus}px solid transparent; border-radius: {small_radius}px; background: transparent; }}
QToolButton:hover {{ background: {accent_tint}; }}
QToolButton:focus {{ border-color: {accent}; }}
QPushButton[tab="true"] {{ background: transparent; border: {focus}px solid transparent; color: {muted};
  padding: {pad}px {wide_pad}px; }}
QPushButton[tab="true"]:hover {{ color: {text}; background: {inset}; }}
QPushButton[tab="true"]:checked {{ background: {accent_tint}; color: {accent}; font-weight: 600; }}
QPushButton[tab="true"]:focus {{ border-color: {accent}; }}
QAbstractItemView {{ background: {card}; border: 0; outline: 0; gridline-color: transparent; }}
QTableView {{ border: {focus}px solid transparent; border-radius: {small_radius}px; }}
QTableView:focus {{ border-color: {accent}; }}
QHeaderView {{ background: {card}; border: 0; }}
QHeaderView::section {{ background: {card}; color: {muted}; border: 0; border-bottom: {line}px solid {border};
  padding: {pad}px {pad}px; font-weight: 400; }}
QFrame[banner="look"] {{
  background: {look_tint}; border: {line}px solid {look}; border-radius: {small_radius}px; }}
QFrame[banner="bad"] {{
  background: {bad_tint}; border: {line}px solid {bad}; border-radius: {small_radius}px; }}
QFrame[banner="info"] {{
  background: {accent_tint}; border: {line}px solid {accent}; border-radius: {small_radius}px; }}
QFrame[header="serial"] {{
  background: {serial_tint}; border: 0; border-left: {handle}px solid {serial_stripe};
  border-top-right-radius: {radius}px; }}
QScrollBar {{ background: transparent; border: 0; margin: 0; }}
QScrollBar:vertical {{ width: {bar}px; }}
QScrollBar:horizontal {{ height: {bar}px; }}
QScrollBar::handle {{ background: {scroll}; border-radius: {bar_radius}px; }}
QScrollBar::handle:vertical {{ min-height: {tick}px; }}
QScrollBar::handle:horizontal {{ min-width: {tick}px; }}
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{
  background: transparent; border: 0; width: 0; height: 0; }}
QSplitter::handle {{ background: transparent; }}
QScrollArea {{ background: transparent; border: 0; }}
QMenu {{ background: {card}; border: {line}px solid {border}; padding: {pad}px; }}
QMenu::item {{ padding: {pad}px {wide_pad}px; border-radius: {small_radius}px; }}
QMenu::item:selected {{ background: {accent_tint}; color: {text}; }}
"""
