"""The meters of a site on this computer: which there are, what they answered, what the person decided."""

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from app.domain.draft import MeterDraft
from app.domain.meter import MeterType
from app.domain.registers import RegisterKey
from app.domain.selection import Selection, Tick
from app.store.database import Database

_HEAD_SIZE: Final = 19
"""A long frame up to the end of the fixed data header."""


@dataclass(frozen=True, slots=True)
class StoredReading:
    """One answer of a meter.

    Attributes:
        site_id: where; empty while no site is chosen.
        serial: eight digits.
        taken_at: when, in UTC.
        port: the URL of the port it came through.
        baud: the rate it was read at.
        elapsed_s: how long the read took.
        wire_minimum_s: how long the bytes alone take on the wire.
        raw: the telegram's bytes, all frames.
    """

    site_id: str
    serial: str
    taken_at: datetime
    port: str
    baud: int
    elapsed_s: float
    wire_minimum_s: float
    raw: bytes


@dataclass(frozen=True, slots=True)
class KnownMeter:
    """One line of the meter list.

    Attributes:
        serial: eight digits.
        added_at: when it came into the list, in UTC.
        read_at: when it was last read; None while it was not.
        draft: what the person decided; None while nothing was.
        head: the first bytes of its last telegram, which tell who it is; empty while it was not read.
    """

    serial: str
    added_at: datetime
    read_at: datetime | None
    draft: MeterDraft | None
    head: bytes = b""


class Meters:
    """Meters, readings and drafts, by site and serial number."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, site_id: str, serial: str, at: datetime) -> None:
        """Puts a meter into the site's list; one that is there stays as it is."""
        await self._database.run(lambda c: _add(c, site_id, serial, at))

    async def remove(self, site_id: str, serial: str) -> None:
        """Takes a meter off the list, with its draft; its readings and uploads stay."""

        def write(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM meters WHERE site_id = ? AND serial = ?", (site_id, serial))
            connection.execute("DELETE FROM drafts WHERE site_id = ? AND serial = ?", (site_id, serial))

        await self._database.run(write)

    async def adopt(self, site_id: str) -> None:
        """Moves all that was read and decided before a site was known to a site; nothing is lost."""

        def write(connection: sqlite3.Connection) -> None:
            for table in ("meters", "drafts"):
                columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
                rest = ", ".join(column for column in columns if column != "site_id")
                # The names are this program's own, never what somebody typed.
                connection.execute(
                    f"INSERT OR REPLACE INTO {table} (site_id, {rest})"  # noqa: S608
                    f" SELECT ?, {rest} FROM {table} WHERE site_id = ''",
                    (site_id,),
                )
                connection.execute(f"DELETE FROM {table} WHERE site_id = ''")  # noqa: S608
            connection.execute("UPDATE readings SET site_id = ? WHERE site_id = ''", (site_id,))

        if site_id:
            await self._database.run(write)

    async def known(self, site_id: str) -> tuple[KnownMeter, ...]:
        """The site's meters in the order they came into the list."""

        def read(connection: sqlite3.Connection) -> tuple[KnownMeter, ...]:
            drafts = {draft.serial: draft for draft in _drafts(connection, site_id)}
            rows = connection.execute(
                "SELECT m.serial, m.added_at, r.taken_at, substr(r.raw, 1, ?) FROM meters AS m"
                " LEFT JOIN readings AS r ON r.number = (SELECT max(number) FROM readings"
                " WHERE site_id = m.site_id AND serial = m.serial)"
                " WHERE m.site_id = ? ORDER BY m.rowid",
                (_HEAD_SIZE, site_id),
            )
            return tuple(
                KnownMeter(
                    serial=serial,
                    added_at=datetime.fromisoformat(added_at),
                    read_at=None if read_at is None else datetime.fromisoformat(read_at),
                    draft=drafts.get(serial),
                    head=head or b"",
                )
                for serial, added_at, read_at, head in rows
            )

        return await self._database.run(read)

    async def save_reading(self, reading: StoredReading) -> None:
        """Keeps a reading and puts its meter into the list."""

        def write(connection: sqlite3.Connection) -> None:
            _add(connection, reading.site_id, reading.serial, reading.taken_at)
            connection.execute(
                "INSERT INTO readings (site_id, serial, taken_at, port, baud, elapsed_s, wire_minimum_s, raw)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    reading.site_id,
                    reading.serial,
                    reading.taken_at.isoformat(),
                    reading.port,
                    reading.baud,
                    reading.elapsed_s,
                    reading.wire_minimum_s,
                    reading.raw,
                ),
            )

        await self._database.run(write)

    async def latest_reading(self, site_id: str, serial: str) -> StoredReading | None:
        """The meter's last reading on this site; None without one."""
        readings = await self.readings(site_id, serial, most=1)
        return readings[0] if readings else None

    async def readings(self, site_id: str, serial: str, *, most: int = 100) -> tuple[StoredReading, ...]:
        """The meter's readings on this site, the last one first."""

        def read(connection: sqlite3.Connection) -> tuple[StoredReading, ...]:
            rows = connection.execute(
                "SELECT site_id, serial, taken_at, port, baud, elapsed_s, wire_minimum_s, raw FROM readings"
                " WHERE site_id = ? AND serial = ? ORDER BY number DESC LIMIT ?",
                (site_id, serial, most),
            )
            return tuple(
                StoredReading(row[0], row[1], datetime.fromisoformat(row[2]), *row[3:]) for row in rows
            )

        return await self._database.run(read)

    async def save_draft(self, site_id: str, draft: MeterDraft, at: datetime) -> None:
        """Keeps what the person decided about a meter; called at every change."""
        ticks = [
            [tick.key.dib, tick.key.vib, tick.unit, None if tick.factor is None else str(tick.factor)]
            for tick in draft.selection.ticks
        ]

        def write(connection: sqlite3.Connection) -> None:
            _add(connection, site_id, draft.serial, at)
            connection.execute(
                "INSERT OR REPLACE INTO drafts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    site_id,
                    draft.serial,
                    at.isoformat(),
                    draft.type.value,
                    json.dumps(ticks),
                    draft.place,
                    draft.name,
                    draft.gateway_id,
                    draft.baudrate,
                    draft.dial,
                ),
            )

        await self._database.run(write)

    async def draft(self, site_id: str, serial: str) -> MeterDraft | None:
        """What the person decided about a meter; None while nothing was."""

        def read(connection: sqlite3.Connection) -> MeterDraft | None:
            return next((draft for draft in _drafts(connection, site_id) if draft.serial == serial), None)

        return await self._database.run(read)


def _add(connection: sqlite3.Connection, site_id: str, serial: str, at: datetime) -> None:
    connection.execute(
        "INSERT OR IGNORE INTO meters (site_id, serial, added_at) VALUES (?, ?, ?)",
        (site_id, serial, at.isoformat()),
    )


def _drafts(connection: sqlite3.Connection, site_id: str) -> list[MeterDraft]:
    rows = connection.execute(
        "SELECT serial, type, ticks, place, name, gateway_id, baudrate, dial FROM drafts WHERE site_id = ?",
        (site_id,),
    )
    return [
        MeterDraft(
            serial=serial,
            type=MeterType(kind),
            selection=Selection(tuple(_tick(*tick) for tick in json.loads(ticks))),
            place=place,
            name=name,
            gateway_id=gateway_id,
            baudrate=baudrate,
            dial=dial,
        )
        for serial, kind, ticks, place, name, gateway_id, baudrate, dial in rows
    ]


def _tick(dib: str, vib: str, unit: str, factor: str | None) -> Tick:
    return Tick(RegisterKey(dib, vib), unit, None if factor is None else Decimal(factor))
