"""What must survive does: through a restart, a full disk, a damaged file and a second copy of the program."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.building import Decision, StoredReading
from app.domain.delivery_state import DeliveryState, FieldReason, OutboxItem
from app.domain.draft import MeterDraft
from app.domain.meter import MeterType
from app.domain.registers import RegisterKey
from app.domain.selection import Selection, Tick
from app.domain.site import Gateway, Installation
from app.message import Message
from app.store.errors import StoreError, StoreFull, StoreInUse, StoreReadOnly, StoreTooNew
from app.store.meters import DraftChange
from app.store.schema import MIGRATIONS
from app.store.store import FILE_NAME, Store
from tests.fakes.portals import entry_for

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
T = TypeVar("T")


def in_store(folder: Path, use: Callable[[Store], Awaitable[T]]) -> T:
    """Opens the store, uses it and closes it: what is read next has been on disk."""

    async def run() -> T:
        store = await Store.open(folder, NOW, busy_timeout_s=0)
        try:
            return await use(store)
        finally:
            await store.close()

    return asyncio.run(run())


def item(key: str = "k", serial: str = "94158192", **changes: object) -> OutboxItem:
    new = OutboxItem(key, "https://p", "anna", "site", entry_for("g", serial), NOW)
    return replace(new, **changes)  # type: ignore[arg-type]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "Müller & Söhne" / "Zähler 1"


def test_settings_survive(folder: Path) -> None:
    in_store(folder, lambda store: store.settings.update({"a": [1, "ü"], "b": {"x": None}}))
    assert in_store(folder, lambda store: store.settings.all()) == {"a": [1, "ü"], "b": {"x": None}}
    assert in_store(folder, lambda store: store.settings.get("none", 5)) == 5


DRAFTS = st.builds(
    MeterDraft,
    serial=st.from_regex(r"[0-9]{8}", fullmatch=True),
    type=st.sampled_from(MeterType),
    selection=st.builds(
        Selection,
        st.lists(
            st.builds(
                Tick,
                st.builds(RegisterKey, st.sampled_from(("04", "8C10")), st.sampled_from(("06", "FD17"))),
                st.sampled_from(("vol_m3", "power_kw")),
                st.none() | st.decimals(allow_nan=False, allow_infinity=False),
            ),
            max_size=4,
        ).map(tuple),
    ),
    place=st.text(st.characters(codec="utf-8")),
    name=st.text(st.characters(codec="utf-8")),
    gateway_id=st.text(st.characters(codec="utf-8"), max_size=30),
    baudrate=st.sampled_from((300, 2400, 9600)),
    dial=st.text(st.characters(codec="utf-8"), max_size=10),
)


@given(draft=DRAFTS)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_a_person_decided_comes_back_to_the_letter(folder: Path, draft: MeterDraft) -> None:
    async def keep(store: Store) -> str:
        meter = await store.meters.add("site", draft.serial, NOW)
        await store.meters.save_drafts([DraftChange(meter, draft, Decision(NOW, "Anna"))], NOW)
        return meter

    meter = in_store(folder, keep)
    kept = in_store(folder, lambda store: store.meters.get(meter))
    assert kept is not None
    assert (kept.draft, kept.decision) == (draft, Decision(NOW, "Anna"))
    back = kept.draft
    assert [str(tick.factor) for tick in back.selection.ticks] == [
        str(tick.factor) for tick in draft.selection.ticks
    ], "a factor keeps its digits, not only its value"


def test_readings_and_the_meter_list(folder: Path) -> None:
    reading = StoredReading(NOW, "COM5", 2400, 0.58, 0.56, b"\x68\x00\xff")
    earlier = replace(reading, taken_at=NOW - timedelta(days=3650), raw=b"\x01")

    async def use(store: Store) -> tuple[str, str]:
        first = await store.meters.add("site", "94158193", NOW)
        second = await store.meters.add("site", "94158192", NOW, label_typed=True)
        await store.meters.save_reading(second, reading)
        await store.meters.save_reading(second, earlier)
        draft = MeterDraft("94158192", MeterType.HEATING, place="203")
        assert await store.meters.save_drafts([DraftChange(second, draft, None)], NOW) == {second}
        await store.meters.add("other", "1", NOW)
        return first, second

    first, second = in_store(folder, use)
    list_ = in_store(folder, lambda store: store.meters.load("site"))
    assert [meter.meter_id for meter in list_] == [first, second]
    assert (list_[0].reading, list_[0].draft, list_[0].label_typed) == (None, None, False)
    assert (list_[1].label_typed, list_[1].decided) == (True, False)
    assert list_[1].draft is not None
    assert list_[1].draft.place == "203"
    assert list_[1].reading is not None
    assert list_[1].reading.raw == b"\x01", "the last one is the one that came last, whatever the clock said"
    readings = in_store(folder, lambda store: store.meters.readings(second))
    assert [replace(each, number=0) for each in readings] == [earlier, reading]
    assert in_store(folder, lambda store: store.meters.counts()) == {"site": 2, "other": 1}
    in_store(folder, lambda store: store.meters.remove([second], NOW))
    assert [each.meter_id for each in in_store(folder, lambda store: store.meters.load("site"))] == [first]
    assert [each.meter_id for each in in_store(folder, lambda store: store.meters.removed("site"))] == [
        second
    ]
    in_store(folder, lambda store: store.meters.restore([second]))
    assert in_store(folder, lambda store: store.meters.load("site")) == list_


def test_sites_keep_what_the_portal_told_before(folder: Path) -> None:
    full = Installation("a", "Rue du Lac", "R1", "Rue du Lac 12", "1400", "Y", "Europe/Zurich")

    async def use(store: Store) -> None:
        await store.portal_cache.save_installations("p", (Installation("b"), full))
        await store.portal_cache.save_installations("p", (Installation("a"), Installation("c")))
        await store.portal_cache.save_installation("p", Installation("c", "named"))
        await store.portal_cache.save_gateways(
            "p", "a", (Gateway("2", "two"), Gateway("1", "one", "s", "http://x"))
        )

    in_store(folder, use)
    assert in_store(folder, lambda store: store.portal_cache.installations("p")) == (
        full,
        Installation("c", "named"),
    )
    assert in_store(folder, lambda store: store.portal_cache.installations("another")) == ()
    gateways = in_store(folder, lambda store: store.portal_cache.gateways("p", "a"))
    assert [gateway.id for gateway in gateways] == ["2", "1"]


def test_an_upload_comes_back_with_everything(folder: Path) -> None:
    full = item(
        state=DeliveryState.CHANGED,
        meter_id="m",
        etag='"7"',
        create_sent=True,
        attempts=3,
        next_try_at=NOW,
        problem=Message("{a} of {b}", {"a": 1, "b": Decimal("2.50")}),
        field_reasons=(FieldReason("name", "empty"),),
        theirs=entry_for("g2"),
        previous=entry_for("g3"),
        done_fields=("name",),
        sent_at=NOW,
    )

    async def use(store: Store) -> None:
        await store.outbox.queue(item())
        await store.outbox.save(full)

    in_store(folder, use)
    back = in_store(folder, lambda store: store.outbox.get("k"))
    assert back is not None
    assert str(back.problem) == "1 of 2.50"
    assert replace(back, problem=full.problem) == full


def test_what_was_being_sent_when_the_program_died_waits_again(folder: Path) -> None:
    async def die(store: Store) -> None:
        await store.outbox.queue(item())
        await store.outbox.save(item(state=DeliveryState.SENDING, create_sent=True))

    in_store(folder, die)
    (waiting,) = in_store(folder, lambda store: store.outbox.waiting())
    assert (waiting.key, waiting.state, waiting.create_sent) == ("k", DeliveryState.QUEUED, True)


@pytest.mark.parametrize(
    ("state", "gives_way"),
    [
        (DeliveryState.QUEUED, True),
        (DeliveryState.REJECTED, True),
        (DeliveryState.FAILED, True),
        (DeliveryState.CHANGED, True),
        (DeliveryState.BY_HAND, True),
        (DeliveryState.SENDING, False),
        (DeliveryState.SENT, False),
        (DeliveryState.DONE_BY_HAND, False),
    ],
)
def test_a_later_upload_of_the_same_meter(folder: Path, state: DeliveryState, *, gives_way: bool) -> None:
    async def use(store: Store) -> tuple[OutboxItem, ...]:
        await store.outbox.queue(item("old"))
        await store.outbox.save(item("old", state=state, meter_id="m", etag="e"))
        await store.outbox.queue(item("other", "94158193"))
        new = await store.outbox.queue(item("new"))
        assert (new.meter_id, new.etag) == ("m", "e"), "it changes the meter that is there"
        assert await store.outbox.of_meter("https://p", "site", new.entry.secondary_ad) == new
        return await store.outbox.items()

    expected = ["other", "new"] if gives_way else ["old", "other", "new"]
    assert [each.key for each in in_store(folder, use)] == expected


def test_a_second_copy_of_the_program_is_told(folder: Path) -> None:
    async def use(store: Store) -> None:
        with pytest.raises(StoreInUse, match="Another copy"):
            await Store.open(folder, NOW, busy_timeout_s=0)
        await store.settings.set("a", 1)

    in_store(folder, use)
    assert in_store(folder, lambda store: store.settings.get("a")) == 1, "the first one goes on"


def test_a_full_disk_is_told_and_nothing_is_half_written(folder: Path) -> None:
    async def use(store: Store) -> None:
        await store.outbox.queue(item("first"))
        await store._database.run(lambda connection: None)
        connection = store._database._connection
        assert connection is not None
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
        big = item("big", "94158193", problem=Message("x" * 500_000))
        with pytest.raises(StoreFull, match="full"):
            await store.outbox.queue(big)
        assert [each.key for each in await store.outbox.items()] == ["first"]
        connection.execute("PRAGMA max_page_count = 1000000")
        await store.outbox.queue(big)

    in_store(folder, use)
    assert len(in_store(folder, lambda store: store.outbox.items())) == 2


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(StoreReadOnly, match="cannot be written"):
        in_store(tmp_path / "file" / "data", lambda store: store.settings.all())


def test_a_file_that_cannot_be_written_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_store(folder, lambda store: store.settings.set("a", 1))
    # As root no file is read-only, so the operating system's answer is given instead.
    monkeypatch.setattr("app.store.database.os.access", lambda path, mode: False)
    with pytest.raises(StoreReadOnly):
        in_store(folder, lambda store: store.settings.all())


def test_a_file_of_a_newer_version_is_left_alone(folder: Path) -> None:
    in_store(folder, lambda store: store.settings.set("a", 1))
    connection = sqlite3.connect(folder / FILE_NAME)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    with pytest.raises(StoreTooNew):
        in_store(folder, lambda store: store.settings.all())
    assert not list(folder.glob("*.damaged-*"))


def test_a_migration_that_fails_leaves_the_file_as_it_was(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_store(folder, lambda store: store.settings.set("a", 1))
    broken = (*MIGRATIONS, "CREATE TABLE new_table (x); INSERT INTO nowhere VALUES (1)")
    monkeypatch.setattr("app.store.migration.MIGRATIONS", broken)
    with pytest.raises(StoreError):
        in_store(folder, lambda store: store.settings.all())
    monkeypatch.setattr("app.store.migration.MIGRATIONS", MIGRATIONS)
    assert in_store(folder, lambda store: store.settings.get("a")) == 1
    monkeypatch.setattr("app.store.migration.MIGRATIONS", (*MIGRATIONS, "CREATE TABLE new_table (x)"))
    assert in_store(folder, lambda store: store.settings.get("a")) == 1


def test_every_commit_reaches_the_disk_before_it_is_told(folder: Path) -> None:
    async def use(store: Store) -> tuple[str, int]:
        connection = store._database._connection
        assert connection is not None
        mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
        return mode, connection.execute("PRAGMA synchronous").fetchone()[0]

    full = 2
    assert in_store(folder, use) == ("wal", full)


def test_a_task_cancelled_while_it_saves_leaves_the_store_usable(folder: Path) -> None:
    async def use(store: Store) -> None:
        saving = asyncio.ensure_future(store.settings.set("a", 1))
        await asyncio.sleep(0)
        saving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await saving
        assert await store.settings.get("a") == 1, "what was begun is finished, not left open"

    in_store(folder, use)


def test_closed_twice_is_closed_once(folder: Path) -> None:
    async def use(store: Store) -> None:
        await store.close()
        with pytest.raises(RuntimeError):
            await store.settings.all()

    in_store(folder, use)


@pytest.mark.parametrize(
    "damage",
    [
        "INSERT INTO settings VALUES ('portal', '{half')",
        "UPDATE outbox SET entry = '{}' WHERE key = 'bad'",
        "UPDATE outbox SET entry = '[]' WHERE key = 'bad'",
        "UPDATE outbox SET queued_at = 'yesterday' WHERE key = 'bad'",
        "UPDATE outbox SET meter_id = x'00' WHERE key = 'bad'",
    ],
)
def test_a_bad_row_costs_itself_and_is_said(folder: Path, damage: str) -> None:
    async def use(store: Store) -> None:
        for key, serial in (("good", "94158192"), ("bad", "94158193")):
            await store.outbox.queue(item(key, serial))
            await store.outbox.begin(key)
        await store.settings.set("a", 1)

    in_store(folder, use)
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection, connection:
        connection.execute(damage)

    async def look(store: Store) -> tuple[set[str], object, tuple[Message, ...]]:
        return {each.key for each in await store.outbox.waiting()}, await store.settings.all(), store.notices

    keys, settings, notices = in_store(folder, look)
    assert keys == {"good", "bad"} if "settings" in damage else {"good"}
    assert settings == {"a": 1}
    assert [str(each) for each in notices] == [
        f"One entry of the data file cannot be read and is left out. It stays in {folder / FILE_NAME}."
    ]
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        tables = "SELECT (SELECT count(*) FROM outbox), (SELECT count(*) FROM settings)"
        assert connection.execute(tables).fetchone() == (2, 2 if "settings" in damage else 1), (
            "nothing is deleted"
        )


def test_a_text_that_no_file_can_hold_is_an_error_with_a_sentence(folder: Path) -> None:
    with pytest.raises(StoreError, match="cannot be saved"):
        in_store(folder, lambda store: store.portal_cache.save_installations("p\udcff", [Installation("a")]))
