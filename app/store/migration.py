"""From the version of a data file to today's: each step whole or not at all."""

import sqlite3
import uuid
from datetime import datetime
from pathlib import Path

from app.domain.answer import unusable_answer
from app.mbus.response import decode
from app.message import Message
from app.store.errors import StoreTooNew
from app.store.schema import MIGRATIONS


def version_of(connection: sqlite3.Connection) -> int:
    """The version of an open file; 0 of one just made."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def must_migrate(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether the file is of an earlier version.

    Raises:
        StoreTooNew: it is of a later one.
    """
    version = version_of(connection)
    if version > len(MIGRATIONS):
        raise StoreTooNew(
            Message(
                "The data in {folder} was written by a newer version of this program. "
                "Start that version, or choose another folder with --data.",
                {"folder": str(path.parent)},
            )
        )
    return version < len(MIGRATIONS)


def migrate(connection: sqlite3.Connection, now: datetime, steps: tuple[str, ...] | None = None) -> None:
    """Brings an open file to the last version; killed in between, it is as before a step or after it.

    Args:
        connection: of the file, of any version up to the last.
        now: in UTC, for what has no time of its own.
        steps: all there are when None.
    """
    steps = MIGRATIONS if steps is None else steps
    connection.create_function("new_id", 0, lambda: uuid.uuid4().hex)
    connection.create_function("now", 0, now.isoformat)
    connection.create_function("usable", 1, _usable, deterministic=True)
    for number, script in enumerate(steps[version_of(connection) :], start=version_of(connection) + 1):
        # A step and its number in one transaction: a power cut leaves the file before it or after it.
        connection.executescript(f"BEGIN IMMEDIATE; {script}; PRAGMA user_version = {number}; COMMIT;")


def _usable(raw: bytes) -> int:
    return int(unusable_answer(decode(bytes(raw))) is None)
