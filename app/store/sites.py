"""The buildings of the program's own, each perhaps linked to a portal's site."""

import json
import sqlite3
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from app.domain.building import NO_SITE, Site
from app.store.database import Database
from app.store.errors import link_taken
from app.store.rows import UNREADABLE, text_of, texts

_OPENED: Final = "opened"
"""The setting that says which site and meter were open last."""

_COLUMNS: Final = "id, name, address, portal, portal_site_id"


class Sites:
    """Sites by ids of the program's own; every method is one transaction."""

    def __init__(self, database: Database, new_id: Callable[[], str] = lambda: uuid.uuid4().hex) -> None:
        """Args: as in :class:`~app.store.store.Store`; ``new_id`` makes an id that no site ever had."""
        self._database = database
        self._new_id = new_id

    async def add(
        self, name: str, address: str = "", *, portal: str = "", portal_site_id: str = "", at: datetime
    ) -> Site:
        """Makes a site.

        Args:
            name: as the person calls it.
            address: street and place.
            portal: base URL of the portal that has it too; empty for none.
            portal_site_id: its id there; empty for none.
            at: now, in UTC.

        Raises:
            LinkTaken: another site is linked to that site of the portal.
        """
        site = Site(self._new_id(), name, address, portal, portal_site_id)

        def write(connection: sqlite3.Connection) -> None:
            _refuse_taken_link(connection, site)
            connection.execute(
                f"INSERT INTO sites ({_COLUMNS}, added_at) VALUES (?, ?, ?, ?, ?, ?)",  # noqa: S608 - constant
                (*_row(site), text_of(at)),
            )

        await self._database.run(write)
        return site

    async def change(self, site: Site) -> None:
        """Keeps another name, address or link of a site.

        Raises:
            LinkTaken: another site is linked to that site of the portal.
            LookupError: there is no such site.
        """

        def write(connection: sqlite3.Connection) -> None:
            _refuse_taken_link(connection, site)
            changed = connection.execute(
                "UPDATE sites SET name = ?, address = ?, portal = ?, portal_site_id = ? WHERE id = ?",
                (*_row(site)[1:], site.site_id),
            )
            if not changed.rowcount:
                raise LookupError(f"no site {site.site_id!r} is in the data file")

        await self._database.run(write)

    async def all(self) -> tuple[Site, ...]:
        """Every site that was not removed, in the order they were made."""
        return await self._select("removed_at IS NULL")

    async def get(self, site_id: str) -> Site | None:
        """One site, removed or not; None where there never was one of this id."""
        found = await self._select("id = ?", site_id)
        return found[0] if found else None

    async def of_portal(self, portal: str, portal_site_id: str) -> Site | None:
        """The site that is linked to a portal's; None where none is."""
        found = await self._select(
            "portal = ? AND portal_site_id = ? AND removed_at IS NULL", portal, portal_site_id
        )
        return found[0] if found else None

    async def remove(self, site_id: str, at: datetime) -> None:
        """Takes a site off the list; its meters stay with it, for :meth:`restore`."""
        await self._database.run(
            lambda c: c.execute("UPDATE sites SET removed_at = ? WHERE id = ?", (text_of(at), site_id))
        )

    async def restore(self, site_id: str) -> None:
        """Puts a removed site back.

        Raises:
            LinkTaken: another site was linked to its site of the portal meanwhile.
        """

        def write(connection: sqlite3.Connection) -> None:
            for site in _sites(connection, "id = ?", site_id):
                _refuse_taken_link(connection, _site(site))
            connection.execute("UPDATE sites SET removed_at = NULL WHERE id = ?", (site_id,))

        await self._database.run(write)

    async def opened(self, site_id: str, meter_id: str = "") -> None:
        """Keeps which site is open, ``NO_SITE`` too, and which of its meters, for the next start."""
        value = json.dumps({"site": site_id, "meter": meter_id})
        await self._database.run(
            lambda c: c.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (_OPENED, value))
        )

    async def last_opened(self) -> tuple[str, str]:
        """Site and meter that were open last; ``NO_SITE`` and an empty text where none was, or it is gone."""

        def read(connection: sqlite3.Connection) -> tuple[str, str]:
            row = connection.execute("SELECT value FROM settings WHERE key = ?", (_OPENED,)).fetchone()
            try:
                kept = json.loads(row[0])
                site_id, meter_id = texts(kept["site"], kept["meter"])
            except UNREADABLE:
                return NO_SITE, ""
            there = site_id == NO_SITE or _sites(connection, "id = ? AND removed_at IS NULL", site_id)
            return (site_id, meter_id) if there else (NO_SITE, "")

        return await self._database.run(read)

    async def _select(self, where: str, *values: str) -> tuple[Site, ...]:
        bad = self._database.bad_rows

        def read(connection: sqlite3.Connection) -> tuple[Site, ...]:
            return tuple(bad.read_all("sites", _sites(connection, where, *values), _site))

        return await self._database.run(read)


def _sites(connection: sqlite3.Connection, where: str, *values: str) -> list[tuple[Any, ...]]:
    query = f"SELECT {_COLUMNS} FROM sites WHERE {where} ORDER BY number"  # noqa: S608 - constants of this file
    return connection.execute(query, values).fetchall()


def _site(row: tuple[Any, ...]) -> Site:
    return Site(*texts(*row))


def _row(site: Site) -> tuple[str, str, str, str, str]:
    return site.site_id, site.name, site.address, site.portal, site.portal_site_id


def _refuse_taken_link(connection: sqlite3.Connection, site: Site) -> None:
    if bool(site.portal) != bool(site.portal_site_id):
        raise LookupError("a link is a portal and its id of the site")
    others = _sites(
        connection,
        "portal = ? AND portal_site_id = ? AND portal <> '' AND removed_at IS NULL AND id <> ?",
        site.portal,
        site.portal_site_id,
        site.site_id,
    )
    if others:
        raise link_taken(_site(others[0]).label)
