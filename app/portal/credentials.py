"""Whose account, and where its password comes from: the system's keyring, or the person each time."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from app.message import Message
from app.portal.errors import PortalNeedsLogin
from app.portal.patience import in_thread

Result = TypeVar("Result")
Notify = Callable[[Message], None]

VAULT_PATIENCE_S = 60.0
"""So long the system's own dialog may stand open; then the person is asked here instead."""

_NOT_KEPT = Message(
    "The system's keyring did not keep the password. It is known until the program ends; "
    "the next start asks for it."
)
_NO_ANSWER = Message(
    "The system's keyring does not answer. Look for a dialog of its own that waits; "
    "the password is asked for here."
)


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
    """Where passwords are kept between two runs.

    Every method may wait for the system's own dialog, as long as that likes, and none of them raises.
    """

    def load(self, account: Account) -> Secret | None:
        """The kept password; None where none is kept or the system keeps none."""

    def save(self, account: Account, password: Secret) -> bool:
        """Keeps it; False where the system keeps none."""

    def forget(self, account: Account) -> None:
        """Drops it; nothing happens where none is kept."""


class AskPassword(Protocol):
    """Asks the person for a password; the answer is None when the person gave none."""

    async def __call__(self, account: Account, /, *, refused: bool) -> GivenPassword | None:
        """Asks; ``refused`` says that the portal has just refused the last one."""


class Passwords:
    """Gives the password of an account: remembered for this run, else from the vault, else asked for.

    Args:
        ask: asks the person.
        vault: where it may be kept; None for nowhere.
        notify: tells what a wish to keep a password came to, where it came to nothing.
        patience_s: how long the vault may take.
    """

    def __init__(
        self,
        ask: AskPassword,
        vault: PasswordVault | None = None,
        *,
        notify: Notify = lambda _message: None,
        patience_s: float = VAULT_PATIENCE_S,
    ) -> None:
        self._ask = ask
        self._vault = vault
        self._notify = notify
        self._patience_s = patience_s
        self._known: dict[Account, Secret] = {}
        self._proposed: dict[Account, GivenPassword] = {}
        """Typed, and not proved by a login yet."""
        self._before: dict[Account, Secret | None] = {}
        """What was known before something was typed."""
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
                self._propose(account, given)
            self._known[account] = password
            return password

    async def propose(self, account: Account, given: GivenPassword) -> None:
        """Takes a password typed anew, for a login that has still to show whether it is right.

        Until :meth:`proved` the vault stays as it is; :meth:`withdraw` brings back what was known before.

        Args:
            account: whose; no other account ever gets it.
            given: as typed; where it is not to be kept, the vault forgets the one before once this is proved.
        """
        async with self._lock:
            self._propose(account, given)

    async def proved(self, account: Account) -> None:
        """A login worked: a typed password is kept where that was wished, and the one before goes."""
        async with self._lock:
            self._before.pop(account, None)
            given = self._proposed.pop(account, None)
            if given is None:
                return
            if given.keep:
                await self._save(account, given.password)
            else:
                await self._drop(account)

    async def withdraw(self, account: Account) -> GivenPassword | None:
        """The login did not work: what was known before is known again. Returns what was typed last."""
        async with self._lock:
            if account in self._before:
                before = self._before.pop(account)
                self._known.pop(account, None)
                if before is not None:
                    self._known[account] = before
            return self._proposed.pop(account, None)

    def _propose(self, account: Account, given: GivenPassword) -> None:
        self._before.setdefault(account, self._known.get(account))
        self._proposed[account], self._known[account] = given, given.password

    def is_current(self, account: Account, password: Secret) -> bool:
        """Whether no other password took the place of this one: what was made with it still stands."""
        return self._known.get(account, password) is password

    async def _load(self, account: Account) -> Secret | None:
        vault = self._vault
        return None if vault is None else await self._patiently(lambda: vault.load(account), None)

    async def _save(self, account: Account, password: Secret) -> None:
        vault = self._vault
        kept = vault is not None and await self._patiently(lambda: vault.save(account, password), False)  # noqa: FBT003
        if not kept:
            self._notify(_NOT_KEPT)

    async def _drop(self, account: Account) -> None:
        vault = self._vault
        if vault is not None:
            await self._patiently(lambda: vault.forget(account), None)

    async def _patiently(self, work: Callable[[], Result], otherwise: Result) -> Result:
        try:
            return await asyncio.wait_for(in_thread(work), self._patience_s)
        except TimeoutError:
            self._notify(_NO_ANSWER)
            return otherwise

    async def _forget(self, account: Account, refused: Secret) -> None:
        known = self._known.get(account)
        if known is not None and known.reveal() != refused.reveal():
            return
        self._known.pop(account, None)
        # What was only typed is not in the vault: a mistyped password costs the right one nothing.
        if self._proposed.pop(account, None) is None:
            await self._drop(account)


def fixed_password(password: str) -> Passwords:
    """A source that knows one password and asks nobody: practice mode and the command line."""

    async def answer(_account: Account, *, refused: bool) -> GivenPassword | None:
        return None if refused else GivenPassword(Secret(password))

    return Passwords(answer)
