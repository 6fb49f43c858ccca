"""Of a damaged file all that can be read is saved, waiting uploads first, and the person is told."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from app.domain.building import Decision, StoredReading
from app.domain.delivery_state import DeliveryState, OutboxItem
from app.domain.draft import MeterDraft
from app.domain.meter import MeterType
from app.store.meters import DraftChange
from app.store.store import FILE_NAME, Store
from tests.fakes.portals import entry_for

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
METERS = 300
T = TypeVar("T")


def in_store(folder: Path, use: Callable[[Store], Awaitable[T]], now: datetime = NOW) -> T:
    async def run() -> T:
        store = await Store.open(folder, now, busy_timeout_s=0)
        try:
            return await use(store)
        finally:
            await store.close()

    return asyncio.run(run())


async def fill(store: Store) -> None:
    site = await store.sites.add("House", at=NOW)
    serials = [f"{number:08d}" for number in range(METERS)]
    ids = await store.meters.add_many(site.site_id, serials, NOW)
    drafts = [
        DraftChange(meter, MeterDraft(serial, MeterType.HEATING, place=f"Flat {serial}"), Decision(NOW))
        for meter, serial in zip(ids, serials, strict=True)
    ]
    await store.meters.save_drafts(drafts, NOW)
    for meter in ids[:50]:
        await store.meters.save_reading(meter, StoredReading(NOW, "COM5", 2400, 0.5, 0.5, b"\x68" * 200))
    for number in range(40):
        entry = entry_for("g", f"{number:08d}")
        await store.outbox.queue(
            OutboxItem(f"k{number}", "https://p", "u", "s", entry, NOW, meter=ids[number])
        )


async def look(store: Store) -> tuple[int, int, int, str]:
    (site,) = await store.sites.all() or (None,)
    meters = await store.meters.load(site.site_id) if site is not None else ()
    decided = sum(meter.decided for meter in meters)
    return len(meters), decided, len(await store.outbox.waiting()), "\n".join(map(str, store.notices))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    in_store(folder, fill)
    return folder


def test_pages_gone_bad_cost_what_stood_on_them(folder: Path) -> None:
    path = folder / FILE_NAME
    data = bytearray(path.read_bytes())
    pages = len(data) // 4096
    bad = pages * 2 // 3
    data[bad * 4096 : (bad + 2) * 4096] = b"\xa5" * 8192
    path.write_bytes(data)
    meters, decided, waiting, notice = in_store(folder, look)
    assert meters >= METERS * 0.8
    assert decided >= METERS * 0.5
    assert waiting >= 30
    assert "damaged" in notice
    kept = folder / f"{FILE_NAME}.damaged-20261122-080000"
    assert kept.read_bytes() == bytes(data), "never deleted: somebody may rescue more"
    assert str(kept) in notice
    assert in_store(folder, look)[3] == "", "told in one session"


@pytest.mark.parametrize("first", range(1, 40, 3))
def test_wherever_the_damage_is_the_program_starts_and_tells(folder: Path, first: int) -> None:
    path = folder / FILE_NAME
    data = bytearray(path.read_bytes())
    data[first * 4096 : (first + 1) * 4096] = b"\x00" * 4096
    path.write_bytes(data)
    meters, decided, waiting, notice = in_store(folder, look)
    if notice:
        assert meters + decided + waiting > METERS
    else:
        assert (meters, decided, waiting) == (METERS, METERS, 40), "the page held nothing"


def test_a_lost_head_is_taken_from_a_backup(folder: Path) -> None:
    in_store(folder, look, NOW + timedelta(days=1))
    path = folder / FILE_NAME
    data = bytearray(path.read_bytes())
    data[:4096] = b"\xa5" * 4096
    path.write_bytes(data)
    meters, decided, waiting, notice = in_store(folder, look)
    assert (meters, decided, waiting) == (METERS, METERS, 40)
    assert "All of it was saved" in notice


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 500])
def test_what_nothing_can_be_read_of_comes_from_the_backup(folder: Path, content: bytes) -> None:
    """An upload of the backup may have arrived since: nothing of it goes by itself."""
    in_store(folder, look, NOW + timedelta(days=1))
    (folder / FILE_NAME).write_bytes(content)
    meters, decided, waiting, notice = in_store(folder, look)
    assert (meters, decided, waiting) == (METERS, METERS, 0)
    assert "backup of 2026-11-23" in notice
    items = in_store(folder, lambda store: store.outbox.items())
    assert {item.state for item in items} == {DeliveryState.FAILED}
    assert "backup" in str(items[0].problem)


def test_an_emptied_file_without_a_backup_is_damage_and_said(folder: Path) -> None:
    shutil.rmtree(folder / "backups", ignore_errors=True)
    (folder / FILE_NAME).write_bytes(b"")
    assert in_store(folder, look)[:3] == (0, 0, 0)
    (folder / FILE_NAME).write_bytes(b"")
    assert "nothing in it could be read" in in_store(folder, look)[3]


def test_a_first_start_that_was_killed_is_no_damage(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"")
    (tmp_path / f"{FILE_NAME}.begun").write_bytes(b"")
    assert in_store(tmp_path, look) == (0, 0, 0, "")


def test_a_salvage_killed_before_the_exchange_is_finished_at_the_next_start(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / FILE_NAME
    data = path.read_bytes()
    path.write_bytes(data[: len(data) - 3 * 4096])

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("app.store.salvage._put_in_place", killed)
        with pytest.raises(KeyboardInterrupt):
            in_store(folder, look)
    meters, _decided, _waiting, notice = in_store(folder, look)
    assert meters > METERS * 0.8
    assert "damaged" in notice
