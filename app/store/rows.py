"""Rows of the data file as what they mean: one that cannot be read costs itself, never the others."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, TypeVar

T = TypeVar("T")

UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError, IndexError)
"""What a row that is none of this program's raises when it is read."""


class BadRows:
    """Rows found unreadable since the file was opened; they stay in the file as they are."""

    def __init__(self) -> None:
        self._found: set[tuple[str, str]] = set()

    @property
    def count(self) -> int:
        """How many different ones were found."""
        return len(self._found)

    def read(self, table: str, key: object, parse: Callable[[], T]) -> T | None:
        """What ``parse`` makes of one row; None, and the row is noted, where it makes nothing of it."""
        try:
            return parse()
        except UNREADABLE:
            self._found.add((table, str(key)))
            return None

    def read_all(
        self, table: str, rows: Iterable[tuple[Any, ...]], parse: Callable[[tuple[Any, ...]], T]
    ) -> Iterator[T]:
        """What ``parse`` makes of each row; the first column names a row."""
        for row in rows:
            try:
                yield parse(row)
            except UNREADABLE:
                self._found.add((table, str(row[0])))


def texts(*values: object) -> tuple[str, ...]:
    """The values, all of them text.

    Raises:
        TypeError: one is none; SQLite keeps whatever stands in a damaged file.
    """
    for value in values:
        if not isinstance(value, str):
            raise TypeError(f"text expected, got {type(value).__name__}")
    return values  # type: ignore[return-value] # checked just above


def time_of(text: str) -> datetime:
    """A moment in UTC.

    Raises:
        ValueError: it is none, or does not say in which zone.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment without its zone")
    return moment


def time_or_none(text: str | None) -> datetime | None:
    """As :func:`time_of`; None stays None."""
    return None if text is None else time_of(text)


def text_of(moment: datetime | None) -> str | None:
    """A moment as it is kept."""
    return None if moment is None else moment.isoformat()
