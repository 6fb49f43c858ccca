"""At most one request a second for one account, also after the portal asked to wait."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol

from app.portal.contract import MIN_REQUEST_INTERVAL_S

_MARGIN_S = 0.05
"""The network delivers one request faster than the one before; a portal measures what arrives."""


class Clock(Protocol):
    """Time as the portal's client and the delivery see it; a test passes its own."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary start, never going back."""

    def now(self) -> datetime:
        """The wall clock, in UTC."""

    async def sleep(self, seconds: float) -> None:
        """Waits."""


class SystemClock:
    """The computer's clock."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary start, never going back."""
        return time.monotonic()

    def now(self) -> datetime:
        """The wall clock, in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Waits."""
        await asyncio.sleep(seconds)


class Pacer:
    """Hands out the moments at which a request may leave."""

    def __init__(self, clock: Clock, interval_s: float = MIN_REQUEST_INTERVAL_S + _MARGIN_S) -> None:
        self._clock = clock
        self._interval_s = interval_s
        self._next = clock.monotonic()
        self._lock = asyncio.Lock()

    async def turn(self) -> None:
        """Waits until the next request may leave; callers come in the order they asked."""
        async with self._lock:
            # A loop's timer may fire early, so the clock decides and not the timer.
            while (wait_s := self._next - self._clock.monotonic()) > 0:
                await self._clock.sleep(wait_s)
            self._next = self._clock.monotonic() + self._interval_s

    def hold(self, seconds: float) -> None:
        """No request leaves before so many seconds from now: the portal said ``Retry-After``."""
        self._next = max(self._next, self._clock.monotonic() + seconds)
