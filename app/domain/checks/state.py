"""How the meter itself is: status, error flags, clock, battery, and how often it lets itself be read."""

from datetime import MINYEAR, UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Final

from app.domain.checks.outcome import Check
from app.domain.checks.subject import Subject, look, ok, unknown
from app.domain.exact import exact_number
from app.mbus.fixed import CI_FIELDS as FIXED_STRUCTURE
from app.mbus.fixed import CODING_BITS
from app.mbus.manufacturer import status_messages
from app.mbus.records import Number, Record
from app.mbus.vib import quantity
from app.message import Message, joined

CLOCK_TOLERANCE: Final = timedelta(minutes=5)
LOW_BATTERY_DAYS: Final = 365
_POWER_LOW: Final = 0x04

_DAYS_IN: Final = {
    "s": Fraction(1, 86400),
    "min": Fraction(1, 1440),
    "h": Fraction(1, 24),
    "d": Fraction(1),
    "mo": Fraction(365, 12),
    "a": Fraction(365),
}
_BATTERY_LEFT: Final = "remaining battery life time"
_BATTERY_CHANGE: Final = "date and time of battery change"
_FREQUENT_READOUTS: Final = 3


def check_status(subject: Subject) -> list[Check]:
    """The status byte in words."""
    header = subject.telegram.header
    if header is None:
        return unknown("status", "The telegram has no status byte.")
    status = _status(subject)
    if not status:
        return ok("status", "The meter reports no error.")
    return look(
        "status",
        f"{status:02X}",
        "The meter reports: {words}. Look at its display, and have it put right before you go.",
        words=joined(status_messages(status, header.manufacturer)),
    )


def check_error_flags(subject: Subject) -> list[Check]:
    """The error flags, whose single bits only the maker's manual explains."""
    record = subject.plain("ERROR_FLAGS")
    if record is None:
        return []
    if not isinstance(record.value, Number):
        return unknown("error_flags", "The meter sent no valid error flags.")
    flags = record.value
    if not flags.mantissa:
        return ok("error_flags", "The meter's error flags are all zero.")
    bits = _bits(flags)
    return look(
        "error_flags",
        str(flags),
        "The meter's error flags are not zero: {flags}{bits}. Its manual names what each stands for.",
        flags=str(flags),
        bits=f" ({'bit' if len(bits) == 1 else 'bits'} {', '.join(map(str, bits))})" if bits else "",
    )


def has_error(subject: Subject) -> bool:
    """Whether status byte or error flags say that something other than the battery is wrong."""
    flags = subject.plain("ERROR_FLAGS")
    if _status(subject) & ~_POWER_LOW:
        return True
    return flags is not None and isinstance(flags.value, Number) and flags.value.mantissa != 0


def _status(subject: Subject) -> int:
    """The status byte without the bits that tell in a fixed structure how its counters are coded."""
    header = subject.telegram.header
    if header is None:
        return 0
    return header.status & ~CODING_BITS if subject.telegram.ci in FIXED_STRUCTURE else header.status


def _bits(flags: Number) -> list[int]:
    """The bits that are set, from 0; none where the flags came as another number."""
    if flags.exponent or not 0 < flags.mantissa < 1 << 64:
        return []
    return [bit for bit in range(flags.mantissa.bit_length()) if flags.mantissa >> bit & 1]


def check_clock(subject: Subject) -> list[Check]:
    """The meter's date and time against the reading's."""
    record = subject.plain("DATE_TIME")
    if record is None:
        return []
    if not isinstance(record.value, datetime):
        return look(
            "clock", "not set", "The meter's clock is not set: its month-end readings will be of other days."
        )
    moment = record.value.replace(tzinfo=None)
    off = min((abs(right - moment) for right in _right_times(subject.read_at)), default=timedelta.max)
    if off <= CLOCK_TOLERANCE:
        return ok("clock", "The meter's clock is right.")
    return look(
        "clock",
        "wrong",
        "The meter's clock says {moment}, {off} off: its month-end readings are of other moments. Have it "
        "set.",
        moment=moment,
        off=_span(abs(subject.read_at.replace(tzinfo=None) - moment)),
    )


def _right_times(read_at: datetime) -> list[datetime]:
    """What a right clock may show: local time, winter time all year, or UTC."""
    local = read_at.replace(tzinfo=None)
    times = [local]
    if local.year > MINYEAR:
        times.append(local - timedelta(hours=1))
    if read_at.tzinfo is not None:
        times.append(read_at.astimezone(UTC).replace(tzinfo=None))
    return times


def _span(span: timedelta) -> Message:
    minutes = int(span.total_seconds() // 60)
    for size, template in ((1440, "{count} days"), (60, "{count} h")):
        if minutes >= 2 * size:
            return Message(template, {"count": minutes // size})
    return Message("{count} min", {"count": minutes})


def check_battery(subject: Subject) -> list[Check]:
    """How long the battery lasts, or when it is to be changed."""
    for record in subject.telegram.records:
        if not record.vib or record.storage or record.tariff or record.subunit:
            continue
        means = quantity(record.vib)
        if means == _BATTERY_LEFT:
            return _battery_left(record)
        if means == _BATTERY_CHANGE and isinstance(record.value, date):
            return _battery_change(record.value, subject.read_at)
    return []


def _battery_left(record: Record) -> list[Check]:
    if not isinstance(record.value, Number) or record.unit not in _DAYS_IN:
        return unknown("battery", "The meter does not say how long its battery lasts.")
    days = int(exact_number(record.value) * _DAYS_IN[record.unit])
    if days > LOW_BATTERY_DAYS:
        return ok("battery", "The battery lasts for another {days} days.", days=days)
    if days <= 0:
        return look("battery", "empty", "The battery is empty. Have it changed before you go.")
    return look(
        "battery",
        "low",
        "The battery lasts for {days} days only. Have it changed, or note when it is due.",
        days=days,
    )


def _battery_change(due: date, read_at: datetime) -> list[Check]:
    day = due.date() if isinstance(due, datetime) else due
    if (day - read_at.date()).days > LOW_BATTERY_DAYS:
        return ok("battery", "The battery is to be changed on {day}.", day=day)
    return look(
        "battery", "due", "The battery is to be changed on {day}. Have it changed, or note it.", day=day
    )


def check_readouts(subject: Subject) -> list[Check]:
    """How often it was read today, where the model counts read-outs or where each costs battery life."""
    count = subject.readouts_today
    model = subject.vocabulary.models.of(subject.telegram.header)
    limits = model is not None and model.habits.limits_reads
    values: dict[str, object] = {"count": count, "model": model.shown if model is not None else ""}
    if limits and count is not None and count >= _FREQUENT_READOUTS:
        return look(
            "readouts",
            "limited",
            "Read {count} times today, and {model} allows few read-outs a day on its battery: once they are "
            "used up, it is silent until the next day. Leave it, and let the gateway ask rarely.",
            **values,
        )
    if limits:
        return unknown(
            "readouts",
            "On its battery {model} allows few read-outs a day. Read it no more than you must, and let the "
            "gateway ask rarely.",
            **values,
        )
    if count is None or count < _FREQUENT_READOUTS:
        return []
    return unknown(
        "readouts",
        "Read {count} times today. Some battery meters allow only so many read-outs a day, and each one "
        "costs battery life: read it again only where you must.",
        **values,
    )
