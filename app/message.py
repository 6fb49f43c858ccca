"""A sentence for a person, kept apart from its values so that the window can translate it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from fractions import Fraction
from typing import Final


@dataclass(frozen=True, slots=True)
class Message:
    """An English sentence with named places, and what goes into them.

    The template is the key of its translation; the places are filled when it is shown, with numbers as the
    language on screen writes them. Without a window (command line, log) :meth:`__str__` gives the English
    sentence.

    Attributes:
        template: in the singular where it has a plural.
        values: by the name of the place. Numbers and moments are written for reading; what only names
            something, such as a serial number, comes as text.
        context: tells apart what is one word in English and two in another language, e.g. ``adapter``.
        plural: the template for every count but one; empty where the sentence has none.
        count: decides between the two, and fills the place ``{count}``.
    """

    template: str
    values: Mapping[str, object] = field(default_factory=dict, hash=False)
    context: str = ""
    plural: str = ""
    count: int | None = None

    @property
    def english(self) -> str:
        """The English template for the count."""
        return self.plural if self.plural and self.count != 1 else self.template

    @property
    def places(self) -> Mapping[str, object]:
        """What goes into the template: the values, and the count if there is one."""
        return self.values if self.count is None else {"count": self.count, **self.values}

    def __str__(self) -> str:
        values = self.places
        return self.english.format_map({name: place_text(value) for name, value in values.items()})


def joined(parts: Sequence[Message], separator: str = ", ") -> Message:
    """Sentences or words in a row, each translated on its own."""
    places = {f"part{at}": part for at, part in enumerate(parts)}
    return Message(separator.join(f"{{{name}}}" for name in places), places)


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """How a language writes numbers.

    Attributes:
        point: the decimal sign.
        separator: between groups of three digits; empty for none.
        minus: the sign of negative numbers.
    """

    point: str = "."
    separator: str = ""
    minus: str = "-"


PLAIN: Final = NumberStyle()
"""As scripts and terminals can take it."""

EXACT_DIGITS: Final = 12
"""A value of so many digits at most is written as it is: no meter's dial has more."""
ROUNDED_DIGITS: Final = 6
"""What is good of a longer one: binary numbers (REAL32) and quotients have digits that nobody measured."""
_WHOLE_DIGITS: Final = 21
"""Longer whole numbers, and as small fractions, are powers of ten."""
_SMALLEST: Final = -9
_UNGROUPED: Final = 4
"""Four digits read well in one piece and stay one word for the eye."""


def place_text(value: object, style: NumberStyle = PLAIN) -> object:
    """What fills a place of a sentence: numbers and moments as text for a person, all else as it is.

    An ``int`` that is no ``Decimal`` counts or names something (a baud rate, an address) and stays ungrouped.
    """
    if isinstance(value, Decimal | Fraction | float):
        return value_text(value, style)
    if isinstance(value, datetime | date | time):
        return moment_text(value)
    return value


def value_text(value: Decimal | Fraction | float, style: NumberStyle = PLAIN) -> str:
    """A value for reading: never with an ``E``, never with digits that nobody measured.

    Up to :data:`EXACT_DIGITS` digits are written exactly, with the zeros at their end that tell a meter's
    resolution. Of longer ones the fraction is rounded; the digits before the point always stay.
    """
    number = _decimal(value)
    if not number.is_finite():
        return str(number)
    sign, digits, exponent = number.as_tuple()
    mantissa = int("".join(map(str, digits)) or "0")
    place = int(exponent)
    if not mantissa:
        # How large nothing is, nobody need know: 0E+2.
        return grouped(0, min(place, 0) if place > _SMALLEST else 0, style)
    if len(digits) > EXACT_DIGITS:
        mantissa, place = _rounded(mantissa, place)
    highest = len(str(mantissa)) + place
    negative = style.minus if sign else ""
    if highest > _WHOLE_DIGITS or highest < _SMALLEST:
        return negative + _power(mantissa, place, style)
    return negative + grouped(mantissa, place, style)


def grouped(mantissa: int, exponent: int, style: NumberStyle = PLAIN) -> str:
    """The number ``mantissa * 10 ** exponent`` with all its digits."""
    digits = str(abs(mantissa))
    if exponent >= 0:
        whole, fraction = (digits + "0" * exponent if mantissa else "0"), ""
    else:
        digits = digits.rjust(1 - exponent, "0")
        whole, fraction = digits[:exponent], digits[exponent:]
    head = len(whole) % 3
    groups = ([whole[:head]] if head else []) + [whole[at : at + 3] for at in range(head, len(whole), 3)]
    text = whole if len(whole) <= _UNGROUPED else style.separator.join(groups)
    return (style.minus if mantissa < 0 else "") + text + (style.point + fraction if fraction else "")


def moment_text(value: datetime | date | time) -> str:
    """A point in time as the meter says it, in the order that cannot be mistaken: ``2026-11-22 10:14``."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S" if value.second else "%Y-%m-%d %H:%M")
    return value.isoformat()


def _decimal(value: Decimal | Fraction | float) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, float):
        return Decimal(repr(value))
    quotient = Decimal(value.numerator) / Decimal(value.denominator)
    return quotient.normalize() if quotient else Decimal(0)


def _rounded(mantissa: int, exponent: int) -> tuple[int, int]:
    """Without what is more than good; digits before the point stay."""
    surplus = min(len(str(mantissa)) - ROUNDED_DIGITS, -exponent)
    if surplus <= 0:
        return mantissa, exponent
    mantissa, exponent = round(Fraction(mantissa, 10**surplus)), exponent + surplus
    while exponent < 0 and mantissa % 10 == 0:
        mantissa, exponent = mantissa // 10, exponent + 1
    return mantissa, exponent


def _power(mantissa: int, exponent: int, style: NumberStyle) -> str:
    surplus = max(0, len(str(mantissa)) - ROUNDED_DIGITS)
    digits = str(round(Fraction(mantissa, 10**surplus)))
    power = exponent + surplus + len(digits) - 1
    fraction = digits[1:].rstrip("0")
    minus = style.minus if power < 0 else ""
    return f"{digits[0]}{style.point + fraction if fraction else ''} × 10^{minus}{abs(power)}"
