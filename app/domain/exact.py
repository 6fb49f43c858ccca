"""Exact numbers of any size, and what a person is shown of them."""

from decimal import Decimal
from fractions import Fraction
from typing import Final

from app.mbus.records import Number

_PLACES: Final = 3
_MOST_PLACES: Final = 6
"""Behind so many, Python would print an exponent."""


def power_of_ten(exponent: int) -> Fraction:
    """Ten to any whole power, exactly."""
    return Fraction(10**exponent) if exponent >= 0 else Fraction(1, 10**-exponent)


def exact_number(number: Number) -> Fraction:
    """A meter's number as a fraction."""
    return number.mantissa * power_of_ten(number.exponent)


def rounded(value: Fraction, places: int) -> Decimal:
    """A decimal of so many places behind the point; of what is not zero, as many more as it takes to show."""
    while value and places < _MOST_PLACES and not round(value * 10**places):
        places += 1
    mantissa = round(value * 10**places)
    digits = tuple(int(digit) for digit in str(abs(mantissa)))
    return Decimal((int(mantissa < 0), digits, -places))


def for_the_eye(value: Fraction) -> Decimal:
    """A decimal without an exponent and without zeros at its end, at about three places."""
    sign, digits, exponent = rounded(value, _PLACES).as_tuple()
    kept, places = list(digits), -int(exponent)
    while places > 0 and kept[-1] == 0 and len(kept) > 1:
        kept.pop()
        places -= 1
    return Decimal((sign, tuple(kept), -places if any(kept) else 0))
