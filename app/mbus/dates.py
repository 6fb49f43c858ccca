"""The date and time types F, G, I and J of EN 13757-3; a meter's clock knows no zone, so neither do they."""

from datetime import date, datetime, time
from typing import Final, TypeAlias

Moment: TypeAlias = date | datetime | time | None
DatePart: TypeAlias = tuple[Moment, bool]
"""What the bytes say, None where they name no single point in time, and whether it is in summer time."""

_CENTURY_SPLIT: Final = 81
"""Years 81 to 99 without a century are 1981 to 1999, 0 to 80 are 2000 to 2080."""


def decode_type_g(data: bytes) -> DatePart:
    """A date in two bytes."""
    year = year_of(data[0] >> 5 | (data[1] & 0xF0) >> 1, 0)
    try:
        return date(year, data[1] & 0x0F, data[0] & 0x1F), False
    except ValueError:
        return None, False


def decode_type_f(data: bytes) -> DatePart:
    """A date and time to the minute in four bytes."""
    minute, hour, day, month = data
    summer = hour > 0x7F
    if minute & 0x80:
        return None, summer
    year = year_of(day >> 5 | (month & 0xF0) >> 1, hour >> 5 & 0x03)
    try:
        return datetime(year, month & 0x0F, day & 0x1F, hour & 0x1F, minute & 0x3F), summer  # noqa: DTZ001
    except ValueError:
        return None, summer


def decode_type_i(data: bytes) -> DatePart:
    """A date and time to the second in six bytes; what they say of the week is not needed."""
    second, minute, hour, day, month, _week = data
    summer = bool(second & 0x40)
    if minute & 0x80:
        return None, summer
    year = day >> 5 | (month & 0xF0) >> 1
    try:
        return datetime(  # noqa: DTZ001
            2000 + year if year <= 99 else 0,
            month & 0x0F,
            day & 0x1F,
            hour & 0x1F,
            minute & 0x3F,
            second & 0x3F,
        ), summer
    except ValueError:
        return None, summer


def decode_type_j(data: bytes) -> DatePart:
    """A time of day to the second in three bytes."""
    second, minute, hour = data
    try:
        return time(hour & 0x1F, minute & 0x3F, second & 0x3F), False
    except ValueError:
        return None, False


DECODERS: Final = {2: decode_type_g, 3: decode_type_j, 4: decode_type_f, 6: decode_type_i}
"""By the number of data bytes."""


def encode_type_g(value: date) -> bytes:
    """A date of the years 1981 to 2080 in two bytes."""
    year = value.year % 100
    return bytes((value.day | (year & 0x07) << 5, value.month | (year & 0x78) << 1))


def encode_type_f(value: datetime, *, summer: bool = False) -> bytes:
    """A date and time of the years 1981 to 2299, cut to the minute, in four bytes.

    The years 1981 to 2080 are sent without their century, as older meters do; the others need it.
    """
    century = 0 if 1981 <= value.year <= 2080 else (value.year - 1900) // 100
    hour = value.hour | century << 5 | (0x80 if summer else 0)
    return bytes((value.minute, hour)) + encode_type_g(value)


def encode_type_i(value: datetime, *, summer: bool = False) -> bytes:
    """A date and time of the years 2000 to 2099 in six bytes, with the days of the week and the week."""
    calendar = value.isocalendar()
    leap = 0x80 if value.year % 4 == 0 else 0
    return bytes(
        (
            value.second | (0x40 if summer else 0) | leap,
            value.minute,
            value.hour | calendar.weekday << 5,
            *encode_type_g(value),
            calendar.week,
        )
    )


def encode_type_j(value: time) -> bytes:
    """A time of day in three bytes."""
    return bytes((value.second, value.minute, value.hour))


def year_of(year: int, century: int) -> int:
    """The whole year of its last digits and a century, or 0, which no calendar has, for none."""
    if year > 99:
        return 0
    if century == 0 and year < _CENTURY_SPLIT:
        return 2000 + year
    return 1900 + 100 * century + year
