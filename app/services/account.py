"""The portal account in use: signing in, its sites and their gateways, and what of them is known offline.

Account, address and site stay as they are until a new login has worked. The program never chooses among
several sites: :attr:`PortalAccount.must_choose` says that the person has to.
"""

from asyncio import Task
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Final, Protocol

from app.domain.site import Gateway, Installation
from app.portal.address import normal_base_url
from app.portal.client import PortalApi
from app.portal.contract import ListedMeter
from app.portal.credentials import Account, GivenPassword, Passwords
from app.portal.errors import PortalAddressError, PortalError, PortalHasNoWrite
from app.services.events import Event
from app.store.portal_cache import PortalCache

NO_ACCOUNT: Final = Account("", "")

Spawn = Callable[[Coroutine[Any, Any, None], str], Task[None]]
KeepChoice = Callable[[Account, str], Awaitable[None]]
"""Keeps which account and which of the portal's sites were chosen, both or neither."""


class AccountState(Enum):
    """How the account is."""

    SIGNED_OUT = "signed_out"
    SIGNING_IN = "signing_in"
    SIGNED_IN = "signed_in"
    OFFLINE = "offline"


class Uploads(Protocol):
    """What the account needs of the delivery: the clients are shared, so that one pace holds for both."""

    account: Account

    def portal(self, account: Account | None = None) -> PortalApi:
        """The client of an account."""

    def wake(self) -> None:
        """The login works: what waited for it goes."""


@dataclass(frozen=True, slots=True)
class SiteData:
    """What is known of the chosen site.

    Attributes:
        gateways: its gateways; as last told, where the portal was not asked yet.
        listed: its meters as the portal listed them; empty where it was not asked yet.
    """

    gateways: tuple[Gateway, ...] = ()
    listed: tuple[ListedMeter, ...] = ()


class PortalAccount:
    """One account at a time.

    Args:
        uploads: has the account that new uploads go to.
        cache: sites and gateways as last told.
        passwords: where passwords come from.
        keep: keeps the choice of account and site.
        spawn: holds what runs in the background.
    """

    def __init__(
        self,
        uploads: Uploads,
        cache: PortalCache,
        passwords: Passwords,
        *,
        keep: KeepChoice,
        spawn: Spawn,
    ) -> None:
        self.changed: Event[AccountState] = Event()
        """The state, or the account, is another."""
        self.sites_changed: Event[tuple[Installation, ...]] = Event()
        self.site_chosen: Event[str] = Event()
        """The portal's id of the site; empty for none."""
        self.gateways_changed: Event[tuple[Gateway, ...]] = Event()
        self.meters_listed: Event[tuple[ListedMeter, ...]] = Event()
        self.failed: Event[Exception] = Event()
        self._uploads, self._cache, self._passwords = uploads, cache, passwords
        self._keep, self._spawn = keep, spawn
        self._state = AccountState.SIGNED_OUT
        self._sites: tuple[Installation, ...] = ()
        self._site_id = ""
        self._site = SiteData()
        self._tries = 0
        self._better: tuple[Account, GivenPassword | None] | None = None

    # What is known ---------------------------------------------------------------------------------------

    @property
    def account(self) -> Account:
        """The account in use; :data:`NO_ACCOUNT` before the first login that worked."""
        return self._uploads.account

    @property
    def state(self) -> AccountState:
        """How the account is."""
        return self._state

    @property
    def sites(self) -> tuple[Installation, ...]:
        """The account's sites, with all that was ever told of each."""
        return self._sites

    @property
    def site_id(self) -> str:
        """The portal's id of the chosen site; empty for none."""
        return self._site_id

    @property
    def site(self) -> Installation | None:
        """The chosen site."""
        return next((site for site in self._sites if site.site_id == self._site_id), None)

    @property
    def gateways(self) -> tuple[Gateway, ...]:
        """The gateways of the chosen site."""
        return self._site.gateways

    @property
    def listed(self) -> tuple[ListedMeter, ...]:
        """The meters of the chosen site as the portal listed them."""
        return self._site.listed

    @property
    def must_choose(self) -> bool:
        """Whether there are sites and the person has to say which one is meant."""
        return bool(self._sites) and self.site is None

    # Signing in ------------------------------------------------------------------------------------------

    async def open(self, site_id: str) -> None:
        """Shows what is known from last time; nothing is asked of the portal.

        Args:
            site_id: the portal's id of the site chosen then; empty for none.
        """
        portal = self.account.base_url
        self._sites = await self._cache.installations(portal)
        self.sites_changed.emit(self._sites)
        await self._show_site(site_id)

    async def sign_in(self, account: Account | None = None, given: GivenPassword | None = None) -> bool:
        """Signs in; says whether it worked. Until then everything stays as it was.

        Args:
            account: another one; None for the one in use.
            given: a password typed for it; it is kept in the keyring only once it has worked.
        """
        self._tries += 1
        this_try, before = self._tries, self._state
        wanted, self._better = account or self.account, None
        try:
            wanted = Account(normal_base_url(wanted.base_url), wanted.username)
            if given is not None:
                await self._passwords.propose(wanted, given)
            api = self._uploads.portal(wanted)
            self._tell(AccountState.SIGNING_IN)
            await api.login()
            sites = await api.installations()
        except PortalError as error:
            typed = await self._passwords.withdraw(wanted)
            if this_try == self._tries:
                self._on_refused(wanted, typed or given, error, before)
            return False
        except BaseException:
            if this_try == self._tries:
                self._tell(before)
            raise
        if this_try != self._tries:
            # Another sign-in began meanwhile: it says what counts.
            return False
        await self._use(wanted, sites)
        return True

    async def sign_in_better(self) -> bool:
        """Signs in at the address that was found on the same host; says whether it worked."""
        better, self._better = self._better, None
        return better is not None and await self.sign_in(*better)

    @property
    def better(self) -> str:
        """The address that a portal answers at, on the host whose other address was tried; empty for none."""
        return self._better[0].base_url if self._better is not None else ""

    def sign_out(self) -> None:
        """Nothing more is asked of the portal; what waits, the account and its site are kept."""
        self._tries += 1
        self._tell(AccountState.SIGNED_OUT)

    def choose_site(self, site_id: str) -> None:
        """The person chose a site; its gateways and meters are asked for."""
        self._spawn(self._choose(site_id), "choose site")

    async def _choose(self, site_id: str) -> None:
        if site_id != self._site_id:
            await self._keep(self.account, site_id)
            await self._show_site(site_id)
        if self._state is AccountState.SIGNED_IN and site_id:
            await self._load_site(self._uploads.portal(), site_id)

    def _on_refused(
        self, wanted: Account, typed: GivenPassword | None, error: PortalError, before: AccountState
    ) -> None:
        if isinstance(error, PortalAddressError) and error.better:
            self._better = (replace(wanted, base_url=error.better), typed)
        if wanted == self.account:
            self._tell(AccountState.OFFLINE if error.passes else AccountState.SIGNED_OUT)
        else:
            # Another account that does not work costs the one in use nothing.
            self._tell(before)
        self.failed.emit(error)

    async def _use(self, account: Account, told: tuple[Installation, ...]) -> None:
        other = account != self.account
        portal = account.base_url
        await self._cache.save_installations(portal, told)
        known = {site.site_id: site for site in await self._cache.installations(portal)}
        sites = tuple(known.get(site.site_id, site) for site in told)
        site_id = "" if other else self._site_id
        if all(site.site_id != site_id for site in sites):
            site_id = sites[0].site_id if len(sites) == 1 else ""
        await self._keep(account, site_id)
        self._uploads.account = account
        self._sites = sites
        self._tell(AccountState.SIGNED_IN)
        self.sites_changed.emit(sites)
        if other or site_id != self._site_id:
            await self._show_site(site_id)
        self._uploads.wake()
        self._spawn(self._load(self._uploads.portal(), site_id), "load account")

    # Sites -----------------------------------------------------------------------------------------------

    async def _show_site(self, site_id: str) -> None:
        """Another site is chosen: what was told of it last time is known at once."""
        self._site_id, self._site = site_id, SiteData()
        gateways = await self._cache.gateways(self.account.base_url, site_id) if site_id else ()
        if site_id == self._site_id:
            self._site = SiteData(gateways)
            self.site_chosen.emit(site_id)
            self.gateways_changed.emit(gateways)

    async def _load(self, api: PortalApi, site_id: str) -> None:
        """First what the person waits for, then the names of all other sites."""
        if site_id:
            await self._load_site(api, site_id)
        await self._load_names(api)

    async def _load_site(self, api: PortalApi, site_id: str) -> None:
        portal = self.account.base_url
        try:
            await self._learn(portal, await api.installation_info(site_id))
            try:
                gateways = await api.gateways(site_id)
            except PortalHasNoWrite:
                gateways = ()
        except PortalError as error:
            if self._is_current(portal, site_id):
                self.failed.emit(error)
            return
        await self._cache.save_gateways(portal, site_id, gateways)
        if not self._is_current(portal, site_id):
            return
        if gateways != self._site.gateways:
            self._site = replace(self._site, gateways=gateways)
        self.gateways_changed.emit(gateways)
        try:
            listed = await api.meters(site_id)
        except PortalError:
            # Only for a hint; what matters is asked again before an upload.
            return
        if self._is_current(portal, site_id):
            self._site = replace(self._site, listed=listed)
            self.meters_listed.emit(listed)

    async def _load_names(self, api: PortalApi) -> None:
        """Sites that the portal lists by their ids alone are named once, and stay so."""
        portal = self.account.base_url
        for site in self._sites:
            if site.name or not self._is_current(portal, self._site_id):
                continue
            try:
                await self._learn(portal, await api.installation_info(site.site_id))
            except PortalError as error:
                if error.passes or error.stops_account:
                    # The next sign-in goes on; nobody waits for it.
                    return

    async def _learn(self, portal: str, told: Installation) -> None:
        await self._cache.save_installation(portal, told)
        if portal != self.account.base_url:
            return
        known = {site.site_id: site for site in await self._cache.installations(portal)}
        sites = tuple(known.get(site.site_id, site) for site in self._sites)
        if sites != self._sites:
            self._sites = sites
            self.sites_changed.emit(sites)

    def _is_current(self, portal: str, site_id: str) -> bool:
        return (
            self._state in (AccountState.SIGNED_IN, AccountState.SIGNING_IN)
            and portal == self.account.base_url
            and site_id == self._site_id
        )

    def _tell(self, state: AccountState) -> None:
        self._state = state
        self.changed.emit(state)
