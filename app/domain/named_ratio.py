"""The ratios by which a wrong factor is off: powers of ten, 3.6, 60, and what units make of them."""

from collections.abc import Callable, Iterable
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


_TENS: Final = frozenset(Fraction(10) ** power for power in _POWERS) - {Fraction(1)}
_THOUSANDS: Final = tuple(Fraction(1000) ** power for power in range(-3, 4))


def _times(*bases: Fraction) -> frozenset[Fraction]:
    return frozenset(base * thousand for base in bases for thousand in _THOUSANDS)


_THREE_SIX: Final = frozenset(
    base * Fraction(10) ** power for base in (Fraction(36, 10), Fraction(10, 36)) for power in _POWERS
)
_ENERGY: Final = _TENS | _THREE_SIX | _times(_CALORIE_WH, 1 / _CALORIE_WH)
_POWER: Final = _TENS | _times(Fraction(36, 10), Fraction(10, 36))
_FLOW: Final = _POWER | _times(Fraction(60), Fraction(1, 60))
_BY_UNIT: Final = {"Wh": _ENERGY, "J": _ENERGY, "W": _POWER, "J/h": _POWER}


def ratios_of(base_unit: str) -> frozenset[Fraction]:
    """The ratios that a quantity can be off by: no temperature is 3.6 times as much for its unit.

    Fewer names mean that another register's value is less often taken for a wrong factor.

    Args:
        base_unit: of the record.
    """
    if base_unit.endswith(("/h", "/min", "/s")) and base_unit not in _BY_UNIT:
        return _FLOW
    return _BY_UNIT.get(base_unit, _TENS)


def is_power_of_ten(ratio: Fraction) -> bool:
    """Whether a ratio is a power of ten, which is the usual mistake."""
    return ratio in _TENS


def named_ratio(fits: Callable[[Fraction], bool], ratios: Iterable[Fraction]) -> Fraction | None:
    """The ratio by which a value is off, where exactly one name explains it.

    Args:
        fits: whether the value divided by a ratio would be right.
        ratios: those that the quantity can be off by.
    """
    fitting = [ratio for ratio in ratios if fits(ratio)]
    # Powers of ten are what people mistake; another name that fits as well explains no more.
    plain = [ratio for ratio in fitting if is_power_of_ten(ratio)]
    candidates = plain or fitting
    return candidates[0] if len(candidates) == 1 else None


def ratio_text(ratio: Fraction) -> str:
    """A ratio as people write it: ``1000``, ``3.6``, ``1/3.6``, ``1/60``."""
    turned = ratio < 1
    value = 1 / ratio if turned else ratio
    whole = value.denominator == 1
    text = str(value.numerator) if whole else f"{Decimal(value.numerator) / Decimal(value.denominator):.6g}"
    if "e" in text:
        text = f"{Decimal(text):f}"
    return f"1/{text}" if turned else text
