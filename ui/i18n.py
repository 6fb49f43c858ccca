"""Words and numbers for the person: translation by template, exact numbers as the language writes them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from PySide6.QtCore import QCoreApplication, QLocale

from app.mbus.records import Number
from app.message import Message, NumberStyle, grouped, moment_text, place_text

GROUP_SEPARATOR = "\N{NARROW NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
WORDS_CONTEXT = "ui"
MESSAGES_CONTEXT = "messages"

__all__ = [
    "GROUP_SEPARATOR",
    "MINUS",
    "Said",
    "again",
    "decimal_point",
    "decimal_text",
    "joined",
    "moment_text",
    "number_text",
    "quantity_text",
    "shortened",
    "style",
    "tr",
    "tr_message",
]


class Said(str):
    """A text in the language of its moment, which can be said again in another: see :func:`again`."""

    __slots__ = ("_say",)
    _say: Callable[[], str]

    @classmethod
    def of(cls, say: Callable[[], str]) -> "Said":
        """What ``say`` gives now, and whenever it is said again."""
        said = cls(say())
        said._say = say
        return said


def again(text: str) -> str:
    """A text in the language of now; what nobody translated stays as it is."""
    return Said.of(text._say) if isinstance(text, Said) else text  # noqa: SLF001 - its own module


def joined(separator: str, parts: Iterable[str]) -> Said:
    """Texts in one, the empty ones left out; each of them can be said again."""
    kept = tuple(filter(None, parts))
    return Said.of(lambda: separator.join(again(part) for part in kept))


def tr(text: str, /, *, context: str = "", **values: object) -> Said:
    """Translates a text of the window and fills its named places afterwards.

    Args:
        text: the English template.
        context: tells apart what is one word in English and two in another language: the flow of a pipe.
        values: by the name of the place.
    """
    return Said.of(lambda: _text(text, context, values))


def tr_message(message: Message) -> Said:
    """Translates a sentence of the core by its template, then fills its places, numbers as on screen."""
    return Said.of(lambda: _sentence(message))


def _text(text: str, context: str, values: Mapping[str, object]) -> str:
    translated = QCoreApplication.translate(WORDS_CONTEXT, text, context or None)
    return translated.format_map(_localised(values)) if values else translated


def _sentence(message: Message) -> str:
    count = -1 if message.count is None else message.count
    translated = QCoreApplication.translate(
        MESSAGES_CONTEXT, message.template, message.context or None, count
    )
    if translated == message.template:
        # No translation: English has its own plural.
        translated = message.english
    return translated.format_map(_localised(message.places))


def _localised(values: Mapping[str, object]) -> dict[str, object]:
    return {name: _localised_value(value) for name, value in values.items()}


def _localised_value(value: object) -> object:
    if isinstance(value, Message):
        return _sentence(value)
    if isinstance(value, Said):
        return again(value)
    if isinstance(value, Number):
        return number_text(value)
    return place_text(value, style())


def style() -> NumberStyle:
    """How the language on screen writes numbers."""
    return NumberStyle(decimal_point(), GROUP_SEPARATOR, MINUS)


def decimal_point() -> str:
    """The decimal sign of the language on screen."""
    return QLocale().decimalPoint()


def number_text(number: Number) -> str:
    """All digits the meter sent, its zeros at the end included, grouped: ``37 351``, ``812.430``."""
    return grouped(number.mantissa, number.exponent, style())


def shortened(number: Number, digits: int) -> Number:
    """The number at so many significant digits, for the eye; unchanged where it has no more."""
    surplus = len(str(abs(number.mantissa))) - digits
    if surplus <= 0:
        return number
    mantissa = round(Fraction(number.mantissa, 10**surplus))
    exponent = number.exponent + surplus
    while exponent < 0 and mantissa and mantissa % 10 == 0:
        mantissa, exponent = mantissa // 10, exponent + 1
    return Number(mantissa, exponent)


def decimal_text(value: Decimal) -> str:
    """A decimal in a table, grouped, at its own number of places; what a factor without end makes is cut."""
    sign, digits, exponent = value.as_tuple()
    mantissa = int("".join(map(str, digits)) or "0")
    number = Number(-mantissa if sign else mantissa, int(exponent))
    return number_text(shortened(number, SHOWN_DIGITS) if len(digits) > MOST_DIGITS else number)


REAL32_DIGITS = 8
"""Significant digits of a binary number on screen: what its 24 bits are good for, and one more."""

MOST_DIGITS = 15
SHOWN_DIGITS = 12
"""A product with more than the former is shown with the latter; the portal gets the exact one."""


@dataclass(frozen=True, slots=True)
class DisplayUnit:
    """The unit a person reads: symbol, and by which power of ten it is larger than the base unit."""

    symbol: str
    shift: int


# The units on the dials; the gateway's text keeps the base unit.
_DISPLAY_UNITS: Mapping[str, DisplayUnit] = {
    "Wh": DisplayUnit("kWh", 3),
    "W": DisplayUnit("kW", 3),
    "J": DisplayUnit("MJ", 6),
    "J/h": DisplayUnit("MJ/h", 6),
}


def quantity_text(number: Number, unit: str | None) -> str:
    """A value in the unit on the dial, at the meter's resolution: ``37 351 kWh``, ``2.150 kW``."""
    shown = _DISPLAY_UNITS.get(unit or "", DisplayUnit(unit or "", 0))
    digits = number_text(Number(number.mantissa, number.exponent - shown.shift))
    return f"{digits}\N{NO-BREAK SPACE}{shown.symbol}" if shown.symbol else digits
