"""The account in use: nothing is another before a login has worked, and no site is chosen for anybody."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from app.domain.site import Gateway, Installation
from app.message import Message
from app.portal.client import PortalApi, PortalClient
from app.portal.credentials import Account, GivenPassword, Passwords, Secret
from app.portal.errors import PortalError, PortalFault, PortalUnreachable
from app.portal.pacing import Pacer
from app.services.account import NO_ACCOUNT, AccountState, PortalAccount
from app.services.delivery import Delivery
from app.store.store import Store
from tests.fakes.contract_portal import GATEWAY, PASSWORD, SITE, USERNAME, ContractPortal, contract_portal
from tests.fakes.portals import START, FakeClock

HERE, THERE = Account("https://here.example/api", "anna"), Account("https://there.example/api", "bert")


class SlowPortal:
    """Answers when it is told to, as a portal over a bad mobile network does."""

    def __init__(
        self, *sites: Installation, fault: PortalError | None = None, holds: str = "nothing"
    ) -> None:
        self.sites, self.fault, self.holds = sites, fault, holds
        self.infos = {site.site_id: site for site in sites}
        self.gateways_of = {site.site_id: (Gateway(f"gateway of {site.site_id}", "G"),) for site in sites}
        self.asked: list[str] = []
        self.may_answer = asyncio.Event()

    async def _answer(self, what: str) -> None:
        self.asked.append(what)
        if what == self.holds:
            await self.may_answer.wait()
        if self.fault is not None:
            raise self.fault

    async def login(self) -> None:
        await self._answer("login")

    async def installations(self) -> tuple[Installation, ...]:
        await self._answer("installations")
        return self.sites

    async def installation_info(self, site_id: str) -> Installation:
        await self._answer(f"info {site_id}")
        return self.infos[site_id]

    async def gateways(self, site_id: str) -> tuple[Gateway, ...]:
        await self._answer("gateways")
        return self.gateways_of[site_id]

    async def meters(self, _site_id: str) -> tuple[object, ...]:
        await self._answer("meters")
        return ()

    async def close(self) -> None:
        """Nothing is open."""


class Office:
    """An account service over a real store, and what it told."""

    def __init__(self, store: Store, portals: dict[Account, object], account: Account) -> None:
        async def nobody(_account: Account, *, refused: bool) -> GivenPassword | None:
            return None

        self.store, self.portals = store, portals
        self.vault = Vault()
        self.passwords = Passwords(nobody, self.vault)
        self.delivery = Delivery(store, self._client, account, clock=FakeClock())
        self.kept: list[tuple[Account, str]] = []
        self.tasks: set[asyncio.Task[None]] = set()
        self.account = PortalAccount(
            self.delivery, store.portal_cache, self.passwords, keep=self._keep, spawn=self._spawn
        )
        self.failures: list[Exception] = []
        self.chosen: list[str] = []
        self.account.failed.subscribe(self.failures.append)
        self.account.site_chosen.subscribe(self.chosen.append)

    def _client(self, account: Account) -> PortalApi:
        made = self.portals[account]
        return made(self.passwords) if callable(made) else made  # type: ignore[no-any-return,return-value]

    async def _keep(self, account: Account, site_id: str) -> None:
        self.kept.append((account, site_id))

    def _spawn(self, work: object, name: str) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work, name=name)  # type: ignore[arg-type]
        self.tasks.add(task)
        return task

    async def settle(self) -> None:
        while open_tasks := {task for task in self.tasks if not task.done()}:
            await asyncio.wait(open_tasks)
        for task in self.tasks:
            task.result()


class Vault:
    """A keyring that remembers what was kept in it."""

    def __init__(self) -> None:
        self.kept: dict[Account, str] = {}

    def load(self, account: Account) -> Secret | None:
        return Secret(self.kept[account]) if account in self.kept else None

    def save(self, account: Account, password: Secret) -> bool:
        self.kept[account] = password.reveal()
        return True

    def forget(self, account: Account) -> None:
        self.kept.pop(account, None)


def at_office(
    folder: Path,
    use: Callable[[Office], Awaitable[None]],
    *,
    account: Account = NO_ACCOUNT,
    **portals: object,
) -> None:
    accounts = {"here": HERE, "there": THERE}

    async def run() -> None:
        store = await Store.open(folder, START, busy_timeout_s=0)
        office = Office(store, {accounts[name]: made for name, made in portals.items()}, account)
        try:
            await use(office)
        finally:
            for task in office.tasks:
                task.cancel()
            await office.delivery.close()
            await store.close()

    asyncio.run(run())


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - what is waited for tells nobody
        await asyncio.sleep(0)


def unreachable() -> PortalError:
    return PortalUnreachable(Message("away"))


ONE, TWO = Installation("a", "Lake"), Installation("b", "Hill")


def test_the_only_site_is_chosen_and_of_several_none(tmp_path: Path) -> None:
    async def use(office: Office) -> None:
        assert await office.account.sign_in(HERE)
        assert (office.account.site_id, office.account.must_choose) == ("a", False)
        assert await office.account.sign_in(THERE)
        assert (office.account.site_id, office.account.must_choose) == ("", True)
        office.account.choose_site("b")
        await office.settle()
        assert [each.id for each in office.account.gateways] == ["gateway of b"]
        assert office.kept == [(HERE, "a"), (THERE, ""), (THERE, "b")]

    at_office(tmp_path, use, here=SlowPortal(ONE), there=SlowPortal(ONE, TWO))


def test_the_site_of_last_time_stays_chosen_while_it_is_there(tmp_path: Path) -> None:
    portal = SlowPortal(ONE, TWO)

    async def use(office: Office) -> None:
        await office.account.open("b")
        await office.account.sign_in()
        assert office.account.site_id == "b"
        portal.sites = (ONE, Installation("c", "New"))
        await office.account.sign_in()
        assert (office.account.site_id, office.account.must_choose) == ("", True), "it is not there any more"

    at_office(tmp_path, use, account=HERE, here=portal)


@pytest.mark.parametrize("fault", [unreachable(), PortalFault(Message("odd"))])
def test_an_account_that_does_not_work_costs_the_one_in_use_nothing(
    tmp_path: Path, fault: PortalError
) -> None:
    async def use(office: Office) -> None:
        await office.account.sign_in(HERE, GivenPassword(Secret("right"), keep=True))
        await office.settle()
        kept, chosen = list(office.kept), list(office.chosen)
        assert not await office.account.sign_in(THERE, GivenPassword(Secret("wrong"), keep=True))
        assert office.failures == [fault]
        assert (office.account.account, office.account.site_id) == (HERE, "a")
        assert office.account.state is AccountState.SIGNED_IN
        assert [each.id for each in office.account.gateways] == ["gateway of a"]
        assert (office.kept, office.chosen) == (kept, chosen), "nothing of it is kept"
        assert office.vault.kept == {}, "the fake portal asked for no password"

    at_office(tmp_path, use, here=SlowPortal(ONE), there=SlowPortal(fault=fault))


def test_without_a_network_all_is_known_that_was_ever_told(tmp_path: Path) -> None:
    bare = SlowPortal(Installation("a"), Installation("b"), Installation("c"))
    bare.infos = {"a": ONE, "b": TWO, "c": Installation("c", "Wood")}

    async def online(office: Office) -> None:
        await office.account.sign_in()
        await office.settle()
        assert [site.label for site in office.account.sites] == ["Lake", "Hill", "Wood"]
        office.account.choose_site("b")
        await office.settle()
        infos = [each for each in bare.asked if each.startswith("info")]
        await office.account.sign_in()
        await office.settle()
        again = [each for each in bare.asked if each.startswith("info")][len(infos) :]
        assert again == ["info b"], "a name is asked for once"

    at_office(tmp_path, online, account=HERE, here=bare)

    async def offline(office: Office) -> None:
        await office.account.open("b")
        assert [site.label for site in office.account.sites] == ["Lake", "Hill", "Wood"]
        assert [each.id for each in office.account.gateways] == ["gateway of b"]
        await office.account.sign_in()
        assert office.account.state is AccountState.OFFLINE
        assert office.account.site == TWO

    at_office(tmp_path, offline, account=HERE, here=SlowPortal(fault=unreachable()))


@pytest.mark.parametrize("moment", ["login", "installations", "info a", "gateways", "meters"])
def test_a_late_answer_to_the_account_before_fills_nothing_of_the_next(tmp_path: Path, moment: str) -> None:
    slow = SlowPortal(ONE, holds=moment)

    async def use(office: Office) -> None:
        first = office._spawn(office.account.sign_in(HERE), "first")
        await until(lambda: moment in slow.asked)
        assert await office.account.sign_in(THERE)
        await until(lambda: bool(office.account.gateways))
        listed: list[object] = []
        office.account.meters_listed.subscribe(listed.append)
        slow.may_answer.set()
        await first
        await office.settle()
        assert office.account.account == THERE
        assert [site.site_id for site in office.account.sites] == ["b"]
        assert [each.id for each in office.account.gateways] == ["gateway of b"]
        assert office.kept[-1] == (THERE, "b")
        assert office.failures == []

    at_office(tmp_path, use, here=slow, there=SlowPortal(TWO))


def test_late_gateways_of_the_site_before_are_not_offered_on_the_next(tmp_path: Path) -> None:
    slow = SlowPortal(ONE, TWO, holds="gateways")

    async def use(office: Office) -> None:
        await office.account.sign_in()
        office.account.choose_site("a")
        await until(lambda: "gateways" in slow.asked)
        slow.holds = "nothing"
        office.account.choose_site("b")
        await until(lambda: "meters" in slow.asked)
        slow.may_answer.set()
        await office.settle()
        assert [each.id for each in office.account.gateways] == ["gateway of b"]
        assert [each.id for each in await office.store.portal_cache.gateways(HERE.base_url, "a")] == [
            "gateway of a"
        ]

    at_office(tmp_path, use, account=HERE, here=slow)


# Against a real portal -----------------------------------------------------------------------------------


@pytest.fixture
def running() -> Iterator[tuple[ContractPortal, str]]:
    with contract_portal() as made:
        yield made


def client_at(url: str) -> Callable[[Passwords], PortalClient]:
    clock = FakeClock()
    return lambda passwords: PortalClient(url, USERNAME, passwords, clock=clock, pacer=Pacer(clock, 0.0))


def at_portal(folder: Path, url: str, use: Callable[[Office, Account], Awaitable[None]]) -> None:
    async def run() -> None:
        store = await Store.open(folder, START, busy_timeout_s=0)
        office = Office(store, {}, NO_ACCOUNT)
        made: dict[Account, object] = {}
        office.portals = Anywhere(made)
        try:
            await use(office, Account(url, USERNAME))
            await office.settle()
        finally:
            await office.delivery.close()
            await store.close()

    asyncio.run(run())


class Anywhere(dict):  # type: ignore[type-arg]
    """A client for whatever account."""

    def __missing__(self, account: Account) -> Callable[[Passwords], PortalClient]:
        return client_at(account.base_url)


RIGHT, WRONG = GivenPassword(Secret(PASSWORD), keep=True), GivenPassword(Secret("mistyped"), keep=True)


def test_a_typed_password_is_kept_once_it_has_worked_and_not_before(
    running: tuple[ContractPortal, str], tmp_path: Path
) -> None:
    async def use(office: Office, account: Account) -> None:
        assert not await office.account.sign_in(account, WRONG)
        assert office.vault.kept == {}
        assert office.account.account == NO_ACCOUNT
        assert await office.account.sign_in(account, RIGHT)
        assert office.vault.kept == {account: PASSWORD}
        assert not await office.account.sign_in(account, WRONG)
        assert office.vault.kept == {account: PASSWORD}, "a mistyped one costs the right one nothing"
        assert await office.account.sign_in(), "and it is known still"
        await office.settle()
        assert (office.account.site_id, [each.id for each in office.account.gateways]) == (SITE, [GATEWAY])

    at_portal(tmp_path, running[1], use)


@pytest.mark.parametrize("typed", ["", "/", "/api", "/api/v1/auth", "/login"])
def test_the_right_address_is_offered_and_taken_with_one_wish(
    running: tuple[ContractPortal, str], tmp_path: Path, typed: str
) -> None:
    host = running[1].removesuffix("/api/v1")

    async def use(office: Office, account: Account) -> None:
        assert not await office.account.sign_in(Account(host + typed, account.username), RIGHT)
        assert office.account.account == NO_ACCOUNT
        assert office.account.better == account.base_url
        assert await office.account.sign_in_better()
        assert office.account.account == account
        assert office.vault.kept == {account: PASSWORD}
        assert office.account.better == ""

    at_portal(tmp_path, running[1], use)


@pytest.mark.parametrize("typed", [" {} ", "{}/", "{}//", "{}/."])
def test_an_address_typed_in_another_way_is_the_same_portal(
    running: tuple[ContractPortal, str], tmp_path: Path, typed: str
) -> None:
    async def use(office: Office, account: Account) -> None:
        assert await office.account.sign_in(Account(typed.format(account.base_url), USERNAME), RIGHT)
        assert office.account.account == account

    at_portal(tmp_path, running[1], use)


def test_an_address_that_no_password_may_go_to_is_kept_by_nobody(tmp_path: Path) -> None:
    async def use(office: Office, _account: Account) -> None:
        assert not await office.account.sign_in(Account("http://portal.example/api", "anna"), RIGHT)
        assert "unprotected" in str(office.failures[0])
        assert (office.kept, office.vault.kept) == ([], {})

    at_portal(tmp_path, "", use)
