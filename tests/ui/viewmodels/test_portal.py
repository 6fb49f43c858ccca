"""What the window shows of the portal belongs to the account, the site and the meter it stands beside."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from app.domain.delivery_state import DeliveryState, OutboxItem
from app.domain.site import Gateway, Installation
from app.portal.errors import PortalFault, PortalUnreachable
from app.services.tasks import TaskScope
from tests.fakes.portals import START, entry_for
from ui.viewmodels.portal import PortalState, PortalViewModel

HERE, THERE = "https://here.example/api", "https://there.example/api"
NOT_MINE = Installation("a-site", "Another account's building")
ENTRY = entry_for("gateway")


def item(**changes: object) -> OutboxItem:
    return replace(OutboxItem("key", HERE, "anna", "site", ENTRY, START), **changes)


class SlowPortal:
    """Answers when it is told to, as a portal over a bad mobile network does."""

    def __init__(self, *sites: Installation, fault: Exception | None = None) -> None:
        self.sites, self.fault = sites, fault
        self.gateways_now: tuple[Gateway, ...] = (
            (Gateway(f"gateway of {sites[0].site_id}", "G"),) if sites else ()
        )
        self.asked: list[str] = []
        self.may_answer = asyncio.Event()
        self.holds_only = ""

    async def _answer(self, what: str) -> None:
        self.asked.append(what)
        if self.holds_only in ("", what):
            await self.may_answer.wait()
        if self.fault is not None:
            raise self.fault

    async def installations(self) -> tuple[Installation, ...]:
        await self._answer("installations")
        return self.sites

    async def installation_info(self, site_id: str) -> Installation:
        await self._answer("info")
        return next(site for site in self.sites if site.site_id == site_id)

    async def gateways(self, _site_id: str) -> tuple[Gateway, ...]:
        await self._answer("gateways")
        return self.gateways_now

    async def meters(self, _site_id: str) -> tuple[object, ...]:
        await self._answer("meters")
        return ()


@pytest.fixture
def tasks(run: Callable[..., object]) -> Iterator[TaskScope]:
    scope = TaskScope()
    yield scope
    run(scope.close())


@pytest.fixture
def portal(tasks: TaskScope) -> PortalViewModel:
    return PortalViewModel(tasks)


def settle(qtbot: QtBot, tasks: TaskScope) -> None:
    qtbot.waitUntil(lambda: not tasks.running)


@pytest.mark.parametrize("moment", ["installations", "info", "gateways", "meters"])
def test_a_late_answer_to_the_account_before_fills_nothing_of_the_next(
    portal: PortalViewModel, tasks: TaskScope, qtbot: QtBot, moment: str
) -> None:
    slow, kept, listed = SlowPortal(NOT_MINE), [], []
    slow.holds_only = moment
    portal.use_account(HERE)
    portal.sign_in(slow, lambda _sites: None)
    qtbot.waitUntil(lambda: moment in slow.asked)
    portal.use_account(THERE)
    mine = SlowPortal(Installation("b-site", "Mine"))
    mine.may_answer.set()
    portal.sign_in(mine, kept.append)
    qtbot.waitUntil(lambda: bool(portal.gateways))
    qtbot.waitUntil(lambda: "meters" in mine.asked)
    portal.meters_listed.connect(lambda: listed.append(True))
    slow.may_answer.set()
    settle(qtbot, tasks)
    assert [site.site_id for site in portal.sites] == ["b-site"]
    assert portal.site_id == "b-site"
    assert [gateway.id for gateway in portal.gateways] == ["gateway of b-site"]
    assert listed == []
    assert kept == [(Installation("b-site", "Mine"),)], "nor is it kept as the next account's"


def test_late_gateways_of_the_site_before_are_not_offered_on_the_next(
    portal: PortalViewModel, tasks: TaskScope, qtbot: QtBot
) -> None:
    slow = SlowPortal(Installation("a"), Installation("b"))
    slow.holds_only = "gateways"
    portal.use_account(HERE)
    portal.sign_in(slow, lambda _sites: None, "a")
    qtbot.waitUntil(lambda: slow.asked.count("gateways") == 1)
    slow.gateways_now = ()
    slow.holds_only = "nothing"
    portal.choose_site("b")
    qtbot.waitUntil(lambda: "meters" in slow.asked)
    slow.gateways_now = (Gateway("gateway of a", "G"),)
    slow.may_answer.set()
    settle(qtbot, tasks)
    assert portal.gateways == ()


@pytest.mark.parametrize("fault", [PortalUnreachable, PortalFault])
def test_a_late_fault_of_the_account_before_is_no_news_of_the_next(
    portal: PortalViewModel, tasks: TaskScope, qtbot: QtBot, fault: type[Exception]
) -> None:
    late = SlowPortal(fault=fault.__new__(fault))
    told = []
    portal.asking_failed.connect(told.append)
    portal.use_account(HERE)
    portal.sign_in(late, lambda _sites: None)
    qtbot.waitUntil(lambda: bool(late.asked))
    portal.use_account(THERE)
    mine = SlowPortal(Installation("b-site", "Mine"))
    mine.may_answer.set()
    portal.sign_in(mine, lambda _sites: None)
    qtbot.waitUntil(lambda: portal.state is PortalState.SIGNED_IN)
    late.may_answer.set()
    settle(qtbot, tasks)
    assert portal.state is PortalState.SIGNED_IN
    assert told == []


def test_another_account_takes_nothing_over_even_without_a_network(
    portal: PortalViewModel, tasks: TaskScope, qtbot: QtBot
) -> None:
    """Otherwise an upload would go to the site of the account before, on the portal of this one."""
    portal.use_account(HERE)
    portal.show_cached((NOT_MINE,), NOT_MINE.site_id)
    portal.show_cached_gateways((Gateway("gateway", "G"),))
    left = []
    portal.site_chosen.connect(left.append)
    portal.use_account(THERE)
    nobody = SlowPortal(fault=PortalUnreachable.__new__(PortalUnreachable))
    nobody.may_answer.set()
    portal.sign_in(nobody, lambda _sites: None)
    settle(qtbot, tasks)
    assert portal.state is PortalState.OFFLINE
    assert (portal.sites, portal.site_id, portal.gateways) == ((), "", ())
    assert left == [""]


def test_an_upload_stands_beside_its_meter_on_its_site_of_its_portal_alone(portal: PortalViewModel) -> None:
    portal.use_account(HERE)
    portal.show_cached((Installation("site"), Installation("other")), "site")
    portal.show_uploads(
        (
            item(),
            item(key="other site", site_id="other", state=DeliveryState.SENT),
            item(key="other portal", portal=THERE, state=DeliveryState.REJECTED),
        )
    )
    assert portal.upload_of(ENTRY.secondary_ad).key == "key"
    assert portal.waiting_count == 2, "what waits is counted once each, wherever it goes"
    portal.choose_site("other")
    assert portal.upload_of(ENTRY.secondary_ad).key == "other site"
    portal.use_account(THERE)
    portal.show_cached((Installation("site"),), "site")
    assert portal.upload_of(ENTRY.secondary_ad).key == "other portal"
    assert portal.latest_like(item(state=DeliveryState.SENT)).key == "key"


def test_an_upload_that_was_given_up_waits_no_more(portal: PortalViewModel) -> None:
    portal.show_uploads((item(state=DeliveryState.CHANGED),))
    portal.show_upload(item(state=DeliveryState.REPLACED))
    assert portal.waiting_count == 0


def test_an_upload_that_gave_way_takes_the_later_one_not_along(portal: PortalViewModel) -> None:
    portal.show_uploads((item(), item(key="later")))
    portal.show_upload(item(state=DeliveryState.REPLACED))
    assert [each.key for each in portal.uploads] == ["later"]
