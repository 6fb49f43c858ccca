"""Exactly once, whatever happens on the way: against a real portal over HTTP and a real outbox on disk."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.delivery_state import DeliveryState, OutboxItem
from app.domain.errors import EntryError
from app.domain.payload import MeterEntry
from app.mbus.records import Telegram
from app.message import Message
from app.portal.client import PortalApi, PortalClient
from app.portal.contract import StoredMeter
from app.portal.credentials import Account, fixed_password
from app.portal.errors import PortalNotFound
from app.portal.pacing import Pacer
from app.practice.portal import PracticePortal
from app.practice.portal_faults import PortalFault as Fault
from app.services.commissioning import load_vocabulary
from app.services.delivery import STORE_DELAY_S
from app.store.errors import StoreFull
from tests.fakes.portal_desk import Desk, at_desk, desk_at
from tests.fakes.portals import (
    START,
    FakeClock,
    client_of,
    entry_for,
    gateway_of,
    practice_portal,
    uploaded,
)


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[PracticePortal]:
    with practice_portal(tmp_path / "portal") as running:
        yield running


def test_an_upload_arrives_as_it_was_queued(portal: PracticePortal, tmp_path: Path) -> None:
    entry = entry_for(gateway_of(portal))

    async def use(desk: Desk) -> None:
        queued = await desk.delivery.upload(entry, portal.site_id)
        assert queued.state is DeliveryState.QUEUED
        assert uploaded(portal) == [], "queueing sends nothing"
        await desk.settle()
        sent = await desk.store.outbox.get(queued.key)
        assert sent is not None
        assert (sent.state, sent.sent_at is None) == (DeliveryState.SENT, False)
        states = [item.state for item in desk.told if item.key == queued.key]
        assert states[0] is DeliveryState.QUEUED
        assert states[-1] is DeliveryState.SENT

    at_desk(portal, tmp_path / "desk", use)
    (body,) = uploaded(portal)
    assert body["additional_settings"] == {"secondary_ad": entry.secondary_ad, "reg": entry.reg}
    assert body["name"] == entry.name


def test_many_uploads_ask_for_the_list_once(portal: PracticePortal, tmp_path: Path) -> None:
    async def use(desk: Desk) -> None:
        for serial in range(94158186, 94158196):
            await desk.delivery.upload(entry_for(gateway_of(portal), str(serial)), portal.site_id)
        await desk.settle()

    at_desk(portal, tmp_path / "desk", use)
    assert len(uploaded(portal)) == 10
    assert portal.requests.count(f"GET /meter_info/{portal.site_id}") == 1
    assert len(portal.requests) == 12, "login, list, and one create a meter"


def test_a_second_upload_of_a_meter_changes_it(portal: PracticePortal, tmp_path: Path) -> None:
    entry = entry_for(gateway_of(portal))

    async def use(desk: Desk) -> None:
        first = await desk.delivery.upload(entry, portal.site_id)
        await desk.settle()
        await desk.delivery.upload(replace(entry, name="corrected"), portal.site_id)
        await desk.settle()
        assert (await desk.store.outbox.get(first.key)).state is DeliveryState.SENT  # type: ignore[union-attr]

    at_desk(portal, tmp_path / "desk", use)
    assert [body["name"] for body in uploaded(portal)] == ["corrected"]


@pytest.mark.parametrize("listed", [True, False], ids=["list tells the address", "only a 409 tells"])
def test_a_colleagues_entry_is_shown_before_it_is_replaced_and_can_be_put_back(
    portal: PracticePortal, tmp_path: Path, *, listed: bool
) -> None:
    entry = entry_for(gateway_of(portal))

    async def another_laptop(desk: Desk) -> None:
        await desk.delivery.upload(replace(entry, name="by a colleague"), portal.site_id)
        await desk.settle()

    at_desk(portal, tmp_path / "other", another_laptop)
    (theirs,) = uploaded(portal)

    async def use(desk: Desk) -> None:
        if not listed:
            api = desk.delivery.portal()
            whole_list = api.meters

            async def published_keys_only(site_id: str):  # type: ignore[no-untyped-def]
                return tuple(replace(meter, secondary_ad=None) for meter in await whole_list(site_id))

            api.meters = published_keys_only  # type: ignore[method-assign]
        queued = await desk.delivery.upload(entry, portal.site_id)
        await desk.settle()
        found = await desk.store.outbox.get(queued.key)
        assert found is not None
        assert (found.state, found.meter_id) == (DeliveryState.CHANGED, theirs["id"])
        assert found.theirs is not None
        assert found.theirs.name == "by a colleague"
        assert [body["name"] for body in uploaded(portal)] == ["by a colleague"], "nobody was asked yet"
        await desk.delivery.overwrite_theirs(queued.key)
        await desk.settle()
        sent = await desk.store.outbox.get(queued.key)
        assert sent is not None
        assert (sent.state, sent.meter_id) == (DeliveryState.SENT, theirs["id"])
        assert [body["name"] for body in uploaded(portal)] == [entry.name]
        back = await desk.delivery.put_back(queued.key)
        await desk.settle()
        assert (await desk.store.outbox.get(back.key)).state is DeliveryState.SENT  # type: ignore[union-attr]

    at_desk(portal, tmp_path / "desk", use)
    assert [body["name"] for body in uploaded(portal)] == ["by a colleague"], "put back"


def test_the_same_meter_already_there_is_not_touched(portal: PracticePortal, tmp_path: Path) -> None:
    entry = entry_for(gateway_of(portal))

    async def use(desk: Desk) -> None:
        await desk.delivery.upload(entry, portal.site_id)
        await desk.settle()

    at_desk(portal, tmp_path / "other", use)
    at_desk(portal, tmp_path / "desk", use)
    assert len(uploaded(portal)) == 1
    assert not any(request.startswith("PUT") for request in portal.requests)


class Meanwhile(PortalClient):
    """While the portal works on the first create or change, the person does something."""

    do: Callable[[], Awaitable[object]] | None = None

    async def create_meter(self, site_id: str, entry: MeterEntry, idempotency_key: str) -> StoredMeter:
        try:
            return await super().create_meter(site_id, entry, idempotency_key)
        finally:
            await self._meanwhile()

    async def update_meter(self, site_id: str, meter_id: str, entry: MeterEntry, etag: str) -> StoredMeter:
        try:
            return await super().update_meter(site_id, meter_id, entry, etag)
        finally:
            await self._meanwhile()

    async def _meanwhile(self) -> None:
        if self.do is not None:
            do, self.do = self.do, None
            await do()


def meanwhile_of(portal: PracticePortal, clock: FakeClock) -> Meanwhile:
    """A client of the practice portal that can be told what happens meanwhile."""
    account, known = (portal.api_url, portal.username), fixed_password(portal.password)
    return Meanwhile(*account, known, clock=clock, pacer=Pacer(clock, 0.0))


@pytest.mark.parametrize("fault", [None, Fault.SERVER_ERROR, Fault.DROP, Fault.DROP_AFTER])
@pytest.mark.parametrize("there", [False, True], ids=["create", "change"])
def test_a_correction_made_while_the_first_upload_is_on_its_way_stands(
    portal: PracticePortal, tmp_path: Path, fault: Fault | None, *, there: bool
) -> None:
    """Else the first one's next try puts the old data back over the corrected."""
    clock = FakeClock()
    client = meanwhile_of(portal, clock)
    entry = entry_for(gateway_of(portal))

    async def use(desk: Desk) -> None:
        if there:
            await desk.delivery.upload(replace(entry, name="before"), portal.site_id)
            await desk.settle()
        await client.meters(portal.site_id)
        await desk.delivery._lists(desk.delivery.account)(portal.site_id)
        old = await desk.delivery.upload(replace(entry, name="old"), portal.site_id)

        async def correct() -> None:
            portal.faults.clear()
            await desk.delivery.upload(replace(entry, name="corrected"), portal.site_id)

        client.do = correct
        if fault is not None:
            portal.faults.next(fault)
        await desk.settle()
        first = await desk.store.outbox.get(old.key)
        assert first is not None
        assert first.state is (DeliveryState.REPLACED if fault else DeliveryState.SENT)
        assert {item.state for item in await desk.store.outbox.items()} == {DeliveryState.SENT}

    at_desk(portal, tmp_path / "desk", use, portal_for=lambda _: client)
    assert [body["name"] for body in uploaded(portal)] == ["corrected"]


def test_what_was_on_its_way_when_the_power_went_gives_way_to_its_correction(
    portal: PracticePortal, tmp_path: Path
) -> None:
    entry = entry_for(gateway_of(portal))

    async def use(desk: Desk) -> None:
        old = await desk.delivery.upload(replace(entry, name="old"), portal.site_id)
        await desk.store.outbox.begin(old.key)
        await desk.delivery.upload(entry, portal.site_id)

    at_desk(portal, tmp_path / "desk", use)

    async def later(desk: Desk) -> None:
        assert [item.entry for item in await desk.store.outbox.waiting()] == [entry]

    at_desk(portal, tmp_path / "desk", later)


async def changed_elsewhere(desk: Desk, portal: PracticePortal) -> OutboxItem:
    """Uploads, lets a colleague change the meter, and uploads again."""
    entry = entry_for(gateway_of(portal))
    first = await desk.delivery.upload(entry, portal.site_id)
    await desk.settle()
    sent = await desk.store.outbox.get(first.key)
    assert sent is not None
    colleague = client_of(portal)
    theirs = replace(entry, name="theirs")
    await colleague.update_meter(portal.site_id, sent.meter_id, theirs, sent.etag)
    await colleague.close()
    second = await desk.delivery.upload(replace(entry, name="mine"), portal.site_id)
    await desk.settle()
    item = await desk.store.outbox.get(second.key)
    assert item is not None
    return item


def test_a_change_by_somebody_else_shows_both_versions(portal: PracticePortal, tmp_path: Path) -> None:
    async def use(desk: Desk) -> None:
        item = await changed_elsewhere(desk, portal)
        assert item.state is DeliveryState.CHANGED
        assert item.theirs is not None
        assert (item.entry.name, item.theirs.name) == ("mine", "theirs")
        assert "Somebody changed" in str(item.problem)
        assert [body["name"] for body in uploaded(portal)] == ["theirs"], "nothing is overwritten unasked"
        await desk.delivery.overwrite_theirs(item.key)
        await desk.settle()

    at_desk(portal, tmp_path / "desk", use)
    assert [body["name"] for body in uploaded(portal)] == ["mine"]


def test_another_upload_does_not_decide_against_somebody_elses_change(
    portal: PracticePortal, tmp_path: Path
) -> None:
    async def use(desk: Desk) -> None:
        item = await changed_elsewhere(desk, portal)
        again = await desk.delivery.upload(replace(item.entry, name="mine again"), portal.site_id)
        assert (again.state, again.theirs) == (DeliveryState.CHANGED, item.theirs)
        await desk.settle()
        assert [body["name"] for body in uploaded(portal)] == ["theirs"]
        await desk.delivery.overwrite_theirs(again.key)
        await desk.settle()

    at_desk(portal, tmp_path / "desk", use)
    assert [body["name"] for body in uploaded(portal)] == ["mine again"]


def test_an_upload_that_says_what_they_say_settles_it(portal: PracticePortal, tmp_path: Path) -> None:
    async def use(desk: Desk) -> None:
        item = await changed_elsewhere(desk, portal)
        assert item.theirs is not None
        await desk.delivery.upload(item.theirs, portal.site_id)
        await desk.settle()
        assert (await desk.delivery.status()).for_the_person == 0

    at_desk(portal, tmp_path / "desk", use)
    assert [body["name"] for body in uploaded(portal)] == ["theirs"]


def test_a_correction_made_while_a_change_by_somebody_else_comes_to_light_asks_too(
    portal: PracticePortal, tmp_path: Path
) -> None:
    clock = FakeClock()
    client = meanwhile_of(portal, clock)
    entry = entry_for(gateway_of(portal))

    async def use(desk: Desk) -> None:
        first = await desk.delivery.upload(entry, portal.site_id)
        await desk.settle()
        sent = await desk.store.outbox.get(first.key)
        assert sent is not None
        colleague = client_of(portal)
        await colleague.update_meter(portal.site_id, sent.meter_id, replace(entry, name="theirs"), sent.etag)
        await colleague.close()
        corrected = replace(entry, name="corrected")
        client.do = lambda: desk.delivery.upload(corrected, portal.site_id)
        await desk.delivery.upload(replace(entry, name="mine"), portal.site_id)
        await desk.settle()
        last = desk.told[-1]
        assert (last.entry, last.state) == (corrected, DeliveryState.CHANGED), "the window is told"

    at_desk(portal, tmp_path / "desk", use, portal_for=lambda _: client)
    assert [body["name"] for body in uploaded(portal)] == ["theirs"]


def test_a_change_by_somebody_else_may_stand(portal: PracticePortal, tmp_path: Path) -> None:
    async def use(desk: Desk) -> None:
        item = await changed_elsewhere(desk, portal)
        await desk.delivery.keep_theirs(item.key)
        await desk.settle()
        assert await desk.store.outbox.waiting() == ()
        assert (await desk.delivery.status()).for_the_person == 0

    at_desk(portal, tmp_path / "desk", use)
    assert [body["name"] for body in uploaded(portal)] == ["theirs"]


def test_a_change_whose_answer_was_lost_is_recognised_as_our_own(
    portal: PracticePortal, tmp_path: Path
) -> None:
    entry = entry_for(gateway_of(portal))

    async def use(desk: Desk) -> None:
        await desk.delivery.upload(entry, portal.site_id)
        await desk.settle()
        item = await desk.delivery.upload(replace(entry, name="mine"), portal.site_id)
        portal.faults.next(Fault.DROP_AFTER)
        await desk.settle()
        assert (await desk.store.outbox.get(item.key)).state is DeliveryState.SENT  # type: ignore[union-attr]

    at_desk(portal, tmp_path / "desk", use)
    assert [body["name"] for body in uploaded(portal)] == ["mine"]


def test_a_create_whose_answer_was_lost_is_repeated_under_its_key(
    portal: PracticePortal, tmp_path: Path
) -> None:
    async def use(desk: Desk) -> None:
        api = desk.delivery.portal()
        await api.installations()
        item = await desk.delivery.upload(entry_for(gateway_of(portal)), portal.site_id)
        await desk.delivery._lists(desk.delivery.account)(portal.site_id)
        portal.faults.next(Fault.DROP_AFTER)
        pause_s = await desk.delivery.send_waiting()
        assert pause_s is not None
        assert len(uploaded(portal)) == 1, "the portal has it; the laptop does not know"
        # Meanwhile a colleague changes it: the repeat must not undo that.
        (body,) = portal.data.meters(portal.site_id)[-1:]
        colleague = client_of(portal)
        theirs = entry_for(gateway_of(portal), name="theirs")
        await colleague.update_meter(portal.site_id, body.id, theirs, "*")
        await colleague.close()
        await desk.settle()
        kept = await desk.store.outbox.get(item.key)
        assert kept is not None
        assert kept.state is DeliveryState.CHANGED
        assert kept.theirs == theirs

    at_desk(portal, tmp_path / "desk", use)
    assert [body["name"] for body in uploaded(portal)] == ["theirs"]


def test_a_refused_entry_waits_for_the_person_and_then_goes(portal: PracticePortal, tmp_path: Path) -> None:
    async def use(desk: Desk) -> None:
        bad = await desk.delivery.upload(entry_for("nowhere", name=" "), portal.site_id)
        good = await desk.delivery.upload(entry_for(gateway_of(portal), "94158193"), portal.site_id)
        await desk.settle()
        item = await desk.store.outbox.get(bad.key)
        assert item is not None
        assert item.state is DeliveryState.REJECTED
        assert {reason.field for reason in item.field_reasons} == {"name", "gateway_id"}
        assert (await desk.store.outbox.get(good.key)).state is DeliveryState.SENT  # type: ignore[union-attr]
        status = await desk.delivery.status()
        assert (status.waiting, status.for_the_person) == (0, 1)
        await desk.delivery.upload(entry_for(gateway_of(portal)), portal.site_id)
        await desk.settle()
        assert (await desk.delivery.status()).for_the_person == 0, "the corrected one replaces it"

    at_desk(portal, tmp_path / "desk", use)
    assert len(uploaded(portal)) == 2


def test_a_portal_without_the_write_part_means_by_hand(portal: PracticePortal, tmp_path: Path) -> None:
    portal.faults.set(Fault.NO_WRITE, on=True)
    key = ""

    async def use(desk: Desk) -> None:
        nonlocal key
        item = await desk.delivery.upload(entry_for("g"), portal.site_id)
        key = item.key
        await desk.settle()
        await desk.delivery.tick_by_hand(item.key, "name", done=True)
        await desk.delivery.tick_by_hand(item.key, "reg", done=True)
        await desk.delivery.tick_by_hand(item.key, "name", done=False)

    at_desk(portal, tmp_path / "desk", use)

    async def later(desk: Desk) -> None:
        item = await desk.store.outbox.get(key)
        assert item is not None
        assert (item.state, item.done_fields) == (DeliveryState.BY_HAND, ("reg",))
        done = await desk.delivery.finish_by_hand(key)
        assert done.state is DeliveryState.DONE_BY_HAND
        assert await desk.delivery.send_waiting() is None

    at_desk(portal, tmp_path / "desk", later)


def test_by_hand_can_go_by_itself_once_the_portal_can(portal: PracticePortal, tmp_path: Path) -> None:
    async def use(desk: Desk) -> None:
        portal.faults.set(Fault.NO_WRITE, on=True)
        item = await desk.delivery.upload(entry_for(gateway_of(portal)), portal.site_id)
        await desk.settle()
        portal.faults.clear()
        await desk.delivery.retry(item.key)
        await desk.settle()

    at_desk(portal, tmp_path / "desk", use)
    assert len(uploaded(portal)) == 1


def test_a_meter_removed_on_the_portal_is_made_again_only_when_the_person_says_so(
    portal: PracticePortal, tmp_path: Path
) -> None:
    entry = entry_for(gateway_of(portal))

    async def use(desk: Desk) -> None:
        item = await desk.delivery.upload(entry, portal.site_id)
        await desk.settle()
        sent = await desk.store.outbox.get(item.key)
        assert sent is not None
        portal.data.delete(portal.site_id, sent.meter_id)
        again = await desk.delivery.upload(replace(entry, name="again"), portal.site_id)
        await desk.settle()
        asked = await desk.store.outbox.get(again.key)
        assert asked is not None
        assert (asked.state, asked.theirs) == (DeliveryState.CHANGED, None)
        assert "removed" in str(asked.problem)
        assert uploaded(portal) == []
        await desk.delivery.retry(again.key)
        await desk.settle()
        assert uploaded(portal) == [], "to look again is no decision"
        anew = await desk.delivery.overwrite_theirs(again.key)
        await desk.settle()
        assert (await desk.store.outbox.get(anew.key)).state is DeliveryState.SENT  # type: ignore[union-attr]
        assert (await desk.delivery.status()).for_the_person == 0

    at_desk(portal, tmp_path / "desk", use)
    assert [body["name"] for body in uploaded(portal)] == ["again"]


def test_a_meter_removed_there_may_stay_removed(portal: PracticePortal, tmp_path: Path) -> None:
    entry = entry_for(gateway_of(portal))

    async def use(desk: Desk) -> None:
        item = await desk.delivery.upload(entry, portal.site_id)
        await desk.settle()
        sent = await desk.store.outbox.get(item.key)
        assert sent is not None
        portal.data.delete(portal.site_id, sent.meter_id)
        again = await desk.delivery.upload(replace(entry, name="again"), portal.site_id)
        await desk.settle()
        await desk.delivery.keep_theirs(again.key)
        await desk.settle()
        assert await desk.store.outbox.items() == (), "nothing says that it is on the portal"

    at_desk(portal, tmp_path / "desk", use)
    assert uploaded(portal) == []


def test_no_network_backs_off_longer_and_longer_and_asks_once_for_all(tmp_path: Path) -> None:
    with practice_portal(tmp_path / "portal") as portal:
        gateway_id, site_id = gateway_of(portal), portal.site_id

    async def use(desk: Desk) -> None:
        for serial in ("94158192", "94158193", "94158194"):
            await desk.delivery.upload(entry_for(gateway_id, serial), site_id)
        pauses = []
        for _ in range(9):
            pause_s = await desk.delivery.send_waiting()
            assert pause_s is not None
            pauses.append(pause_s)
            desk.clock.seconds += pause_s
        assert pauses == [4, 8, 16, 32, 64, 128, 256, 512, 600]
        attempts = [item.attempts for item in await desk.store.outbox.items()]
        assert attempts == [9, 0, 0], "what holds for one holds for all: no request is wasted"
        status = await desk.delivery.status()
        assert (status.waiting, status.needs_login) == (3, False)
        assert "cannot be reached" in str(status.problem)
        desk.delivery.wake()
        assert (await desk.delivery.status()).problem is None
        assert await desk.delivery.send_waiting() == 4, "the person's wish starts again at once"

    at_desk(portal, tmp_path / "desk", use)


def test_the_pause_has_jitter(portal: PracticePortal, tmp_path: Path) -> None:
    portal.faults.set(Fault.DROP, on=True)

    async def use(desk: Desk) -> None:
        desk.delivery._lanes.chance = lambda: 0.0
        await desk.delivery.upload(entry_for("g"), portal.site_id)
        assert await desk.delivery.send_waiting() == 2

    at_desk(portal, tmp_path / "desk", use)


def test_one_upload_that_the_portal_chokes_on_does_not_hold_the_others(
    portal: PracticePortal, tmp_path: Path
) -> None:
    async def use(desk: Desk) -> None:
        await desk.delivery.portal().meters(portal.site_id)
        for serial in ("94158192", "94158193"):
            await desk.delivery.upload(entry_for(gateway_of(portal), serial), portal.site_id)
        portal.faults.next(Fault.SERVER_ERROR)
        await desk.delivery.send_waiting()
        assert [item.state for item in await desk.store.outbox.items()] == [
            DeliveryState.QUEUED,
            DeliveryState.SENT,
        ]

    at_desk(portal, tmp_path / "desk", use)


def test_a_busy_portal_is_left_alone_as_long_as_it_asks(portal: PracticePortal, tmp_path: Path) -> None:
    portal.faults.set(Fault.BUSY, on=True)

    async def use(desk: Desk) -> None:
        await desk.delivery.upload(entry_for("g"), portal.site_id)
        pause_s = await desk.delivery.send_waiting()
        assert pause_s is not None
        assert pause_s >= 1
        assert "busy" in str((await desk.delivery.status()).problem)

    at_desk(portal, tmp_path / "desk", use)


def test_a_refused_login_stops_until_the_person_corrects_it(portal: PracticePortal, tmp_path: Path) -> None:
    wrong = fixed_password("wrong")

    async def use(desk: Desk) -> None:
        item = await desk.delivery.upload(entry_for(gateway_of(portal)), portal.site_id)
        assert await desk.delivery.send_waiting() is None
        assert await desk.delivery.send_waiting() is None
        assert list(portal.requests) == ["POST /auth"], "a wrong password is not hammered at the portal"
        status = await desk.delivery.status()
        assert (status.waiting, status.needs_login) == (1, True)
        assert (await desk.store.outbox.get(item.key)).state is DeliveryState.QUEUED  # type: ignore[union-attr]

    at_desk(portal, tmp_path / "desk", use, passwords=wrong)

    async def later(desk: Desk) -> None:
        await desk.settle()

    at_desk(portal, tmp_path / "desk", later)
    assert len(uploaded(portal)) == 1, "nothing was lost"


def test_an_address_that_no_password_may_go_to_fails_and_says_so(
    portal: PracticePortal, tmp_path: Path
) -> None:
    async def use(desk: Desk) -> None:
        desk.delivery.account = Account("http://192.168.2.10/api/v1", "anna")
        desk.delivery._lanes.portal_for = _real_client
        item = await desk.delivery.upload(entry_for("g"), "site")
        await desk.settle()
        kept = await desk.store.outbox.get(item.key)
        assert kept is not None
        assert kept.state is DeliveryState.FAILED
        assert "https://" in str(kept.problem)

    at_desk(portal, tmp_path / "desk", use)


def _real_client(account: Account) -> PortalApi:
    return PortalClient(account.base_url, account.username, fixed_password("p"))


def test_run_sends_what_comes_and_waits_without_turning(portal: PracticePortal, tmp_path: Path) -> None:
    async def use(desk: Desk) -> None:
        arrived = asyncio.Event()
        desk.delivery.subscribe(lambda item: arrived.set() if item.state is DeliveryState.SENT else None)
        running = asyncio.ensure_future(desk.delivery.run())
        for serial in ("94158192", "94158193"):
            arrived.clear()
            await desk.delivery.upload(entry_for(gateway_of(portal), serial), portal.site_id)
            await arrived.wait()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        assert desk.clock.slept == []

    at_desk(portal, tmp_path / "desk", use)
    assert len(uploaded(portal)) == 2


def test_run_goes_on_after_a_full_disk(portal: PracticePortal, tmp_path: Path) -> None:
    async def use(desk: Desk) -> None:
        waiting = desk.store.outbox.waiting
        failures = [StoreFull(_FULL)]

        async def full_once() -> tuple[OutboxItem, ...]:
            if failures:
                raise failures.pop()
            return await waiting()

        desk.store.outbox.waiting = full_once  # type: ignore[method-assign]
        arrived = asyncio.Event()
        problems: list[object] = []

        async def watch(seconds: float) -> None:
            problems.append((await desk.delivery.status()).problem)
            desk.clock.slept.append(seconds)

        desk.clock.sleep = watch  # type: ignore[method-assign]
        desk.delivery.subscribe(lambda item: arrived.set() if item.state is DeliveryState.SENT else None)
        await desk.delivery.upload(entry_for(gateway_of(portal)), portal.site_id)
        desk.delivery._wake.clear()
        running = asyncio.ensure_future(desk.delivery.run())
        await arrived.wait()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        assert desk.clock.slept == [STORE_DELAY_S]
        assert problems == [_FULL]

    at_desk(portal, tmp_path / "desk", use)


_FULL = Message("The disk is full.")


@pytest.mark.parametrize(
    ("entry", "site_id", "told"),
    [
        (entry_for("g", reg="[]"), "site", "No register is ticked"),
        (entry_for("g", name="CH \udcff"), "site", "cannot be sent"),
        (entry_for("g\udcff"), "site", "cannot be sent"),
        (entry_for("g"), "s\udcff", "cannot be sent"),
    ],
)
def test_an_entry_that_makes_no_sense_is_not_queued(
    portal: PracticePortal, tmp_path: Path, entry: MeterEntry, site_id: str, told: str
) -> None:
    async def use(desk: Desk) -> None:
        with pytest.raises(EntryError, match=told):
            await desk.delivery.upload(entry, site_id)
        assert await desk.store.outbox.items() == ()

    at_desk(portal, tmp_path / "desk", use)


def test_an_upload_that_the_program_fails_at_stops_no_other(portal: PracticePortal, tmp_path: Path) -> None:
    """The run would be over for good, and nobody would know that nothing is sent any more."""

    class Failing(Meanwhile):
        async def create_meter(self, site_id: str, entry: MeterEntry, idempotency_key: str) -> StoredMeter:
            if entry.name == "poison":
                raise RuntimeError("Bearer of a secret")
            return await super().create_meter(site_id, entry, idempotency_key)

    clock = FakeClock()
    client = Failing(
        portal.api_url, portal.username, fixed_password(portal.password), clock=clock, pacer=Pacer(clock, 0.0)
    )

    async def use(desk: Desk) -> None:
        poison = await desk.delivery.upload(entry_for(gateway_of(portal), name="poison"), portal.site_id)
        other = await desk.delivery.upload(entry_for(gateway_of(portal), "94158193"), portal.site_id)
        await desk.settle()
        failed = await desk.store.outbox.get(poison.key)
        assert failed is not None
        assert failed.state is DeliveryState.FAILED
        assert "RuntimeError" in str(failed.problem)
        assert "secret" not in str(failed.problem)
        assert (await desk.store.outbox.get(other.key)).state is DeliveryState.SENT  # type: ignore[union-attr]

    at_desk(portal, tmp_path / "desk", use, portal_for=lambda _: client)


def test_verify_before_the_upload_arrived_says_so(portal: PracticePortal, tmp_path: Path) -> None:
    async def use(desk: Desk) -> None:
        item = await desk.delivery.upload(entry_for("g"), portal.site_id)
        with pytest.raises(PortalNotFound, match="not on the portal yet"):
            await desk.delivery.verify(item, Telegram(b""), START, load_vocabulary())

    at_desk(portal, tmp_path / "desk", use)


SERIALS = (f"{number:08d}" for number in count(10_000_000))
TROUBLE = st.sampled_from([None, *Fault])
EDITS = ["not", "at the end", "on its way"]


@given(
    trouble=st.lists(TROUBLE, max_size=12),
    restarts=st.sets(st.integers(0, 11)),
    edited=st.sampled_from(EDITS),
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_goes_wrong_a_meter_is_there_exactly_once(
    portal: PracticePortal,
    tmp_path: Path,
    trouble: list[Fault | None],
    restarts: set[int],
    edited: str,
) -> None:
    """Every try meets another fault, the program is restarted in between, then all is well again.

    What the person corrects, even while the first version is on its way, is what stands in the end.
    """
    serial = next(SERIALS)
    entry = entry_for(gateway_of(portal), serial)
    final = replace(entry, name=f"edited {serial}") if edited != "not" else entry
    folder = tmp_path / f"desk {serial}"
    portal.faults.clear()
    portal.faults.slow_s = 0

    clock = FakeClock()
    client = meanwhile_of(portal, clock)

    async def run() -> None:
        steps = list(enumerate(trouble))
        first = True
        while True:
            async with desk_at(portal, folder, portal_for=lambda _: client) as desk:
                if first:
                    await desk.delivery.upload(entry, portal.site_id)
                    first = False
                if client.do is not None or (edited == "on its way" and len(steps) == len(trouble)):
                    client.do = lambda: desk.delivery.upload(final, portal.site_id)
                while steps:
                    number, fault = steps.pop(0)
                    portal.faults.clear()
                    if fault is not None:
                        portal.faults.next(fault, times=4 if fault is Fault.BUSY else 1)
                    desk.delivery.wake()
                    await desk.delivery.send_waiting()
                    if number in restarts:
                        break
                else:
                    portal.faults.clear()
                    if edited == "at the end":
                        await desk.delivery.upload(final, portal.site_id)
                    for item in await desk.store.outbox.items():
                        if item.state is DeliveryState.BY_HAND:
                            await desk.delivery.retry(item.key)
                    desk.delivery.wake()
                    await desk.settle()
                    states = {item.state for item in await desk.store.outbox.items()}
                    assert states == {DeliveryState.SENT}
                    return

    asyncio.run(run())
    mine = [body for body in uploaded(portal) if serial in str(body["name"])]
    assert [body["name"] for body in mine] == [final.name]
