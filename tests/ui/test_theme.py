"""Readable in every light: contrasts are computed from what is painted, not believed."""

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from ui.colours import contrast, readable
from ui.theme import STRIPE_CONTRAST, TEXT_CONTRAST, Theme, ThemeChoice, ThemeKeeper, Tone, calm_palette


def high_contrast(base: str, text: str, accent: str) -> QPalette:
    palette = QPalette(QColor(base))
    for role in (QPalette.ColorRole.Base, QPalette.ColorRole.Window):
        palette.setColor(role, QColor(base))
    palette.setColor(QPalette.ColorRole.Text, QColor(text))
    palette.setColor(QPalette.ColorRole.Highlight, QColor(accent))
    return palette


PALETTES = {
    "light": calm_palette(dark=False),
    "dark": calm_palette(dark=True),
    "black on white": high_contrast("#ffffff", "#000000", "#3399ff"),
    "yellow on black": high_contrast("#000000", "#ffff00", "#00ff00"),
    "beige": high_contrast("#f5e8c8", "#40301a", "#c08000"),
}


@pytest.mark.parametrize("name", PALETTES)
def test_every_text_can_be_read_on_whatever_it_stands_on(name: str) -> None:
    theme = Theme.from_palette(PALETTES[name])
    pairs = {
        "text on card": (theme.text, theme.card),
        "text on window": (theme.text, theme.window),
        "muted on card": (theme.muted, theme.card),
        "muted on window": (theme.muted, theme.window),
        "muted on inset": (theme.muted, theme.inset),
        "muted on selection": (theme.muted, theme.accent_tint),
        "text on selection": (theme.text, theme.accent_tint),
        "accent on card": (theme.accent, theme.card),
        "button": (theme.on_accent, theme.accent),
        "ok": (theme.ok, theme.card),
        "look": (theme.look, theme.card),
        "look on its banner": (theme.look, theme.look_tint),
        "text on the look banner": (theme.text, theme.look_tint),
        "bad": (theme.bad, theme.card),
        "a bad status in the blue header": (theme.bad, theme.header.tint),
        "text in the blue header": (theme.text, theme.header.tint),
        "text on the bad banner": (theme.text, theme.bad_tint),
    }
    for tone, colours in theme.tones.items():
        pairs[f"word of {tone.value} on its row"] = (colours.text, colours.tint)
        pairs[f"word of {tone.value} in the legend"] = (colours.text, theme.card)
        pairs[f"values on the row of {tone.value}"] = (theme.text, colours.tint)
    poor = {
        what: round(contrast(*pair), 2) for what, pair in pairs.items() if contrast(*pair) < TEXT_CONTRAST
    }
    assert not poor, poor


@pytest.mark.parametrize("name", PALETTES)
def test_every_stripe_stands_out_from_its_row(name: str) -> None:
    theme = Theme.from_palette(PALETTES[name])
    for tone in (Tone.SERIAL, Tone.INDEX, Tone.AUXILIARY):
        colours = theme.tones[tone]
        assert contrast(colours.stripe, colours.tint) >= STRIPE_CONTRAST
        assert contrast(colours.stripe, theme.card) >= STRIPE_CONTRAST


@pytest.mark.parametrize("dark", [False, True])
def test_the_one_index_row_is_stronger_than_the_seven_auxiliary_ones(dark: bool) -> None:
    theme = Theme.from_palette(calm_palette(dark=dark))

    def strength(tone: Tone) -> int:
        tint, base = theme.tones[tone].tint, theme.card
        return sum(abs(a - b) for a, b in zip(tint.getRgb()[:3], base.getRgb()[:3], strict=True))

    assert strength(Tone.INDEX) > 1.5 * strength(Tone.AUXILIARY) > 0


def test_a_colour_that_is_readable_stays_as_it_is() -> None:
    assert readable(QColor("#0072B2"), QColor("white"), ratio=4.5).name() == "#0072b2"


def test_black_against_white_is_the_known_end_of_the_scale() -> None:
    assert contrast(QColor("black"), QColor("white")) == pytest.approx(21)


def test_another_theme_is_told_and_painted_at_once(qapp: QApplication) -> None:
    before = qapp.styleSheet()
    keeper = ThemeKeeper(qapp, ThemeChoice.LIGHT)
    told: list[Theme] = []
    keeper.theme_changed.connect(told.append)
    keeper.choose(ThemeChoice.DARK)
    assert [theme.dark for theme in told] == [True]
    assert qapp.palette().color(QPalette.ColorRole.Base).lightness() < 128
    keeper.choose(ThemeChoice.LIGHT)
    assert qapp.palette().color(QPalette.ColorRole.Base).lightness() > 128
    qapp.setStyleSheet(before)
