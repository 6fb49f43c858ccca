"""The meters of the buildings: which there are, what they answered, what was decided and verified."""

import sqlite3
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from app.domain.building import Alternative, Decision, KeptMeter, StoredReading, StoredVerification
from app.domain.draft import MeterDraft
from app.store import draft_rows, meter_rows, verification_rows
from app.store.database import Database
from app.store.draft_rows import DraftChange
from app.store.rows import text_of

__all__ = ["DraftChange", "Meters", "StoredReading"]


class Meters:
    """Meters by ids of the program's own: two meters may bear one number, and a meter may move.

    Every method is one transaction, however many meters it concerns: it is on disk as a whole, or an error
    is raised and nothing of it is.
    """

    def __init__(self, database: Database, new_id: Callable[[], str] = lambda: uuid.uuid4().hex) -> None:
        """Args: as in :class:`~app.store.store.Store`; ``new_id`` makes an id that no meter ever had."""
        self._database = database
        self._new_id = new_id

    # The list --------------------------------------------------------------------------------------------

    async def add(self, site_id: str, serial: str, at: datetime, *, label_typed: bool = False) -> str:
        """Puts a new meter at the end of a site's list, even if another one there bears the same number.

        Args:
            site_id: own id of the site, or ``NO_SITE``.
            serial: eight digits.
            at: now, in UTC.
            label_typed: whether the number was typed off the label.

        Returns:
            the meter's id.
        """
        meter_id = self._new_id()
        row = (meter_id, site_id, serial, text_of(at), int(label_typed))
        await self._database.run(lambda connection: connection.execute(meter_rows.INSERT, row))
        return meter_id

    async def add_many(self, site_id: str, serials: Iterable[str], at: datetime) -> tuple[str, ...]:
        """Puts several new meters at the end of a site's list, in their order; as :meth:`add`."""
        rows = [(self._new_id(), site_id, serial, text_of(at), 0) for serial in serials]
        await self._database.run(lambda connection: connection.executemany(meter_rows.INSERT, rows))
        return tuple(row[0] for row in rows)

    async def find(self, site_id: str, serial: str) -> tuple[str, ...]:
        """Ids of the site's meters that bear a number, in list order."""
        return await self._database.run(lambda connection: meter_rows.ids(connection, site_id, serial))

    async def load(self, site_id: str) -> tuple[KeptMeter, ...]:
        """A site's meters in list order, without those that were removed."""
        return await self._load("m.site_id = ? AND m.removed_at IS NULL", site_id)

    async def removed(self, site_id: str) -> tuple[KeptMeter, ...]:
        """A site's meters that were removed from its list, in the order they stood there."""
        return await self._load("m.site_id = ? AND m.removed_at IS NOT NULL", site_id)

    async def get(self, meter_id: str) -> KeptMeter | None:
        """One meter, removed or not; None where there never was one of this id."""
        found = await self._load("m.id = ?", meter_id)
        return found[0] if found else None

    async def counts(self) -> Mapping[str, int]:
        """How many meters each site has, by its id, and the tray too; a site without any is absent."""

        def read(connection: sqlite3.Connection) -> dict[str, int]:
            return dict(
                connection.execute(
                    "SELECT site_id, count(*) FROM meters WHERE removed_at IS NULL GROUP BY site_id"
                ).fetchall()
            )

        return await self._database.run(read)

    async def remove(self, meter_ids: Collection[str], at: datetime) -> None:
        """Takes meters off their list; all that is known of them stays, for :meth:`restore`."""
        rows = [(text_of(at), each) for each in meter_ids]
        await self._update("UPDATE meters SET removed_at = ? WHERE id = ?", rows)

    async def restore(self, meter_ids: Collection[str]) -> None:
        """Puts removed meters back where they stood in their list."""
        await self._update(
            "UPDATE meters SET removed_at = NULL WHERE id = ?", [(each,) for each in meter_ids]
        )

    async def move(self, meter_ids: Collection[str], site_id: str) -> None:
        """Moves meters with all that is known of them to another site's list."""
        rows = [(site_id, each) for each in meter_ids]
        await self._update("UPDATE meters SET site_id = ?, summary = NULL WHERE id = ?", rows)

    async def adopt(self, meter_ids: Collection[str], site_id: str) -> Mapping[str, str]:
        """Moves meters to a site's list; one that is there already becomes one with it, as by :meth:`merge`.

        The same meter is one of the same number, if both lists have it once and their answers do not say
        otherwise.

        Returns:
            for each meter its id from now on.
        """
        return await self._database.run(lambda c: meter_rows.adopt(c, tuple(meter_ids), site_id))

    async def merge(self, into_id: str, other_id: str) -> None:
        """Makes two entries of the list that are one meter into one; the id of ``other_id`` goes.

        Readings, verifications, attachments and uploads of both stay. An untouched draft gives way to a
        decision; of two different decisions that of ``into_id`` stands, and the other is an alternative.
        """
        await self._database.run(lambda connection: meter_rows.merge(connection, into_id, other_id))

    # Readings --------------------------------------------------------------------------------------------

    async def save_reading(self, meter_id: str, reading: StoredReading) -> StoredReading:
        """Keeps a reading; returns it with its number.

        Raises:
            LookupError: there is no such meter.
        """

        def write(connection: sqlite3.Connection) -> StoredReading:
            meter_rows.changed(connection, meter_id)
            return replace(reading, number=meter_rows.add_reading(connection, meter_id, reading))

        return await self._database.run(write)

    async def readings(self, meter_id: str, *, most: int = 100) -> tuple[StoredReading, ...]:
        """A meter's readings, the one kept last first: the order is right whatever the clock said."""
        bad = self._database.bad_rows

        def read(connection: sqlite3.Connection) -> tuple[StoredReading, ...]:
            rows = meter_rows.readings(connection, meter_id, most)
            return tuple(bad.read_all("readings", rows, meter_rows.reading_of))

        return await self._database.run(read)

    async def save_label_typed(self, meter_ids: Collection[str], *, typed: bool) -> None:
        """Keeps whether the numbers of meters were typed off their labels."""
        rows = [(int(typed), each) for each in meter_ids]
        await self._update("UPDATE meters SET label_typed = ?, summary = NULL WHERE id = ?", rows)

    async def save_summaries(self, summaries: Iterable[tuple[str, str]]) -> None:
        """Keeps what the program wrote down to show meters fast, by meter id.

        It goes by itself with the next change of what it rests on.
        """
        rows = [(summary, meter_id) for meter_id, summary in summaries]
        await self._update("UPDATE meters SET summary = ? WHERE id = ?", rows)

    # Decisions -------------------------------------------------------------------------------------------

    async def save_drafts(self, changes: Iterable[DraftChange], at: datetime) -> frozenset[str]:
        """Keeps drafts, all or none of them; where a decision stands, one that nobody touched is not kept.

        Args:
            changes: at most one of each meter.
            at: now, in UTC.

        Returns:
            ids of the meters whose draft was kept.

        Raises:
            LookupError: one of the meters does not exist; nothing was kept.
        """
        wanted = tuple(changes)

        def write(connection: sqlite3.Connection) -> frozenset[str]:
            for change in wanted:
                meter_rows.changed(connection, change.meter_id)
            return frozenset(each.meter_id for each in wanted if draft_rows.keep(connection, each, at))

        return await self._database.run(write)

    async def restore_drafts(
        self, drafts: Iterable[tuple[str, MeterDraft | None, Decision | None]], at: datetime
    ) -> None:
        """Puts drafts back exactly as they were, as undo and redo do: none at all, untouched or decided."""
        wanted = tuple(drafts)

        def write(connection: sqlite3.Connection) -> None:
            for meter_id, draft, decision in wanted:
                meter_rows.changed(connection, meter_id)
                draft_rows.forget(connection, meter_id)
                if draft is not None:
                    draft_rows.keep(connection, DraftChange(meter_id, draft, decision), at)

        await self._database.run(write)

    async def alternatives(self, meter_id: str) -> tuple[Alternative, ...]:
        """Other decisions about a meter, to be shown beside the one that stands."""
        bad = self._database.bad_rows

        def read(connection: sqlite3.Connection) -> tuple[Alternative, ...]:
            rows = draft_rows.alternatives(connection, meter_id)
            return tuple(bad.read_all("alternatives", rows, draft_rows.alternative_of))

        return await self._database.run(read)

    async def choose(self, meter_id: str, number: int, at: datetime) -> bool:
        """Lets an alternative stand; what stood becomes an alternative, if it was a decision.

        Returns:
            False where there is no such alternative.
        """

        def write(connection: sqlite3.Connection) -> bool:
            meter_rows.changed(connection, meter_id)
            return draft_rows.choose(connection, meter_id, number, at)

        return await self._database.run(write)

    async def drop_alternatives(self, meter_id: str) -> None:
        """The person decided for the one that stands: the others are no longer shown."""
        await self._update("DELETE FROM alternatives WHERE meter_id = ?", [(meter_id,)])

    # Verifications ---------------------------------------------------------------------------------------

    async def save_verification(self, meter_id: str, verification: StoredVerification) -> None:
        """Keeps a verification with its values; those before it stay.

        Raises:
            LookupError: there is no such meter.
        """

        def write(connection: sqlite3.Connection) -> None:
            meter_rows.changed(connection, meter_id)
            verification_rows.add(connection, meter_id, verification)

        await self._database.run(write)

    async def verifications(self, meter_id: str) -> tuple[StoredVerification, ...]:
        """A meter's verifications, the last one first."""
        bad = self._database.bad_rows

        def read(connection: sqlite3.Connection) -> tuple[StoredVerification, ...]:
            rows = verification_rows.of_meter(connection, meter_id)
            return tuple(bad.read_all("verifications", rows, verification_rows.verification_of))

        return await self._database.run(read)

    async def _load(self, where: str, *values: str) -> tuple[KeptMeter, ...]:
        bad = self._database.bad_rows
        return await self._database.run(lambda c: meter_rows.load(c, where, values, bad))

    async def _update(self, statement: str, rows: Collection[tuple[object, ...]]) -> None:
        await self._database.run(lambda connection: connection.executemany(statement, rows))
