"""The meters of a site: kept first, told then, one event a meter, and every step can be taken back."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.building import NO_SITE, StoredReading
from app.domain.delivery_state import DeliveryState, OutboxItem
from app.domain.progress import Progress
from app.message import Message
from app.services.site_store import NoStore
from app.store.errors import StoreError
from tests.fakes.meters import simple_meter
from tests.fakes.odd_answers import NO_READINGS
from tests.fakes.sites import START, Told, on_a_site, taken

SERIALS = ("94158186", "94158189", "94158192", "94158195")


def place(text: str):
    return lambda draft: replace(draft, place=text)


def answer(serial: str, **of: int) -> bytes:
    return simple_meter(serial, **of).telegrams()[0]


class FullDisk(NoStore):
    """Takes nothing while it is full; remembers the order of what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.full = False
        self.calls: list[str] = []

    def _write(self, what: str) -> None:
        if self.full:
            raise StoreError(Message("The disk is full."))
        self.calls.append(what)

    async def save_reading(self, meter_id: str, reading: StoredReading) -> StoredReading:
        self._write("reading")
        return await super().save_reading(meter_id, reading)

    async def save_drafts(self, rows: Iterable, at: datetime) -> None:
        rows = list(rows)
        self._write(f"{len(rows)} drafts")
        await super().save_drafts(rows, at)

    async def restore_drafts(self, rows: Iterable, at: datetime) -> None:
        rows = list(rows)
        self._write(f"{len(rows)} back")
        await super().restore_drafts(rows, at)

    async def remove(self, meter_ids: Collection[str], at: datetime) -> None:
        self._write("remove")
        await super().remove(meter_ids, at)


# Readings ------------------------------------------------------------------------------------------------


def test_a_reading_is_on_disk_before_it_is_told_and_tells_one_row() -> None:
    store = FullDisk()
    order: list[str] = []

    async def scenario(told: Told) -> None:
        told.site.added.subscribe(lambda _id: order.extend(store.calls))
        meter_id = await told.site.take(taken())
        assert order == ["reading"]
        assert told.take() == [("added", meter_id)]
        assert await told.site.take(taken()) == meter_id
        assert told.take() == [("changed", meter_id)]
        assert told.site.row(meter_id).progress is Progress.READ

    on_a_site(scenario, store)


def test_a_reading_that_cannot_be_written_is_not_shown() -> None:
    store = FullDisk()

    async def scenario(told: Told) -> None:
        store.full = True
        with pytest.raises(StoreError):
            await told.site.take(taken())
        assert told.take() == []
        assert told.site.rows == ()

    on_a_site(scenario, store)


def test_a_telegram_is_decoded_once_and_never_by_the_site(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(told: Told) -> None:
        reading = taken()
        for module in ("site", "site_meters"):
            monkeypatch.setattr(f"app.services.{module}.decode", lambda *_: pytest.fail("decoded again"))
        meter_id = await told.site.take(reading)
        told.site.change([meter_id], place("203"))
        await told.site.flush()
        assert told.site.meter(meter_id).reading.telegram is reading.telegram

    on_a_site(scenario)


@pytest.mark.parametrize("raw", [row[0] for row in NO_READINGS.values()], ids=NO_READINGS)
def test_an_answer_without_a_reading_takes_nothing_away(raw: bytes) -> None:
    async def scenario(told: Told) -> None:
        meter_id = await told.site.take(taken())
        shown = told.site.meter(meter_id).reading
        assert await told.site.take(taken(raw=raw)) == meter_id
        assert told.site.meter(meter_id).reading is shown
        (other,) = {await told.site.take(taken("11111111", raw)) for _ in range(2)}
        assert told.site.row(other).progress is Progress.NO_READING

    on_a_site(scenario)


def test_a_reading_goes_to_the_site_it_was_taken_on() -> None:
    async def scenario(told: Told) -> None:
        await told.site.open("b")
        told.take()
        meter_id = await told.site.take(taken(), "a")
        assert told.take() == []
        await told.site.open("a")
        assert [row.meter_id for row in told.site.rows] == [meter_id]
        await told.site.open("b")
        assert await told.site.take(taken(), "a") == meter_id, "known there already"

    on_a_site(scenario)


def test_a_telegram_that_names_nobody_is_no_meter_of_the_list() -> None:
    async def scenario(told: Told) -> None:
        assert await told.site.take(replace(taken(), serial="")) == ""
        assert told.site.rows == ()

    on_a_site(scenario)


# Two meters with one number ------------------------------------------------------------------------------


def test_meters_with_one_number_are_told_apart_by_their_full_address() -> None:
    async def scenario(told: Told) -> None:
        heat, water = answer("94158192", medium=4), answer("94158192", medium=7)
        first = await told.site.take(taken(raw=heat))
        told.take()
        second = await told.site.take(taken(raw=water))
        assert second != first
        assert set(told.take()) == {("added", second), ("changed", first)}, "its address is no longer enough"
        assert await told.site.take(taken(raw=heat)) == first
        assert await told.site.take(taken(raw=water)) == second
        entries = [told.site.meter(each).entry.secondary_ad for each in (first, second)]
        assert [each[-2:] for each in entries] == ["04", "07"]
        assert all("twice" in told.site.meter(each).looks for each in (first, second))
        told.take()
        await told.site.remove([second])
        assert told.take() == [("removed", second), ("changed", first)]
        assert told.site.meter(first).entry.secondary_ad.endswith("FFFFFFFF")

    on_a_site(scenario)


@pytest.mark.parametrize("chosen", [0, 1, None])
def test_which_of_two_is_meant_is_asked_of_the_person_where_nothing_tells(chosen: int | None) -> None:
    async def scenario(told: Told) -> None:
        both = [await told.site.add("94158192") for _ in range(2)]
        asked: list[object] = []

        async def which(reading, candidates):
            asked.append([each.meter_id for each in candidates])
            assert len(await told.site.store.load(NO_SITE)) == 3, "kept before anybody is asked"
            return None if chosen is None else both[chosen]

        told.site.which = which
        meter_id = await told.site.take(taken())
        assert asked == [both]
        if chosen is None:
            assert meter_id not in both
            assert len(told.site) == 3
        else:
            assert meter_id == both[chosen]
            assert len(told.site) == 2
        assert told.site.row(meter_id).progress is Progress.READ
        kept = await told.site.store.load(NO_SITE)
        assert [each.meter_id for each in kept if each.reading] == [meter_id]

    on_a_site(scenario)


# Decisions -----------------------------------------------------------------------------------------------


def test_a_decision_about_many_is_one_transaction_and_one_step() -> None:
    store = FullDisk()

    async def scenario(told: Told) -> None:
        ids = [await told.site.take(taken(serial)) for serial in SERIALS]
        await told.rest()
        told.take(), store.calls.clear()
        told.site.change(ids, place("Cellar"))
        assert told.take() == [], "nothing is told before it is on disk"
        assert told.site.meter(ids[0]).draft.place == "Cellar", "the page that types sees it at once"
        await told.site.flush()
        assert store.calls == ["4 drafts"]
        assert told.take() == [("changed", each) for each in ids]
        await told.site.undo()
        assert {row.label for row in told.site.rows} == {""}
        assert {row.progress for row in told.site.rows} == {Progress.READ}, "as if nobody had decided"
        await told.site.redo()
        assert {row.label for row in told.site.rows} == {"Cellar"}
        assert store.calls == ["4 drafts", "4 back", "4 drafts"]

    on_a_site(scenario, store)


def test_a_disk_that_is_full_in_the_middle_of_a_bulk_change_leaves_all_as_it_was_and_says_so() -> None:
    store = FullDisk()

    async def scenario(told: Told) -> None:
        ids = [await told.site.take(taken(serial)) for serial in SERIALS]
        await told.rest()
        told.take()
        store.full = True
        told.site.change(ids, place("Cellar"))
        await told.rest()
        assert [name for name, _ in told.take() if name == "failed"] == ["failed"]
        assert {told.site.meter(each).draft.place for each in ids} == {""}
        store.full = False
        await told.site.flush()
        assert {each.draft for each in await store.load(NO_SITE)} == {None}

    on_a_site(scenario, store)


def test_what_was_typed_while_the_disk_was_full_is_written_when_there_is_room() -> None:
    store = FullDisk()

    async def scenario(told: Told) -> None:
        meter_id = await told.site.take(taken())
        await told.rest()
        store.full = True
        told.site.change([meter_id], place("20"))
        await told.rest()
        assert told.site.meter(meter_id).draft.place == "20"
        with pytest.raises(StoreError):
            await told.site.flush()
        store.full = False
        told.site.change([meter_id], place("203"))
        await told.rest()
        assert [each.draft.place for each in await store.load(NO_SITE)] == ["203"]

    on_a_site(scenario, store)


def test_an_undo_that_cannot_be_written_is_said_and_can_be_asked_again() -> None:
    store = FullDisk()

    async def scenario(told: Told) -> None:
        meter_id = await told.site.take(taken())
        told.site.change([meter_id], place("203"))
        await told.site.flush()
        store.full = True
        await told.site.undo()
        assert told.site.meter(meter_id).draft.place == "203"
        assert "failed" in [name for name, _ in told.take()]
        store.full = False
        await told.site.undo()
        assert told.site.meter(meter_id).draft.place == ""

    on_a_site(scenario, store)


def test_typing_a_place_is_one_step_and_another_field_another() -> None:
    async def scenario(told: Told) -> None:
        meter_id = await told.site.take(taken())
        for text in ("2", "20", "203"):
            told.site.change([meter_id], place(text), group="place")
        told.site.change([meter_id], lambda draft: replace(draft, dial="1"), group="dial")
        await told.site.undo()
        assert told.site.meter(meter_id).draft.place == "203"
        await told.site.undo()
        assert told.site.meter(meter_id).draft.place == ""
        assert told.site.history.undo_words is None

    on_a_site(scenario)


def test_a_place_typed_before_the_first_reading_is_a_decision_and_the_ticks_are_proposed_then() -> None:
    async def scenario(told: Told) -> None:
        meter_id = await told.site.add("94158192")
        told.site.change([meter_id], place("OG 2"))
        await told.site.flush()
        assert told.site.row(meter_id).progress is Progress.ON_LIST
        assert await told.site.take(taken()) == meter_id
        assert told.site.meter(meter_id).entry.name == "CH - 94158192 - OG 2"
        assert told.site.row(meter_id).summary.ticks == 1

    on_a_site(scenario)


# The list ------------------------------------------------------------------------------------------------


def test_meters_are_removed_and_moved_and_come_back_with_all_that_is_known() -> None:
    async def scenario(told: Told) -> None:
        site = told.site
        await site.open("a")
        ids = [await site.take(taken(serial)) for serial in SERIALS]
        site.change(ids, place("Cellar"))
        await site.flush()
        rows = {row.meter_id: row for row in site.rows}
        await site.remove(ids[:2])
        await site.move(ids[2:], "b")
        assert site.rows == ()
        assert [each.meter_id for each in await site.store.load("b")] == ids[2:]
        await site.undo()
        await site.undo()
        assert {row.meter_id: row for row in site.rows} == rows
        await site.redo()
        assert {row.meter_id for row in site.rows} == {*ids[2:]}

    on_a_site(scenario)


def test_a_removal_that_cannot_be_written_removes_nothing() -> None:
    store = FullDisk()

    async def scenario(told: Told) -> None:
        meter_id = await told.site.take(taken())
        store.full = True
        with pytest.raises(StoreError):
            await told.site.remove([meter_id])
        assert meter_id in told.site
        assert told.site.history.undo_words is None

    on_a_site(scenario, store)


def test_meters_read_without_a_site_stay_until_the_person_says_where_and_can_go_back() -> None:
    async def scenario(told: Told) -> None:
        ids = [await told.site.take(taken(serial)) for serial in SERIALS]
        await told.site.open("a")
        assert told.site.rows == ()
        waiting = await told.site.without_site()
        assert list(waiting) == ids
        await told.site.take_in(waiting)
        assert [row.meter_id for row in told.site.rows] == ids
        await told.site.undo()
        assert told.site.rows == ()
        assert list(await told.site.without_site()) == ids

    on_a_site(scenario)


# Uploads -------------------------------------------------------------------------------------------------


def test_an_upload_tells_the_row_of_its_meter_and_no_other() -> None:
    async def scenario(told: Told) -> None:
        ids = [await told.site.take(taken(serial)) for serial in SERIALS]
        entry = told.site.meter(ids[1]).entry
        told.take()
        item = OutboxItem("key", "https://p", "u", "s", entry, START, meter=ids[1])
        for state, progress in (
            (DeliveryState.QUEUED, Progress.WAITING),
            (DeliveryState.SENT, Progress.ON_PORTAL),
            (DeliveryState.WITHDRAWN, Progress.READ),
        ):
            told.site.take_upload(replace(item, state=state))
            assert told.take() == [("changed", ids[1])]
            assert told.site.row(ids[1]).progress is progress
        told.site.take_upload(replace(item, meter="another site's"))
        assert told.take() == []

    on_a_site(scenario)


def test_namesakes_on_the_portal_change_the_row_they_concern() -> None:
    async def scenario(told: Told) -> None:
        ids = [await told.site.take(taken(serial)) for serial in SERIALS]
        told.take()
        address = told.site.meter(ids[0]).entry.secondary_ad
        told.site.take_listed({address: [("17", "Boiler")], "92811594FFFFFFFF": []})
        assert told.take() == [("changed", ids[0])]
        assert told.site.meter(ids[0]).neighbours.namesakes == ("Boiler",)
        told.site.take_listed({})
        assert told.take() == [("changed", ids[0])]

    on_a_site(scenario)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_an_untouched_draft_never_replaces_a_decision(data: st.DataObject) -> None:
    """Whatever is read, typed, undone, moved and opened again, the last decision stands on disk."""

    async def scenario(told: Told) -> None:
        site = told.site
        await site.open("a")
        decided: dict[str, str] = {}
        for number in range(data.draw(st.integers(1, 12))):
            act = data.draw(st.sampled_from(("read", "type", "away", "open", "garbage")))
            serial = data.draw(st.sampled_from(SERIALS[:2]))
            ids = site.with_serial(serial)
            if act == "read":
                await site.take(taken(serial))
            elif act == "garbage":
                await site.take(taken(serial, b"\xe5"))
            elif act == "type" and ids:
                site.change(ids, place(f"place {number}"))
                decided[serial] = f"place {number}"
                await site.flush()
            elif act == "away":
                await site.take(taken(serial), "b")
            elif act == "open":
                await site.open("b")
                await site.open("a")
        await site.flush()
        kept = {each.serial: each.draft.place for each in await site.store.load("a") if each.draft}
        assert kept == decided

    on_a_site(scenario)
