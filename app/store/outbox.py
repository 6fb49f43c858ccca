"""The outbox: every upload, durable before anybody is told that it is queued, with how far it came."""

import json
import sqlite3
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from app.domain.delivery_state import FOR_THE_PERSON, WAITING, DeliveryState, FieldReason, OutboxItem
from app.domain.meter import MeterType
from app.domain.payload import MeterEntry
from app.message import Message
from app.store.database import Database

__all__ = ["FOR_THE_PERSON", "WAITING", "DeliveryState", "FieldReason", "Outbox", "OutboxItem"]


class Outbox:
    """The uploads, in the order they were queued."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def queue(self, item: OutboxItem) -> OutboxItem:
        """Keeps a new upload; when this returns, it survives a power cut.

        An earlier one of the same meter that has not arrived gives way. What the portal already has of this
        meter by an earlier upload (its id and version) is taken over.
        """

        def write(connection: sqlite3.Connection) -> OutboxItem:
            earlier = _select(connection, f"WHERE {_SAME_METER}", *_meter_of(item))
            linked = next((_taken_over(item, old) for old in reversed(earlier) if old.meter_id), item)
            connection.execute(
                f"UPDATE outbox SET state = ? WHERE {_SAME_METER} AND state IN ({_GIVES_WAY})",  # noqa: S608 - constants
                (DeliveryState.REPLACED.value, *_meter_of(item)),
            )
            columns = _columns(linked)
            names, places = ", ".join(columns), ", ".join("?" * len(columns))
            connection.execute(f"INSERT INTO outbox ({names}) VALUES ({places})", list(columns.values()))  # noqa: S608 - own column names
            return linked

        return await self._database.run(write)

    async def save(self, item: OutboxItem) -> OutboxItem:
        """Keeps how far an upload came; returns it as kept.

        An upload that is not on its way any more gives way here to one of the same meter queued meanwhile.
        What it learned of the portal goes to that one, so that the older data never follow the newer.
        """
        return await self._database.run(lambda connection: _save(connection, item))

    async def begin(self, key: str) -> OutboxItem | None:
        """Marks what waits as on its way; whatever does not wait, or gives way, is returned as it is.

        None when there is none of this key.
        """

        def write(connection: sqlite3.Connection) -> OutboxItem | None:
            found = _select(connection, "WHERE key = ?", key)
            if not found or found[0].state not in WAITING:
                return found[0] if found else None
            waiting = _save(connection, replace(found[0], state=DeliveryState.QUEUED))
            if waiting.state is not DeliveryState.QUEUED:
                return waiting
            attempts = waiting.attempts + 1
            return _save(
                connection,
                replace(waiting, state=DeliveryState.SENDING, attempts=attempts, next_try_at=None),
            )

        return await self._database.run(write)

    async def unconfirmed(self, item: OutboxItem) -> tuple[MeterEntry, ...]:
        """Own versions of a meter that the portal may have without an answer ever having said so."""
        earlier = await self._select(
            f"WHERE {_SAME_METER} AND state = ?", *_meter_of(item), DeliveryState.REPLACED.value
        )
        return tuple(each.entry for each in earlier if each.attempts and each.key != item.key)

    async def get(self, key: str) -> OutboxItem | None:
        """One upload; None when there is none of this key."""
        found = await self._select("WHERE key = ?", key)
        return found[0] if found else None

    async def items(self) -> tuple[OutboxItem, ...]:
        """Every upload that was not replaced, in the order they were queued."""
        return await self._select("WHERE state <> ?", DeliveryState.REPLACED.value)

    async def waiting(self) -> tuple[OutboxItem, ...]:
        """What is still to be sent without the person."""
        return await self._select(
            "WHERE state IN (?, ?)", DeliveryState.QUEUED.value, DeliveryState.SENDING.value
        )

    async def of_meter(self, portal: str, site_id: str, secondary_ad: str) -> OutboxItem | None:
        """The last upload of a meter; None without one."""
        found = await self._select(f"WHERE {_SAME_METER}", portal, site_id, secondary_ad)
        return found[-1] if found else None

    async def recover(self) -> None:
        """After a crash: what was being sent is to be sent (again, with the same key)."""

        def write(connection: sqlite3.Connection) -> None:
            for item in _select(connection, "WHERE state = ?", DeliveryState.SENDING.value):
                _save(connection, replace(item, state=DeliveryState.QUEUED, next_try_at=None))

        await self._database.run(write)

    async def _select(self, where: str, *values: str) -> tuple[OutboxItem, ...]:
        return await self._database.run(lambda connection: _select(connection, where, *values))


_SAME_METER = "portal = ? AND site_id = ? AND secondary_ad = ?"
_GIVING_WAY = FOR_THE_PERSON | {DeliveryState.QUEUED}
_GIVES_WAY = ", ".join(f"'{state.value}'" for state in sorted(_GIVING_WAY, key=lambda s: s.value))


def _meter_of(item: OutboxItem) -> tuple[str, str, str]:
    return item.portal, item.site_id, item.entry.secondary_ad


def _save(connection: sqlite3.Connection, item: OutboxItem) -> OutboxItem:
    later = _select(
        connection,
        f"WHERE {_SAME_METER} AND number > (SELECT number FROM outbox WHERE key = ?)",  # noqa: S608 - constants
        *_meter_of(item),
        item.key,
    )
    kept = item
    if later:
        newest = later[-1]
        if newest.state is DeliveryState.QUEUED and item.meter_id:
            _write(connection, _taken_over(newest, item))
        if item.state in _GIVING_WAY:
            kept = replace(item, state=DeliveryState.REPLACED, next_try_at=None)
    _write(connection, kept)
    return kept


def _write(connection: sqlite3.Connection, item: OutboxItem) -> None:
    columns = _columns(item)
    assignments = ", ".join(f"{name} = ?" for name in columns)
    connection.execute(
        f"UPDATE outbox SET {assignments} WHERE key = ?",  # noqa: S608 - own column names
        [*columns.values(), item.key],
    )


def _taken_over(item: OutboxItem, older: OutboxItem) -> OutboxItem:
    """The newer upload with what the older one knows of the portal, an open question of both versions too."""
    linked = replace(item, meter_id=older.meter_id, etag=older.etag)
    if older.state is DeliveryState.CHANGED and older.theirs not in (None, item.entry):
        return replace(linked, state=older.state, theirs=older.theirs, problem=older.problem)
    return linked


def _columns(item: OutboxItem) -> dict[str, str | int | None]:
    return {
        "key": item.key,
        "portal": item.portal,
        "username": item.username,
        "site_id": item.site_id,
        "secondary_ad": item.entry.secondary_ad,
        "entry": _entry_json(item.entry),
        "queued_at": item.queued_at.isoformat(),
        "state": item.state.value,
        "meter_id": item.meter_id,
        "etag": item.etag,
        "create_sent": int(item.create_sent),
        "attempts": item.attempts,
        "next_try_at": _time_text(item.next_try_at),
        "problem": _message_json(item.problem),
        "field_reasons": json.dumps([[each.field, each.reason] for each in item.field_reasons]),
        "theirs": None if item.theirs is None else _entry_json(item.theirs),
        "previous": None if item.previous is None else _entry_json(item.previous),
        "done_fields": json.dumps(item.done_fields),
        "sent_at": _time_text(item.sent_at),
    }


_READ_COLUMNS = (
    "key, portal, username, site_id, entry, queued_at, state, meter_id, etag, create_sent, attempts,"
    " next_try_at, problem, field_reasons, theirs, previous, done_fields, sent_at"
)


def _select(connection: sqlite3.Connection, where: str, *values: str) -> tuple[OutboxItem, ...]:
    query = f"SELECT {_READ_COLUMNS} FROM outbox {where} ORDER BY number"  # noqa: S608 - constants of this file
    try:
        return tuple(_item(row) for row in connection.execute(query, values))
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("the outbox has a row that is none") from error


def _item(row: tuple[Any, ...]) -> OutboxItem:
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
        problem=None if row[12] is None else Message(**json.loads(row[12])),
        field_reasons=tuple(FieldReason(*each) for each in json.loads(row[13])),
        theirs=None if row[14] is None else _entry(row[14]),
        previous=None if row[15] is None else _entry(row[15]),
        done_fields=tuple(json.loads(row[16])),
        sent_at=_time(row[17]),
    )


def _entry_json(entry: MeterEntry) -> str:
    return json.dumps({**asdict(entry), "type": entry.type.value})


def _entry(text: str) -> MeterEntry:
    fields = json.loads(text)
    return MeterEntry(**{**fields, "type": MeterType(fields["type"])})


def _message_json(message: Message | None) -> str | None:
    if message is None:
        return None
    values = {
        name: value if isinstance(value, str | int | float) else str(value)
        for name, value in message.values.items()
    }
    return json.dumps({"template": message.template, "values": values})


def _time_text(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
