"""Sites and gateways as a portal last told them, so that the program works without a network."""

import sqlite3
from collections.abc import Iterable
from dataclasses import fields

from app.domain.site import Gateway, Installation
from app.store.database import Database


class PortalCache:
    """The cache of sites and gateways, by portal address."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save_installations(self, portal: str, installations: Iterable[Installation]) -> None:
        """Keeps the account's sites in the portal's order; particulars known stay if now missing.

        A site that is listed twice is one site, with what both lines tell.
        """
        listed = list(installations)

        def write(connection: sqlite3.Connection) -> None:
            known = {site.site_id: site for site in _installations(connection, portal)}
            kept: dict[str, Installation] = {}
            for site in listed:
                before = kept.get(site.site_id) or known.get(site.site_id)
                kept[site.site_id] = site if before is None else _with_what_was_known(site, before)
            connection.execute("DELETE FROM installations WHERE portal = ?", (portal,))
            for position, site in enumerate(kept.values()):
                _insert(connection, portal, position, site)

        await self._database.run(write)

    async def save_installation(self, portal: str, site: Installation) -> None:
        """Keeps one site's particulars at its place in the list; those known stay if now missing."""

        def write(connection: sqlite3.Connection) -> None:
            row = connection.execute(
                "SELECT position FROM installations WHERE portal = ? AND site_id = ?", (portal, site.site_id)
            ).fetchone()
            count = connection.execute("SELECT count(*) FROM installations WHERE portal = ?", (portal,))
            position = row[0] if row else count.fetchone()[0]
            known = {each.site_id: each for each in _installations(connection, portal)}
            _insert(connection, portal, position, _with_what_was_known(site, known.get(site.site_id, site)))

        await self._database.run(write)

    async def installations(self, portal: str) -> tuple[Installation, ...]:
        """The sites as last told, in the portal's order."""
        return await self._database.run(lambda c: _installations(c, portal))

    async def save_gateways(self, portal: str, site_id: str, gateways: Iterable[Gateway]) -> None:
        """Keeps a site's gateways in the portal's order."""
        rows = [
            (portal, site_id, gateway.id, position, gateway.name, gateway.serial, gateway.local_url)
            for position, gateway in enumerate(gateways)
        ]

        def write(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM gateways WHERE portal = ? AND site_id = ?", (portal, site_id))
            connection.executemany("INSERT OR REPLACE INTO gateways VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

        await self._database.run(write)

    async def gateways(self, portal: str, site_id: str) -> tuple[Gateway, ...]:
        """The site's gateways as last told."""

        def read(connection: sqlite3.Connection) -> tuple[Gateway, ...]:
            rows = connection.execute(
                "SELECT id, name, serial, local_url FROM gateways"
                " WHERE portal = ? AND site_id = ? ORDER BY position",
                (portal, site_id),
            )
            return tuple(Gateway(*row) for row in rows)

        return await self._database.run(read)


def _insert(connection: sqlite3.Connection, portal: str, position: int, site: Installation) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO installations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            portal,
            site.site_id,
            position,
            site.name,
            site.site_ref,
            site.street,
            site.postal_code,
            site.city,
            site.timezone,
        ),
    )


def _with_what_was_known(site: Installation, known: Installation) -> Installation:
    told = {
        field.name: getattr(site, field.name) or getattr(known, field.name) for field in fields(Installation)
    }
    return Installation(**told)


def _installations(connection: sqlite3.Connection, portal: str) -> tuple[Installation, ...]:
    rows = connection.execute(
        "SELECT site_id, name, site_ref, street, postal_code, city, timezone FROM installations"
        " WHERE portal = ? ORDER BY position",
        (portal,),
    )
    return tuple(Installation(*row) for row in rows)
