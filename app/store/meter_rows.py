"""Meters in the data file: the list of a site read in one go, and two entries made one."""

import sqlite3
from collections import Counter
from collections.abc import Iterable
from functools import partial
from typing import Any, Final

from app.domain.building import Decision, KeptMeter, StoredReading, StoredVerification
from app.store import draft_rows, verification_rows
from app.store.rows import BadRows, text_of, texts, time_of

INSERT: Final = "INSERT INTO meters (id, site_id, serial, added_at, label_typed) VALUES (?, ?, ?, ?, ?)"

_READING: Final = "r.number, r.taken_at, r.port, r.baud, r.elapsed_s, r.wire_minimum_s, r.raw, r.usable"
_READING_AT: Final = 8
_DRAFT_AT: Final = _READING_AT + 8
_LIST: Final = (
    "SELECT m.number, m.id, m.site_id, m.serial, m.added_at, m.label_typed, m.summary,"  # noqa: S608
    f" (SELECT count(*) FROM alternatives AS a WHERE a.meter_id = m.id), {_READING},"
    " d.number, d.decided_at, d.decided_by, d.body"
    " FROM meters AS m LEFT JOIN readings AS r ON r.number = m.reading"
    " LEFT JOIN drafts AS d ON d.meter_id = m.id"
)


def load(
    connection: sqlite3.Connection, where: str, values: tuple[str, ...], bad: BadRows
) -> tuple[KeptMeter, ...]:
    """Meters by a condition on ``m``, in list order, each with all that is loaded with the list."""
    verified: dict[str, list[StoredVerification]] = {}
    for row in verification_rows.last_of_each_type(connection, where, values):
        verification = bad.read("verifications", row[0], partial(verification_rows.verification_of, row))
        if verification is not None:
            verified.setdefault(row[1], []).append(verification)
    # The condition is one of this package's own, never what somebody typed.
    rows = connection.execute(f"{_LIST} WHERE {where} ORDER BY m.number", values)
    return tuple(bad.read_all("meters", rows, lambda row: _meter(row, verified, bad)))


def _meter(row: tuple[Any, ...], verified: dict[str, list[StoredVerification]], bad: BadRows) -> KeptMeter:
    meter_id, site_id, serial = texts(*row[1:4])
    reading = draft = decision = None
    if row[_READING_AT] is not None:
        columns = row[_READING_AT:_DRAFT_AT]
        reading = bad.read("readings", columns[0], lambda: reading_of(columns))
    if row[_DRAFT_AT] is not None:
        decided = bad.read("drafts", row[_DRAFT_AT], lambda: _decided(*row[_DRAFT_AT + 1 :]))
        if decided is not None:
            draft, decision = decided
    return KeptMeter(
        meter_id=meter_id,
        site_id=site_id,
        serial=serial,
        added_at=time_of(row[4]),
        label_typed=bool(row[5]),
        reading=reading,
        draft=draft,
        decision=decision,
        verifications=tuple(verified.get(meter_id, ())),
        alternatives=int(row[7]),
        summary=row[6],
    )


def _decided(decided_at: str | None, decided_by: str, body: str) -> tuple[Any, Decision | None]:
    decision = None if decided_at is None else Decision(time_of(decided_at), *texts(decided_by))
    return draft_rows.draft_of(body), decision


def ids(connection: sqlite3.Connection, site_id: str, serial: str) -> tuple[str, ...]:
    """Ids of a site's meters that bear a number, in list order."""
    rows = connection.execute(
        "SELECT id FROM meters WHERE site_id = ? AND serial = ? AND removed_at IS NULL ORDER BY number",
        (site_id, serial),
    )
    return tuple(row[0] for row in rows)


def changed(connection: sqlite3.Connection, meter_id: str) -> None:
    """What was written down of a meter holds no longer.

    Raises:
        LookupError: there is no such meter.
    """
    if not connection.execute("UPDATE meters SET summary = NULL WHERE id = ?", (meter_id,)).rowcount:
        raise LookupError(f"no meter {meter_id!r} is in the data file")


def add_reading(connection: sqlite3.Connection, meter_id: str, reading: StoredReading) -> int:
    """Keeps a reading, the meter's own from now on if worth as much as that was; returns its number."""
    cursor = connection.execute(
        "INSERT INTO readings (meter_id, taken_at, port, baud, elapsed_s, wire_minimum_s, raw, usable)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            meter_id,
            text_of(reading.taken_at),
            reading.port,
            reading.baud,
            reading.elapsed_s,
            reading.wire_minimum_s,
            reading.raw,
            int(reading.usable),
        ),
    )
    point_to_best(connection, meter_id)
    return int(cursor.lastrowid or 0)


def point_to_best(connection: sqlite3.Connection, meter_id: str) -> None:
    """Keeps a reading, from now on the one shown if it is worth as much as that was; returns its number."""
    connection.execute(
        "UPDATE meters SET reading = (SELECT number FROM readings WHERE meter_id = meters.id"
        " ORDER BY usable DESC, number DESC LIMIT 1) WHERE id = ?",
        (meter_id,),
    )


def readings(connection: sqlite3.Connection, meter_id: str, most: int) -> Iterable[tuple[Any, ...]]:
    """Rows for :func:`reading_of`, the one kept last first."""
    return connection.execute(
        f"SELECT {_READING} FROM readings AS r WHERE r.meter_id = ? ORDER BY r.number DESC LIMIT ?",  # noqa: S608
        (meter_id, most),
    )


def reading_of(row: tuple[Any, ...]) -> StoredReading:
    """One reading."""
    number, taken_at, port, baud, elapsed_s, wire_minimum_s, raw, usable = row
    if not isinstance(raw, bytes):
        raise TypeError("a reading without its bytes")
    return StoredReading(
        taken_at=time_of(taken_at),
        port=texts(port)[0],
        baud=int(baud),
        elapsed_s=float(elapsed_s),
        wire_minimum_s=float(wire_minimum_s),
        raw=raw,
        usable=bool(usable),
        number=number,
    )


def merge(connection: sqlite3.Connection, into_id: str, other_id: str) -> None:
    """Makes ``other_id`` a part of ``into_id``.

    Raises:
        LookupError: there is no such meter, or it is one and the same.
    """
    if into_id == other_id:
        raise LookupError("a meter cannot be merged with itself")
    changed(connection, into_id)
    changed(connection, other_id)
    draft_rows.merge(connection, into_id, other_id)
    for table, column in _BELONGING:
        connection.execute(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (into_id, other_id))  # noqa: S608
    connection.execute(
        "UPDATE meters SET label_typed = max(label_typed, (SELECT label_typed FROM meters WHERE id = ?))"
        " WHERE id = ?",
        (other_id, into_id),
    )
    connection.execute("DELETE FROM meters WHERE id = ?", (other_id,))
    point_to_best(connection, into_id)


_BELONGING: Final = (
    ("readings", "meter_id"),
    ("verifications", "meter_id"),
    ("attachments", "meter_id"),
    ("outbox", "meter"),
)


def adopt(connection: sqlite3.Connection, meter_ids: tuple[str, ...], site_id: str) -> dict[str, str]:
    """Moves meters to a site; those that it has already are merged.

    Raises:
        LookupError: there is no such meter.
    """
    serials = {}
    for meter_id in meter_ids:
        row = connection.execute("SELECT serial, site_id FROM meters WHERE id = ?", (meter_id,)).fetchone()
        if row is None:
            raise LookupError(f"no meter {meter_id!r} is in the data file")
        if row[1] != site_id:
            serials[meter_id] = row[0]
    times = Counter(serials.values())
    there = {serial: ids(connection, site_id, serial) for serial in times}
    now = {meter_id: meter_id for meter_id in meter_ids}
    for meter_id, serial in serials.items():
        if times[serial] == len(there[serial]) == 1 and _same_meter(connection, there[serial][0], meter_id):
            now[meter_id] = there[serial][0]
            merge(connection, now[meter_id], meter_id)
        else:
            changed(connection, meter_id)
            connection.execute("UPDATE meters SET site_id = ? WHERE id = ?", (site_id, meter_id))
    return now


_FIXED_HEADER: Final = 0x72
"""The CI field of an answer that names its meter in full: number, maker, version, medium in bytes 7 to 14."""


def _same_meter(connection: sqlite3.Connection, one: str, other: str) -> bool:
    """Whether the answers of two meters of one number leave them one: maker, version and medium agree."""
    names = [_full_address(connection, each) for each in (one, other)]
    return None in names or names[0] == names[1]


def _full_address(connection: sqlite3.Connection, meter_id: str) -> bytes | None:
    row = connection.execute(
        "SELECT r.raw FROM meters AS m JOIN readings AS r ON r.number = m.reading WHERE m.id = ?", (meter_id,)
    ).fetchone()
    raw = row[0] if row is not None else b""
    if not isinstance(raw, bytes) or len(raw) < 15 or raw[6] != _FIXED_HEADER:
        return None
    return raw[7:15]
