"""The login: a token kept in memory alone, made anew when it ends or is refused."""

import asyncio
from collections.abc import Awaitable, Callable

from app.portal.contract import TOKEN_LIFETIME_S, Token
from app.portal.credentials import Account, Passwords, Secret
from app.portal.errors import PortalNeedsLogin, PortalRefusedLogin
from app.portal.pacing import Clock

_RENEW_BEFORE_S = 30
_SHORTEST_LIFETIME_S = 60
_MOST_PASSWORDS = 3

Authenticate = Callable[[str, Secret], Awaitable[Token]]
"""Sends user name and password; raises ``PortalRefusedLogin`` when they are wrong."""


class Session:
    """One account's token.

    Its age is counted from its arrival: the computer's wall clock may be wrong, so ``valid_until`` shortens
    its life but never makes it worthless at once.
    """

    def __init__(
        self, account: Account, passwords: Passwords, authenticate: Authenticate, clock: Clock
    ) -> None:
        self._account = account
        self._passwords = passwords
        self._authenticate = authenticate
        self._clock = clock
        self._token: Token | None = None
        self._password: Secret | None = None
        self._ends = 0.0
        self._lock = asyncio.Lock()

    def __repr__(self) -> str:
        return f"Session({self._account!r}, {'logged in' if self._token else 'logged out'})"

    async def token(self) -> Token:
        """A token that should be valid still.

        Raises:
            PortalRefusedLogin: user name or password are wrong.
            PortalNeedsLogin: the person gave no password.
            PortalError: the portal could not be asked.
        """
        async with self._lock:
            if self._token is None or self._clock.monotonic() >= self._ends or not self._password_stands():
                self._token = await self._login()
                lifetime_s = (self._token.valid_until - self._clock.now()).total_seconds() - _RENEW_BEFORE_S
                bounded_s = min(max(lifetime_s, _SHORTEST_LIFETIME_S), TOKEN_LIFETIME_S - _RENEW_BEFORE_S)
                self._ends = self._clock.monotonic() + bounded_s
            return self._token

    def drop(self, token: Token) -> None:
        """Forgets a token that the portal refused; another one, made meanwhile, stays."""
        if self._token is token:
            self._token = None

    def _password_stands(self) -> bool:
        """A password typed anew is tried at once: the person wants to know whether it is right."""
        return self._password is None or self._passwords.is_current(self._account, self._password)

    async def _login(self) -> Token:
        password = await self._passwords.get(self._account)
        for _ in range(_MOST_PASSWORDS - 1):
            self._password = password
            try:
                return await self._proved(password)
            except PortalRefusedLogin as refusal:
                refused = refusal
            try:
                password = await self._passwords.get(self._account, refused=password)
            except PortalNeedsLogin:
                raise refused from None
        self._password = password
        return await self._proved(password)

    async def _proved(self, password: Secret) -> Token:
        token = await self._authenticate(self._account.username, password)
        await self._passwords.proved(self._account)
        return token
