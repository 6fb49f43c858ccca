"""The index itself: found, ticked, valid, and counting forwards."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Final

from app.domain.checks.outcome import Check, CheckState
from app.domain.checks.subject import THERMAL, Subject, look, ok, unknown
from app.domain.exact import exact_number, rounded
from app.domain.index_register import why_no_index
from app.domain.meaning import meaning_of
from app.domain.meter import MeterType
from app.domain.refusals import telegram_refusal
from app.domain.registers import Register
from app.mbus.dif import DataField
from app.mbus.records import Flag, Function, Number, Record
from app.message import Message

NEARLY_FULL: Final = Fraction(99, 100)
"""A counter that began at 0 and stands above this part of its digits ran backwards."""
_LEAST_DIAL_DIGITS: Final = 5
"""Whole digits on the dial of a mechanical counter; fewer typed ones do not show how many it has."""
_BCD: Final = frozenset(
    {
        DataField.BCD2.value,
        DataField.BCD4.value,
        DataField.BCD6.value,
        DataField.BCD8.value,
        DataField.BCD12.value,
    }
)
_PLACES: Final = 3

_DRAW_WATER: Final = Message("The index is 0: the meter has never counted. Draw water and read it again.")
_DRAW: Final = {
    MeterType.HEATING: Message(
        "The index is 0: the meter has never counted. Open a valve until heat flows, and read it again."
    ),
    MeterType.COOLING: Message(
        "The index is 0: the meter has never counted. Open a valve until cold flows, and read it again."
    ),
}

_CAUSES: Final = {
    Flag.BCD_ERROR: Message("its digits are none"),
    Flag.NO_DATA: Message("it says that it has none"),
    Flag.NAN: Message("it is no number"),
    Flag.OVERFLOW: Message("it is too large for the meter"),
    Flag.UNDERFLOW: Message("it is too small for the meter"),
    Flag.ERROR_STATE: Message("it comes from an error of the meter"),
}
"""Why a value is none, by flag."""


def check_index(subject: Subject) -> list[Check]:
    """Is there an index, and is it in the list?"""
    index = subject.index
    if index is None:
        if subject.telegram.error is not None or telegram_refusal(subject.telegram) is not None:
            # What is wrong with the whole telegram is told as that.
            return []
        profile = subject.vocabulary.types[subject.draft.type]
        reason = why_no_index(subject.telegram, profile, subject.vocabulary)
        return [Check("index", CheckState.LOOK, reason, "none")]
    if subject.draft.selection.tick_of(index) is None:
        return look(
            "index",
            "not ticked",
            "The index is not ticked; the portal would not get the value on the dial. Tick it.",
        )
    return []


def check_counter(subject: Subject) -> list[Check]:
    """Does the index count forwards, and has it counted at all?"""
    index = subject.index
    if index is None or not isinstance(index.record.value, Number):
        return []
    value = index.record.value
    if not value.mantissa:
        return _never_counted(subject)
    symbol = index.offers[0].unit.symbol if index.offers else index.record.unit
    shown: dict[str, object] = {"value": _in_unit(index, value), "unit": symbol}
    if value.mantissa < 0:
        return look(
            "counter",
            "negative",
            "The index is {value} {unit}: the meter runs backwards. Compare the arrow on it with the pipe.",
            **shown,
        )
    if _nearly_full(index.record) or _dial_nearly_full(subject):
        return look(
            "counter",
            "nearly full",
            "The index of {value} {unit} is just below the end of the counter: a new meter that shows this "
            "runs backwards. Compare the arrow on it with the pipe.",
            **shown,
        )
    before = _later_stored(subject, index.record, exact_number(value))
    if before is not None:
        return look(
            "counter",
            "below stored",
            "The index of {value} {unit} is below the {before} {unit} that the meter stored before: it runs "
            "backwards, or it was reset. Compare the arrow on it with the pipe.",
            before=_in_unit(index, before),
            **shown,
        )
    return ok("counter", "The meter has counted {value} {unit}.", **shown)


def _never_counted(subject: Subject) -> list[Check]:
    if subject.is_combined and any(map(_has_counted_energy, subject.telegram.records)):
        return unknown(
            "counter",
            "The index is 0: this meter for heat and cooling has not counted this energy yet. "
            "Read it again when it does.",
        )
    return [Check("counter", CheckState.LOOK, _DRAW.get(subject.draft.type, _DRAW_WATER), "never counted")]


def _has_counted_energy(record: Record) -> bool:
    meaning = meaning_of(record)
    is_energy = meaning.quantity == "ENERGY" and meaning.is_current
    return is_energy and isinstance(record.value, Number) and record.value.mantissa != 0


def _in_unit(index: Register, number: Number) -> Decimal:
    """A value in the unit in which the index stands on the dial."""
    scale = index.offers[0].conversion if index.offers else Fraction(1)
    exact = exact_number(number) * scale
    return rounded(exact, 0 if exact.denominator == 1 else _PLACES)


def _nearly_full(record: Record) -> bool:
    if not record.dib or record.dib[0] & 0x0F not in _BCD:
        return False
    digits = record.data[::-1].hex()
    return digits.isdigit() and int(digits) > NEARLY_FULL * 10 ** len(digits)


def _dial_nearly_full(subject: Subject) -> bool:
    """Whether the dial of a water meter is, with all the digits it was typed with."""
    if subject.draft.type in THERMAL:
        return False
    whole, _, rest = subject.draft.dial.strip().replace(".", ",").partition(",")
    digits = "".join(whole.split()) + rest
    if len("".join(whole.split())) < _LEAST_DIAL_DIGITS or not (digits.isascii() and digits.isdigit()):
        return False
    full: int = 10 ** len(digits)
    return int(digits) > NEARLY_FULL * full


def _later_stored(subject: Subject, index: Record, value: Fraction) -> Number | None:
    """A stored value of the index that is above it; a counter that only counts up has none."""
    meaning = meaning_of(index)
    for record in subject.telegram.records:
        stored = meaning_of(record)
        is_stored_index = (
            stored.storage and replace(stored, storage=0) == meaning and record.unit == index.unit
        )
        if is_stored_index and isinstance(record.value, Number) and exact_number(record.value) > value:
            return record.value
    return None


def check_invalid(subject: Subject) -> list[Check]:
    """Has every ticked register a value?"""
    checks = []
    for register in subject.registers:
        record = register.record
        if subject.draft.selection.tick_of(register) is None or _is_valid(record):
            continue
        cause = next((words for flag, words in _CAUSES.items() if flag in record.flags), None)
        finding = f"{record.dib_hex} {record.vib_hex}"
        values: dict[str, object] = {"name": record.description, "dib": record.dib_hex, "vib": record.vib_hex}
        if cause is None:
            checks += look(
                "invalid",
                finding,
                "The meter sent no valid value for {name} ({dib} {vib}). Read it again; if it stays, leave "
                "the register out.",
                **values,
            )
        else:
            checks += look(
                "invalid",
                finding,
                "The meter sent no valid value for {name} ({dib} {vib}): {cause}. Read it again; if it "
                "stays, leave the register out.",
                cause=cause,
                **values,
            )
    return checks


def _is_valid(record: Record) -> bool:
    failed = Flag.ERROR_STATE in record.flags or record.function is Function.ERROR
    return isinstance(record.value, Number) and not failed and not meaning_of(record).error
