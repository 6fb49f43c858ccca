"""An upload as a row of the outbox, and back."""

import json
import sqlite3
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from app.domain.delivery_state import DeliveryState, FieldReason, OutboxItem, SeenVersion
from app.domain.meter import MeterType
from app.domain.payload import MeterEntry
from app.message import Message

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
        "entry": _entry_json(item.entry),
        "queued_at": item.queued_at.isoformat(),
        "state": item.state.value,
        "meter_id": item.meter_id,
        "etag": item.etag,
        "create_sent": int(item.create_sent),
        "attempts": item.attempts,
        "next_try_at": _time_text(item.next_try_at),
        "problem": None if item.problem is None else json.dumps(_message_value(item.problem)),
        "field_reasons": json.dumps([[each.field, each.reason] for each in item.field_reasons]),
        "theirs": None if item.theirs is None else _entry_json(item.theirs),
        "previous": None if item.previous is None else _entry_json(item.previous),
        "done_fields": json.dumps(item.done_fields),
        "sent_at": _time_text(item.sent_at),
        "seen": None if item.seen is None else json.dumps(asdict(item.seen)),
        "fault": item.fault,
        "fault_count": item.fault_count,
    }


def item_of(row: tuple[Any, ...]) -> OutboxItem:
    """The upload of a row of :data:`COLUMNS`.

    Raises:
        ValueError: the row is none of this program's; other errors of reading mean the same.
    """
    return OutboxItem(
        key=row[0],
        portal=row[1],
        username=row[2],
        site_id=row[3],
        entry=_entry(row[4]),
        queued_at=datetime.fromisoformat(row[5]),
        state=DeliveryState(row[6]),
        meter_id=row[7],
        etag=row[8],
        create_sent=bool(row[9]),
        attempts=int(row[10]),
        next_try_at=_time(row[11]),
        problem=None if row[12] is None else _message(json.loads(row[12])),
        field_reasons=tuple(FieldReason(*each) for each in json.loads(row[13])),
        theirs=None if row[14] is None else _entry(row[14]),
        previous=None if row[15] is None else _entry(row[15]),
        done_fields=tuple(json.loads(row[16])),
        sent_at=_time(row[17]),
        meter=row[18],
        seen=None if row[19] is None else SeenVersion(**json.loads(row[19])),
        fault=row[20],
        fault_count=int(row[21]),
    )


def select(connection: sqlite3.Connection, where: str, *values: str) -> tuple[OutboxItem, ...]:
    """The uploads that a condition fits, in the order they were queued.

    Raises:
        ValueError: a row is none of this program's.
    """
    query = f"SELECT {COLUMNS} FROM outbox {where} ORDER BY number"  # noqa: S608 - constants of the store
    try:
        return tuple(item_of(row) for row in connection.execute(query, values))
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("the outbox has a row that is none") from error


def _entry_json(entry: MeterEntry) -> str:
    return json.dumps({**asdict(entry), "type": entry.type.value})


def _entry(text: str) -> MeterEntry:
    fields = json.loads(text)
    return MeterEntry(**{**fields, "type": MeterType(fields["type"])})


_INSIDE: Final = "message"
"""Marks a sentence that fills the place of another."""


def _message_value(message: Message) -> dict[str, object]:
    values = {name: _place(value) for name, value in message.values.items()}
    told: dict[str, object] = {"template": message.template, "values": values}
    if message.context:
        told["context"] = message.context
    if message.plural:
        told["plural"] = message.plural
    if message.count is not None:
        told["count"] = message.count
    return told


def _place(value: object) -> object:
    if isinstance(value, Message):
        return {_INSIDE: _message_value(value)}
    return value if isinstance(value, str | int | float) else str(value)


def _message(fields: dict[str, Any]) -> Message:
    values = {
        name: _message(value[_INSIDE]) if isinstance(value, dict) else value
        for name, value in fields.get("values", {}).items()
    }
    return Message(**{**fields, "values": values})


def _time_text(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
