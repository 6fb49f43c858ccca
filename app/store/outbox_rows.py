"""An upload as a row of the outbox, and back."""

import json
import sqlite3
from dataclasses import asdict
from typing import Any, Final

from app.domain.delivery_state import DeliveryState, FieldReason, OutboxItem, SeenVersion
from app.domain.exact_text import message_object, message_of
from app.store.entry_rows import entry_of, entry_text
from app.store.rows import BadRows, text_of, texts, time_of, time_or_none

COLUMNS: Final = (
    "key, portal, username, site_id, entry, queued_at, state, meter_id, etag, create_sent, attempts,"
    " next_try_at, problem, field_reasons, theirs, previous, done_fields, sent_at, meter, seen, fault,"
    " fault_count"
)
"""What :func:`item_of` reads, in its order."""


def columns_of(item: OutboxItem) -> dict[str, str | int | None]:
    """The row of an upload, by the name of the column."""
    return {
        "key": item.key,
        "portal": item.portal,
        "username": item.username,
        "site_id": item.site_id,
        "secondary_ad": item.entry.secondary_ad.upper(),
        "type": item.entry.type.value,
        "meter": item.meter,
        "entry": entry_text(item.entry),
        "queued_at": item.queued_at.isoformat(),
        "state": item.state.value,
        "meter_id": item.meter_id,
        "etag": item.etag,
        "create_sent": int(item.create_sent),
        "attempts": item.attempts,
        "next_try_at": text_of(item.next_try_at),
        "problem": None if item.problem is None else json.dumps(message_object(item.problem)),
        "field_reasons": json.dumps([[each.field, each.reason] for each in item.field_reasons]),
        "theirs": None if item.theirs is None else entry_text(item.theirs),
        "previous": None if item.previous is None else entry_text(item.previous),
        "done_fields": json.dumps(item.done_fields),
        "sent_at": text_of(item.sent_at),
        "seen": None if item.seen is None else json.dumps(asdict(item.seen)),
        "fault": item.fault,
        "fault_count": item.fault_count,
    }


def item_of(row: tuple[Any, ...]) -> OutboxItem:
    """The upload of a row of :data:`COLUMNS`.

    Raises:
        ValueError: the row is none of this program's; other errors of reading mean the same.
    """
    texts(*row[:4], row[7], row[8], row[18], row[20])
    return OutboxItem(
        key=row[0],
        portal=row[1],
        username=row[2],
        site_id=row[3],
        entry=entry_of(row[4]),
        queued_at=time_of(row[5]),
        state=DeliveryState(row[6]),
        meter_id=row[7],
        etag=row[8],
        create_sent=bool(row[9]),
        attempts=int(row[10]),
        next_try_at=time_or_none(row[11]),
        problem=None if row[12] is None else message_of(json.loads(row[12])),
        field_reasons=tuple(FieldReason(*each) for each in json.loads(row[13])),
        theirs=None if row[14] is None else entry_of(row[14]),
        previous=None if row[15] is None else entry_of(row[15]),
        done_fields=tuple(json.loads(row[16])),
        sent_at=time_or_none(row[17]),
        meter=row[18],
        seen=None if row[19] is None else SeenVersion(**json.loads(row[19])),
        fault=row[20],
        fault_count=int(row[21]),
    )


def select(connection: sqlite3.Connection, bad: BadRows, where: str, *values: str) -> tuple[OutboxItem, ...]:
    """The uploads that a condition fits, in the order they were queued; a row that is none is noted."""
    query = f"SELECT {COLUMNS} FROM outbox {where} ORDER BY number"  # noqa: S608 - constants of the store
    return tuple(bad.read_all("outbox", connection.execute(query, values), item_of))
