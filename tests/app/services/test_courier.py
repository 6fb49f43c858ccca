"""The courier's rare turns: what a portal can answer between two of its steps."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from app.domain.delivery_state import DeliveryState, OutboxItem
from app.domain.meter import MeterType
from app.domain.payload import MeterEntry
from app.domain.site import Gateway
from app.message import Message
from app.portal.contract import ListedMeter, StoredMeter
from app.portal.errors import (
    PortalChanged,
    PortalConflict,
    PortalHasNoWrite,
    PortalNotFound,
    PortalRejected,
)
from app.services.courier import FOUND, REMOVED, UNREADABLE, Courier
from tests.fakes.portals import START, entry_for

ENTRY = entry_for("g")
THEIRS = replace(ENTRY, name="theirs")
GONE = PortalNotFound(Message("gone"))
CHANGED = PortalChanged(Message("changed"))


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


async def nothing_listed(_site_id: str, /, *, fresh: bool = False) -> tuple[ListedMeter, ...]:
    return ()


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

    async def list_meters(_site_id: str, /, *, fresh: bool = False) -> tuple[ListedMeter, ...]:
        portal.calls.append("list anew" if fresh else "list")
        return listed

    async def own_versions(_item: OutboxItem) -> tuple[MeterEntry, ...]:
        return own

    item = replace(OutboxItem("key", "https://p", "u", "site", ENTRY, START), **changes)  # type: ignore[arg-type]
    courier = Courier(portal, save, list_meters, lambda: START, own_versions)  # type: ignore[arg-type]
    return asyncio.run(courier.deliver(item)), saved


LISTED = ListedMeter("m1", "heating", "", virtual=False, secondary_ad="92811594FFFFFFFF")


def stored(entry: MeterEntry | None = ENTRY, meter_id: str = "m1", etag: str = "e2") -> StoredMeter:
    return StoredMeter(meter_id, etag, entry, raw=repr(entry), by="Anna", at="2026-11-25T10:00+01:00")


def test_a_create_is_saved_as_begun_before_it_is_sent() -> None:
    portal = ScriptedPortal(create_meter=[RuntimeError("killed here")])
    saved: list[OutboxItem] = []

    async def save(item: OutboxItem) -> OutboxItem:
        assert portal.calls == []
        saved.append(item)
        return item

    item = OutboxItem("key", "https://p", "u", "site", ENTRY, START)
    courier = Courier(portal, save, nothing_listed, lambda: START, no_versions)  # type: ignore[arg-type]
    with pytest.raises(RuntimeError):
        asyncio.run(courier.deliver(item))
    assert [each.create_sent for each in saved] == [True]


def test_a_create_begun_before_is_looked_for_and_then_repeated_under_its_key() -> None:
    """Not every portal knows a key again: a second create could be a second meter."""
    portal = ScriptedPortal(create_meter=[stored()], get_meter=[stored()])
    item, _ = deliver(portal, create_sent=True)
    assert portal.calls == ["list anew", "create_meter", "get_meter"]
    assert (item.state, item.meter_id, item.etag) == (DeliveryState.SENT, "m1", "e2")
    portal = ScriptedPortal(get_meter=[stored()])
    item, _ = deliver(portal, LISTED, create_sent=True)
    assert (item.state, portal.calls) == (DeliveryState.SENT, ["list anew", "get_meter"])


def test_listed_a_moment_ago_and_gone_now_is_created() -> None:
    portal = ScriptedPortal(get_meter=[GONE], create_meter=[stored(meter_id="m2")])
    item, _ = deliver(portal, LISTED)
    assert (item.state, item.meter_id) == (DeliveryState.SENT, "m2")


CONFLICT = PortalConflict(Message("there is one"))


def test_a_conflict_that_does_not_say_with_what_is_looked_up_in_the_list() -> None:
    other = replace(LISTED, secondary_ad="92811594A7320404", type="cooling")
    portal = ScriptedPortal(
        create_meter=[CONFLICT], get_meter=[stored(replace(ENTRY, type=MeterType.COOLING))]
    )
    item, _ = deliver(portal, other)
    assert portal.calls == ["list", "create_meter", "list anew", "get_meter"]
    assert item.state is DeliveryState.CHANGED
    assert "as cooling" in str(item.problem)


def test_a_conflict_with_what_nothing_shows_is_told() -> None:
    with pytest.raises(PortalConflict):
        deliver(ScriptedPortal(create_meter=[CONFLICT]))


@pytest.mark.parametrize("address", ["92811594FFFFFFFF", "92811594A7320404"])
def test_an_entry_of_somebody_else_at_the_same_address_is_shown_and_not_overwritten(address: str) -> None:
    portal = ScriptedPortal(get_meter=[stored(THEIRS, etag="e1")])
    item, _ = deliver(portal, replace(LISTED, secondary_ad=address))
    assert portal.calls == ["list", "get_meter"], "nothing is written"
    assert (item.state, item.theirs, item.problem) == (DeliveryState.CHANGED, THEIRS, FOUND)
    assert item.seen is not None
    assert (item.seen.by, item.seen.at) == ("Anna", "2026-11-25T10:00+01:00")
    assert [each.field for each in item.field_reasons] == ["name"]


def test_the_very_address_is_taken_before_one_that_only_fits() -> None:
    fits = replace(LISTED, id="m0", secondary_ad="92811594A7320404")
    portal = ScriptedPortal(get_meter=[stored()])
    item, _ = deliver(portal, fits, LISTED)
    assert (item.state, item.meter_id) == (DeliveryState.SENT, "m1")


def test_another_type_at_the_same_address_is_another_entry() -> None:
    portal = ScriptedPortal(create_meter=[stored(meter_id="m2")])
    item, _ = deliver(portal, replace(LISTED, type="cooling"))
    assert (item.state, item.meter_id) == (DeliveryState.SENT, "m2")


def test_what_cannot_be_read_there_is_shown_raw_for_a_decision() -> None:
    portal = ScriptedPortal(get_meter=[StoredMeter("m1", "e1", None, raw='{"baudrate": "fast"}')])
    item, _ = deliver(portal, LISTED)
    assert (item.state, item.theirs, item.problem) == (DeliveryState.CHANGED, None, UNREADABLE)
    assert item.seen is not None
    assert item.seen.text == '{"baudrate": "fast"}'


def test_what_the_person_has_seen_may_be_replaced_and_nothing_else() -> None:
    """A portal without tags: the version is known by what stands there."""
    seen = deliver(ScriptedPortal(get_meter=[stored(THEIRS, etag="")]), LISTED)[0].seen
    portal = ScriptedPortal(get_meter=[stored(THEIRS, etag="")], update_meter=[stored(etag="")])
    item, _ = deliver(portal, LISTED, meter_id="m1", seen=seen)
    assert (item.state, item.previous) == (DeliveryState.SENT, THEIRS)
    portal = ScriptedPortal(get_meter=[stored(replace(THEIRS, name="another"), etag="")])
    item, _ = deliver(portal, LISTED, meter_id="m1", seen=seen)
    assert item.state is DeliveryState.CHANGED


def test_a_meter_removed_there_is_not_made_again_unasked() -> None:
    for answers in ({"update_meter": [GONE]}, {"update_meter": [CHANGED], "get_meter": [GONE]}):
        portal = ScriptedPortal(**answers)
        item, _ = deliver(portal, meter_id="m0", etag="e0")
        assert "create_meter" not in portal.calls
        assert (item.state, item.theirs, item.seen, item.problem) == (
            DeliveryState.CHANGED,
            None,
            None,
            REMOVED,
        )


def test_a_meter_made_anew_there_by_somebody_is_shown() -> None:
    portal = ScriptedPortal(update_meter=[GONE], get_meter=[stored(THEIRS)])
    item, _ = deliver(portal, LISTED, meter_id="m0", etag="e0")
    assert (item.state, item.theirs, item.meter_id) == (DeliveryState.CHANGED, THEIRS, "m1")


def test_a_portal_that_lists_a_meter_and_takes_no_change_is_for_the_hand() -> None:
    with pytest.raises(PortalHasNoWrite, match="lists the meter"):
        deliver(ScriptedPortal(update_meter=[GONE]), LISTED, meter_id="m1", etag="e0")


ALTERATIONS = {
    "name": replace(ENTRY, name=ENTRY.name[:10]),
    "baudrate": replace(ENTRY, baudrate=300),
    "additional_settings.reg": replace(ENTRY, reg="[]"),
    "gateway_id": replace(ENTRY, gateway_id=""),
}


@pytest.mark.parametrize("field", ALTERATIONS)
@pytest.mark.parametrize("known", [False, True], ids=["create", "change"])
def test_what_the_portal_stored_otherwise_is_named_and_not_called_arrived(field: str, *, known: bool) -> None:
    answer = [stored(ALTERATIONS[field])]
    changes: dict[str, object] = {"meter_id": "m1", "etag": "e1"} if known else {}
    item, _ = deliver(ScriptedPortal(create_meter=answer, update_meter=answer), **changes)
    assert (item.state, item.theirs) == (DeliveryState.CHANGED, ALTERATIONS[field])
    assert field in str(item.problem)
    assert [each.field for each in item.field_reasons] == [field]


def test_an_answer_that_does_not_say_what_is_stored_is_followed_by_the_question() -> None:
    silent = StoredMeter("m1", "e2", None)
    portal = ScriptedPortal(update_meter=[silent], get_meter=[stored(etag="e3")])
    item, _ = deliver(portal, meter_id="m1", etag="e1")
    assert portal.calls == ["update_meter", "get_meter"]
    assert (item.state, item.etag) == (DeliveryState.SENT, "e3")


def test_the_version_shown_is_the_one_that_an_overwrite_replaces() -> None:
    portal = ScriptedPortal(
        update_meter=[PortalChanged(Message("changed"))], get_meter=[stored(THEIRS, etag="seen")]
    )
    item, _ = deliver(portal, meter_id="m1", etag="e0")
    assert (item.state, item.theirs, item.etag) == (DeliveryState.CHANGED, THEIRS, "seen")


def test_the_only_gateway_is_chosen_when_the_portal_can_be_asked() -> None:
    chosen = replace(ENTRY, gateway_id="g1")
    portal = ScriptedPortal(gateways=[(Gateway("g1", "Cellar"),)], create_meter=[stored(chosen)])
    item, saved = deliver(portal, entry=replace(chosen, gateway_id=""))
    assert item.state is DeliveryState.SENT
    assert saved[0].entry.gateway_id == "g1", "kept before it is sent: every try sends the same"


@pytest.mark.parametrize("gateways", [(), (Gateway("g1", "Cellar"), Gateway("g2", "Roof"))])
def test_which_of_several_gateways_is_the_persons_choice(gateways: tuple[Gateway, ...]) -> None:
    with pytest.raises(PortalRejected, match=f"{len(gateways)} gateways") as caught:
        deliver(ScriptedPortal(gateways=[gateways]), entry=replace(ENTRY, gateway_id=""))
    assert [each.field for each in caught.value.fields] == ["gateway_id"]


EARLIER = replace(ENTRY, name="an earlier upload of this laptop")


def test_an_own_earlier_version_whose_answer_was_lost_is_no_change_by_somebody_else() -> None:
    portal = ScriptedPortal(update_meter=[CHANGED, stored()], get_meter=[stored(EARLIER, etag="e1")])
    item, saved = deliver(portal, own=(EARLIER,), meter_id="m1", etag="e0")
    assert item.state is DeliveryState.SENT
    assert saved[1].etag == "e1", "the change is made to the version that was seen, and to no other"


def test_a_change_that_comes_between_is_not_taken_for_an_own_version() -> None:
    portal = ScriptedPortal(
        update_meter=[CHANGED, CHANGED], get_meter=[stored(EARLIER, etag="e1"), stored(THEIRS, etag="e2")]
    )
    item, _ = deliver(portal, own=(EARLIER,), meter_id="m1", etag="e0")
    assert (item.state, item.theirs, item.etag) == (DeliveryState.CHANGED, THEIRS, "e2")
