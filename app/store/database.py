"""One SQLite file, one connection, one thread: the window never waits for a disk."""

import asyncio
import contextlib
import os
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from app.message import Message
from app.store.errors import StoreTooNew, is_damage, not_storable, read_only, store_error, unreadable
from app.store.schema import MIGRATIONS

T = TypeVar("T")

BUSY_TIMEOUT_S = 1.0
_COMPANIONS = ("", "-wal", "-shm", "-journal")


class Database:
    """The connection; opened, used and closed on its own thread only.

    Attributes:
        path: the data file.
        notice: what was found on opening that the person must know; None when all was well.
    """

    def __init__(self, path: Path, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        """Nothing is opened yet.

        Args:
            path: the data file.
            busy_timeout_s: how long to wait for another copy of the program to give the file back.
        """
        self.path = path
        self._busy_timeout_s = busy_timeout_s
        self.notice: Message | None = None
        self._connection: sqlite3.Connection | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")

    async def open(self, now: datetime) -> None:
        """Opens or makes the file; a damaged one is kept aside under another name and said in :attr:`notice`.

        Args:
            now: names the file kept aside.

        Raises:
            StoreError: in use by another copy of the program, read-only, full, or of a newer version.
        """
        try:
            await self._on_thread(lambda: self._open(now))
        except BaseException:
            self._thread.shutdown(wait=False)
            raise

    async def close(self) -> None:
        """Closes the file; a second call does nothing."""
        if self._connection is not None:
            await self._on_thread(self._close)
            self._thread.shutdown(wait=False)

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Runs ``work`` as one transaction; when this returns, what it wrote survives a power cut.

        Raises:
            StoreError: nothing of it was written; also where ``work`` finds what it cannot read, which it
                says by a ``ValueError``.
        """
        return await self._on_thread(lambda: self._transaction(work))

    async def _on_thread(self, work: Callable[[], T]) -> T:
        # Shielded: a task cancelled meanwhile must not leave it open whether the work was done.
        return await asyncio.shield(asyncio.wrap_future(self._thread.submit(work)))

    def _transaction(self, work: Callable[[sqlite3.Connection], T]) -> T:
        connection = self._connection
        if connection is None:
            raise RuntimeError("the store is closed")
        try:
            connection.execute("BEGIN IMMEDIATE")
            try:
                result = work(connection)
                connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise store_error(error, self.path) from error
        except UnicodeEncodeError as error:
            raise not_storable() from error
        except ValueError as error:
            raise unreadable(self.path) from error
        return result

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _open(self, now: datetime) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if self.path.exists() and not os.access(self.path, os.W_OK):
                raise read_only(self.path)
            try:
                self._connection = self._connect()
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
                kept = self._keep_aside(now)
                self._connection = self._connect()
                self.notice = Message(
                    "The data file was damaged. It is kept as {file}; the program began a new one. "
                    "Meters on the portal are not affected.",
                    {"file": str(kept)},
                )
        except (sqlite3.Error, OSError) as error:
            raise store_error(error, self.path) from error

    def _connect(self) -> sqlite3.Connection:
        # Opened on the store's thread, used there, and closed there or, at the interpreter's end, anywhere.
        connection = sqlite3.connect(
            self.path, timeout=self._busy_timeout_s, isolation_level=None, check_same_thread=False
        )
        try:
            # Held for as long as the program runs: a second copy is told at once.
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("COMMIT")
            _check(connection)
            _migrate(connection, self.path)
        except BaseException:
            connection.close()
            raise
        return connection

    def _keep_aside(self, now: datetime) -> Path:
        stem = f"{self.path.name}.damaged-{now:%Y%m%d-%H%M%S}"
        for number in range(100):
            name = stem if number == 0 else f"{stem}-{number}"
            if not self.path.with_name(name).exists():
                break
        for companion in _COMPANIONS:
            part = self.path.with_name(self.path.name + companion)
            if part.exists():
                part.rename(self.path.with_name(name + companion))
        return self.path.with_name(name)


def _check(connection: sqlite3.Connection) -> None:
    verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if verdict != "ok":
        error = sqlite3.DatabaseError(str(verdict))
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(MIGRATIONS):
        raise StoreTooNew(
            Message(
                "The data in {folder} was written by a newer version of this program. "
                "Start that version, or choose another folder with --data.",
                {"folder": str(path.parent)},
            )
        )
    for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
        # A step and its number in one transaction: a power cut leaves the file before it or after it.
        connection.executescript(f"BEGIN IMMEDIATE; {script}; PRAGMA user_version = {number}; COMMIT;")
