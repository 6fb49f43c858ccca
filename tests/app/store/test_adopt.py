"""What was read before a site was known belongs to the site that is chosen then."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.domain.draft import MeterDraft
from app.domain.meter import MeterType
from app.store.meters import StoredReading
from app.store.store import Store

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def reading(site_id: str, serial: str, at: datetime) -> StoredReading:
    return StoredReading(site_id, serial, at, "COM5", 2400, 0.6, 0.58, bytes.fromhex("68 03 03 68"))


def draft(serial: str, place: str) -> MeterDraft:
    return MeterDraft(serial=serial, type=MeterType.HEATING, place=place)


def test_meters_readings_and_drafts_move_to_the_site(tmp_path: Path) -> None:
    async def use() -> None:
        store = await Store.open(tmp_path, NOW)
        meters = store.meters
        await meters.save_reading(reading("site", "1", NOW))
        await meters.save_draft("site", draft("1", "old"), NOW)
        await meters.save_reading(reading("other", "9", NOW))
        for serial in ("1", "2"):
            await meters.save_reading(reading("", serial, LATER))
        await meters.save_draft("", draft("1", "new"), LATER)
        await meters.adopt("")
        assert {meter.serial for meter in await meters.known("")} == {"1", "2"}, "no site is no place to go"
        await meters.adopt("site")
        assert await meters.known("") == ()
        assert {meter.serial for meter in await meters.known("site")} == {"1", "2"}
        assert [each.taken_at for each in await meters.readings("site", "1")] == [LATER, NOW]
        kept = await meters.draft("site", "1")
        assert kept is not None
        assert kept.place == "new", "what was decided last stands"
        assert [meter.serial for meter in await meters.known("other")] == ["9"]
        await store.close()

    asyncio.run(use())
