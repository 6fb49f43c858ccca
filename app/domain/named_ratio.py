"""The ratios by which a wrong factor is off: powers of ten, 3.6, 60, and what units make of them."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Final

_POWERS: Final = range(-9, 10)
_BASES: Final = (Fraction(1), Fraction(36, 10), Fraction(10, 36), Fraction(60), Fraction(1, 60))
_CALORIE_WH: Final = Fraction(4184, 3600 * 1000)
"""A calorie in watt hours (thermochemical: 4.184 J)."""

NAMED_RATIOS: Final = tuple(
    sorted(
        {
            base * Fraction(10) ** power
            for base in (*_BASES, _CALORIE_WH, 1 / _CALORIE_WH)
            for power in _POWERS
        }
        - {Fraction(1)}
    )
)
"""J for Wh is 3600, kWh for MJ 3.6, an hour for a minute 60, and each times the powers of ten of prefixes."""


def named_ratio(fits: Callable[[Fraction], bool]) -> Fraction | None:
    """The ratio by which a value is off, where exactly one name explains it.

    Args:
        fits: whether the value divided by a ratio would be right.
    """
    fitting = [ratio for ratio in NAMED_RATIOS if fits(ratio)]
    # Powers of ten are what people mistake; another name that fits as well explains no more.
    plain = [ratio for ratio in fitting if 1 in (ratio.numerator, ratio.denominator) and _is_power(ratio)]
    candidates = plain or fitting
    return candidates[0] if len(candidates) == 1 else None


def _is_power(ratio: Fraction) -> bool:
    digits = str(max(ratio.numerator, ratio.denominator))
    return digits.strip("0") == "1"


def ratio_text(ratio: Fraction) -> str:
    """A ratio as people write it: ``1000``, ``3.6``, ``1/3.6``, ``1/60``."""
    turned = ratio < 1
    value = 1 / ratio if turned else ratio
    whole = value.denominator == 1
    text = str(value.numerator) if whole else f"{Decimal(value.numerator) / Decimal(value.denominator):.6g}"
    if "e" in text:
        text = f"{Decimal(text):f}"
    return f"1/{text}" if turned else text
