"""The colours of the window: a calm light and dark palette, and what is derived from a palette."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from ui.colours import contrast, mix, readable
from ui.stylesheet import stylesheet

TEXT_CONTRAST = 4.5
STRIPE_CONTRAST = 3.0


class Tone(Enum):
    """What a tint, a stripe, an icon and a word stand for together: the documentation's colours."""

    SERIAL = "serial"
    INDEX = "index"
    AUXILIARY = "auxiliary"
    PLAIN = "plain"


class ThemeChoice(Enum):
    """What the person chose in the settings."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class ToneColours:
    """A tint across the row, a stripe at its edge, and the word on the tint."""

    tint: QColor
    stripe: QColor
    text: QColor


@dataclass(frozen=True, slots=True)
class Theme:
    """Every colour the window paints with, derived from one palette."""

    dark: bool
    window: QColor
    card: QColor
    inset: QColor
    border: QColor
    text: QColor
    muted: QColor
    scroll: QColor
    accent: QColor
    on_accent: QColor
    accent_tint: QColor
    ok: QColor
    look: QColor
    bad: QColor
    look_tint: QColor
    bad_tint: QColor
    tones: Mapping[Tone, ToneColours]

    @property
    def header(self) -> ToneColours:
        """The serial number's blue, for the header of a telegram."""
        return self.tones[Tone.SERIAL]

    @classmethod
    def from_palette(cls, palette: QPalette) -> "Theme":
        """Derives all colours; contrasts hold for any palette, a person's high-contrast one included."""
        base = palette.color(QPalette.ColorRole.Base)
        text = palette.color(QPalette.ColorRole.Text)
        window = palette.color(QPalette.ColorRole.Window)
        accent = readable(palette.color(QPalette.ColorRole.Highlight), base, window, ratio=TEXT_CONTRAST)
        hues = (
            _DARK_HUES if contrast(base, QColor("white")) > contrast(base, QColor("black")) else _LIGHT_HUES
        )
        inset = QColor(mix(base, text, 0.035).rgb())
        look_tint = QColor(mix(base, hues.look, 0.12).rgb())
        bad_tint = QColor(mix(base, hues.bad, 0.12).rgb())
        accent_tint = QColor(mix(base, accent, 0.12).rgb())
        tones = {tone: _tone(base, text, *hues.tones[tone]) for tone in Tone}
        surfaces = (base, window, inset, accent_tint)
        return cls(
            dark=hues is _DARK_HUES,
            window=window,
            card=base,
            inset=inset,
            border=QColor(mix(base, text, 0.14).rgb()),
            text=text,
            muted=readable(QColor(mix(text, base, 0.35).rgb()), *surfaces, ratio=TEXT_CONTRAST),
            scroll=QColor(mix(base, text, 0.36).rgb()),
            accent=accent,
            on_accent=readable(base, accent, ratio=TEXT_CONTRAST),
            accent_tint=accent_tint,
            ok=readable(hues.ok, *surfaces, ratio=TEXT_CONTRAST),
            look=readable(hues.look, *surfaces, look_tint, ratio=TEXT_CONTRAST),
            bad=readable(hues.bad, *surfaces, bad_tint, tones[Tone.SERIAL].tint, ratio=TEXT_CONTRAST),
            look_tint=look_tint,
            bad_tint=bad_tint,
            tones=tones,
        )


def _tone(base: QColor, text: QColor, hue: QColor, share: float) -> ToneColours:
    tint = QColor(mix(base, hue, share).rgb())
    if not share:
        faint = readable(QColor(mix(text, base, 0.35).rgb()), base, ratio=TEXT_CONTRAST)
        return ToneColours(tint, QColor(mix(base, text, 0.14).rgb()), faint)
    return ToneColours(
        tint,
        readable(hue, tint, base, ratio=STRIPE_CONTRAST),
        readable(hue, tint, base, ratio=TEXT_CONTRAST),
    )


@dataclass(frozen=True, slots=True)
class _Hues:
    ok: QColor
    look: QColor
    bad: QColor
    tones: Mapping[Tone, tuple[QColor, float]]


# Hue and share of the tint. The seven auxiliary rows must stay quieter than the one index row.
_LIGHT_HUES = _Hues(
    ok=QColor("#1A7F45"),
    look=QColor("#9A5700"),
    bad=QColor("#B3261E"),
    tones={
        Tone.SERIAL: (QColor("#0072B2"), 0.15),
        Tone.INDEX: (QColor("#C8102E"), 0.17),
        Tone.AUXILIARY: (QColor("#C99A00"), 0.11),
        Tone.PLAIN: (QColor("#808080"), 0.0),
    },
)
_DARK_HUES = _Hues(
    ok=QColor("#4CC38A"),
    look=QColor("#F0B24A"),
    bad=QColor("#FF7B72"),
    tones={
        Tone.SERIAL: (QColor("#58B6F0"), 0.20),
        Tone.INDEX: (QColor("#FF5A5F"), 0.26),
        Tone.AUXILIARY: (QColor("#E3C04A"), 0.10),
        Tone.PLAIN: (QColor("#808080"), 0.0),
    },
)

_Role = QPalette.ColorRole
_LIGHT_PALETTE: Mapping[QPalette.ColorRole, str] = {
    _Role.Window: "#F3F5F8",
    _Role.WindowText: "#1B2430",
    _Role.Base: "#FFFFFF",
    _Role.AlternateBase: "#F7F9FB",
    _Role.Text: "#1B2430",
    _Role.Button: "#FFFFFF",
    _Role.ButtonText: "#1B2430",
    _Role.BrightText: "#FFFFFF",
    _Role.Highlight: "#0A63B8",
    _Role.HighlightedText: "#FFFFFF",
    _Role.ToolTipBase: "#1B2430",
    _Role.ToolTipText: "#F3F5F8",
    _Role.Link: "#0A63B8",
    _Role.PlaceholderText: "#667384",
}
_DARK_PALETTE: Mapping[QPalette.ColorRole, str] = {
    _Role.Window: "#13171D",
    _Role.WindowText: "#E7ECF2",
    _Role.Base: "#1B2028",
    _Role.AlternateBase: "#20262F",
    _Role.Text: "#E7ECF2",
    _Role.Button: "#232A34",
    _Role.ButtonText: "#E7ECF2",
    _Role.BrightText: "#FFFFFF",
    _Role.Highlight: "#5AA9F5",
    _Role.HighlightedText: "#0C1420",
    _Role.ToolTipBase: "#E7ECF2",
    _Role.ToolTipText: "#13171D",
    _Role.Link: "#5AA9F5",
    _Role.PlaceholderText: "#93A0B0",
}


def calm_palette(*, dark: bool) -> QPalette:
    """The program's own neutrals for a light or dark screen."""
    palette = QPalette()
    for role, colour in (_DARK_PALETTE if dark else _LIGHT_PALETTE).items():
        palette.setColor(role, QColor(colour))
    base, text = palette.color(_Role.Base), palette.color(_Role.Text)
    for role in (_Role.WindowText, _Role.Text, _Role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, mix(text, base, 0.5))
    return palette


class ThemeKeeper(QObject):
    """Keeps the application's palette, follows the system's choice, and says when colours changed."""

    theme_changed = Signal(object)

    def __init__(self, app: QApplication, choice: ThemeChoice = ThemeChoice.SYSTEM) -> None:
        super().__init__()
        self._app = app
        self._choice = choice
        self.theme = Theme.from_palette(calm_palette(dark=False))
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._on_scheme_changed)
        self._apply()

    @property
    def choice(self) -> ThemeChoice:
        """What the person chose."""
        return self._choice

    def choose(self, choice: ThemeChoice) -> None:
        """Changes the theme at once, without a restart."""
        if choice is not self._choice:
            self._choice = choice
            self._apply()

    def refresh(self) -> None:
        """Makes the style sheet anew, after the font changed."""
        self._apply()

    def _on_scheme_changed(self, _scheme: object) -> None:
        if self._choice is ThemeChoice.SYSTEM:
            self._apply()

    def _apply(self) -> None:
        system_dark = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
        dark = system_dark if self._choice is ThemeChoice.SYSTEM else self._choice is ThemeChoice.DARK
        palette = calm_palette(dark=dark)
        self.theme = Theme.from_palette(palette)
        self._app.setPalette(palette)
        self._app.setStyleSheet(stylesheet(self.theme, self._app.font()))
        self.theme_changed.emit(self.theme)
