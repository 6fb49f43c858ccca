"""Whether the gateway shows what the meter says: READ beside the physical values, register by register.

The gateway's value is compared with the physical value in the unit that the register promises. The entry's
own factor is no part of it: a wrong one would be compared with itself, and a bill a thousand times too high
be equal.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from enum import Enum
from fractions import Fraction
from typing import Final

from app.domain.named_ratio import ratio_text
from app.domain.payload import MeterEntry, RegEntry, parse_reg
from app.domain.portal_units import PortalUnit, Vocabulary
from app.domain.tolerance import Tolerance, tolerance_of
from app.mbus.records import Number, Record, Telegram
from app.message import Message

_DIGITS: Final = 60


class Verdict(Enum):
    """What the comparison of one register says."""

    EQUAL = "equal"
    FACTOR = "factor"
    """Off by a ratio with a name: the factor in the list is wrong, or the portal converts by itself."""
    DIFFERS = "differs"
    MISSING = "missing"
    NOT_COMPARABLE_YET = "not_comparable_yet"
    """Nothing is proved either way: moved on since, 0 on both sides, no number on the meter."""


class VerificationState(Enum):
    """How far a meter on the portal is; the values are stable words for scripts."""

    VERIFIED = "verified"
    OPEN = "open"
    """Every register is equal; something that the checks found has not been looked at."""
    LOOK = "look"
    UPLOADED = "uploaded"
    """On the portal, and not proved yet."""


_WRONG: Final = frozenset({Verdict.FACTOR, Verdict.DIFFERS, Verdict.MISSING})


@dataclass(frozen=True, slots=True)
class RegisterComparison:
    """One register of the list.

    Attributes:
        entry: as uploaded.
        meter: the physical value of this computer's reading in the unit the register promises, exactly; None
            where the meter sent no number, or none in a unit that this can be.
        portal: the gateway's value; None where READ has none.
        symbol: the unit of both.
        verdict: what follows.
        ratio: portal to meter, where a name explains the difference; else None.
        reason: the verdict in a sentence; None where the values are equal to the digit.
        right_factor: the factor that would make it equal; None with any other verdict than ``FACTOR``.
    """

    entry: RegEntry
    meter: Decimal | None
    portal: Decimal | None
    symbol: str
    verdict: Verdict
    ratio: Fraction | None = None
    reason: Message | None = None
    right_factor: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Verification:
    """The gateway's READ beside the physical values.

    Attributes:
        read_at: when the gateway read, in its own words.
        registers: in the list's order.
        problem: what is wrong with the READ as a whole; None when nothing is.
    """

    read_at: str
    registers: tuple[RegisterComparison, ...]
    problem: Message | None = None

    @property
    def equal(self) -> bool:
        """Whether every register of the list shows what the meter says."""
        return (
            self.problem is None
            and bool(self.registers)
            and all(each.verdict is Verdict.EQUAL for each in self.registers)
        )

    def state(self, open_points: int) -> VerificationState:
        """What the meter is after this.

        Args:
            open_points: checks that are worth a look and that nobody has accepted.
        """
        if any(each.verdict in _WRONG for each in self.registers):
            return VerificationState.LOOK
        if not self.equal:
            return VerificationState.UPLOADED
        return VerificationState.OPEN if open_points else VerificationState.VERIFIED


@dataclass(frozen=True, slots=True)
class GatewayReading:
    """What a gateway said to READ.

    Attributes:
        read_at: when, in its own words.
        valid: whether it holds the reading for good.
        values: by portal unit, exactly as sent.
    """

    read_at: str
    valid: bool
    values: Mapping[str, Decimal]


def verify(
    entry: MeterEntry,
    telegram: Telegram,
    reading: GatewayReading,
    vocabulary: Vocabulary,
    age: timedelta,
) -> Verification:
    """Compares READ with this computer's reading.

    Args:
        entry: as uploaded.
        telegram: this computer's reading.
        reading: the gateway's.
        vocabulary: which unit each register promises.
        age: between the two readings; how far living values may have moved.

    Raises:
        RegisterListError: the entry's register list cannot be read.
    """
    registers = tuple(
        _compare(each, telegram, reading, vocabulary, max(age, timedelta())) for each in parse_reg(entry.reg)
    )
    return Verification(reading.read_at, registers, _problem(registers, reading))


def _problem(registers: tuple[RegisterComparison, ...], reading: GatewayReading) -> Message | None:
    if not registers:
        return Message("The register list is empty, so the gateway reads nothing. Tick the index and upload.")
    if not reading.valid and all(each.portal is not None for each in registers):
        return Message("The gateway itself marks its reading as not valid. Read again in a minute.")
    return None


def physical_value(telegram: Telegram, entry: RegEntry, unit: PortalUnit) -> tuple[Record, Decimal] | None:
    """The record that a list's item names and its value in the promised unit; None without such a number.

    A gateway takes the first record that bears the DIB and VIB, and so does this.
    """
    record = next((each for each in telegram.records if _bears(each, entry)), None)
    if record is None or not isinstance(record.value, Number):
        return None
    factor = unit.factors.get(record.unit or "")
    return None if factor is None else (record, in_unit(record.value, factor))


def _bears(record: Record, entry: RegEntry) -> bool:
    return record.dib_hex == entry.dib and record.vib_hex == entry.vib


def in_unit(value: Number, factor: Fraction) -> Decimal:
    """A number times a factor, exact as far as a decimal can be."""
    with localcontext() as context:
        context.prec = _DIGITS
        return value.to_decimal() * factor.numerator / factor.denominator


def _compare(
    entry: RegEntry, telegram: Telegram, reading: GatewayReading, vocabulary: Vocabulary, age: timedelta
) -> RegisterComparison:
    unit = vocabulary.units.get(entry.unit)
    portal = reading.values.get(entry.unit)
    symbol = unit.symbol if unit is not None else ""
    found = physical_value(telegram, entry, unit) if unit is not None else None
    meter = found[1] if found is not None else None
    if portal is None:
        reason = Message(
            "The gateway's READ has no {unit}. Check the DIB and VIB in the register list.",
            {"unit": entry.unit},
        )
        return RegisterComparison(entry, meter, None, symbol, Verdict.MISSING, reason=reason)
    if unit is None or found is None:
        reason = Message(
            "This computer's reading has no number for DIB {dib}, VIB {vib} that could be {unit}, so nothing "
            "can be compared. Read the meter again.",
            {"dib": entry.dib, "vib": entry.vib, "unit": entry.unit},
        )
        return RegisterComparison(entry, None, portal, symbol, Verdict.NOT_COMPARABLE_YET, reason=reason)
    record, physical = found
    tolerance = tolerance_of(record, physical, telegram, unit, age)
    verdict, ratio, reason_or_none = _judge(physical, portal, symbol, tolerance)
    right = _right_factor(entry, ratio) if verdict is Verdict.FACTOR and ratio is not None else None
    return RegisterComparison(entry, physical, portal, symbol, verdict, ratio, reason_or_none, right)


def _right_factor(entry: RegEntry, ratio: Fraction) -> Decimal:
    with localcontext() as context:
        context.prec = 15
        factor = Decimal(1) if entry.factor is None else entry.factor
        return +(factor * ratio.denominator / ratio.numerator)


def _judge(
    meter: Decimal, portal: Decimal, symbol: str, tolerance: Tolerance
) -> tuple[Verdict, Fraction | None, Message | None]:
    values: dict[str, object] = {"portal": trimmed(portal), "meter": trimmed(meter), "symbol": symbol}
    if meter == 0 and portal == 0:
        return (
            Verdict.NOT_COMPARABLE_YET,
            None,
            Message("Both say 0, which proves no factor. Verify again when the value is another."),
        )
    if meter != 0 and portal != 0 and tolerance.same(meter, portal):
        return Verdict.EQUAL, None, None
    ratio = tolerance.ratio(meter, portal) if meter and portal else None
    if ratio is not None and not tolerance.allows(meter, portal):
        return (
            Verdict.FACTOR,
            ratio,
            Message(
                "The portal shows {portal} {symbol} where the meter says {meter} {symbol}: {ratio} times as "
                "much. The factor in the register list is wrong.",
                {**values, "ratio": ratio_text(ratio)},
            ),
        )
    if meter != 0 and portal != 0 and tolerance.allows(meter, portal):
        # A small counter may have grown to what a wrong factor makes of it: then nothing is proved.
        if tolerance.fresh and not tolerance.may_be_off(meter, portal):
            return (
                Verdict.EQUAL,
                None,
                Message(
                    "It went on by {difference} {symbol} between the two readings.",
                    {"difference": trimmed(abs(portal - meter)), "symbol": symbol},
                ),
            )
        return Verdict.NOT_COMPARABLE_YET, None, _moved(values)
    if tolerance.may_have_moved(meter, portal):
        return Verdict.NOT_COMPARABLE_YET, None, _moved(values)
    return (
        Verdict.DIFFERS,
        None,
        Message(
            "The portal shows {portal} {symbol}, the meter says {meter} {symbol}. Check the DIB and the VIB, "
            "and whether it is the same meter.",
            values,
        ),
    )


def _moved(values: Mapping[str, object]) -> Message:
    return Message(
        "The portal shows {portal} {symbol}, the meter said {meter} {symbol} some time before: it may have "
        "moved on. Read the meter again and verify at once.",
        values,
    )


def trimmed(value: Decimal) -> Decimal:
    """A value for the eye, without the zeros behind the point that only computing brought."""
    whole = value.to_integral_value()
    return whole if value == whole else value.normalize()


def age_of(taken_at: datetime, now: datetime) -> timedelta:
    """How old a reading is; a clock that was set back makes it no younger than new."""
    return max(now - taken_at, timedelta())
