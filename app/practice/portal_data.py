"""What the practice portal knows, in a SQLite file: sites, gateways, meters and the answers already given."""

import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TABLES = """
CREATE TABLE IF NOT EXISTS site (site_id TEXT PRIMARY KEY, position INTEGER, infos TEXT);
CREATE TABLE IF NOT EXISTS gateway (
    id TEXT PRIMARY KEY, site_id TEXT, name TEXT, serial TEXT, has_bus INTEGER
);
CREATE TABLE IF NOT EXISTS meter (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE, site_id TEXT, version INTEGER, body TEXT,
    secondary_ad TEXT
);
DROP INDEX IF EXISTS one_meter_an_address;
CREATE UNIQUE INDEX IF NOT EXISTS one_entry_a_type ON meter (
    site_id, secondary_ad, json_extract(body, '$.type')
) WHERE secondary_ad IS NOT NULL;
CREATE TABLE IF NOT EXISTS answer (
    site_id TEXT, key TEXT, status INTEGER, etag TEXT, body TEXT, PRIMARY KEY (site_id, key)
);
"""

_SITES = (
    ("Rue du Lac 12", "RDL-12", "Rue du Lac", "12", "1400", "Yverdon-les-Bains", 46.7785, 6.6411),
    ("Chemin des Vignes 4", "CDV-4", "Chemin des Vignes", "4", "1009", "Pully", 46.5103, 6.6618),
)
_OTHER_METERS: tuple[dict[str, Any], ...] = (
    {"type": "electricity", "prim_ad": "10", "virtual": False, "name": "General services"},
    {"type": "electricity", "prim_ad": 11, "virtual": False, "name": "Laundry"},
    {"type": "charge_point", "prim_ad": "12", "virtual": True, "name": "Car park"},
)


@dataclass(frozen=True, slots=True)
class Stored:
    """One meter as stored: its id, its tag and its body, the published keys first."""

    id: str
    etag: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """The first answer to an ``Idempotency-Key``."""

    status: int
    etag: str
    body: str


class DuplicateMeterError(Exception):
    """The site has a meter with this secondary address and type."""

    def __init__(self, existing_id: str) -> None:
        super().__init__(f"the secondary address belongs to meter {existing_id}")
        self.existing_id = existing_id


def object_id(*parts: object) -> str:
    """24 hex digits, always the same for the same parts."""
    return hashlib.sha256(":".join(map(str, parts)).encode()).hexdigest()[:24]


class PortalData:
    """The file; one connection, guarded, because the gateway asks from its own thread."""

    def __init__(self, folder: Path, seed: int) -> None:
        """Opens the file, or makes it with two sites.

        Raises:
            OSError: the folder cannot be written to, or the file is none of ours.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._seed = seed
        self._lock = threading.Lock()
        path = folder / f"practice-portal-{seed}.sqlite"
        try:
            self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
        except sqlite3.Error as error:
            raise OSError(f"{path}: {error}") from error
        try:
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.executescript(_TABLES)
            with self._transaction() as connection:
                if connection.execute("SELECT count(*) FROM site").fetchone()[0] == 0:
                    self._fill(connection)
        except sqlite3.Error as error:
            self._connection.close()
            raise OSError(f"{path}: {error}") from error

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._connection.close()

    def site_ids(self) -> list[str]:
        """The sites in order; the practice building is the first."""
        return [row[0] for row in self._rows("SELECT site_id FROM site ORDER BY position")]

    def site(self, site_id: str) -> dict[str, Any] | None:
        """A site's particulars; None without one."""
        rows = self._rows("SELECT infos FROM site WHERE site_id = ?", site_id)
        return json.loads(rows[0][0]) if rows else None

    def gateways(self, site_id: str) -> list[dict[str, str]]:
        """A site's gateways, without their address."""
        rows = self._rows("SELECT id, name, serial FROM gateway WHERE site_id = ? ORDER BY name", site_id)
        return [{"id": row[0], "name": row[1], "serial": row[2]} for row in rows]

    def gateway_has_bus(self, gateway_id: str) -> bool:
        """Whether the practice bus hangs on this gateway."""
        rows = self._rows("SELECT has_bus FROM gateway WHERE id = ?", gateway_id)
        return bool(rows and rows[0][0])

    def meters(self, site_id: str) -> list[Stored]:
        """A site's meters in the order they were made."""
        rows = self._rows("SELECT id, version, body FROM meter WHERE site_id = ? ORDER BY number", site_id)
        return [_stored(row) for row in rows]

    def meter(self, site_id: str, meter_id: str) -> Stored | None:
        """One meter; None without one."""
        rows = self._rows(
            "SELECT id, version, body FROM meter WHERE site_id = ? AND id = ?", site_id, meter_id
        )
        return _stored(rows[0]) if rows else None

    def configured(self, meter_type: str, address: str) -> Stored | None:
        """A meter a gateway was given, by its type and its secondary address, id or serial number."""
        wanted = address.upper()
        for row in self._rows("SELECT id, version, body FROM meter WHERE secondary_ad IS NOT NULL"):
            stored = _stored(row)
            secondary_ad = stored.body["additional_settings"]["secondary_ad"].upper()
            serial = bytes.fromhex(secondary_ad)[3::-1].hex().upper()
            if stored.body["type"] == meter_type and wanted in (secondary_ad, serial, stored.id.upper()):
                return stored
        return None

    def given_answer(self, site_id: str, key: str) -> GivenAnswer | None:
        """The first answer to a key; None when it is new."""
        rows = self._rows("SELECT status, etag, body FROM answer WHERE site_id = ? AND key = ?", site_id, key)
        return GivenAnswer(*rows[0]) if rows else None

    def create(self, site_id: str, body: dict[str, Any], key: str, *, one_entry: bool = False) -> Stored:
        """Makes a meter and keeps the answer to its key, both or neither.

        Args:
            site_id: the site.
            body: the meter.
            key: of the request; empty for none.
            one_entry: whether an address has place for one type only.

        Raises:
            DuplicateMeterError: the site has one with this secondary address and type.
        """
        with self._transaction() as connection:
            self._refuse_duplicate(connection, site_id, body, meter_id="", one_entry=one_entry)
            number = connection.execute("SELECT coalesce(max(number), 0) + 1 FROM meter").fetchone()[0]
            stored = _insert(connection, object_id(self._seed, "meter", number), site_id, body)
            if key:
                connection.execute(
                    "INSERT INTO answer VALUES (?, ?, 201, ?, ?)",
                    (site_id, key, stored.etag, json.dumps(stored.body, ensure_ascii=False)),
                )
        return stored

    def update(self, site_id: str, meter_id: str, body: dict[str, Any], etag: str) -> Stored | None:
        """Changes a meter if its tag still is ``etag`` (``*`` for any); None when it is another.

        Raises:
            DuplicateMeterError: another meter of the site has this secondary address and type.
        """
        with self._transaction() as connection:
            row = connection.execute(
                "SELECT id, version, body FROM meter WHERE site_id = ? AND id = ?", (site_id, meter_id)
            ).fetchone()
            if etag not in ("*", _stored(row).etag):
                return None
            self._refuse_duplicate(connection, site_id, body, meter_id)
            kept = _with_id(meter_id, body)
            connection.execute(
                "UPDATE meter SET version = version + 1, body = ?, secondary_ad = ? WHERE id = ?",
                (json.dumps(kept, ensure_ascii=False), _secondary_ad(body), meter_id),
            )
            return _stored((meter_id, row[1] + 1, json.dumps(kept, ensure_ascii=False)))

    def delete(self, site_id: str, meter_id: str) -> bool:
        """Removes a meter; False without one."""
        with self._transaction() as connection:
            gone = connection.execute("DELETE FROM meter WHERE site_id = ? AND id = ?", (site_id, meter_id))
            return gone.rowcount > 0

    def _rows(self, query: str, *values: str) -> list[Any]:
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    @staticmethod
    def _refuse_duplicate(
        connection: sqlite3.Connection,
        site_id: str,
        body: dict[str, Any],
        meter_id: str,
        *,
        one_entry: bool = False,
    ) -> None:
        row = connection.execute(
            "SELECT id FROM meter WHERE site_id = ? AND secondary_ad = ? AND id <> ?"
            " AND (? OR json_extract(body, '$.type') = ?)",
            (site_id, _secondary_ad(body), meter_id, one_entry, body["type"]),
        ).fetchone()
        if row is not None:
            raise DuplicateMeterError(row[0])

    def _fill(self, connection: sqlite3.Connection) -> None:
        for position, site in enumerate(_SITES):
            name, reference, street, number, postal_code, city, latitude, longitude = site
            site_id = object_id(self._seed, "site", position)
            infos = {
                "site_ref": reference,
                "name": name,
                "address": {
                    "street_name": street,
                    "street_number": number,
                    "city": city,
                    "postal_code": postal_code,
                },
                "creation_date": "2025-03-11T09:30:00",
                "latitude": latitude,
                "longitude": longitude,
                "timezone": "Europe/Zurich",
            }
            connection.execute("INSERT INTO site VALUES (?, ?, ?)", (site_id, position, json.dumps(infos)))
            connection.execute(
                "INSERT INTO gateway VALUES (?, ?, ?, ?, ?)",
                (
                    object_id(self._seed, "gateway", position),
                    site_id,
                    "Gateway 1",
                    f"GW-{4711 + position}",
                    int(position == 0),
                ),
            )
            for meter in _OTHER_METERS:
                meter_id = object_id(self._seed, "other", position, meter["prim_ad"])
                _insert(connection, meter_id, site_id, meter)


def _secondary_ad(body: dict[str, Any]) -> str | None:
    settings = body.get("additional_settings")
    return settings["secondary_ad"].upper() if settings else None


def _with_id(meter_id: str, body: dict[str, Any]) -> dict[str, Any]:
    published = {
        "id": meter_id,
        "type": body["type"],
        "prim_ad": body["prim_ad"],
        "virtual": body.get("virtual", False),
    }
    return {**published, **{name: value for name, value in body.items() if name not in published}}


def _insert(connection: sqlite3.Connection, meter_id: str, site_id: str, body: dict[str, Any]) -> Stored:
    text = json.dumps(_with_id(meter_id, body), ensure_ascii=False)
    connection.execute(
        "INSERT INTO meter (id, site_id, version, body, secondary_ad) VALUES (?, ?, 1, ?, ?)",
        (meter_id, site_id, text, _secondary_ad(body)),
    )
    return _stored((meter_id, 1, text))


def _stored(row: tuple[str, int, str]) -> Stored:
    meter_id, version, text = row
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    return Stored(meter_id, f'"{version}-{digest}"', json.loads(text))
