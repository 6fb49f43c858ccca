"""Dates and times that come again (types F, G, I and J of EN 13757-3): which they are, in words.

A field may say "every" instead of a number: day 0, month 15, year 127, hour 31, minute and second 63. Such
bytes name no single point in time; the day a heating period ends, "every year on 31 May", is the usual one.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from app.mbus.dates import year_of
from app.message import Message, joined

_EVERY_DAY: Final = 0
_EVERY_MONTH: Final = 15
_EVERY_YEAR: Final = 127
_EVERY_HOUR: Final = 31
_EVERY_MINUTE: Final = 63
"""Every second too."""
_NOTHING: Final = b"\xff"
"""All ones say that no valid moment is there."""
_LEAP_YEAR: Final = 2000
"""For a day of every year: 29 February is one."""
_LONGEST_MONTH: Final = 1
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@dataclass(frozen=True, slots=True)
class _Date:
    """A date as it was sent: numbers, None for "every"; the year with its century."""

    day: int | None
    month: int | None
    year: int | None

    @classmethod
    def of(cls, data: bytes, century: int = 0) -> "_Date":
        """Of the two bytes that every type has in common."""
        day, month = data[0] & 0x1F, data[1] & 0x0F
        year = data[0] >> 5 | (data[1] & 0xF0) >> 1
        return cls(
            day=None if day == _EVERY_DAY else day,
            month=None if month == _EVERY_MONTH else month,
            year=None if year == _EVERY_YEAR else year_of(year, century),
        )

    @property
    def is_periodic(self) -> bool:
        return None in (self.day, self.month, self.year)

    @property
    def is_possible(self) -> bool:
        """Whether any calendar has such a day."""
        year = _LEAP_YEAR if self.year is None else self.year
        month = _LONGEST_MONTH if self.month is None else self.month
        try:
            date(year, month, self.day or 1)
        except ValueError:
            return False
        return True

    @property
    def words(self) -> Message:
        """All fields in words."""
        values: dict[str, object] = {"day": self.day, "year": self.year}
        if self.month is not None:
            values["month"] = Message(_MONTHS[self.month - 1], context="month")
        told = self.day is not None, self.month is not None, self.year is not None
        return Message(_DATES[told], values)


@dataclass(frozen=True, slots=True)
class _Time:
    """A time of day as it was sent: numbers, None for "every"; ``second`` is 0 where the type has none."""

    hour: int | None
    minute: int | None
    second: int | None = 0
    to_the_second: bool = False

    @classmethod
    def of(cls, hour: int, minute: int, second: int | None = None) -> "_Time":
        """Of the bytes, whose upper bits mean something else."""
        hour, minute = hour & 0x1F, minute & 0x3F
        seconds = None if second is None else second & 0x3F
        return cls(
            hour=None if hour == _EVERY_HOUR else hour,
            minute=None if minute == _EVERY_MINUTE else minute,
            second=0 if seconds is None else None if seconds == _EVERY_MINUTE else seconds,
            to_the_second=seconds is not None,
        )

    @property
    def is_periodic(self) -> bool:
        return None in (self.hour, self.minute, self.second)

    @property
    def is_possible(self) -> bool:
        """Whether a clock ever shows it."""
        return (self.hour or 0) < 24 and (self.minute or 0) < 60 and (self.second or 0) < 60

    @property
    def words(self) -> Message:
        """All fields in words."""
        clock = {"hour": self.hour, "at": self.minute, "ss": self.second}
        values: dict[str, object] = {name: f"{number or 0:02}" for name, number in clock.items()}
        values |= {"minute": self.minute, "second": self.second}
        told = self.hour is not None, self.minute is not None
        if self.second is None:
            return Message(_EVERY_SECOND[told], values)
        return Message((_AT_A_SECOND if self.to_the_second else _AT_A_MINUTE)[told], values)


# By what of day, month and year is told; the rest is "every".
_DATES: Final = {
    (True, True, True): "on {day} {month} {year}",
    (True, True, False): "every year on {day} {month}",
    (True, False, True): "every month of {year} on day {day}",
    (True, False, False): "every month on day {day}",
    (False, True, True): "every day in {month} {year}",
    (False, True, False): "every day in {month}",
    (False, False, True): "every day of {year}",
    (False, False, False): "every day",
}
# By what of hour and minute is told.
_EVERY_SECOND: Final = {
    (True, True): "every second of {hour}:{at}",
    (True, False): "every second from {hour}:00 to {hour}:59",
    (False, True): "every second of minute {minute} of every hour",
    (False, False): "every second",
}
_AT_A_SECOND: Final = {
    (True, True): "at {hour}:{at}:{ss}",
    (True, False): "every minute at second {second} from {hour}:00 to {hour}:59",
    (False, True): "every hour at minute {minute}, second {second}",
    (False, False): "every minute at second {second}",
}
_AT_A_MINUTE: Final = {
    (True, True): "at {hour}:{at}",
    (True, False): "every minute from {hour}:00 to {hour}:59",
    (False, True): "every hour at minute {minute}",
    (False, False): "every minute",
}


def periodic_words(data: bytes) -> Message | None:
    """What bytes of type F, G, I or J (told by their number) say that comes again; None for anything else."""
    if data == _NOTHING * len(data) or _is_marked_invalid(data):
        return None
    day, clock = _taken_apart(data)
    parts = [part for part in (day, clock) if part is not None]
    if not all(part.is_possible for part in parts) or not any(part.is_periodic for part in parts):
        return None
    return _together(day, clock)


def _is_marked_invalid(data: bytes) -> bool:
    """Whether a date and time says itself that it is none; the other types have no bit for it."""
    return len(data) in (4, 6) and bool(data[len(data) // 6] & 0x80)


def _taken_apart(data: bytes) -> tuple[_Date | None, _Time | None]:
    if len(data) == 2:
        return _Date.of(data), None
    if len(data) == 3:
        return None, _Time.of(data[2], data[1], data[0])
    if len(data) == 4:
        return _Date.of(data[2:], data[1] >> 5 & 0x03), _Time.of(data[1], data[0])
    return _Date.of(data[3:5], 1), _Time.of(data[2], data[1], data[0])


def _together(day: _Date | None, clock: _Time | None) -> Message:
    if clock is None or day is None:
        return next(part.words for part in (day, clock) if part is not None)
    if not clock.is_periodic:
        return joined((day.words, clock.words), " ")
    always = (day.day, day.month, day.year) == (None, None, None)
    return clock.words if always else joined((day.words, clock.words))
