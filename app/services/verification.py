"""Whether the gateway reads what this computer read: READ beside the laptop's values, one by one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from enum import Enum

from app.domain.payload import MeterEntry, RegEntry, parse_reg
from app.mbus.records import Number, Record, Telegram
from app.message import Message
from app.portal.contract import MeterRead

COUNTERS = frozenset({"ENERGY", "VOLUME"})
"""Quantities that only grow."""

_DIGITS = 80
_FLOAT_NOISE = Decimal("1e-9")
"""A portal that computes in doubles is off by less than this, relative to the value."""

_PER_HOUR = {"W": ("Wh", Decimal(1)), "J/h": ("J", Decimal(1)), "m³/h": ("m³", Decimal(1))}
_PER_HOUR |= {"m³/min": ("m³", Decimal(60)), "m³/s": ("m³", Decimal(3600))}
"""What a power or a flow of 1 counts in an hour, in the counter's base unit."""

_FASTEST_PER_HOUR = {"Wh": Decimal(100_000), "J": Decimal(360_000_000), "m³": Decimal(10)}
"""100 kW and 10 m³/h: for a meter whose telegram does not say how fast it counts."""

_FLOOR = Decimal("0.1")
"""Of the fastest: 10 kW and 1 m³/h; a meter that stood still at the reading may have begun to count."""

_FASTER = Decimal(3)
"""So many times the telegram's own power or flow, which was that of a moment."""

_LEAST_TIME = timedelta(minutes=6)
_FRESH = timedelta(minutes=15)
"""Older than this, a reading says little of what a counter should show now."""

_TEMPERATURES = frozenset({"°C", "K"})
_TEMPERATURE_MOVES = Decimal(10)
_LARGEST_MOVE = Decimal("0.5")


class Verdict(Enum):
    """What the comparison of one register says."""

    EQUAL = "equal"
    GROWN = "grown"
    MOVED = "moved"
    DIFFERENT = "different"
    NOT_ON_PORTAL = "not_on_portal"
    NOT_ON_METER = "not_on_meter"


_FINE = frozenset({Verdict.EQUAL, Verdict.GROWN, Verdict.MOVED})


@dataclass(frozen=True, slots=True)
class RegisterComparison:
    """One register of the list.

    Attributes:
        entry: as uploaded.
        laptop: the value of this computer's reading after the factor; None where the meter sent none.
        portal: the gateway's value; None where READ has none.
        verdict: what follows.
        reason: the verdict in a sentence; None where the values are equal.
    """

    entry: RegEntry
    laptop: Decimal | None
    portal: Decimal | None
    verdict: Verdict
    reason: Message | None

    @property
    def difference(self) -> Decimal | None:
        """Portal less laptop; None where one is missing."""
        return None if self.laptop is None or self.portal is None else self.portal - self.laptop


@dataclass(frozen=True, slots=True)
class Verification:
    """The gateway's READ beside the laptop's values.

    Attributes:
        read_at: when the gateway read, in its own words.
        registers: in the list's order.
        problem: what is wrong with the READ as a whole; None when nothing is.
    """

    read_at: str
    registers: tuple[RegisterComparison, ...]
    problem: Message | None = None

    @property
    def ok(self) -> bool:
        """Whether the commissioning is right: every register equal, or apart only as living values are."""
        return self.problem is None and all(each.verdict in _FINE for each in self.registers)

    @property
    def equal(self) -> bool:
        """Whether every register is equal to the digit."""
        return self.problem is None and all(each.verdict is Verdict.EQUAL for each in self.registers)


def register_value(telegram: Telegram, entry: RegEntry) -> tuple[Record | None, Decimal | None]:
    """What a gateway makes of one item of the list: the first record of its DIB and VIB, times the factor."""
    for record in telegram.records:
        if record.dib_hex == entry.dib and record.vib_hex == entry.vib:
            if not isinstance(record.value, Number):
                return record, None
            with localcontext() as context:
                context.prec = _DIGITS
                return record, record.value.to_decimal() * (entry.factor or Decimal(1))
    return None, None


def compare(
    entry: MeterEntry, telegram: Telegram, taken_at: datetime, read: MeterRead, now: datetime
) -> Verification:
    """Compares READ with the laptop's reading.

    Args:
        entry: as uploaded.
        telegram: the laptop's reading.
        taken_at: when it was taken, in UTC.
        read: the gateway's answer.
        now: in UTC; how much a counter may have grown since.

    Raises:
        RegisterListError: the entry's register list cannot be read.
    """
    between = max(now - taken_at, _LEAST_TIME)
    registers = tuple(_compare(each, telegram, read, between) for each in parse_reg(entry.reg))
    return Verification(read.ts, registers, _problem(registers, read, now - taken_at))


def _problem(registers: tuple[RegisterComparison, ...], read: MeterRead, age: timedelta) -> Message | None:
    if not registers:
        return Message("The register list is empty, so the gateway reads nothing. Tick the index and upload.")
    if not read.valid and all(each.portal is not None for each in registers):
        return Message("The gateway itself marks its reading as not valid. Read again in a minute.")
    if age > _FRESH and any(each.verdict in (Verdict.GROWN, Verdict.MOVED) for each in registers):
        return Message(
            "This computer's reading is {minutes} minutes old, too old to tell this meter from another. "
            "Read the meter again, then verify.",
            {"minutes": int(age.total_seconds()) // 60},
        )
    return None


def _compare(entry: RegEntry, telegram: Telegram, read: MeterRead, between: timedelta) -> RegisterComparison:
    record, laptop = register_value(telegram, entry)
    portal = read.values.get(entry.unit)
    if record is None or laptop is None:
        reason = Message(
            "This computer's reading has no number for DIB {dib}, VIB {vib}.",
            {"dib": entry.dib, "vib": entry.vib},
        )
        return RegisterComparison(entry, laptop, portal, Verdict.NOT_ON_METER, reason)
    if portal is None:
        reason = Message(
            "The gateway's READ has no {unit}. Check the DIB and VIB in the register list.",
            {"unit": entry.unit},
        )
        return RegisterComparison(entry, laptop, portal, Verdict.NOT_ON_PORTAL, reason)
    may_grow = _may_grow(record, entry, telegram, between)
    verdict, reason_or_none = _judge(record, laptop, portal, may_grow)
    return RegisterComparison(entry, laptop, portal, verdict, reason_or_none)


def _judge(
    record: Record, laptop: Decimal, portal: Decimal, may_grow: Decimal
) -> tuple[Verdict, Message | None]:
    difference = portal - laptop
    if abs(difference) <= abs(laptop) * _FLOAT_NOISE:
        return Verdict.EQUAL, None
    shown = {"laptop": _plain(laptop), "portal": _plain(portal), "difference": _plain(abs(difference))}
    ratio = _power_of_ten(laptop, portal)
    if ratio is not None:
        return Verdict.DIFFERENT, Message(
            "The gateway reads {portal}, this computer {laptop}: exactly {ratio} times as much. "
            "Correct the factor, or leave it to the portal where it converts by itself.",
            {**shown, "ratio": ratio},
        )
    if record.description in COUNTERS:
        if 0 < difference <= may_grow:
            return Verdict.GROWN, Message(
                "The meter counted {difference} between the two readings.",
                {"difference": shown["difference"]},
            )
    elif abs(difference) <= _may_move(record, laptop):
        return Verdict.MOVED, Message(
            "It changed by {difference} between the two readings, as such values do. "
            "Read the meter again to compare at once.",
            {"difference": shown["difference"]},
        )
    return Verdict.DIFFERENT, Message(
        "The gateway reads {portal}, this computer {laptop}: {difference} apart. "
        "Check the DIB, the VIB and the factor, and whether it is the same meter.",
        shown,
    )


def _may_grow(record: Record, entry: RegEntry, telegram: Telegram, between: timedelta) -> Decimal:
    """How much a counter can have counted, in the portal's unit; nothing for what is no counter."""
    fastest = _FASTEST_PER_HOUR.get(record.unit or "")
    if record.description not in COUNTERS or fastest is None or not isinstance(record.value, Number):
        return Decimal(0)
    told = _told_per_hour(telegram, record.unit)
    per_hour = fastest if told is None else max(_FASTER * told, _FLOOR * fastest)
    last_digit = Decimal(1).scaleb(record.value.exponent)
    with localcontext() as context:
        context.prec = _DIGITS
        counted = per_hour * Decimal(int(between.total_seconds())) / 3600
        return (counted + last_digit) * (entry.factor or Decimal(1))


def _told_per_hour(telegram: Telegram, unit: str | None) -> Decimal | None:
    """The largest power or flow of the telegram, as what it counts in an hour; None without one."""
    rates = [
        abs(record.value.to_decimal()) * _PER_HOUR[record.unit][1]
        for record in telegram.records
        if record.unit in _PER_HOUR and isinstance(record.value, Number)
        if _PER_HOUR[record.unit][0] == unit and record.storage == 0
    ]
    return max(rates, default=None)


def _may_move(record: Record, laptop: Decimal) -> Decimal:
    return _TEMPERATURE_MOVES if record.unit in _TEMPERATURES else abs(laptop) * _LARGEST_MOVE


def _power_of_ten(laptop: Decimal, portal: Decimal) -> str | None:
    if laptop == 0 or portal == 0:
        return None
    ratio = (portal / laptop).normalize()
    rounded = Decimal(1).scaleb(round((portal / laptop).copy_abs().log10()))
    return _plain(rounded) if abs(ratio - rounded) <= rounded * _FLOAT_NOISE else None


def _plain(value: Decimal) -> str:
    text = f"{value:.9f}".rstrip("0").rstrip(".")
    return text if text not in ("", "-0") else "0"
