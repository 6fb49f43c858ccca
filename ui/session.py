"""One data folder in use: the store, the delivery and the account; practice has a session of its own."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from app.portal.client import PortalApi, PortalClient
from app.portal.credentials import Account, GivenPassword, Passwords
from app.services.delivery import Delivery
from app.store.settings import Setting
from app.store.store import Store

NO_ACCOUNT = Account("", "")


class Session:
    """Opened once, closed once.

    Args:
        folder: of the data file.
        passwords: where the account's password comes from.
        portal_for: makes a portal client; tests bring their own.
    """

    def __init__(
        self,
        folder: Path,
        passwords: Passwords,
        portal_for: Callable[[Account], PortalApi] | None = None,
    ) -> None:
        self.folder = folder
        self._passwords = passwords
        self._portal_for = portal_for or self._client
        self._store: Store | None = None
        self._delivery: Delivery | None = None
        self.settings: Mapping[str, Setting] = {}

    @property
    def is_open(self) -> bool:
        """Whether the data file is open."""
        return self._store is not None

    @property
    def store(self) -> Store:
        """The data file.

        Raises:
            RuntimeError: it is not open.
        """
        if self._store is None:
            raise RuntimeError("the session is not open")
        return self._store

    @property
    def delivery(self) -> Delivery:
        """The outbox; as :attr:`store`."""
        if self._delivery is None:
            raise RuntimeError("the session is not open")
        return self._delivery

    @property
    def account(self) -> Account:
        """The account uploads go to; :data:`NO_ACCOUNT` before the first login."""
        return self.delivery.account

    @property
    def has_account(self) -> bool:
        """Whether an account is known."""
        return self._delivery is not None and self._delivery.account != NO_ACCOUNT

    async def open(self) -> None:
        """Opens the data file and reads the settings.

        Raises:
            StoreError: in use by another copy of the program, read-only, full, or of a newer version.
        """
        store = await Store.open(self.folder, datetime.now(UTC))
        self.settings = await store.settings.all()
        account = Account(str(self.settings.get("portal", "")), str(self.settings.get("username", "")))
        self._store, self._delivery = store, Delivery(store, self._portal_for, account)

    async def use_account(self, account: Account) -> None:
        """Uploads go to another account from now on; its site is chosen anew."""
        self.delivery.account = account
        await self.keep({"portal": account.base_url, "username": account.username, "site_id": ""})

    async def know_password(self, account: Account, given: GivenPassword) -> None:
        """Takes a password that the person typed for an account; kept in the keyring once it has worked."""
        await self._passwords.propose(account, given)

    async def keep(self, values: Mapping[str, Setting]) -> None:
        """Keeps settings."""
        self.settings = {**self.settings, **values}
        if self._store is not None:
            await self._store.settings.update(values)

    async def close(self) -> None:
        """Closes the connections and the data file."""
        delivery, self._delivery = self._delivery, None
        store, self._store = self._store, None
        if delivery is not None:
            await delivery.close()
        if store is not None:
            await store.close()

    def _client(self, account: Account) -> PortalApi:
        return PortalClient(account.base_url, account.username, self._passwords)
