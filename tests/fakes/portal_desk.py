"""A laptop with an outbox on disk and a clock that needs no time, for tests of the delivery."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from app.domain.delivery_state import OutboxItem
from app.portal.client import PortalApi
from app.portal.credentials import Account, Passwords, fixed_password
from app.practice.portal import PracticePortal
from app.services.delivery import Delivery
from app.store.store import Store
from tests.fakes.portals import START, FakeClock, client_of


@dataclass
class Desk:
    """A laptop: its store, its delivery, its clock."""

    store: Store
    delivery: Delivery
    clock: FakeClock
    told: list[OutboxItem]

    async def settle(self) -> None:
        """Sends until nothing waits that goes by itself, what was queued on the way too, as the run does."""
        for _ in range(2):
            while (pause_s := await self.delivery.send_waiting()) is not None:
                self.clock.seconds += pause_s


KEYS = (f"key-{number}" for number in count())


@asynccontextmanager
async def desk_at(
    portal: PracticePortal,
    folder: Path,
    *,
    passwords: Passwords | None = None,
    portal_for: Callable[[Account], PortalApi] | None = None,
) -> AsyncIterator[Desk]:
    clock = FakeClock()
    known = passwords or fixed_password(portal.password)

    def client(_account: Account) -> PortalApi:
        return client_of(portal, clock, passwords=known)

    store = await Store.open(folder, START, busy_timeout_s=0)
    account = Account(portal.api_url, portal.username)
    delivery = Delivery(
        store,
        portal_for or client,
        account,
        clock=clock,
        new_key=lambda: next(KEYS),
        chance=lambda: 1.0,
    )
    told: list[OutboxItem] = []
    delivery.subscribe(told.append)
    try:
        yield Desk(store, delivery, clock, told)
    finally:
        await delivery.close()
        await store.close()


def at_desk(
    portal: PracticePortal, folder: Path, use: Callable[[Desk], Awaitable[None]], **options: object
) -> None:
    async def run() -> None:
        async with desk_at(portal, folder, **options) as desk:  # type: ignore[arg-type]
            await use(desk)

    asyncio.run(run())
