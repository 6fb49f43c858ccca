"""Verifications in the data file."""

import sqlite3
from collections.abc import Iterable
from typing import Any

from app.domain.building import StoredVerification, VerificationSource
from app.domain.meter import MeterType
from app.store.entry_rows import entry_of, entry_text
from app.store.rows import text_of, texts, time_of

_COLUMNS = "v.number, v.meter_id, v.type, v.taken_at, v.source, v.reading, v.upload, v.entry, v.compared"


def add(connection: sqlite3.Connection, meter_id: str, verification: StoredVerification) -> None:
    """Keeps one; those before it stay."""
    connection.execute(
        "INSERT INTO verifications (meter_id, type, taken_at, source, reading, upload, entry, compared)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            meter_id,
            verification.type.value,
            text_of(verification.taken_at),
            verification.source.value,
            verification.reading_number,
            verification.upload,
            None if verification.entry is None else entry_text(verification.entry),
            verification.values,
        ),
    )


def of_meter(connection: sqlite3.Connection, meter_id: str) -> Iterable[tuple[Any, ...]]:
    """Rows for :func:`verification_of`, the one kept last first."""
    return connection.execute(
        f"SELECT {_COLUMNS} FROM verifications AS v WHERE meter_id = ? ORDER BY number DESC",  # noqa: S608
        (meter_id,),
    )


def last_of_each_type(
    connection: sqlite3.Connection, where: str, values: tuple[str, ...]
) -> Iterable[tuple[Any, ...]]:
    """Rows for :func:`verification_of` of the meters that fit a condition on ``m``, in the order kept."""
    return connection.execute(
        f"SELECT {_COLUMNS} FROM verifications AS v WHERE v.number IN ("  # noqa: S608 - own column names
        " SELECT max(each.number) FROM meters AS m JOIN verifications AS each ON each.meter_id = m.id"
        f" WHERE {where} GROUP BY each.meter_id, each.type) ORDER BY v.number",
        values,
    )


def verification_of(row: tuple[Any, ...]) -> StoredVerification:
    """One row; its second column is the meter."""
    upload, compared = texts(row[6], row[8])
    return StoredVerification(
        type=MeterType(row[2]),
        taken_at=time_of(row[3]),
        source=VerificationSource(row[4]),
        reading_number=row[5],
        upload=upload,
        entry=None if row[7] is None else entry_of(row[7]),
        values=compared,
    )
