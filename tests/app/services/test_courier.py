"""The courier's rare turns: what a portal can answer between two of its steps."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from app.domain.delivery_state import DeliveryState, OutboxItem
from app.domain.payload import MeterEntry
from app.domain.site import Gateway
from app.message import Message
from app.portal.contract import ListedMeter, StoredMeter
from app.portal.errors import PortalChanged, PortalConflict, PortalNotFound, PortalRejected
from app.services.courier import Courier, same_entry
from tests.fakes.portals import START, entry_for

ENTRY = entry_for("g")
THEIRS = replace(ENTRY, name="theirs")
GONE = PortalNotFound(Message("gone"))


class ScriptedPortal:
    """Answers each call with the next of its answers; an exception is raised."""

    def __init__(self, **answers: list[object]) -> None:
        self.answers = answers
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Callable[..., object]:
        async def call(*_: object) -> object:
            self.calls.append(name)
            answer = self.answers[name].pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call


async def no_versions(_item: OutboxItem) -> tuple[MeterEntry, ...]:
    return ()


def deliver(
    portal: ScriptedPortal, *listed: ListedMeter, own: tuple[MeterEntry, ...] = (), **changes: object
) -> tuple[OutboxItem, list[OutboxItem]]:
    """Delivers one upload; also what was saved on the way."""
    saved: list[OutboxItem] = []

    async def save(item: OutboxItem) -> OutboxItem:
        saved.append(item)
        return item

    async def list_meters(_site_id: str) -> tuple[ListedMeter, ...]:
        return listed

    async def own_versions(_item: OutboxItem) -> tuple[MeterEntry, ...]:
        return own

    item = replace(OutboxItem("key", "https://p", "u", "site", ENTRY, START), **changes)  # type: ignore[arg-type]
    courier = Courier(portal, save, list_meters, lambda: START, own_versions)  # type: ignore[arg-type]
    return asyncio.run(courier.deliver(item)), saved


LISTED = ListedMeter("m1", "heating", "", virtual=False, secondary_ad="92811594FFFFFFFF")


def stored(entry: MeterEntry = ENTRY, meter_id: str = "m1", etag: str = "e2") -> StoredMeter:
    return StoredMeter(meter_id, etag, entry)


def test_a_create_is_saved_as_begun_before_it_is_sent() -> None:
    portal = ScriptedPortal(create_meter=[RuntimeError("killed here")])
    saved: list[OutboxItem] = []

    async def save(item: OutboxItem) -> OutboxItem:
        assert portal.calls == []
        saved.append(item)
        return item

    async def nothing_listed(_site_id: str) -> tuple[ListedMeter, ...]:
        return ()

    item = OutboxItem("key", "https://p", "u", "site", ENTRY, START)
    courier = Courier(portal, save, nothing_listed, lambda: START, no_versions)  # type: ignore[arg-type]
    with pytest.raises(RuntimeError):
        asyncio.run(courier.deliver(item))
    assert [each.create_sent for each in saved] == [True]


def test_a_create_begun_before_is_repeated_without_looking_first() -> None:
    portal = ScriptedPortal(create_meter=[stored()])
    item, _ = deliver(portal, LISTED, create_sent=True)
    assert portal.calls == ["create_meter"]
    assert (item.state, item.meter_id, item.etag) == (DeliveryState.SENT, "m1", "e2")


def test_listed_a_moment_ago_and_gone_now_is_created() -> None:
    portal = ScriptedPortal(get_meter=[GONE], create_meter=[stored(meter_id="m2")])
    item, _ = deliver(portal, LISTED)
    assert (item.state, item.meter_id) == (DeliveryState.SENT, "m2")


def test_a_conflict_that_does_not_say_with_what_is_told() -> None:
    with pytest.raises(PortalConflict):
        deliver(ScriptedPortal(create_meter=[PortalConflict(Message("there is one"))]))


def test_a_known_meter_of_an_unknown_version_is_looked_at_before_it_is_changed() -> None:
    portal = ScriptedPortal(get_meter=[stored(THEIRS, etag="e1")], update_meter=[stored()])
    item, _ = deliver(portal, meter_id="m1")
    assert portal.calls == ["get_meter", "update_meter"]
    assert item.previous == THEIRS


def test_a_meter_removed_while_both_versions_are_compared_is_made_anew() -> None:
    portal = ScriptedPortal(
        update_meter=[PortalChanged(Message("changed"))], get_meter=[GONE], create_meter=[stored()]
    )
    item, _ = deliver(portal, meter_id="m0", etag="e0")
    assert (item.state, item.meter_id) == (DeliveryState.SENT, "m1")


def test_the_version_shown_is_the_one_that_an_overwrite_replaces() -> None:
    portal = ScriptedPortal(
        update_meter=[PortalChanged(Message("changed"))], get_meter=[stored(THEIRS, etag="seen")]
    )
    item, _ = deliver(portal, meter_id="m1", etag="e0")
    assert (item.state, item.theirs, item.etag) == (DeliveryState.CHANGED, THEIRS, "seen")


def test_the_only_gateway_is_chosen_when_the_portal_can_be_asked() -> None:
    portal = ScriptedPortal(gateways=[(Gateway("g1", "Cellar"),)], create_meter=[stored()])
    item, saved = deliver(portal, entry=replace(ENTRY, gateway_id=""))
    assert item.state is DeliveryState.SENT
    assert saved[0].entry.gateway_id == "g1", "kept before it is sent: every try sends the same"


@pytest.mark.parametrize("gateways", [(), (Gateway("g1", "Cellar"), Gateway("g2", "Roof"))])
def test_which_of_several_gateways_is_the_persons_choice(gateways: tuple[Gateway, ...]) -> None:
    with pytest.raises(PortalRejected, match=f"{len(gateways)} gateways") as caught:
        deliver(ScriptedPortal(gateways=[gateways]), entry=replace(ENTRY, gateway_id=""))
    assert [each.field for each in caught.value.fields] == ["gateway_id"]


EARLIER = replace(ENTRY, name="an earlier upload of this laptop")
CHANGED = PortalChanged(Message("changed"))


def test_an_own_earlier_version_whose_answer_was_lost_is_no_change_by_somebody_else() -> None:
    portal = ScriptedPortal(update_meter=[CHANGED, stored()], get_meter=[stored(EARLIER, etag="e1")])
    item, saved = deliver(portal, own=(EARLIER,), meter_id="m1", etag="e0")
    assert item.state is DeliveryState.SENT
    assert saved[0].etag == "e1", "the change is made to the version that was seen, and to no other"


def test_a_change_that_comes_between_is_not_taken_for_an_own_version() -> None:
    portal = ScriptedPortal(
        update_meter=[CHANGED, CHANGED], get_meter=[stored(EARLIER, etag="e1"), stored(THEIRS, etag="e2")]
    )
    item, _ = deliver(portal, own=(EARLIER,), meter_id="m1", etag="e0")
    assert (item.state, item.theirs, item.etag) == (DeliveryState.CHANGED, THEIRS, "e2")


@pytest.mark.parametrize(
    ("theirs", "same"),
    [
        (replace(ENTRY, secondary_ad=ENTRY.secondary_ad.lower()), True),
        (replace(ENTRY, reg=ENTRY.reg.replace(", ", ",").replace("'", '"')), True),
        (replace(ENTRY, reg=ENTRY.reg.replace("0.001", "0.0010")), True),
        (replace(ENTRY, reg=ENTRY.reg.replace("0.001", "0.01")), False),
        (replace(ENTRY, reg="nonsense"), False),
        (THEIRS, False),
    ],
)
def test_when_two_entries_mean_the_same(theirs: MeterEntry, *, same: bool) -> None:
    assert same_entry(ENTRY, theirs) is same
