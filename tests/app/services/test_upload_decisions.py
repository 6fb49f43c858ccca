"""What the person decides about an upload, and what is for the person to decide."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.delivery_state import DeliveryState, OutboxItem
from app.domain.errors import EntryError
from app.domain.meter import MeterType
from app.portal.client import PortalClient
from app.portal.credentials import Account, fixed_password
from app.portal.errors import MOST_EQUAL_FAULTS
from app.portal.pacing import Pacer
from app.practice.portal import PracticePortal
from app.practice.portal_faults import PortalFault
from app.services.delivery import Delivery
from app.store.store import Store
from tests.fakes.contract_portal import (
    GATEWAY,
    PASSWORD,
    SITE,
    USERNAME,
    ContractPortal,
    Fault,
    contract_portal,
)
from tests.fakes.portal_desk import Desk, at_desk
from tests.fakes.portals import START, FakeClock, entry_for, gateway_of, practice_portal, uploaded

COOLING_REG = "[{'unit': 'cold_energy_kwh', 'factor': 0.001, 'dib': '04', 'vib': '863C'}]"


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[PracticePortal]:
    with practice_portal(tmp_path / "portal") as running:
        yield running


async def kept(desk: Desk, item: OutboxItem) -> OutboxItem:
    found = await desk.store.outbox.get(item.key)
    assert found is not None
    return found


def test_a_combined_meter_is_two_uploads_that_do_not_replace_each_other(
    portal: PracticePortal, tmp_path: Path
) -> None:
    heating = entry_for(gateway_of(portal))
    cooling = replace(heating, type=MeterType.COOLING, reg=COOLING_REG)

    async def use(desk: Desk) -> None:
        both = frozenset({MeterType.HEATING, MeterType.COOLING})
        for entry in (heating, cooling):
            await desk.delivery.upload(entry, portal.site_id, beside=both)
        await desk.settle()
        assert [item.state for item in await desk.store.outbox.items()] == [DeliveryState.SENT] * 2

    at_desk(portal, tmp_path / "desk", use)
    assert [body["type"] for body in uploaded(portal)] == ["heating", "cooling"]


def test_where_an_address_has_place_for_one_entry_it_can_have_the_registers_of_both(
    portal: PracticePortal, tmp_path: Path
) -> None:
    portal.faults.set(PortalFault.ONE_ENTRY, on=True)
    heating = entry_for(gateway_of(portal))
    cooling = replace(heating, type=MeterType.COOLING, reg=COOLING_REG)

    async def use(desk: Desk) -> None:
        await desk.delivery.upload(heating, portal.site_id)
        second = await desk.delivery.upload(cooling, portal.site_id)
        await desk.settle()
        asked = await kept(desk, second)
        assert asked.state is DeliveryState.CHANGED
        assert asked.theirs == heating
        assert "registers of both" in str(asked.problem)
        united = await desk.delivery.unite(second.key)
        await desk.settle()
        assert (await kept(desk, united)).state is DeliveryState.SENT
        assert (await kept(desk, second)).state is DeliveryState.REPLACED
        with pytest.raises(EntryError):
            await desk.delivery.unite(united.key)

    at_desk(portal, tmp_path / "desk", use)
    (body,) = uploaded(portal)
    assert body["type"] == "heating"
    assert body["additional_settings"]["reg"] == f"{heating.reg[:-1]}, {COOLING_REG[1:]}"  # type: ignore[index]


def test_a_corrected_type_changes_the_entry_and_makes_no_second(
    portal: PracticePortal, tmp_path: Path
) -> None:
    cold = entry_for(gateway_of(portal), type=MeterType.COLD_WATER)
    hot = replace(cold, type=MeterType.HOT_WATER)

    async def use(desk: Desk) -> None:
        await desk.delivery.upload(cold, portal.site_id, beside=())
        await desk.settle()
        await desk.delivery.upload(hot, portal.site_id, beside=())
        await desk.settle()
        assert [item.type for item in await desk.store.outbox.items()] == [MeterType.HOT_WATER]

    at_desk(portal, tmp_path / "desk", use)
    assert [body["type"] for body in uploaded(portal)] == ["hot_water"]


def test_an_address_made_full_is_the_same_meter(portal: PracticePortal, tmp_path: Path) -> None:
    entry = entry_for(gateway_of(portal))
    full = replace(entry, secondary_ad="92811594A7320404")

    async def use(desk: Desk) -> None:
        for each in (entry, full):
            await desk.delivery.upload(each, portal.site_id)
            await desk.settle()

    at_desk(portal, tmp_path / "desk", use)
    (body,) = uploaded(portal)
    assert body["additional_settings"]["secondary_ad"] == full.secondary_ad  # type: ignore[index]


def test_an_upload_for_the_wrong_building_is_taken_back(portal: PracticePortal, tmp_path: Path) -> None:
    async def use(desk: Desk) -> None:
        item = await desk.delivery.upload(entry_for("g"), portal.site_id)
        taken = await desk.delivery.withdraw(item.key)
        assert taken.state is DeliveryState.WITHDRAWN
        assert desk.told[-1] == taken
        await desk.settle()
        assert await desk.store.outbox.items() == ()

    at_desk(portal, tmp_path / "desk", use)
    assert uploaded(portal) == []


def test_what_may_be_on_the_portal_is_not_taken_back(portal: PracticePortal, tmp_path: Path) -> None:
    """Its answer was lost: to say that it is gone would be a guess."""

    async def use(desk: Desk) -> None:
        await desk.delivery.portal().meters(portal.site_id)
        item = await desk.delivery.upload(entry_for(gateway_of(portal)), portal.site_id)
        await desk.delivery._lists(desk.delivery.account)(portal.site_id)
        portal.faults.next(PortalFault.DROP_AFTER)
        await desk.delivery.send_waiting()
        with pytest.raises(EntryError, match="may be on the portal"):
            await desk.delivery.withdraw(item.key)
        await desk.settle()
        with pytest.raises(EntryError):
            await desk.delivery.withdraw(item.key)

    at_desk(portal, tmp_path / "desk", use)
    assert len(uploaded(portal)) == 1


def test_a_withdrawn_correction_leaves_what_is_on_its_way(portal: PracticePortal, tmp_path: Path) -> None:
    entry = entry_for(gateway_of(portal))

    async def use(desk: Desk) -> None:
        first = await desk.delivery.upload(entry, portal.site_id)
        await desk.store.outbox.begin(first.key)
        second = await desk.delivery.upload(replace(entry, name="corrected"), portal.site_id)
        await desk.delivery.withdraw(second.key)
        await desk.store.outbox.recover()
        await desk.settle()
        assert (await kept(desk, first)).state is DeliveryState.SENT

    at_desk(portal, tmp_path / "desk", use)
    assert [body["name"] for body in uploaded(portal)] == [entry.name]


def test_retry_all_tries_what_failed_and_decides_nothing(portal: PracticePortal, tmp_path: Path) -> None:
    async def use(desk: Desk) -> None:
        bad = await desk.delivery.upload(entry_for("nowhere"), portal.site_id)
        portal.faults.set(PortalFault.NO_WRITE, on=True)
        hand = await desk.delivery.upload(entry_for("g", "94158193"), portal.site_id)
        await desk.delivery.send_now(hand.key)
        portal.faults.clear()
        await desk.settle()
        assert [item.key for item in await desk.delivery.retry_all()] == [bad.key]
        assert (await kept(desk, bad)).problem is None
        assert (await kept(desk, hand)).state is DeliveryState.BY_HAND

    at_desk(portal, tmp_path / "desk", use)


# Against the contract's own portal, with faults as data ---------------------------------------------------


@pytest.fixture
def running() -> Iterator[tuple[ContractPortal, str]]:
    with contract_portal() as made:
        yield made


Use = Callable[[Desk, list[OutboxItem]], Awaitable[None]]


def benched(
    running: tuple[ContractPortal, str], folder: Path, use: Use, serials: tuple[str, ...] = ("94158192",)
) -> None:
    """A desk at the contract's own portal with some uploads in its outbox."""
    url, clock = running[1], FakeClock()

    def client(account: Account) -> PortalClient:
        known = fixed_password(PASSWORD)
        return PortalClient(account.base_url, account.username, known, clock=clock, pacer=Pacer(clock, 0.0))

    async def run() -> None:
        store = await Store.open(folder, START, busy_timeout_s=0)
        delivery = Delivery(store, client, Account(url, USERNAME), clock=clock, chance=lambda: 1.0)
        try:
            items = [await delivery.upload(entry_for(GATEWAY, serial), SITE) for serial in serials]
            await use(Desk(store, delivery, clock, []), items)
        finally:
            await delivery.close()
            await store.close()

    asyncio.run(run())


UNUSABLE = {
    "a fault of the portal": Fault(500, {"detail": "boom"}),
    "no JSON": Fault(201, b"OK"),
    "cut off inside": Fault(201, b'{"id": "m'),
    "no id": Fault(201, {"name": "x"}),
    "a list": Fault(201, []),
}


@pytest.mark.parametrize("fault", UNUSABLE.values(), ids=UNUSABLE)
def test_five_equal_unusable_answers_are_for_the_person(
    running: tuple[ContractPortal, str], tmp_path: Path, fault: Fault
) -> None:
    portal, _ = running
    portal.fail("POST /meter_info", *[fault] * 50)

    async def use(desk: Desk, items: list[OutboxItem]) -> None:
        await desk.settle()
        item = await kept(desk, items[0])
        assert item.state is DeliveryState.FAILED
        assert f"{MOST_EQUAL_FAULTS} times" in str(item.problem)
        assert item.attempts == MOST_EQUAL_FAULTS
        portal._faults.clear()
        await desk.delivery.retry(item.key)
        await desk.settle()
        assert (await kept(desk, item)).state is DeliveryState.SENT

    benched(running, tmp_path, use)
    assert len(portal.meters) == 1


def test_faults_that_differ_are_tried_on(running: tuple[ContractPortal, str], tmp_path: Path) -> None:
    portal, _ = running
    portal.fail("POST /meter_info", *[Fault(status) for status in (500, 502, 504) * 4])

    async def use(desk: Desk, items: list[OutboxItem]) -> None:
        await desk.settle()
        assert (await kept(desk, items[0])).state is DeliveryState.SENT

    benched(running, tmp_path, use)


def test_a_network_that_wants_a_sign_in_of_its_own_is_never_given_up_on(
    running: tuple[ContractPortal, str], tmp_path: Path
) -> None:
    """Every upload of the morning would else be for the person, because of one hotel."""
    portal, _ = running
    page = Fault(200, b"<html>Welcome to the hotel", {"Content-Type": "text/html"})
    portal.fail("POST /auth", *[page] * 12)

    async def use(desk: Desk, items: list[OutboxItem]) -> None:
        for _ in range(12):
            pause_s = await desk.delivery.send_waiting()
            assert pause_s is not None
            desk.clock.seconds += pause_s
        status = await desk.delivery.status()
        assert (status.waiting, status.for_the_person, status.stopped) == (2, 0, False)
        assert "web page" in str(status.problem)
        await desk.settle()
        assert (await desk.delivery.status()).waiting == 0

    benched(running, tmp_path, use, ("94158192", "94158193"))


def test_a_login_answer_that_means_nothing_stops_after_five_and_not_the_uploads(
    running: tuple[ContractPortal, str], tmp_path: Path
) -> None:
    portal, _ = running
    portal.fail("POST /auth", *[Fault(200, {"token": "x"})] * 20)

    async def use(desk: Desk, items: list[OutboxItem]) -> None:
        await desk.settle()
        status = await desk.delivery.status()
        assert (status.waiting, status.stopped, status.needs_login) == (1, True, False)
        assert len([each for each in portal.requests if each[1] == "/auth"]) == MOST_EQUAL_FAULTS
        portal._faults.clear()
        desk.delivery.nudge()
        assert await desk.delivery.send_waiting() is None, "the network's return is no decision"
        desk.delivery.wake()
        await desk.settle()
        assert (await kept(desk, items[0])).state is DeliveryState.SENT

    benched(running, tmp_path, use)


def test_an_address_without_a_portal_stops_the_account_and_fails_no_upload(
    running: tuple[ContractPortal, str], tmp_path: Path
) -> None:
    portal, _ = running
    portal.gone = True

    async def use(desk: Desk, items: list[OutboxItem]) -> None:
        assert await desk.delivery.send_waiting() is None
        status = await desk.delivery.status()
        assert (status.waiting, status.for_the_person, status.stopped) == (2, 0, True)
        portal.gone = False
        desk.delivery.wake()
        await desk.settle()
        assert (await desk.delivery.status()).waiting == 0

    benched(running, tmp_path, use, ("94158192", "94158193"))


def test_the_networks_return_wakes_what_nobody_answered_to(
    running: tuple[ContractPortal, str], tmp_path: Path
) -> None:
    portal, _ = running
    portal.fail("POST /auth", *[Fault(cut_at=0)] * 3)

    async def use(desk: Desk, items: list[OutboxItem]) -> None:
        for _ in range(3):
            assert await desk.delivery.send_waiting()
            desk.delivery.nudge()
        assert await desk.delivery.send_waiting() is None
        assert (await kept(desk, items[0])).state is DeliveryState.SENT
        assert desk.clock.seconds == 0, "nothing was waited for"

    benched(running, tmp_path, use)


def test_what_a_portal_asked_to_wait_for_is_waited_for_whoever_comes_back(
    running: tuple[ContractPortal, str], tmp_path: Path
) -> None:
    portal, _ = running
    portal.fail("POST /meter_info", Fault(503, {}, {"Retry-After": "300"}))

    async def use(desk: Desk, items: list[OutboxItem]) -> None:
        assert await desk.delivery.send_waiting() == 300
        desk.delivery.nudge()
        assert await desk.delivery.send_waiting() == 300
        item = await kept(desk, items[0])
        assert item.next_try_at is not None
        assert (item.next_try_at - desk.clock.now()).total_seconds() == 300

    benched(running, tmp_path, use)


REASONS = {
    "ours": {"errors": [{"field": "name", "reason": "too long"}]},
    "a framework's": {"detail": [{"loc": ["body", "name"], "msg": "too long"}]},
    "an object": {"detail": {"name": ["too long"]}},
    "text": {"detail": "name: too long"},
}


@pytest.mark.parametrize("body", REASONS.values(), ids=REASONS)
@pytest.mark.parametrize("status", [400, 422])
def test_why_an_entry_is_refused_reaches_the_person(
    running: tuple[ContractPortal, str], tmp_path: Path, body: object, status: int
) -> None:
    portal, _ = running
    portal.fail("POST /meter_info", Fault(status, body))

    async def use(desk: Desk, items: list[OutboxItem]) -> None:
        await desk.settle()
        item = await kept(desk, items[0])
        assert item.state is DeliveryState.REJECTED
        assert "too long" in str(item.problem)
        assert {each.field for each in item.field_reasons} <= {"name"}
        assert not item.create_sent, "it is not there"

    benched(running, tmp_path, use)
