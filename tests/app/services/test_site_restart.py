"""What was read, typed, sent and verified is as before after a restart: on a real data file."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from app.domain.building import NO_SITE
from app.domain.commissioned import MeterFacts, commission
from app.domain.delivery_state import DeliveryState, OutboxItem
from app.domain.payload import parse_reg
from app.domain.progress import Progress
from app.domain.summary import summarise
from app.domain.verification import RegisterComparison, Verdict, Verification
from app.mbus.response import decode
from app.services.site_meters import reading_of
from app.store.store import Store
from tests.fakes.field_cases import field_cases, telegrams_of
from tests.fakes.sites import RULES, START, Told, site_on, taken

SERIALS = ("94158186", "94158189", "94158192", "94158195")
LINK = ("https://p.example/api", "17")


def place(text: str):
    return lambda draft: replace(draft, place=text)


def started(folder: Path, scenario: Callable[[Told, Store], Awaitable[object]]) -> object:
    """One run of the program on a folder: its site is opened, worked on, and closed."""

    async def run() -> object:
        store = await Store.open(folder, START)
        try:
            building = await store.sites.of_portal(*LINK)
            if building is None:
                building = await store.sites.add(
                    "Rue du Lac 12", portal=LINK[0], portal_site_id=LINK[1], at=START
                )
            told = site_on(store.meters, store.outbox.items)
            await told.site.open(building.site_id, LINK)
            outcome = await scenario(told, store)
            await told.site.flush()
            await told.rest()
            return outcome
        finally:
            await store.close()

    return asyncio.run(run())


def equal(item: OutboxItem) -> Verification:
    one = Decimal(1)
    return Verification(
        "", tuple(RegisterComparison(e, one, one, "", Verdict.EQUAL) for e in parse_reg(item.entry.reg))
    )


async def sent(told: Told, store: Store, meter_id: str) -> OutboxItem:
    entry = told.site.meter(meter_id).entry
    item = await store.outbox.queue(
        OutboxItem(f"key {meter_id}", LINK[0], "u", LINK[1], entry, START, meter=meter_id)
    )
    item = await store.outbox.save(replace(item, state=DeliveryState.SENT, meter_id="7", sent_at=START))
    told.site.take_upload(item)
    return item


async def worked_on(told: Told, store: Store) -> None:
    """Four meters: read, verified, changed since the verification, and uploaded."""
    site = told.site
    ids = [await site.take(taken(serial, label_typed=True)) for serial in SERIALS]
    site.change(ids, place("Cellar"))
    await site.flush()
    for meter_id in ids[1:]:
        item = await sent(told, store, meter_id)
        if meter_id != ids[3]:
            await site.keep_verification(meter_id, equal(item), item)
    site.change([ids[2]], place("Attic"))


def test_every_meter_is_as_far_as_it_was_without_decoding_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(told: Told, store: Store) -> object:
        await worked_on(told, store)
        await told.site.flush()
        await told.rest()
        return told.site.rows

    before = started(tmp_path, work)
    assert before[0].progress is Progress.DECIDED
    assert before[1].progress in (Progress.VERIFIED, Progress.VERIFIED_OPEN)
    assert [row.progress for row in before][2:] == [Progress.CHANGED_SINCE, Progress.ON_PORTAL]

    monkeypatch.setattr("app.services.site_meters.decode", lambda *_: pytest.fail("a summary is kept"))

    async def look(told: Told, _store: Store) -> object:
        return told.site.rows

    assert started(tmp_path, look) == before


def test_the_label_the_draft_and_the_values_of_a_verification_are_there_again(tmp_path: Path) -> None:
    async def work(told: Told, store: Store) -> object:
        await worked_on(told, store)
        return [told.site.meter(row.meter_id) for row in told.site.rows]

    async def look(told: Told, _store: Store) -> object:
        return [told.site.meter(row.meter_id) for row in told.site.rows]

    for before, after in zip(started(tmp_path, work), started(tmp_path, look), strict=True):
        assert after.facts.label_typed
        assert (after.draft, after.entry, after.checks) == (before.draft, before.entry, before.checks)
        assert after.facts.verification == before.facts.verification


@pytest.mark.parametrize("spoilt", ["", "[", '["x", {}]', None])
def test_without_its_summary_a_meter_never_seems_further_than_it_is(
    tmp_path: Path, spoilt: str | None
) -> None:
    """A damaged or older summary is made anew; nothing says "verified" meanwhile that is not."""

    async def work(told: Told, store: Store) -> object:
        await worked_on(told, store)
        await told.site.flush()
        await told.rest()
        ids = [row.meter_id for row in told.site.rows]
        await store.meters.save_summaries((each, spoilt) for each in ids)
        return told.site.rows

    async def look(told: Told, _store: Store) -> object:
        first = told.site.rows
        await told.rest()
        return first, told.site.rows

    before = started(tmp_path, work)
    first, settled = started(tmp_path, look)
    assert [row.progress for row in first] == [row.progress for row in before]
    assert settled == before


def test_many_meters_from_their_summaries_are_what_a_full_computation_says(tmp_path: Path) -> None:
    raws = [raw for case in field_cases() for raw in telegrams_of(case.values[0])]

    async def work(told: Told, _store: Store) -> None:
        for at, raw in enumerate(raws):
            await told.site.take(taken(f"{10_000_000 + at}", raw))

    async def look(told: Told, store: Store) -> object:
        kept = {each.meter_id: each for each in await store.meters.load(told.site.site_id)}
        return kept, told.site.rows

    started(tmp_path, work)
    kept, rows = started(tmp_path, look)
    assert len(rows) == len(raws)
    for row in rows:
        stored = kept[row.meter_id]
        assert stored.summary is not None
        reading = reading_of(stored.reading, decode(stored.reading.raw))
        facts = MeterFacts(row.serial, reading)
        assert row.summary == summarise(commission(facts, RULES))
        assert row.progress is commission(facts, RULES).progress


def test_what_was_taken_in_or_undone_stands_after_a_restart(tmp_path: Path) -> None:
    async def work(told: Told, store: Store) -> None:
        site = told.site
        here = [await site.take(taken(serial)) for serial in SERIALS[:2]]
        await site.take(taken(SERIALS[2]), NO_SITE)
        await site.take_in(await site.without_site())
        site.change(here, place("Cellar"))
        await site.flush()
        await site.undo()
        await site.remove([here[0]])
        assert await store.meters.load(NO_SITE) == ()

    async def look(told: Told, store: Store) -> object:
        kept = await store.meters.load(told.site.site_id)
        return [(each.serial, each.draft, each.decided) for each in kept]

    started(tmp_path, work)
    assert started(tmp_path, look) == [(SERIALS[1], None, False), (SERIALS[2], None, False)]


def test_a_meter_of_the_list_and_the_same_read_without_a_site_become_one(tmp_path: Path) -> None:
    async def work(told: Told, _store: Store) -> object:
        site = told.site
        planned = await site.add(SERIALS[0])
        site.change([planned], place("OG 2 links"))
        await site.flush()
        await site.take(taken(SERIALS[0]), NO_SITE)
        await site.take_in(await site.without_site())
        return [(row.serial, row.label, row.progress) for row in site.rows]

    one = [(SERIALS[0], "OG 2 links", Progress.DECIDED)]
    assert started(tmp_path, work) == one

    async def look(told: Told, _store: Store) -> object:
        return [(row.serial, row.label, row.progress) for row in told.site.rows]

    assert started(tmp_path, look) == one
