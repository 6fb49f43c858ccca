"""Whose account, and where its password comes from: the system's keyring, or the person each time."""

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Protocol

from app.message import Message
from app.portal.errors import PortalNeedsLogin

KEYRING_SERVICE = "mbus-commissioner"


class Secret:
    """A text that no representation, log or error shows."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself, for the one place that sends it."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class Account:
    """A portal account: base URL without a slash at its end, and the user name."""

    base_url: str
    username: str

    @property
    def keyring_name(self) -> str:
        """Under which name the keyring keeps the password."""
        return f"{self.username} @ {self.base_url}"


@dataclass(frozen=True, slots=True)
class GivenPassword:
    """What the person answered when asked.

    Attributes:
        password: as typed.
        keep: whether the operating system's keyring may keep it.
    """

    password: Secret
    keep: bool = False


class PasswordVault(Protocol):
    """Where passwords are kept between two runs; every method may wait for the system's own dialog."""

    def load(self, account: Account) -> Secret | None:
        """The kept password; None where none is kept or the system keeps none."""

    def save(self, account: Account, password: Secret) -> bool:
        """Keeps it; False where the system keeps none."""

    def forget(self, account: Account) -> None:
        """Drops it; nothing happens where none is kept."""


class SystemKeyring:
    """The operating system's keyring; without one nothing is kept, and the person is asked each time."""

    def load(self, account: Account) -> Secret | None:
        """The kept password; None where none is kept or the system keeps none."""
        import keyring  # noqa: PLC0415 - only when a password is needed: its backends take a while to load
        from keyring.errors import KeyringError  # noqa: PLC0415

        try:
            password = keyring.get_password(KEYRING_SERVICE, account.keyring_name)
        except KeyringError:
            return None
        return None if password is None else Secret(password)

    def save(self, account: Account, password: Secret) -> bool:
        """Keeps it; False where the system keeps none."""
        import keyring  # noqa: PLC0415 - as in load
        from keyring.errors import KeyringError  # noqa: PLC0415

        try:
            keyring.set_password(KEYRING_SERVICE, account.keyring_name, password.reveal())
        except KeyringError:
            return False
        return True

    def forget(self, account: Account) -> None:
        """Drops it; nothing happens where none is kept."""
        import keyring  # noqa: PLC0415 - as in load
        from keyring.errors import KeyringError  # noqa: PLC0415

        with contextlib.suppress(KeyringError):
            keyring.delete_password(KEYRING_SERVICE, account.keyring_name)


class AskPassword(Protocol):
    """Asks the person for a password; the answer is None when the person gave none."""

    async def __call__(self, account: Account, /, *, refused: bool) -> GivenPassword | None:
        """Asks; ``refused`` says that the portal has just refused the last one."""


class Passwords:
    """Gives the password of an account: remembered for this run, else from the vault, else asked for."""

    def __init__(self, ask: AskPassword, vault: PasswordVault | None = None) -> None:
        self._ask = ask
        self._vault = vault
        self._known: dict[Account, Secret] = {}
        self._lock = asyncio.Lock()

    async def get(self, account: Account, refused: Secret | None = None) -> Secret:
        """The password to try.

        Args:
            account: whose.
            refused: the one the portal has just refused; it is forgotten and another is asked for.

        Raises:
            PortalNeedsLogin: the person gave none.
        """
        async with self._lock:
            if refused is not None:
                await self._forget(account, refused)
            if account in self._known:
                return self._known[account]
            password = None if refused is not None else await self._load(account)
            if password is None:
                given = await self._ask(account, refused=refused is not None)
                if given is None:
                    raise PortalNeedsLogin(
                        Message(
                            "The portal's password for {username} is not known.",
                            {"username": account.username},
                        )
                    )
                password = given.password
                if given.keep and self._vault is not None:
                    await asyncio.to_thread(self._vault.save, account, password)
            self._known[account] = password
            return password

    async def replace(self, account: Account, given: GivenPassword) -> None:
        """Takes a password typed anew: it stands in place of the one known, and of the one in the vault.

        Args:
            account: whose; no other account ever gets it.
            given: as typed; where it is not to be kept, the vault forgets the one before.
        """
        async with self._lock:
            self._known[account] = given.password
            if self._vault is None:
                return
            if given.keep:
                await asyncio.to_thread(self._vault.save, account, given.password)
            else:
                await asyncio.to_thread(self._vault.forget, account)

    def is_current(self, account: Account, password: Secret) -> bool:
        """Whether no other password took the place of this one: what was made with it still stands."""
        return self._known.get(account, password) is password

    async def _load(self, account: Account) -> Secret | None:
        return None if self._vault is None else await asyncio.to_thread(self._vault.load, account)

    async def _forget(self, account: Account, refused: Secret) -> None:
        known = self._known.get(account)
        if known is not None and known.reveal() != refused.reveal():
            return
        self._known.pop(account, None)
        if self._vault is not None:
            await asyncio.to_thread(self._vault.forget, account)


def fixed_password(password: str) -> Passwords:
    """A source that knows one password and asks nobody: practice mode and the command line."""

    async def answer(_account: Account, *, refused: bool) -> GivenPassword | None:
        return None if refused else GivenPassword(Secret(password))

    return Passwords(answer)
