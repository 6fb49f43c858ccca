"""From version 1 to today's: everything is there afterwards, wherever the program is killed."""

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.domain.building import NO_SITE
from app.store.schema import MIGRATIONS
from app.store.store import FILE_NAME, Store
from tests.fakes.portals import entry_for

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
AT = "2026-11-20T08:00:00+00:00"
PORTAL, SITE, OTHER = "https://p", "5f0000000000000000000001", "5f0000000000000000000002"
TICKS = '[["04", "06", "heat_energy_kwh", "0.00100"]]'
RAW = bytes.fromhex("6803036808017209")
ROOT = Path(__file__).parents[3]
KILLS = 200


def version_1(folder: Path, ticks: str = TICKS) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / FILE_NAME
    with closing(sqlite3.connect(path)) as c, c:
        c.executescript(MIGRATIONS[0] + "; PRAGMA user_version = 1; PRAGMA journal_mode = WAL;")
        c.execute("INSERT INTO settings VALUES ('portal', ?), ('site_id', ?)", (f'"{PORTAL}"', f'"{SITE}"'))
        c.execute(
            "INSERT INTO installations VALUES (?, ?, 0, 'Rue du Lac', '', 'Lac 1', '1400', 'Y', '')",
            (PORTAL, SITE),
        )
        for site, serial in ((SITE, "11111111"), (SITE, "22222222"), ("", "11111111"), (OTHER, "33333333")):
            c.execute("INSERT INTO meters VALUES (?, ?, ?)", (site, serial, AT))
        for site, serial in ((SITE, "11111111"), (SITE, "11111111"), ("", "11111111"), (SITE, "99999999")):
            c.execute(
                "INSERT INTO readings (site_id, serial, taken_at, port, baud, elapsed_s, wire_minimum_s, raw)"
                " VALUES (?, ?, ?, 'COM5', 2400, 0.5, 0.4, ?)",
                (site, serial, AT, RAW),
            )
        for site, serial, place in ((SITE, "11111111", "Flat 1"), ("", "11111111", "Cellar")):
            c.execute(
                "INSERT INTO drafts VALUES (?, ?, ?, 'heating', ?, ?, '', 'g', 2400, '')",
                (site, serial, AT, ticks, place),
            )
        entry = entry_for("g", "11111111")
        fields = {name: getattr(entry, name) for name in entry.__slots__} | {"type": entry.type.value}
        for key, site in (("k1", SITE), ("k2", OTHER)):
            c.execute(
                "INSERT INTO outbox (key, portal, username, site_id, secondary_ad, entry, queued_at, state,"
                " meter_id, etag, create_sent, attempts, field_reasons, done_fields)"
                " VALUES (?, ?, 'u', ?, ?, ?, ?, 'sending', '', '', 1, 1, '[]', '[]')",
                (key, PORTAL, site, entry.secondary_ad, json.dumps(fields), AT),
            )
    return path


def test_everything_of_version_1_is_there(tmp_path: Path) -> None:
    path = version_1(tmp_path)

    async def use() -> None:
        store = await Store.open(tmp_path, NOW)
        sites = {site.portal_site_id: site for site in await store.sites.all()}
        assert set(sites) == {SITE, OTHER}
        assert (sites[SITE].name, sites[SITE].address) == ("Rue du Lac", "Lac 1, 1400 Y")
        assert {site.portal for site in sites.values()} == {PORTAL}, "one by the list, one by its upload"
        first, second = await store.meters.load(sites[SITE].site_id)
        assert (first.serial, second.serial) == ("11111111", "22222222")
        assert first.draft is not None
        assert (first.draft.place, str(first.draft.selection.ticks[0].factor)) == ("Flat 1", "0.00100")
        assert first.decision is not None
        assert first.decision.at == datetime.fromisoformat(AT)
        assert [each.number for each in await store.meters.readings(first.meter_id)] == [2, 1]
        (tray,) = await store.meters.load(NO_SITE)
        assert tray.draft is not None
        assert tray.draft.place == "Cellar", "what had no site has none, and is nobody else's"
        (removed,) = await store.meters.removed(sites[SITE].site_id)
        assert (removed.serial, removed.reading is None) == ("99999999", False), (
            "readings of a removed meter stay"
        )
        assert await store.sites.last_opened() == (sites[SITE].site_id, "")
        (upload,) = await store.outbox.of_own_meter(first.meter_id)
        assert (upload.key, upload.create_sent) == ("k1", True)
        assert len(await store.outbox.waiting()) == 2
        assert store.notices == ()
        await store.close()

    asyncio.run(use())
    (backup,) = (tmp_path / "backups").glob("*-version-1.sqlite")
    with closing(sqlite3.connect(backup)) as old:
        assert old.execute("SELECT count(*) FROM meters WHERE site_id = ''").fetchone() == (1,)
    with closing(sqlite3.connect(path)) as new:
        tables = {row[0] for row in new.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    assert not {name for name in tables if name.endswith("_1")}


def test_a_draft_of_version_1_that_is_none_costs_itself(tmp_path: Path) -> None:
    version_1(tmp_path, ticks="[[half")

    async def use() -> None:
        store = await Store.open(tmp_path, NOW)
        (tray,) = await store.meters.load(NO_SITE)
        assert (tray.serial, tray.draft, tray.reading is None) == ("11111111", None, False)
        assert len(store.notices) == 1
        await store.close()

    asyncio.run(use())


def test_a_bounded_number_of_backups_is_kept_and_one_a_day_made(tmp_path: Path) -> None:
    version_1(tmp_path)

    async def use() -> None:
        for day in (*range(9), 8, -400):
            store = await Store.open(tmp_path, NOW + timedelta(days=day))
            await store.close()

    asyncio.run(use())
    names = sorted(path.name for path in (tmp_path / "backups").iterdir())
    assert names == [
        "20251022.sqlite",
        "20261126-080000-version-1.sqlite",
        "20261201.sqlite",
        "20261202.sqlite",
        "20261203.sqlite",
        "20261204.sqlite",
    ], "also that of a clock that was set back"


@pytest.mark.skipif(os.name != "posix", reason="needs fork and SIGKILL")
def test_a_migration_killed_anywhere_loses_nothing(tmp_path: Path) -> None:
    version_1(tmp_path / "source")
    program = [
        sys.executable,
        str(Path(__file__).with_name("kill_store.py")),
        str(tmp_path / "source"),
        str(tmp_path / "work"),
    ]

    def kills() -> list[dict[str, object]]:
        done = subprocess.run(
            [*program, "1", "1"],
            capture_output=True,
            text=True,
            check=False,
            timeout=110,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    found = kills()
    assert not found[-1]["killed"]
    assert len(found) > KILLS, "steps counted"
    for each in found:
        assert each["meters"] == ["11111111", "11111111", "22222222", "33333333"], each
        assert each["decided"] == ["Cellar", "Flat 1"], each
        assert (each["sites"], each["read"], each["waiting"]) == (["Rue du Lac", ""], 2, ["k1", "k2"]), each
        assert each["notices"] == [], each
