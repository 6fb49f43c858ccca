"""One data folder in use: store, site, account, uploads and adapter, opened and closed as one.

Practice is a workspace of its own: another folder, other passwords, other keys. Nothing of it ever touches
the person's own.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from app.domain.commissioned import Rules
from app.message import Message
from app.portal.client import PortalApi, PortalClient
from app.portal.credentials import Account, GivenPassword, Passwords, PasswordVault
from app.services.account import NO_ACCOUNT, PortalAccount
from app.services.adapter import LINE_CHOICES, Adapter, AdapterState
from app.services.delivery import Delivery
from app.services.doorbell import Doorbell
from app.services.meter_keys import KeptKeys
from app.services.settings import Settings, changed_values, settings_of
from app.services.site import Site
from app.services.site_store import NoStore
from app.services.tasks import TaskScope
from app.store.errors import StoreError
from app.store.store import Store

_NOT_OPEN: Final = "the workspace is not open"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What outlives a workspace, and is given the folder, the keys and the settings of the one in use.

    Attributes:
        tasks: hold what runs.
        site: the meters on screen.
        adapter: the line.
        keys: of encrypted meters.
        doorbell: rings when the program is started a second time on the folder.
    """

    tasks: TaskScope
    site: Site
    adapter: Adapter
    keys: KeptKeys
    doorbell: Doorbell

    @classmethod
    def build(cls, adapter: Adapter, tasks: TaskScope, rules: Rules, keys: KeptKeys) -> "Surroundings":
        """With a site that has no folder yet."""
        nothing = NoStore()
        site = Site(
            nothing,
            nothing.uploads,
            rules,
            now=lambda: datetime.now(UTC),
            spawn=tasks.spawn,
            keys=keys,
        )
        return cls(tasks, site, adapter, keys, Doorbell())


class Workspace:
    """Without a usable folder everything works and nothing is kept: :attr:`problem` says why.

    Args:
        folder: of the data file; it is made where it is not there.
        surroundings: what works in it.
        passwords: where the account's password comes from.
        key_vault: where keys of meters stay beyond this run; None for nowhere.
        portal_for: makes a portal client; tests bring their own.
    """

    def __init__(
        self,
        folder: Path,
        surroundings: Surroundings,
        passwords: Passwords,
        *,
        key_vault: PasswordVault | None = None,
        portal_for: Callable[[Account], PortalApi] | None = None,
    ) -> None:
        self.folder = folder
        self.settings = Settings()
        self._around = surroundings
        self._passwords, self._key_vault = passwords, key_vault
        self._portal_for = portal_for or self._client
        self._store: Store | None = None
        self._delivery: Delivery | None = None
        self._portal: PortalAccount | None = None
        self._sending: asyncio.Task[None] | None = None
        self._problem: Message | None = None
        self._leave: list[Callable[[], None]] = []

    # Asking ----------------------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Whether the data file is open."""
        return self._store is not None

    @property
    def problem(self) -> Message | None:
        """Why nothing is kept; None while everything is, and before it was opened."""
        return self._problem

    @property
    def store(self) -> Store:
        """The data file.

        Raises:
            RuntimeError: it is not open.
        """
        if self._store is None:
            raise RuntimeError(_NOT_OPEN)
        return self._store

    @property
    def delivery(self) -> Delivery:
        """The outbox; as :attr:`store`."""
        if self._delivery is None:
            raise RuntimeError(_NOT_OPEN)
        return self._delivery

    @property
    def portal(self) -> PortalAccount:
        """Signing in, sites and gateways; as :attr:`store`."""
        if self._portal is None:
            raise RuntimeError(_NOT_OPEN)
        return self._portal

    @property
    def account(self) -> Account:
        """The account uploads go to; :data:`NO_ACCOUNT` before the first login."""
        return NO_ACCOUNT if self._delivery is None else self._delivery.account

    @property
    def has_account(self) -> bool:
        """Whether an account is known."""
        return self.account != NO_ACCOUNT

    # Opening and closing ---------------------------------------------------------------------------------

    async def open(self) -> None:
        """Opens the data file, reads the settings, and gives site, adapter and keys what they need of it.

        Where it could not be opened before, it can be tried again; what was read meanwhile is kept then.

        Raises:
            StoreError: in use by another copy of the program, read-only, full, of a newer version, or its
                folder cannot be made. Then everything works as before, and nothing is kept.
        """
        self._around.keys.use_vault(self._key_vault)
        try:
            store = await Store.open(self.folder, datetime.now(UTC))
        except StoreError as error:
            self._problem = error.message
            raise
        try:
            await self._take(store)
        except BaseException:
            await self.close()
            raise
        self._problem = None
        await self._around.doorbell.open(self.folder)

    async def _take(self, store: Store) -> None:
        self._store = store
        self.settings = settings_of(await store.settings.all())
        tasks, site, adapter = self._around.tasks, self._around.site, self._around.adapter
        self._delivery = Delivery(store, self._portal_for, self.settings.account)
        self._portal = PortalAccount(
            self._delivery, store.portal_cache, self._passwords, keep=self._keep_choice, spawn=tasks.spawn
        )
        adapter.learned.use(store.line_memory)
        await site.flush()
        if isinstance(site.store, NoStore):
            # Read while nothing could be kept: it is kept now.
            await site.store.pour_into(store.meters)
        site.use_store(store.meters, store.outbox.items)
        self._leave = [
            self._delivery.subscribe(site.take_upload),
            adapter.state_changed.whenever(self._remember_adapter),
        ]

    def send(self) -> None:
        """Sends what waits from now on; whoever shows how it goes has subscribed by then."""
        if self._sending is None:
            self._sending = self._around.tasks.spawn(self.delivery.run(), "delivery")

    async def close(self) -> None:
        """Writes what was typed, sends nothing more, closes connections and data file; gives the port back.

        A second call does nothing. What cannot be written any more raises when all the rest is closed.
        """
        try:
            await self._around.site.flush()
        finally:
            await self._close()

    async def _close(self) -> None:
        await self._around.doorbell.close()
        for leave in self._leave:
            leave()
        self._leave = []
        sending, self._sending = self._sending, None
        if sending is not None:
            sending.cancel()
            await asyncio.wait({sending})
        await self._around.adapter.close()
        self._around.adapter.learned.use(None)
        self._portal = None
        delivery, self._delivery = self._delivery, None
        store, self._store = self._store, None
        if delivery is not None:
            await delivery.close()
        nothing = NoStore()
        self._around.site.use_store(nothing, nothing.uploads)
        if store is not None:
            await store.close()

    # Settings --------------------------------------------------------------------------------------------

    async def keep(self, change: Callable[[Settings], Settings]) -> None:
        """Changes settings.

        Args:
            change: makes the new ones of those of the moment it is written.

        Raises:
            StoreError: they hold for this run only.
        """
        before = self.settings
        self.settings = after = change(before)
        if self._store is not None and (changed := changed_values(before, after)):
            await self._store.settings.update(changed)

    def choose_adapter(self, wanted: str = "") -> None:
        """The line of last time; a serial port is chosen as soon as it is there.

        Args:
            wanted: URL of another one.
        """
        adapter, settings = self._around.adapter, self.settings
        line = next((each for each in LINE_CHOICES if each.baud == settings.baud), None)
        if line is not None:
            adapter.choose_line(line)
        if wanted:
            adapter.choose(wanted)
        elif "://" in settings.adapter_url:
            adapter.choose(settings.adapter_url)
        else:
            adapter.expect(settings.adapter_key)

    def _remember_adapter(self) -> None:
        adapter = self._around.adapter
        chosen = adapter.chosen
        if adapter.state is AdapterState.READY and chosen is not None:
            url, key, baud = chosen.url, chosen.key, adapter.line.baud
            self._around.tasks.spawn(
                self.keep(lambda was: replace(was, adapter_url=url, adapter_key=key, baud=baud)),
                "keep adapter",
            )

    # Account ---------------------------------------------------------------------------------------------

    async def use_account(self, account: Account) -> None:
        """Uploads go to another account from now on; its site is chosen anew."""
        self.delivery.account = account
        await self._keep_choice(account, "")

    async def know_password(self, account: Account, given: GivenPassword) -> None:
        """Takes a password that the person typed for an account; no other account gets it."""
        await self._passwords.propose(account, given)

    async def _keep_choice(self, account: Account, site_id: str) -> None:
        await self.keep(
            lambda was: replace(was, portal=account.base_url, username=account.username, site_id=site_id)
        )

    def _client(self, account: Account) -> PortalApi:
        return PortalClient(account.base_url, account.username, self._passwords)
