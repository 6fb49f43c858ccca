"""Meters by a portal's site and their number, as version 1 kept them: for callers that know no ids yet."""

import asyncio
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime

from app.domain.answer import unusable_answer
from app.domain.building import NO_SITE, Decision, KeptMeter, Site, StoredReading
from app.domain.draft import MeterDraft
from app.mbus.response import decode
from app.store.database import Database
from app.store.meters import DraftChange, Meters
from app.store.sites import Sites

_HEAD_SIZE = 19


@dataclass(frozen=True, slots=True)
class KnownMeter:
    """One line of the meter list, as version 1 had it."""

    serial: str
    added_at: datetime
    read_at: datetime | None
    draft: MeterDraft | None
    head: bytes = b""


@dataclass(frozen=True, slots=True)
class ReadingBySerial:
    """One answer of a meter, as version 1 had it."""

    site_id: str
    serial: str
    taken_at: datetime
    port: str
    baud: int
    elapsed_s: float
    wire_minimum_s: float
    raw: bytes


class MetersBySerial:
    """Goes with its last caller."""

    def __init__(self, database: Database, sites: Sites, meters: Meters) -> None:
        self._database = database
        self._sites = sites
        self._meters = meters
        self._making = asyncio.Lock()

    async def known(self, site_id: str) -> tuple[KnownMeter, ...]:
        """The site's meters in the order they came into the list."""
        return tuple(
            KnownMeter(
                each.serial,
                each.added_at,
                None if each.reading is None else each.reading.taken_at,
                each.draft,
                b"" if each.reading is None else each.reading.raw[:_HEAD_SIZE],
            )
            for each in await self._meters.load(await self._own(site_id))
        )

    async def add(self, site_id: str, serial: str, at: datetime) -> None:
        """Puts a meter into the site's list; one that is there stays as it is."""
        await self._meter(site_id, serial, at)

    async def save_reading(self, reading: ReadingBySerial) -> None:
        """Keeps a reading and puts its meter into the list."""
        meter_id = await self._meter(reading.site_id, reading.serial, reading.taken_at)
        await self._meters.save_reading(
            meter_id,
            StoredReading(
                reading.taken_at,
                reading.port,
                reading.baud,
                reading.elapsed_s,
                reading.wire_minimum_s,
                reading.raw,
                usable=unusable_answer(decode(reading.raw)) is None,
            ),
        )

    async def latest_reading(self, site_id: str, serial: str) -> ReadingBySerial | None:
        """The meter's last reading on this site; None without one."""
        found = await self._kept(site_id, serial)
        kept = None if found is None else found.reading
        if kept is None:
            return None
        return ReadingBySerial(
            site_id,
            serial,
            kept.taken_at,
            kept.port,
            kept.baud,
            kept.elapsed_s,
            kept.wire_minimum_s,
            kept.raw,
        )

    async def save_draft(self, site_id: str, draft: MeterDraft, at: datetime) -> None:
        """Keeps what the person decided about a meter."""
        meter_id = await self._meter(site_id, draft.serial, at)
        await self._meters.save_drafts([DraftChange(meter_id, draft, Decision(at))], at)

    async def draft(self, site_id: str, serial: str) -> MeterDraft | None:
        """What the person decided about a meter; None while nothing was."""
        found = await self._kept(site_id, serial)
        return None if found is None else found.draft

    async def adopt(self, site_id: str) -> None:
        """Moves all that was read before a site was known to a site."""
        if site_id:
            own = await self._own(site_id)
            tray = await self._meters.load(NO_SITE)
            await self._meters.adopt([each.meter_id for each in tray], own)

    async def _kept(self, site_id: str, serial: str) -> KeptMeter | None:
        found = await self._meters.find(await self._own(site_id), serial)
        return await self._meters.get(found[0]) if found else None

    async def _meter(self, site_id: str, serial: str, at: datetime) -> str:
        own = await self._own(site_id)
        async with self._making:
            found = await self._meters.find(own, serial)
            return found[0] if found else await self._meters.add(own, serial, at)

    async def _own(self, site_id: str) -> str:
        if not site_id:
            return NO_SITE
        async with self._making:
            return await self._own_or_new(site_id)

    async def _own_or_new(self, site_id: str) -> str:
        def read(connection: sqlite3.Connection) -> tuple[str, str, str]:
            row = connection.execute(
                "SELECT coalesce((SELECT json_extract(value, '$') FROM settings WHERE key = 'portal'), ''),"
                " coalesce((SELECT name FROM installations WHERE site_id = ?), ''), ?",
                (site_id, site_id),
            ).fetchone()
            return row[0], row[1], row[2]

        portal, name, portal_site_id = await self._database.run(read)
        linked = [each for each in await self._sites.all() if each.portal_site_id == portal_site_id]
        by_name = [each for each in await self._sites.all() if not each.linked and each.name == site_id]
        site: Site | None = next(iter([*linked, *by_name]), None)
        if site is None and portal:
            site = await self._sites.add(name, portal=portal, portal_site_id=site_id, at=datetime.now(UTC))
        return (site or await self._sites.add(site_id, at=datetime.now(UTC))).site_id
