"""Decisions survive merge, move, adoption and undo; a bulk change is kept whole or not at all."""

import asyncio
import os
import shutil
import sqlite3
import stat
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.building import NO_SITE, Decision, StoredReading, VerificationSource, stored_verification
from app.domain.delivery_state import DeliveryState, OutboxItem
from app.domain.draft import MeterDraft
from app.domain.meter import MeterType
from app.domain.payload import RegEntry
from app.domain.site import Installation
from app.domain.verification import RegisterComparison, Verdict, Verification
from app.message import Message
from app.store.errors import LinkTaken, StoreFull, StoreGone
from app.store.meters import DraftChange
from app.store.store import FILE_NAME, Store
from tests.fakes.portals import entry_for

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
SERIAL = "94158192"
T = TypeVar("T")


def in_store(folder: Path, use: Callable[[Store], Awaitable[T]]) -> T:
    async def run() -> T:
        store = await Store.open(folder, NOW, busy_timeout_s=0)
        try:
            return await use(store)
        finally:
            await store.close()

    return asyncio.run(run())


def draft(place: str) -> MeterDraft:
    return MeterDraft(SERIAL, MeterType.HEATING, place=place)


def reading(raw: bytes = b"\x68", **changes: object) -> StoredReading:
    return replace(StoredReading(NOW, "COM5", 2400, 0.5, 0.5, raw), **changes)  # type: ignore[arg-type]


def full_answer(maker: int) -> bytes:
    return bytes.fromhex("681F1F6808007292811594") + bytes([maker, 0x4D, 0x04, 0x04]) + bytes(10)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("draft"), st.integers(0, 3), st.booleans()),
        st.tuples(st.just("merge"), st.integers(0, 3), st.integers(0, 3)),
        st.tuples(
            st.sampled_from(("move", "adopt")), st.integers(0, 3), st.sampled_from((NO_SITE, "a", "b"))
        ),
        st.tuples(st.just("read"), st.integers(0, 3), st.booleans()),
        st.tuples(st.sampled_from(("remove", "restore")), st.integers(0, 3), st.none()),
    ),
    max_size=25,
)


FIRST_DRAFTS = st.lists(st.tuples(st.just("draft"), st.integers(0, 3), st.booleans()), min_size=4, max_size=8)
"""So that most examples have something to lose when they begin."""


@given(drafts=FIRST_DRAFTS, rest=STEPS)
@settings(max_examples=150, deadline=None)
def test_a_decision_never_loses_to_an_untouched_draft_and_of_two_both_stay(
    drafts: list[tuple], rest: list[tuple]
) -> None:
    steps = drafts + rest

    async def use(store: Store) -> None:
        meters = store.meters
        ids = [await meters.add(site, SERIAL, NOW) for site in (NO_SITE, NO_SITE, "a", "b")]
        # What a person last decided about each meter, and every decision that must still be seen somewhere.
        decided: dict[str, set[str]] = {each: set() for each in ids}
        standing: dict[str, str | None] = dict.fromkeys(ids)
        readings = 0

        def joined(into: str, other: str) -> None:
            decided[into] |= decided.pop(other)
            standing[into] = standing[into] or standing[other]
            del standing[other]
            ids[:] = [into if each == other else each for each in ids]

        for number, (kind, which, more) in enumerate(steps):
            meter = ids[which]
            if kind == "draft":
                place = f"{'decided' if more else 'proposed'} {number}"
                change = DraftChange(meter, draft(place), Decision(NOW, "Anna") if more else None)
                kept = await meters.save_drafts([change], NOW)
                assert (meter in kept) == (more or standing[meter] is None)
                if more:
                    # The same person goes on deciding: what stood is decided anew, not beside it.
                    decided[meter] -= {standing[meter]} if standing[meter] else set()
                    decided[meter].add(place)
                    standing[meter] = place
            elif kind == "merge" and ids[more] != meter:
                await meters.merge(meter, ids[more])
                joined(meter, ids[more])
            elif kind == "move":
                await meters.move([meter], more)
            elif kind == "adopt":
                now = await meters.adopt([meter], more)
                if now[meter] != meter:
                    joined(now[meter], meter)
            elif kind == "read":
                await meters.save_reading(meter, reading(usable=more))
                readings += 1
            elif kind == "remove":
                await meters.remove([meter], NOW)
            elif kind == "restore":
                await meters.restore([meter])
        for meter, places in decided.items():
            found = await meters.get(meter)
            assert found is not None
            others = await meters.alternatives(meter)
            seen = {each.draft.place for each in others} | ({found.draft.place} if found.decided else set())
            assert seen == places
            assert (found.draft.place if found.decided else None) == standing[meter]
            assert found.alternatives == len(others)
            all_read = await meters.readings(meter)
            readings -= len(all_read)
            assert (found.reading is None) == (not all_read)
            assert found.reading is None or found.reading.usable == any(each.usable for each in all_read)
        assert readings == 0, "no reading was lost"

    with TemporaryDirectory() as folder:
        in_store(Path(folder), use)


def test_the_file_itself_keeps_a_decision(tmp_path: Path) -> None:
    async def use(store: Store) -> str:
        meter = await store.meters.add("a", SERIAL, NOW)
        await store.meters.save_drafts([DraftChange(meter, draft("mine"), Decision(NOW))], NOW)
        return meter

    meter = in_store(tmp_path, use)
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection, connection:
        connection.execute("UPDATE drafts SET decided_at = NULL, body = '{}'")
        connection.execute(
            "INSERT OR REPLACE INTO drafts (meter_id, saved_at, decided_by, body) VALUES (?, '', '', '{}')",
            (meter,),
        )
    kept = in_store(tmp_path, lambda store: store.meters.get(meter))
    assert kept is not None
    assert (kept.decided, kept.draft) == (True, draft("mine"))


def test_undo_puts_back_exactly_and_an_alternative_may_be_chosen(tmp_path: Path) -> None:
    async def use(store: Store) -> None:
        one, two = [await store.meters.add("a", SERIAL, NOW) for _ in range(2)]
        await store.meters.save_drafts([DraftChange(one, draft("untouched"), None)], NOW)
        await store.meters.save_drafts([DraftChange(one, draft("one"), Decision(NOW, "Anna"))], NOW)
        await store.meters.restore_drafts([(one, draft("untouched"), None)], NOW)
        assert not (await store.meters.get(one)).decided
        await store.meters.restore_drafts([(one, draft("one"), Decision(NOW, "Anna"))], NOW)
        await store.meters.save_drafts([DraftChange(two, draft("two"), Decision(NOW, "Ben"))], NOW)
        await store.meters.merge(one, two)
        (other,) = await store.meters.alternatives(one)
        assert (other.draft.place, other.decision.by) == ("two", "Ben")
        assert await store.meters.choose(one, other.number, NOW)
        assert (await store.meters.get(one)).draft.place == "two"
        assert [each.draft.place for each in await store.meters.alternatives(one)] == ["one"]
        await store.meters.drop_alternatives(one)
        assert (await store.meters.get(one)).alternatives == 0

    in_store(tmp_path, use)


def test_two_meters_of_one_number_by_two_makers_stay_two(tmp_path: Path) -> None:
    async def use(store: Store) -> None:
        there = await store.meters.add("a", SERIAL, NOW)
        tray = await store.meters.add(NO_SITE, SERIAL, NOW)
        await store.meters.save_reading(there, reading(full_answer(1)))
        await store.meters.save_reading(tray, reading(full_answer(2)))
        assert await store.meters.adopt([tray], "a") == {tray: tray}
        again = await store.meters.add(NO_SITE, SERIAL, NOW)
        assert await store.meters.adopt([again], "a") == {again: again}, "nobody can tell which of the two"
        assert await store.meters.find("a", SERIAL) == (there, tray, again)

    in_store(tmp_path, use)


def test_a_disk_full_in_a_bulk_change_leaves_all_as_it_was(tmp_path: Path) -> None:
    async def use(store: Store) -> None:
        ids = await store.meters.add_many("a", [f"{number:08d}" for number in range(400)], NOW)
        connection = store._database._connection
        assert connection is not None
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 20}")
        changes = [DraftChange(each, draft("x" * 500), Decision(NOW)) for each in ids]
        with pytest.raises(StoreFull, match="full"):
            await store.meters.save_drafts(changes, NOW)
        assert not any(each.draft for each in await store.meters.load("a"))
        connection.execute("PRAGMA max_page_count = 1000000")
        assert len(await store.meters.save_drafts(changes, NOW)) == 400
        with pytest.raises(LookupError):
            await store.meters.save_drafts([*changes, DraftChange("nobody", draft(""), None)], NOW)

    in_store(tmp_path, use)
    assert all(each.decided for each in in_store(tmp_path, lambda store: store.meters.load("a")))


def test_a_verification_comes_back_with_every_digit(tmp_path: Path) -> None:
    register = RegisterComparison(
        entry=RegEntry("heat_energy_kwh", Decimal("0.0010"), "04", "06"),
        meter=Decimal("123.4500"),
        portal=Decimal(123450),
        symbol="kWh",
        verdict=Verdict.FACTOR,
        ratio=Fraction(1000),
        reason=Message("{ratio} times {a}", {"ratio": Message("a thousand"), "a": Decimal("1.50")}),
        right_factor=Decimal("0.000001"),
    )
    verification = Verification("2026-11-22T08:00:00Z", (register,), Message("{count} of it", count=2))
    kept = stored_verification(
        verification, MeterType.COOLING, NOW, VerificationSource.READ, upload="k", entry=entry_for("g")
    )

    async def use(store: Store) -> str:
        meter = await store.meters.add("a", SERIAL, NOW, label_typed=True)
        await store.meters.save_verification(meter, replace(kept, upload="before"))
        await store.meters.save_verification(meter, kept)
        await store.meters.save_verification(meter, replace(kept, type=MeterType.HEATING, values="{half"))
        return meter

    meter = in_store(tmp_path, use)
    (loaded,) = in_store(tmp_path, lambda store: store.meters.load("a"))
    cooling, heating = loaded.verifications
    assert cooling == kept
    assert cooling.verification == verification
    assert str(cooling.verification.registers[0].meter) == "123.4500"
    assert heating.verification is None, "what cannot be read proves nothing"
    assert len(in_store(tmp_path, lambda store: store.meters.verifications(meter))) == 3


def test_a_summary_holds_only_while_nothing_changed(tmp_path: Path) -> None:
    async def use(store: Store) -> None:
        meter = await store.meters.add("a", SERIAL, NOW)

        async def summary_after(change: Callable[[], Awaitable[object]]) -> str | None:
            await store.meters.save_summaries([(meter, "read, waiting")])
            assert (await store.meters.get(meter)).summary == "read, waiting"
            await change()
            return (await store.meters.get(meter)).summary

        for change in (
            lambda: store.meters.save_reading(meter, reading()),
            lambda: store.meters.save_drafts([DraftChange(meter, draft("x"), None)], NOW),
            lambda: store.meters.save_label_typed([meter], typed=True),
            lambda: store.meters.move([meter], "b"),
        ):
            assert await summary_after(change) is None

    in_store(tmp_path, use)


def test_sites_are_made_linked_once_and_remembered(tmp_path: Path) -> None:
    async def use(store: Store) -> str:
        house = await store.sites.add("House", "Lac 1", at=NOW)
        other = await store.sites.add("Other", at=NOW)
        await store.sites.change(replace(house, name="Rue du Lac", portal="https://p", portal_site_id="s1"))
        with pytest.raises(LinkTaken, match="Rue du Lac"):
            await store.sites.change(replace(other, portal="https://p", portal_site_id="s1"))
        await store.sites.remove(house.site_id, NOW)
        await store.sites.change(replace(other, portal="https://p", portal_site_id="s1"))
        with pytest.raises(LinkTaken, match="Other"):
            await store.sites.restore(house.site_id)
        await store.sites.change(other)
        await store.sites.restore(house.site_id)
        assert (await store.sites.of_portal("https://p", "s1")).name == "Rue du Lac"
        await store.sites.opened(house.site_id, "m")
        return house.site_id

    site_id = in_store(tmp_path, use)
    assert in_store(tmp_path, lambda store: store.sites.last_opened()) == (site_id, "m")
    assert [site.name for site in in_store(tmp_path, lambda store: store.sites.all())] == [
        "Rue du Lac",
        "Other",
    ]


def test_a_portal_that_lists_a_site_twice_or_without_a_name_is_no_fault(tmp_path: Path) -> None:
    named = Installation("a", "Rue du Lac", city="Y")

    async def use(store: Store) -> tuple[Installation, ...]:
        listed = (named, Installation("b"), Installation("a", city="Z"))
        await store.portal_cache.save_installations("p", listed)
        return await store.portal_cache.installations("p")

    assert in_store(tmp_path, use) == (replace(named, city="Z"), Installation("b"))


def test_an_upload_for_the_wrong_building_is_taken_back_before_it_is_sent(tmp_path: Path) -> None:
    def item(key: str) -> OutboxItem:
        return OutboxItem(key, "https://p", "u", "wrong", entry_for("g"), NOW, meter="m")

    async def use(store: Store) -> None:
        outbox = store.outbox
        first = await outbox.queue(item("first"))
        assert (await outbox.withdraw("first")).state is DeliveryState.WITHDRAWN
        assert await outbox.items() == ()
        await outbox.save(first)
        assert [each.key for each in await outbox.waiting()] == ["first"], "undone"
        sending = await outbox.begin("first")
        assert (await outbox.withdraw("first")).state is DeliveryState.SENDING
        await outbox.queue(item("second"))
        await outbox.withdraw("second")
        kept = await outbox.save(replace(sending, state=DeliveryState.QUEUED, create_sent=True))
        assert kept.state is DeliveryState.QUEUED, "what was taken back replaces nothing"
        assert (await outbox.withdraw("first")).state is DeliveryState.QUEUED, "the portal may have it"
        cooling = replace(item("cooling"), entry=replace(item("x").entry, type=MeterType.COOLING))
        await outbox.queue(cooling)
        assert [each.key for each in await outbox.waiting()] == ["first", "cooling"], (
            "an entry is meter and type"
        )
        assert [each.key for each in await outbox.of_own_meter("m")] == ["first", "second", "cooling"]

    in_store(tmp_path, use)


def test_attachments_and_what_was_learned_of_a_line_come_back(tmp_path: Path) -> None:
    async def use(store: Store) -> None:
        photo = await store.attachments.add("m", "dial.jpg", "image/jpeg", b"\xff\xd8", NOW)
        assert (await store.attachments.of("m"), photo.size) == ((photo,), 2)
        await store.attachments.remove(photo.attachment_id, NOW)
        assert await store.attachments.of("m") == ()
        await store.attachments.restore(photo.attachment_id)
        assert await store.attachments.content(photo.attachment_id) == b"\xff\xd8"
        await store.line_memory.save("usb-1", "old", NOW)
        await store.line_memory.save("usb-1", "new", NOW - timedelta(days=1))
        assert await store.line_memory.get("usb-1") == "new"
        assert await store.line_memory.get("usb-2") is None

    in_store(tmp_path, use)


@pytest.mark.skipif(os.name != "posix", reason="elsewhere the profile's rights are inherited")
def test_folder_and_files_are_the_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    (folder / FILE_NAME).touch(mode=0o644)
    (folder / f"{FILE_NAME}.begun").touch()

    def modes() -> dict[str, int]:
        paths = [folder, *folder.rglob("*")]
        return {path.name: stat.S_IMODE(path.stat().st_mode) for path in paths}

    async def use(store: Store) -> None:
        await store.settings.set("a", 1)
        found = modes()
        assert f"{FILE_NAME}-wal" in found
        assert not {name: oct(mode) for name, mode in found.items() if mode & 0o077}

    in_store(folder, use)
    in_store(folder, use)
    assert (folder / "backups").is_dir()


@pytest.mark.skipif(os.name != "posix", reason="elsewhere an open file cannot be deleted")
def test_a_folder_that_vanishes_is_said_before_anything_is_lost(tmp_path: Path) -> None:
    folder = tmp_path / "data"

    async def use(store: Store) -> None:
        meter = await store.meters.add("a", SERIAL, NOW)
        shutil.move(folder, tmp_path / "elsewhere")
        with pytest.raises(StoreGone, match="moved or deleted"):
            await store.meters.save_reading(meter, reading())
        assert len(await store.meters.load("a")) == 1, "what is there can be read, and exported"
        shutil.move(tmp_path / "elsewhere", folder)
        await store.meters.save_reading(meter, reading())

    in_store(folder, use)


def test_ten_thousand_meters_are_loaded_in_a_second(tmp_path: Path) -> None:
    """About 0.4 s on the two cores this was built on; the limit leaves room for a busy machine."""

    async def use(store: Store) -> None:
        ids = await store.meters.add_many("a", [f"{number:08d}" for number in range(10_000)], NOW)
        await store.meters.save_drafts([DraftChange(each, draft("Flat"), Decision(NOW)) for each in ids], NOW)
        loop = asyncio.get_running_loop()
        started = loop.time()
        assert len(await store.meters.load("a")) == 10_000
        assert loop.time() - started < 2

    in_store(tmp_path, use)
