"""What a person reads on the dial against what the telegram says."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Final

from app.domain.checks.measured import is_real
from app.domain.checks.outcome import Check
from app.domain.checks.subject import THERMAL, Subject, look, ok, unknown
from app.domain.exact import exact_number, for_the_eye, power_of_ten
from app.domain.registers import Register, UnitOffer
from app.domain.selection import Tick
from app.mbus.records import Number, Record
from app.message import Message

_RATIO_TOLERANCE: Final = Fraction(1, 50)
"""How far from a named ratio two readings may be: both counters need not have begun together."""
_SIGNIFICANT: Final = Fraction(1, 20)
"""A dial reading with a coarser step than this part of itself proves no ratio."""
_MOST_DIGITS: Final = 20


@dataclass(frozen=True, slots=True)
class _Ratio:
    """A known ratio of dial to telegram, and what it means.

    Attributes:
        ratio: dial divided by telegram.
        name: for the acceptance.
        energy: whether it is one of energies, or one of volumes.
        words: what it means and what to do.
    """

    ratio: Fraction
    name: str
    energy: bool
    words: Message


_ENERGY, _VOLUME = True, False


def _pulse_value(ratio: Fraction, sentence: str, times: int) -> _Ratio:
    return _Ratio(ratio, f"pulse value {ratio}", _VOLUME, Message(sentence, {"times": times}))


def _decimal_point(ratio: Fraction, sentence: str, times: int) -> _Ratio:
    return _Ratio(ratio, f"decimal point {ratio}", _ENERGY, Message(sentence, {"times": times}))


_TOO_LOW: Final = "The pulse value is set {times} times too low. Correct it, then read again."
_TOO_HIGH: Final = "The pulse value is set {times} times too high. Correct it, then read again."
_LESS: Final = "It is {times} times less: compare the place of the point, and the meter's pulse value."
_MORE: Final = "It is {times} times more: compare the place of the point, and the meter's pulse value."

_RATIOS: Final = (
    _Ratio(
        Fraction(36, 10),
        "MJ",
        _ENERGY,
        Message("The dial counts in MJ: 3.6 MJ are one kWh. Type its reading divided by 3.6."),
    ),
    _Ratio(Fraction(36, 10000), "GJ", _ENERGY, Message("The dial counts in GJ: one GJ is 277.8 kWh.")),
    _Ratio(
        Fraction(1, 1000),
        "MWh",
        _ENERGY,
        Message("The dial counts in MWh (one MWh is 1000 kWh), or the point or comma only groups digits."),
    ),
    _Ratio(Fraction(1000), "Wh", _ENERGY, Message("The dial counts in Wh: 1000 Wh are one kWh.")),
    _Ratio(Fraction(1000, 1163), "Mcal", _ENERGY, Message("The dial counts in Mcal: one Mcal is 1.163 kWh.")),
    _Ratio(Fraction(1, 1163), "Gcal", _ENERGY, Message("The dial counts in Gcal: one Gcal is 1163 kWh.")),
    _Ratio(
        Fraction(10, 36),
        "MJ sent as kWh",
        _ENERGY,
        Message(
            "The telegram is 3.6 times too much: the meter sends MJ and calls them kWh. Have it set right."
        ),
    ),
    _Ratio(Fraction(1000), "litres", _VOLUME, Message("The dial counts in litres: 1000 litres are one m³.")),
    _pulse_value(
        Fraction(1, 1000),
        "The pulse value is set 1000 times too high (a litre taken for a m³), or the point or comma only "
        "groups digits. Correct it, then read again.",
        1000,
    ),
    *(_pulse_value(Fraction(times), _TOO_LOW, times) for times in (10, 100)),
    *(_pulse_value(Fraction(1, times), _TOO_HIGH, times) for times in (10, 100)),
    *(_decimal_point(Fraction(times), _LESS, times) for times in (10, 100)),
    *(_decimal_point(Fraction(1, times), _MORE, times) for times in (10, 100)),
)


def check_dial(subject: Subject) -> list[Check]:
    """The dial reading as typed against the index, at the coarser step of the two."""
    index = subject.index
    if index is None or not subject.draft.dial.strip():
        return []
    typed = parse_reading(subject.draft.dial)
    if typed is None:
        return look(
            "dial",
            "no number",
            "The dial reading “{text}” is no number. Type its digits, with a point or a comma.",
            text=subject.draft.dial.strip()[:40],
        )
    offer = _offer(index, subject.draft.selection.tick_of(index))
    if offer is None or not isinstance(index.record.value, Number):
        return unknown("dial", "There is no index to compare the dial with.")
    compared = _Compared(
        dial=Fraction(typed),
        dial_step=power_of_ten(int(typed.as_tuple().exponent)),
        telegram=exact_number(index.record.value) * offer.conversion,
        telegram_step=_step(index.record) * offer.conversion,
    )
    values: dict[str, object] = {
        "typed": typed,
        "value": for_the_eye(compared.telegram),
        "unit": offer.unit.symbol,
    }
    if compared.agree(Fraction(1)):
        return ok("dial", "The dial and the telegram agree: {typed} {unit}.", **values)
    ratio = compared.named(energy=subject.draft.type in THERMAL)
    if ratio is None:
        return look(
            "dial",
            "differs",
            "The dial says {typed} {unit}, the telegram {value} {unit}. Read both again; if they still "
            "differ, this may be another meter, or the pulse counter was not set to the dial.",
            **values,
        )
    return look(
        "dial",
        ratio.name,
        "The dial says {typed}, the telegram {value} {unit}. {meaning}",
        meaning=ratio.words,
        **values,
    )


@dataclass(frozen=True, slots=True)
class _Compared:
    """Dial and telegram in one unit, each with its step."""

    dial: Fraction
    dial_step: Fraction
    telegram: Fraction
    telegram_step: Fraction

    def agree(self, ratio: Fraction) -> bool:
        """Whether the dial is the telegram times the ratio; each may be rounded or cut to its step."""
        return abs(self.dial - self.telegram * ratio) <= max(self.dial_step, self.telegram_step * ratio)

    def named(self, *, energy: bool) -> _Ratio | None:
        """The known ratio between them; None where there is none, or they are too coarse to show one."""
        if self.dial <= 0 or self.telegram <= 0:
            return None
        coarse = (
            self.dial_step > self.dial * _SIGNIFICANT or self.telegram_step > self.telegram * _SIGNIFICANT
        )
        if coarse:
            return None
        ratio = self.dial / self.telegram
        fitting = [
            each
            for each in _RATIOS
            if each.energy is energy and abs(ratio / each.ratio - 1) <= _RATIO_TOLERANCE
        ]
        return min(fitting, key=lambda each: abs(ratio / each.ratio - 1), default=None)


def _offer(index: Register, tick: Tick | None) -> UnitOffer | None:
    """The unit that the index is given as."""
    return index.offer(tick.unit) if tick is not None else None


def _step(record: Record) -> Fraction:
    if not isinstance(record.value, Number) or is_real(record):
        return Fraction(0)
    return power_of_ten(record.value.exponent)


def parse_reading(text: str) -> Decimal | None:
    """Reads what stands on a dial as a person types it: blanks and apostrophes group, comma or point."""
    compact = "".join(text.split()).replace("'", "").replace("’", "").replace(",", ".")
    if not all(character in "0123456789.-" for character in compact):
        return None
    try:
        reading = Decimal(compact)
    except InvalidOperation:
        return None
    return reading if abs(reading.adjusted()) < _MOST_DIGITS else None
