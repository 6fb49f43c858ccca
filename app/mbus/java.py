"""Numbers and strings as a Java program computes and prints them, for the gateway's line."""

import math
from typing import Final

_PLAIN_MIN: Final = 1e-3
_PLAIN_MAX: Final = 1e7
_DOUBLE_EXPONENT_MAX: Final = 308
_STRING_OF_FOUR: Final = 0xF8


def int32(value: int) -> int:
    """What is left of a number in a Java ``int``."""
    return (value + (1 << 31)) % (1 << 32) - (1 << 31)


def int64(data: bytes) -> int:
    """Six or eight bytes as the gateway joins them: the sign of the lower four covers the upper ones."""
    upper = int.from_bytes(data[4:], "little", signed=True) << 32
    return upper | int.from_bytes(data[:4], "little", signed=True)


def power_of_ten(exponent: int) -> float:
    """What ``Math.pow(10, exponent)`` gives: infinity where a ``double`` ends."""
    return 10.0**exponent if exponent <= _DOUBLE_EXPONENT_MAX else math.inf


def double_text(value: float) -> str:
    """A number as ``Double.toString`` writes it: ``0.001``, ``1.0E-4``, ``3.7351E7``."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or _PLAIN_MIN <= abs(value) < _PLAIN_MAX:
        return repr(value)
    mantissa, exponent = f"{value!r}e0".split("e")[:2] if "e" in repr(value) else _scientific(value)
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}E{int(exponent)}"


def _scientific(value: float) -> tuple[str, str]:
    """The shortest digits of a number and its power of ten, for one that ``repr`` writes out."""
    sign = "-" if value < 0 else ""
    whole, _, fraction = repr(abs(value)).partition(".")
    digits = (whole + fraction).lstrip("0")
    exponent = len(whole) - 1 if whole != "0" else -1 - (len(fraction) - len(fraction.lstrip("0")))
    digits = digits.rstrip("0") or "0"
    return f"{sign}{digits[0]}.{digits[1:] or '0'}", str(exponent)


def string_of(data: bytes) -> str | None:
    """Data of variable length as the gateway prints it, the LVAR byte in front; None where it cannot go on.

    Every kind is text to it. Of decimal digits it takes twice as many bytes as there are and loses its place.
    """
    length, content = data[0], data[1:]
    if length == _STRING_OF_FOUR or 0xC0 < length < 0xE0 or length >= 0xF0:
        return None
    return content[::-1].decode("utf-8", "replace")
