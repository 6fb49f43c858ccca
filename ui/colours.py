"""Colour arithmetic: mixing, and contrast as WCAG 2 defines it: readability is computed, not hoped for."""

from PySide6.QtGui import QColor


def mix(base: QColor, other: QColor, share: float) -> QColor:
    """``base`` with ``share`` (0 to 1) of ``other`` in it."""
    return QColor.fromRgbF(
        base.redF() * (1 - share) + other.redF() * share,
        base.greenF() * (1 - share) + other.greenF() * share,
        base.blueF() * (1 - share) + other.blueF() * share,
    )


def luminance(colour: QColor) -> float:
    """Relative luminance, 0 (black) to 1 (white)."""

    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(part) for part in (colour.redF(), colour.greenF(), colour.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: QColor, other: QColor) -> float:
    """Contrast ratio of two colours, 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def readable(hue: QColor, *backgrounds: QColor, ratio: float) -> QColor:
    """The colour nearest to ``hue`` that stands out from all backgrounds by at least ``ratio``.

    It is moved towards black or white, whichever stands out more, and only as far as needed.
    """
    pole = max(
        (QColor("black"), QColor("white")),
        key=lambda colour: min(contrast(colour, background) for background in backgrounds),
    )
    for step in range(51):
        # Through 8-bit channels: what is measured is what is painted.
        colour = QColor(mix(hue, pole, step / 50).rgb())
        if all(contrast(colour, background) >= ratio for background in backgrounds):
            return colour
    return pole
