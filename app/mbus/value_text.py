"""A record's value as plain text: exact digits, ISO dates, text as text, raw bytes in hex."""

from datetime import date, datetime, time

from app.mbus.records import Number, Record

_TO_THE_MINUTE = 4
"""Data bytes of a date and time without seconds (type F)."""


def value_text(record: Record) -> str | None:
    """The value without its unit and without regard to any language; None where there is no valid one."""
    value = record.value
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes" if len(record.data) == _TO_THE_MINUTE else "seconds")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex().upper()
    if isinstance(value, Number):
        return str(value)
    return value
