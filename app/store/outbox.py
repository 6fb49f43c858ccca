"""The outbox: every upload, durable before anybody is told that it is queued, with how far it came."""

import sqlite3
from collections.abc import Collection
from dataclasses import replace
from typing import Final

from app.domain.delivery_state import FOR_THE_PERSON, GIVEN_UP, WAITING, DeliveryState, OutboxItem
from app.domain.meter import MeterType
from app.domain.payload import MeterEntry
from app.domain.same_entry import same_address
from app.store.database import Database
from app.store.outbox_rows import columns_of, select


class Outbox:
    """The uploads, in the order they were queued.

    Two of them are of the same entry when portal, site, type and address are the same; an address with
    wildcards and a full one are, if their digits are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._bad = database.bad_rows

    async def queue(self, item: OutboxItem, *, beside: Collection[MeterType] | None = None) -> OutboxItem:
        """Keeps a new upload; when this returns, it survives a power cut.

        An earlier one of the same entry that has not arrived gives way. What the portal already has of this
        entry by an earlier upload (its id and version) is taken over, an open question too.

        Args:
            item: the upload.
            beside: the types of the meter's other entries, where they are known: an upload of the same
                address by any other type gives its place on the portal to this one, whose type was corrected.
        """

        def write(connection: sqlite3.Connection) -> OutboxItem:
            earlier = self._of_entry(connection, item)
            if not earlier and beside is not None:
                earlier = self._mistyped(connection, item, {item.type, *beside})
            last = earlier[-1] if earlier else None
            kept = item if last is None or item.meter_id else _taken_over(item, last)
            for each in earlier:
                if each.state in _GIVING_WAY:
                    _write(connection, replace(each, state=DeliveryState.REPLACED, next_try_at=None))
            _insert(connection, kept)
            return kept

        return await self._database.run(write)

    async def queue_instead(self, key: str, new: OutboxItem) -> OutboxItem:
        """Lets a new upload take the place of one that waits for the person, as one step.

        It has a key of its own: by the old one the portal would only repeat its first answer. Nothing is
        taken over: the new one says itself what stands on the portal.
        """

        def write(connection: sqlite3.Connection) -> OutboxItem:
            for old in (
                *select(connection, self._bad, "WHERE key = ?", key),
                *self._of_entry(connection, new),
            ):
                if old.key == key or old.state in _GIVING_WAY or not new.meter_id:
                    _write(connection, replace(old, state=DeliveryState.REPLACED, next_try_at=None))
            _insert(connection, new)
            return new

        return await self._database.run(write)

    async def drop(self, item: OutboxItem) -> OutboxItem:
        """The entry is not on the portal, and shall not be: no upload of it says otherwise any more."""

        def write(connection: sqlite3.Connection) -> OutboxItem:
            for old in self._of_entry(connection, item):
                _write(connection, replace(old, state=DeliveryState.REPLACED, next_try_at=None))
            return replace(item, state=DeliveryState.REPLACED, next_try_at=None)

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
            found = select(connection, self._bad, "WHERE key = ?", key)
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

    async def withdraw(self, key: str) -> OutboxItem | None:
        """Takes back what the portal cannot have yet; whatever it may have is returned as it is."""

        def write(connection: sqlite3.Connection) -> OutboxItem | None:
            found = select(connection, self._bad, "WHERE key = ?", key)
            if not found or not found[0].may_be_withdrawn:
                return found[0] if found else None
            taken = replace(found[0], state=DeliveryState.WITHDRAWN, next_try_at=None)
            _write(connection, taken)
            return taken

        return await self._database.run(write)

    async def own_versions(self, item: OutboxItem) -> tuple[MeterEntry, ...]:
        """What of this computer may stand on the portal for an upload's entry: no change by anybody else.

        The version that arrived last, and those sent since whose answer never came.
        """
        earlier = await self._database.run(lambda connection: self._of_entry(connection, item, given_up=True))
        earlier = tuple(each for each in earlier if each.key != item.key)
        last = max((at for at, each in enumerate(earlier) if each.state is DeliveryState.SENT), default=0)
        return tuple(
            each.entry
            for each in earlier[last:]
            if each.attempts and (each.create_sent or each.state is not DeliveryState.WITHDRAWN)
        )

    async def get(self, key: str) -> OutboxItem | None:
        """One upload; None when there is none of this key."""
        found = await self._select("WHERE key = ?", key)
        return found[0] if found else None

    async def items(self) -> tuple[OutboxItem, ...]:
        """Every upload that still says something of its meter, in the order they were queued."""
        return await self._select(f"WHERE state NOT IN ({_GIVEN_UP})")

    async def waiting(self) -> tuple[OutboxItem, ...]:
        """What is still to be sent without the person."""
        return await self._select(
            "WHERE state IN (?, ?)", DeliveryState.QUEUED.value, DeliveryState.SENDING.value
        )

    async def of_meter(
        self, portal: str, site_id: str, secondary_ad: str, meter_type: MeterType | None = None
    ) -> OutboxItem | None:
        """The last upload of an entry that still counts; None without one.

        Args:
            portal: base URL.
            site_id: the portal's id of the site.
            secondary_ad: full or with wildcards.
            meter_type: of the entry; None for whichever was uploaded last.
        """

        def read(connection: sqlite3.Connection) -> OutboxItem | None:
            found = self._at_address(connection, portal, site_id, secondary_ad)
            return next((each for each in reversed(found) if meter_type in (None, each.type)), None)

        return await self._database.run(read)

    async def of_own_meter(self, meter: str) -> tuple[OutboxItem, ...]:
        """Every upload of a meter by the program's own id, replaced and withdrawn ones too, oldest first."""
        return await self._select("WHERE meter = ?", meter)

    async def recover(self) -> None:
        """After a crash: what was being sent is to be sent (again, with the same key)."""

        def write(connection: sqlite3.Connection) -> None:
            for item in select(connection, self._bad, "WHERE state = ?", DeliveryState.SENDING.value):
                self._save(connection, replace(item, state=DeliveryState.QUEUED, next_try_at=None))

        await self._database.run(write)

    async def _select(self, where: str, *values: str) -> tuple[OutboxItem, ...]:
        return await self._database.run(lambda connection: select(connection, self._bad, where, *values))

    def _of_entry(
        self, connection: sqlite3.Connection, item: OutboxItem, *, given_up: bool = False
    ) -> tuple[OutboxItem, ...]:
        """The uploads of the same entry, in their order."""
        place = (item.portal, item.site_id, item.entry.secondary_ad)
        found = self._at_address(connection, *place, given_up=given_up)
        return tuple(each for each in found if each.type is item.type)

    def _mistyped(
        self, connection: sqlite3.Connection, item: OutboxItem, right: Collection[MeterType]
    ) -> tuple[OutboxItem, ...]:
        """The uploads of a meter by a type that it does not have any more."""
        found = self._at_address(connection, item.portal, item.site_id, item.entry.secondary_ad)
        return tuple(each for each in found if each.type not in right)

    def _at_address(
        self,
        connection: sqlite3.Connection,
        portal: str,
        site_id: str,
        secondary_ad: str,
        *,
        given_up: bool = False,
    ) -> tuple[OutboxItem, ...]:
        """What was uploaded to one address of a site, in its order; given up ones only when asked for."""
        where = f"WHERE {_SAME_DIGITS}" + ("" if given_up else f" AND state NOT IN ({_GIVEN_UP})")
        found = select(connection, self._bad, where, portal, site_id, *_range(secondary_ad))
        return tuple(each for each in found if same_address(each.entry.secondary_ad, secondary_ad))

    def _save(self, connection: sqlite3.Connection, item: OutboxItem) -> OutboxItem:
        later_keys = {
            key
            for (key,) in connection.execute(
                f"SELECT key FROM outbox WHERE {_SAME_DIGITS}"  # noqa: S608 - constants
                " AND number > (SELECT number FROM outbox WHERE key = ?)",
                (item.portal, item.site_id, *_range(item.entry.secondary_ad), item.key),
            )
        }
        kept = item
        later = [each for each in self._of_entry(connection, item) if each.key in later_keys]
        if later:
            newest = later[-1]
            if newest.state is DeliveryState.QUEUED and (
                item.meter_id or item.state is DeliveryState.CHANGED
            ):
                _write(connection, _taken_over(newest, item))
            if item.state in _GIVING_WAY:
                kept = replace(item, state=DeliveryState.REPLACED, next_try_at=None)
        _write(connection, kept)
        if kept.state is DeliveryState.SENT:
            # A corrected type: what stood there by the former one is this entry now.
            connection.execute(
                "UPDATE outbox SET state = ? WHERE portal = ? AND site_id = ? AND meter_id = ? AND type <> ?",
                (DeliveryState.REPLACED.value, kept.portal, kept.site_id, kept.meter_id, kept.type.value),
            )
        return kept


_GIVING_WAY: Final = FOR_THE_PERSON | {DeliveryState.QUEUED}


def _listed(states: Collection[DeliveryState]) -> str:
    return ", ".join(sorted(f"'{state.value}'" for state in states))


_GIVEN_UP: Final = _listed(GIVEN_UP)
_DIGITS: Final = 8
_SAME_DIGITS: Final = "portal = ? AND site_id = ? AND secondary_ad >= ? AND secondary_ad <= ?"
"""A range, so that the index finds it: what begins with the number's eight digits."""


def _range(secondary_ad: str) -> tuple[str, str]:
    digits = secondary_ad.upper()[:_DIGITS]
    return digits, digits + "~"


def _insert(connection: sqlite3.Connection, item: OutboxItem) -> None:
    columns = columns_of(item)
    names, places = ", ".join(columns), ", ".join("?" * len(columns))
    connection.execute(f"INSERT INTO outbox ({names}) VALUES ({places})", list(columns.values()))  # noqa: S608 - own column names


def _write(connection: sqlite3.Connection, item: OutboxItem) -> None:
    columns = columns_of(item)
    # Whose it is, is said once: two entries of the list may have become one meter while this was on its way.
    del columns["meter"]
    assignments = ", ".join(f"{name} = ?" for name in columns)
    connection.execute(
        f"UPDATE outbox SET {assignments} WHERE key = ?",  # noqa: S608 - own column names
        [*columns.values(), item.key],
    )


def _taken_over(item: OutboxItem, older: OutboxItem) -> OutboxItem:
    """The newer upload with what the older one knows of the portal, an open question too."""
    linked = replace(item, meter_id=older.meter_id, etag=older.etag)
    if older.state is DeliveryState.CHANGED and older.theirs != item.entry:
        return replace(
            linked,
            state=older.state,
            theirs=older.theirs,
            seen=older.seen,
            problem=older.problem,
            field_reasons=older.field_reasons,
        )
    return linked
