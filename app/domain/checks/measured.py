"""What a meter measures now, exactly, with the step in which it says so."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from app.domain.exact import exact_number, power_of_ten, rounded
from app.domain.meaning import Direction, Meaning, meaning_of
from app.mbus.dif import DataField
from app.mbus.records import Function, Number, Record, Telegram

_REAL_DIGITS: Final = 23
"""Binary digits of a REAL32: what its number is good for."""
_MOST_PLACES: Final = 3
"""Decimal places in a sentence, however finely a meter counts."""

FLOW_TEMPERATURE: Final = "FLOW_TEMPERATURE"
RETURN_TEMPERATURE: Final = "RETURN_TEMPERATURE"
TEMPERATURE_DIFFERENCE: Final = "TEMPERATURE_DIFFERENCE"
POWER: Final = "POWER"
VOLUME_FLOW: Final = "VOLUME_FLOW"

_UNITS: Final = {
    (FLOW_TEMPERATURE, "°C"): (FLOW_TEMPERATURE, Fraction(1)),
    (RETURN_TEMPERATURE, "°C"): (RETURN_TEMPERATURE, Fraction(1)),
    (TEMPERATURE_DIFFERENCE, "K"): (TEMPERATURE_DIFFERENCE, Fraction(1)),
    (POWER, "W"): (POWER, Fraction(1)),
    (POWER, "J/h"): (POWER, Fraction(1, 3600)),
    (VOLUME_FLOW, "m³/h"): (VOLUME_FLOW, Fraction(1)),
    ("VOLUME_FLOW_EXT", "m³/min"): (VOLUME_FLOW, Fraction(60)),
    ("VOLUME_FLOW_EXT", "m³/s"): (VOLUME_FLOW, Fraction(3600)),
}
"""What the gateway calls a quantity, and its unit: the quantity of a check, and what makes its unit of it."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A number in the unit of its quantity: °C, K, W or m³/h.

    Attributes:
        record: that says it.
        value: exact.
        step: the least by which two readings differ; what is measured is less than one step away.
        places: decimal places that mean something to a person.
    """

    record: Record
    value: Fraction
    step: Fraction
    places: int

    @property
    def shown(self) -> Decimal:
        """The value for a sentence."""
        return rounded(self.value, self.places)


def measured(record: Record, scale: Fraction = Fraction(1)) -> Measured | None:
    """A record's number, times the scale; None where it has none."""
    if not isinstance(record.value, Number):
        return None
    exact = exact_number(record.value) * scale
    if is_real(record):
        return Measured(record, exact, abs(exact) / 2**_REAL_DIGITS, 1)
    places = min(max(0, -record.value.exponent), _MOST_PLACES)
    return Measured(record, exact, power_of_ten(record.value.exponent) * scale, places)


def is_real(record: Record) -> bool:
    """Whether the number was sent as REAL32, whose last digits mean nothing."""
    return bool(record.dib) and record.dib[0] & 0x0F == DataField.REAL32.value


@dataclass(frozen=True, slots=True)
class Sent:
    """What a telegram says about one quantity of the meter itself, now.

    Attributes:
        record: the first that tells it; with a value, where any has one.
        number: its number; None where the meter sent no valid one.
    """

    record: Record
    number: Measured | None


def sent(telegram: Telegram, quantity: str) -> Sent | None:
    """What the meter says now; None where it does not send this quantity.

    A record that holds the value "during an error" says that the meter knows none.
    """
    without: Record | None = None
    for record, scale in _of(telegram, quantity):
        number = measured(record, scale) if record.function is Function.INSTANTANEOUS else None
        if number is not None:
            return Sent(record, number)
        without = without or record
    return None if without is None else Sent(without, None)


def _of(telegram: Telegram, quantity: str) -> Iterator[tuple[Record, Fraction]]:
    for record in telegram.records:
        known = _UNITS.get((record.description, record.unit or ""))
        if known is not None and known[0] == quantity and _tells_now(record, meaning_of(record)):
            yield record, known[1]


def _tells_now(record: Record, meaning: Meaning) -> bool:
    now = record.function in (Function.INSTANTANEOUS, Function.ERROR)
    plain = not (meaning.maker or meaning.other) and meaning.direction is Direction.UNMARKED
    return now and plain and not meaning.storage and meaning.is_total
