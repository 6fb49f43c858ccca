"""Copies of the data file: one before every migration, one a day, a bounded number of each."""

import contextlib
import os
import re
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from app.store.files import make_file, make_folder, sync_folder

FOLDER: Final = "backups"
DAILY_KEPT: Final = 5
MIGRATION_KEPT: Final = 3

_UNFINISHED: Final = ".part"
_DAILY: Final = re.compile(r"\d{8}\.sqlite")
_MIGRATION: Final = re.compile(r"\d{8}-\d{6}-version-\d+\.sqlite")


@dataclass(frozen=True, slots=True)
class Backups:
    """The backups of one data file, in a folder beside it.

    Attributes:
        data_file: the file they are of.
    """

    data_file: Path

    @property
    def folder(self) -> Path:
        """Where they lie."""
        return self.data_file.parent / FOLDER

    def newest(self) -> tuple[Path, ...]:
        """All of them, the one made last first."""
        return tuple(sorted(self._matching(_DAILY) + self._matching(_MIGRATION), key=_made_at, reverse=True))

    def made_on(self, now: datetime) -> bool:
        """Whether the day's backup is there."""
        return self._daily(now).exists()

    def make_daily(self, connection: sqlite3.Connection, now: datetime) -> None:
        """Makes the day's backup, unless it is there."""
        if not self.made_on(now):
            self._make(connection, self._daily(now))
            self._forget(_DAILY, DAILY_KEPT, self._daily(now))

    def make_before_migration(self, connection: sqlite3.Connection, now: datetime, version: int) -> Path:
        """Makes the backup of a file that is about to be changed.

        Args:
            connection: of the file.
            now: names the backup.
            version: the file's present version.
        """
        path = self.folder / f"{now:%Y%m%d-%H%M%S}-version-{version}.sqlite"
        self._make(connection, path)
        self._forget(_MIGRATION, MIGRATION_KEPT, path)
        return path

    def _daily(self, now: datetime) -> Path:
        return self.folder / f"{now:%Y%m%d}.sqlite"

    def _make(self, connection: sqlite3.Connection, path: Path) -> None:
        make_folder(self.folder, path)
        for left_over in self.folder.glob(f"*{_UNFINISHED}*"):
            left_over.unlink()
        part = path.with_name(path.name + _UNFINISHED)
        make_file(part)
        with contextlib.closing(sqlite3.connect(part, isolation_level=None)) as copy:
            connection.backup(copy)
            # One file, whatever the original is: it can be carried away and opened without its neighbours.
            copy.execute("PRAGMA journal_mode = DELETE")
        _to_disk(part)
        # Only a whole copy ever bears the name of one.
        part.replace(path)
        sync_folder(self.folder)

    def _matching(self, name: re.Pattern[str]) -> list[Path]:
        if not self.folder.is_dir():
            return []
        return [each for each in self.folder.iterdir() if name.fullmatch(each.name)]

    def _forget(self, name: re.Pattern[str], kept: int, just_made: Path) -> None:
        # By the names, and never the one just made: a clock that was set back makes it no older.
        older = sorted(each for each in self._matching(name) if each != just_made)
        for path in older[: max(0, len(older) - kept + 1)]:
            with contextlib.suppress(OSError):
                path.unlink()


def _made_at(path: Path) -> tuple[int, str]:
    return path.stat().st_mtime_ns, path.name


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
