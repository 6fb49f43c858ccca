"""The rows of a damaged file that can be reached: from both ends of each table, then one by one between."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

_BEYOND: Final = 2_000
"""How far behind the last row reached others are looked for, where nothing tells the last one."""
_MOST_PROBES: Final = 500_000


@dataclass(slots=True)
class DamagedTable:
    """One table of a damaged file.

    Attributes:
        source: of a copy of the file; it may raise anywhere.
        name: of the table.
        complete: whether all of it could be read; known after :meth:`rows`.
    """

    source: sqlite3.Connection
    name: str
    complete: bool = True
    _columns: tuple[str, ...] = field(default=(), init=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of its columns; empty where even they cannot be read."""
        if not self._columns:
            try:
                rows = self.source.execute(f"PRAGMA table_info({self.name})").fetchall()
                self._columns = tuple(row[1] for row in rows)
            except (sqlite3.DatabaseError, UnicodeDecodeError):
                self._columns = ()
        return self._columns

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Every row that can be reached, once or twice."""
        if not self.columns:
            self.complete = False
            return
        numbers: list[int] = []
        names = ", ".join(f'"{name}"' for name in self.columns)
        has_number = self._has_number()
        key = "rowid" if has_number else self._key()
        select = f"SELECT {'rowid' if has_number else '0'}, {names} FROM {self.name} NOT INDEXED"  # noqa: S608 - the file's own names
        for direction in ("ASC", "DESC"):
            order = ", ".join(f"{column} {direction}" for column in key.split(", "))
            last: int | None = None
            complete = False
            for row in self._reached(f"{select} ORDER BY {order}"):
                if row is None:
                    break
                last = row[0]
                yield row[1:]
            else:
                complete = True
            if complete and direction == "ASC":
                return
            self.complete = False
            numbers.append(last if last is not None else 0)
        if has_number:
            yield from self._between(select, numbers[0], numbers[1])

    def _between(self, select: str, after: int, before: int) -> Iterator[tuple[Any, ...]]:
        end = before if before > after else self._last_number(after) + 1
        for number in range(after + 1, min(end, after + _MOST_PROBES)):
            for row in self._reached(f"{select} WHERE rowid = {number}"):
                if row is not None:
                    yield row[1:]

    def _reached(self, query: str) -> Iterator[tuple[Any, ...] | None]:
        """The answer row by row; None at the end of what can be reached."""
        try:
            yield from self.source.execute(query)
        except (sqlite3.DatabaseError, UnicodeDecodeError):
            yield None

    def _has_number(self) -> bool:
        try:
            self.source.execute(f"SELECT rowid FROM {self.name} LIMIT 0")  # noqa: S608 - as above
        except sqlite3.DatabaseError:
            return False
        return True

    def _key(self) -> str:
        keyed = sorted(
            (row[5], row[1]) for row in self.source.execute(f"PRAGMA table_info({self.name})") if row[5]
        )
        return ", ".join(name for _place, name in keyed)

    def _last_number(self, after: int) -> int:
        try:
            row = self.source.execute(
                "SELECT seq FROM sqlite_sequence WHERE name = ?", (self.name,)
            ).fetchone()
        except sqlite3.DatabaseError:
            row = None
        return max(after + _BEYOND, int(row[0]) if row is not None and isinstance(row[0], int) else 0)
