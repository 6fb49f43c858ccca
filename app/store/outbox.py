"""The outbox: every upload, durable before anybody is told that it is queued, with how far it came."""

import json
import sqlite3
from dataclasses import replace
from typing import Any

from app.domain.delivery_state import (
    FOR_THE_PERSON,
    GIVEN_UP,
    WAITING,
    DeliveryState,
    FieldReason,
    OutboxItem,
)
from app.domain.exact_text import message_object, message_of
from app.domain.meter import MeterType
from app.domain.payload import MeterEntry
from app.store.database import Database
from app.store.entry_rows import entry_of, entry_text
from app.store.rows import text_of, texts, time_of, time_or_none


class Outbox:
    """The uploads, in the order they were queued; an entry is a meter and its type on a portal's site."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def queue(self, item: OutboxItem) -> OutboxItem:
        """Keeps a new upload; when this returns, it survives a power cut.

        An earlier one of the same entry that has not arrived gives way. What the portal already has of this
        entry by an earlier upload (its id and version) is taken over.
        """

        def write(connection: sqlite3.Connection) -> OutboxItem:
            earlier = self._found(connection, f"WHERE {_SAME_ENTRY}", *_entry_key(item))
            linked = next((_taken_over(item, old) for old in reversed(earlier) if old.meter_id), item)
            connection.execute(
                f"UPDATE outbox SET state = ? WHERE {_SAME_ENTRY} AND state IN ({_GIVES_WAY})",  # noqa: S608 - constants
                (DeliveryState.REPLACED.value, *_entry_key(item)),
            )
            columns = _columns(linked)
            names, places = ", ".join(columns), ", ".join("?" * len(columns))
            connection.execute(f"INSERT INTO outbox ({names}) VALUES ({places})", list(columns.values()))  # noqa: S608 - own column names
            return linked

        return await self._database.run(write)

    async def save(self, item: OutboxItem) -> OutboxItem:
        """Keeps how far an upload came; returns it as kept.

        An upload that is not on its way any more gives way here to one of the same entry queued meanwhile.
        What it learned of the portal goes to that one, so that the older data never follow the newer.
        """
        return await self._database.run(lambda connection: self._save(connection, item))

    async def begin(self, key: str) -> OutboxItem | None:
        """Marks what waits as on its way; whatever does not wait, or gives way, is returned as it is.

        None when there is none of this key.
        """

        def write(connection: sqlite3.Connection) -> OutboxItem | None:
            found = self._found(connection, "WHERE key = ?", key)
            if not found or found[0].state not in WAITING:
                return found[0] if found else None
            waiting = self._save(connection, replace(found[0], state=DeliveryState.QUEUED))
            if waiting.state is not DeliveryState.QUEUED:
                return waiting
            attempts = waiting.attempts + 1
            return self._save(
                connection,
                replace(waiting, state=DeliveryState.SENDING, attempts=attempts, next_try_at=None),
            )

        return await self._database.run(write)

    async def unconfirmed(self, item: OutboxItem) -> tuple[MeterEntry, ...]:
        """Own versions of a meter that the portal may have without an answer ever having said so."""
        earlier = await self._select(
            f"WHERE {_SAME_ENTRY} AND state IN (?, ?)", *_entry_key(item), *_GIVEN_UP
        )
        return tuple(each.entry for each in earlier if each.attempts and each.key != item.key)

    async def get(self, key: str) -> OutboxItem | None:
        """One upload; None when there is none of this key."""
        found = await self._select("WHERE key = ?", key)
        return found[0] if found else None

    async def items(self) -> tuple[OutboxItem, ...]:
        """Every upload that was neither replaced nor withdrawn, in the order they were queued."""
        return await self._select("WHERE state NOT IN (?, ?)", *_GIVEN_UP)

    async def waiting(self) -> tuple[OutboxItem, ...]:
        """What is still to be sent without the person."""
        return await self._select(
            "WHERE state IN (?, ?)", DeliveryState.QUEUED.value, DeliveryState.SENDING.value
        )

    async def of_meter(
        self, portal: str, site_id: str, secondary_ad: str, meter_type: MeterType | None = None
    ) -> OutboxItem | None:
        """The last upload of an entry that was not withdrawn; None without one.

        Args:
            portal: base URL.
            site_id: the portal's id of the site.
            secondary_ad: as in the entry.
            meter_type: of the entry; None for whichever was uploaded last.
        """
        found = await self._select(
            "WHERE portal = ? AND site_id = ? AND secondary_ad = ? AND state <> ?",
            *(portal, site_id, secondary_ad, DeliveryState.WITHDRAWN.value),
        )
        return next((each for each in reversed(found) if meter_type in (None, each.type)), None)

    async def of_own_meter(self, meter: str) -> tuple[OutboxItem, ...]:
        """Every upload of a meter by the program's own id, replaced and withdrawn ones too, oldest first."""
        return await self._select("WHERE meter = ?", meter)

    async def withdraw(self, key: str) -> OutboxItem | None:
        """Takes an upload back that the portal cannot have yet; any other is returned as it is.

        None when there is none of this key. ``save`` with the state it had puts it back.
        """

        def write(connection: sqlite3.Connection) -> OutboxItem | None:
            found = self._found(connection, "WHERE key = ?", key)
            if not found or not found[0].may_be_withdrawn:
                return found[0] if found else None
            withdrawn = replace(found[0], state=DeliveryState.WITHDRAWN, next_try_at=None)
            _write(connection, withdrawn)
            return withdrawn

        return await self._database.run(write)

    async def recover(self) -> None:
        """After a crash: what was being sent is to be sent (again, with the same key)."""

        def write(connection: sqlite3.Connection) -> None:
            for item in self._found(connection, "WHERE state = ?", DeliveryState.SENDING.value):
                self._save(connection, replace(item, state=DeliveryState.QUEUED, next_try_at=None))

        await self._database.run(write)

    async def _select(self, where: str, *values: str) -> tuple[OutboxItem, ...]:
        return await self._database.run(lambda connection: self._found(connection, where, *values))

    def _found(self, connection: sqlite3.Connection, where: str, *values: str) -> tuple[OutboxItem, ...]:
        query = f"SELECT {_READ_COLUMNS} FROM outbox {where} ORDER BY number"  # noqa: S608 - constants of this file
        return tuple(self._database.bad_rows.read_all("outbox", connection.execute(query, values), _item))

    def _save(self, connection: sqlite3.Connection, item: OutboxItem) -> OutboxItem:
        later = self._found(
            connection,
            f"WHERE {_SAME_ENTRY} AND state <> ?"  # noqa: S608 - constants
            " AND number > (SELECT number FROM outbox WHERE key = ?)",
            *_entry_key(item),
            DeliveryState.WITHDRAWN.value,
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


_SAME_ENTRY = "portal = ? AND site_id = ? AND secondary_ad = ? AND type = ?"
_GIVING_WAY = FOR_THE_PERSON | {DeliveryState.QUEUED}
_GIVES_WAY = ", ".join(f"'{state.value}'" for state in sorted(_GIVING_WAY, key=lambda s: s.value))
_GIVEN_UP = tuple(sorted(state.value for state in GIVEN_UP))


def _entry_key(item: OutboxItem) -> tuple[str, str, str, str]:
    return item.portal, item.site_id, item.entry.secondary_ad, item.entry.type.value


def _write(connection: sqlite3.Connection, item: OutboxItem) -> None:
    columns = _columns(item)
    # Whose it is, is said once: two entries of the list may have become one meter while this was on its way.
    del columns["meter"]
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
    }


_READ_COLUMNS = (
    "key, portal, username, site_id, entry, queued_at, state, meter_id, etag, create_sent, attempts,"
    " next_try_at, problem, field_reasons, theirs, previous, done_fields, sent_at,"
    " meter"
)


def _item(row: tuple[Any, ...]) -> OutboxItem:
    texts(*row[:4], row[7], row[8], row[18])
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
    )
