"""What can be read of a damaged data file, waiting uploads first, and what a backup has beyond it."""

import contextlib
import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from app.domain.delivery_state import DeliveryState
from app.domain.exact_text import message_object, message_of
from app.mbus.response import decode
from app.message import Message
from app.store.backup import Backups
from app.store.damaged_file import forget_copy, readable_copy
from app.store.damaged_rows import DamagedTable
from app.store.files import COMPANIONS, keep_aside, make_file, sync_folder
from app.store.migration import migrate, version_of
from app.store.rows import UNREADABLE
from app.store.schema import MIGRATIONS

NOTICE: Final = "salvaged"
"""The setting that says what was saved, until the person has had a look at it."""

_PART: Final = ".salvage-part"
_DONE: Final = ".salvaged"

_FIRST: Final = (
    "outbox",
    "sites",
    "meters",
    "drafts",
    "alternatives",
    "readings",
    "verifications",
    "settings",
)
"""What is missed most comes first; all other tables after it."""

_COUNTED: Final = {
    "uploads": "SELECT count(*) FROM outbox",
    "waiting": "SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending')",
    "meters": "SELECT count(*) FROM meters",
    "readings": "SELECT count(*) FROM readings",
    "decisions": "SELECT count(*) FROM drafts",
}


@dataclass(frozen=True, slots=True)
class _Found:
    """What came of the damaged file.

    Attributes:
        version: of the tables.
        incomplete: tables of which something could not be read.
    """

    version: int
    incomplete: frozenset[str]


def finish_interrupted(path: Path, now: datetime) -> None:
    """Puts a salvaged file into its place that was ready when the program was killed."""
    if path.with_name(path.name + _DONE).exists():
        _put_in_place(path, now)


def salvage(path: Path, now: datetime) -> None:
    """Replaces a damaged file by a new one with all that can be read of it, and keeps it aside.

    Killed in between, it is as before or done.

    Args:
        path: the damaged file; it may have no byte, or be gone from beside its ``-wal``.
        now: in UTC; names the file kept aside.

    Raises:
        OSError, sqlite3.Error: the new file could not be written; nothing is changed.
    """
    backups = Backups(path).newest()
    part = path.with_name(path.name + _PART)
    _forget(part)
    make_file(part)
    with contextlib.closing(sqlite3.connect(part, isolation_level=None)) as target:
        try:
            source = readable_copy(path, backups)
            found = None
            if source is not None:
                with contextlib.closing(source):
                    found = _copy_rows(source, target)
        finally:
            forget_copy(path)
        used = _complete_from_backup(target, found, backups)
        migrate(target, now)
        _mend(target, now)
        aside = path.with_name(f"{path.name}.damaged-{now:%Y%m%d-%H%M%S}")
        notice = _notice(target, found, used, aside)
        target.execute(
            "INSERT OR REPLACE INTO settings VALUES (?, ?)", (NOTICE, json.dumps(message_object(notice)))
        )
    part.replace(path.with_name(path.name + _DONE))
    sync_folder(path.parent)
    _put_in_place(path, now)


def notices_of(connection: sqlite3.Connection) -> tuple[Message, ...]:
    """What was saved, if the person was not told yet."""
    row = connection.execute("SELECT value FROM settings WHERE key = ?", (NOTICE,)).fetchone()
    try:
        notice = None if row is None else message_of(json.loads(row[0]))
    except UNREADABLE:
        return ()
    return () if notice is None else (notice,)


def forget_notices(connection: sqlite3.Connection) -> None:
    """The person was told."""
    connection.execute("DELETE FROM settings WHERE key = ?", (NOTICE,))


def _put_in_place(path: Path, now: datetime) -> None:
    if path.exists() or any(path.with_name(path.name + each).exists() for each in COMPANIONS):
        keep_aside(path, now)
    path.with_name(path.name + _DONE).replace(path)
    sync_folder(path.parent)


def _copy_rows(source: sqlite3.Connection, target: sqlite3.Connection) -> _Found | None:
    """Copies what can be read; None where nothing can, or where it is of no version of the program."""
    try:
        version = version_of(source)
    except sqlite3.DatabaseError:
        return None
    if not 0 < version <= len(MIGRATIONS):
        return None
    migrate(target, datetime.now(UTC), MIGRATIONS[:version])
    incomplete = set()
    for name in _tables(target):
        table = DamagedTable(source, name)
        _insert(target, name, table.columns, table.rows())
        if not table.complete:
            incomplete.add(name)
    return _Found(version, frozenset(incomplete))


def _tables(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    )
    names = [row[0] for row in rows]
    return [name for name in _FIRST if name in names] + [name for name in names if name not in _FIRST]


def _insert(
    target: sqlite3.Connection, table: str, columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]
) -> None:
    known = [row[1] for row in target.execute(f"PRAGMA table_info({table})")]
    places = [columns.index(name) for name in known if name in columns]
    names = ", ".join(name for name in known if name in columns)
    marks = ", ".join("?" * len(places))
    statement = f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 - names of the schema
    target.execute("BEGIN IMMEDIATE")
    for row in rows:
        with contextlib.suppress(sqlite3.IntegrityError, sqlite3.InterfaceError, UnicodeEncodeError):
            target.execute(statement, [row[place] for place in places])
    target.execute("COMMIT")


def _complete_from_backup(
    target: sqlite3.Connection, found: _Found | None, backups: tuple[Path, ...]
) -> Path | None:
    """Adds what only a backup has to tables that could not be read in full; returns the backup used."""
    if found is not None and not found.incomplete:
        return None
    for backup in backups:
        try:
            with contextlib.closing(sqlite3.connect(backup.as_uri() + "?immutable=1", uri=True)) as kept:
                version = version_of(kept)
                fits = version == found.version if found is not None else 0 < version <= len(MIGRATIONS)
                if not fits or kept.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
                    continue
                if found is None:
                    migrate(target, datetime.now(UTC), MIGRATIONS[:version])
                for name in _tables(target):
                    if found is None or name in found.incomplete:
                        _add_from_backup(target, kept, name, backup)
        except sqlite3.DatabaseError:
            continue
        return backup
    return None


def _add_from_backup(target: sqlite3.Connection, kept: sqlite3.Connection, name: str, backup: Path) -> None:
    known = {row[0] for row in target.execute("SELECT key FROM outbox")}
    table = DamagedTable(kept, name)
    _insert(target, name, table.columns, table.rows())
    if name != "outbox":
        return
    # It may have arrived since, or have been replaced: only the person knows, so none of it goes by itself.
    problem = Message(
        "This upload comes from the backup of {date}, because the data file was damaged. "
        "Try again if it is still right.",
        {"date": _made_on(backup)},
    )
    waiting = target.execute("SELECT key FROM outbox WHERE state IN ('queued', 'sending')").fetchall()
    target.executemany(
        "UPDATE outbox SET state = ?, problem = ? WHERE key = ?",
        [
            (DeliveryState.FAILED.value, json.dumps(message_object(problem)), key)
            for (key,) in waiting
            if key not in known
        ],
    )


def _made_on(backup: Path) -> str:
    """The day of a backup, as its name tells it."""
    day = backup.name
    return f"{day[:4]}-{day[4:6]}-{day[6:8]}"


def _mend(target: sqlite3.Connection, now: datetime) -> None:
    """Gives what lost its meter or its site one: nothing that was read is out of sight."""
    target.create_function("serial_of", 1, _serial_of)
    target.create_function("now", 0, now.isoformat)
    target.executescript(
        """
        BEGIN IMMEDIATE;
        INSERT INTO meters (id, site_id, serial, added_at, label_typed)
        SELECT meter_id, '', coalesce(max(serial), ''), now(), 0 FROM (
            SELECT meter_id, CASE WHEN json_valid(body) THEN json_extract(body, '$.serial') END AS serial
            FROM drafts
            UNION ALL SELECT meter_id, serial_of(raw) FROM readings
        ) AS kept WHERE meter_id NOT IN (SELECT id FROM meters) GROUP BY meter_id;
        INSERT INTO sites (id, name, address, portal, portal_site_id, added_at)
        SELECT DISTINCT site_id, '?', '', '', '', now() FROM meters
        WHERE site_id <> '' AND site_id NOT IN (SELECT id FROM sites);
        UPDATE meters SET summary = NULL, reading = (
            SELECT number FROM readings WHERE meter_id = meters.id ORDER BY usable DESC, number DESC LIMIT 1
        );
        COMMIT;
        """
    )


def _serial_of(raw: object) -> str | None:
    header = decode(raw).header if isinstance(raw, bytes) else None
    return None if header is None else header.identification


def _notice(target: sqlite3.Connection, found: _Found | None, used: Path | None, aside: Path) -> Message:
    counts = {name: target.execute(query).fetchone()[0] for name, query in _COUNTED.items()}
    values = {**counts, "file": str(aside), "date": _made_on(used) if used is not None else ""}
    if not any(counts.values()):
        return Message(
            "The data file was damaged and nothing in it could be read. It is kept as {file}; the program "
            "began a new one. Meters on the portal are not affected.",
            values,
        )
    if found is not None and not found.incomplete:
        return Message(
            "The data file was damaged. All of it was saved: {uploads} uploads, {waiting} of them waiting, "
            "{meters} meters, {readings} readings, {decisions} decisions. The damaged file is {file}.",
            values,
        )
    if used is None:
        return Message(
            "The data file was damaged. This was saved of it: {uploads} uploads, {waiting} of them waiting, "
            "{meters} meters, {readings} readings, {decisions} decisions. Look through your meters for what "
            "is missing. The damaged file is kept as {file}.",
            values,
        )
    return Message(
        "The data file was damaged. What could be read of it and the backup of {date} give: "
        "{uploads} uploads, {waiting} of them waiting, {meters} meters, {readings} readings, "
        "{decisions} decisions. Look through your meters for what is older than you left it. "
        "The damaged file is kept as {file}.",
        values,
    )


def _forget(part: Path) -> None:
    for companion in ("", *COMPANIONS):
        part.with_name(part.name + companion).unlink(missing_ok=True)
