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
from app.store.backup import Backups
from app.store.damaged_file import is_emptied
from app.store.errors import StoreError, gone, is_damage, not_storable, read_only, store_error, unreadable
from app.store.files import first_start, identity, make_file, make_folder, narrow
from app.store.migration import migrate, must_migrate, version_of
from app.store.rows import BadRows
from app.store.salvage import finish_interrupted, forget_notices, notices_of, salvage

T = TypeVar("T")

BUSY_TIMEOUT_S = 1.0


class Database:
    """The connection; opened, used and closed on its own thread only.

    Attributes:
        path: the data file.
        bad_rows: rows that could not be read since it was opened.
    """

    def __init__(self, path: Path, busy_timeout_s: float = BUSY_TIMEOUT_S) -> None:
        """Nothing is opened yet.

        Args:
            path: the data file.
            busy_timeout_s: how long to wait for another copy of the program to give the file back.
        """
        self.path = path
        self.bad_rows = BadRows()
        self._busy_timeout_s = busy_timeout_s
        self._notices: list[Message] = []
        self._identity: tuple[int, int] | None = None
        self._connection: sqlite3.Connection | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")

    @property
    def notices(self) -> tuple[Message, ...]:
        """What was found on opening and since that the person must know; empty when all was well."""
        bad = self.bad_rows.count
        if not bad:
            return tuple(self._notices)
        unread = Message(
            "One entry of the data file cannot be read and is left out. It stays in {file}.",
            {"file": str(self.path)},
            plural="{count} entries of the data file cannot be read and are left out. They stay in {file}.",
            count=bad,
        )
        return (*self._notices, unread)

    async def open(self, now: datetime) -> None:
        """Opens or makes the file; what had to be done for it is said in :attr:`notices`.

        Args:
            now: in UTC; names backups and a damaged file that is kept aside.

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
                before = connection.total_changes
                result = work(connection)
                if connection.total_changes != before:
                    self._must_be_there()
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

    def _must_be_there(self) -> None:
        # A file whose folder was deleted takes every byte, and is gone with them when it is closed.
        if identity(self.path) != self._identity:
            raise gone(self.path)

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(sqlite3.Error):
                # Said until a whole session has passed with it on screen.
                forget_notices(connection)
            connection.close()

    def _open(self, now: datetime) -> None:
        try:
            make_folder(self.path.parent, self.path)
            if self.path.exists() and not os.access(self.path, os.W_OK):
                raise read_only(self.path)
            finish_interrupted(self.path, now)
            with first_start(self.path) as is_first:
                connection = self._connect_or_salvage(now)
            self._connection, self._identity = connection, identity(self.path)
            self._notices.extend(notices_of(connection))
            if not is_first:
                self._back_up(connection, now)
        except (sqlite3.Error, OSError) as error:
            raise store_error(error, self.path) from error

    def _connect_or_salvage(self, now: datetime) -> sqlite3.Connection:
        if is_emptied(self.path):
            salvage(self.path, now)
            return self._connect(now)
        try:
            return self._connect(now)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            salvage(self.path, now)
        return self._connect(now)

    def _connect(self, now: datetime) -> sqlite3.Connection:
        make_file(self.path)
        # Opened on the store's thread, used there, and closed there or, at the interpreter's end, anywhere.
        connection = sqlite3.connect(
            self.path, timeout=self._busy_timeout_s, isolation_level=None, check_same_thread=False
        )
        try:
            # A text that is none any more costs itself, not every row of the answer.
            connection.text_factory = lambda text: text.decode("utf-8", "replace")
            # Held for as long as the program runs: a second copy is told at once.
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("COMMIT")
            # First whether it is ours to mend: a newer version's file is left as it is, damaged or not.
            is_older = must_migrate(connection, self.path)
            _check(connection)
            if is_older:
                version = version_of(connection)
                if version:
                    Backups(self.path).make_before_migration(connection, now, version)
                migrate(connection, now)
            narrow(self.path)
        except BaseException:
            connection.close()
            raise
        return connection

    def _back_up(self, connection: sqlite3.Connection, now: datetime) -> None:
        try:
            Backups(self.path).make_daily(connection, now)
        except (sqlite3.Error, OSError) as error:
            reason = error if isinstance(error, StoreError) else store_error(error, self.path)
            self._notices.append(
                Message("No backup of the data could be made today. {reason}", {"reason": reason.message})
            )


def _check(connection: sqlite3.Connection) -> None:
    verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if verdict != "ok":
        error = sqlite3.DatabaseError(str(verdict))
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error
