"""A site and what it tells, without a window."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from app.domain.building import NO_SITE
from app.domain.commissioned import Rules
from app.mbus.response import decode
from app.services.commissioning import load_vocabulary
from app.services.site import Site
from app.services.site_readings import Taken
from app.services.site_store import NoStore, SiteStore, Uploads
from tests.fakes.practice_telegrams import raw_telegram

RULES = Rules(load_vocabulary())
START = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


@dataclass
class Told:
    """A site, and every event of it in order."""

    site: Site
    events: list[tuple[str, object]] = field(default_factory=list)
    tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    def take(self) -> list[tuple[str, object]]:
        """The events since this was asked last."""
        events, self.events = self.events, []
        return events

    async def rest(self) -> None:
        """Waits until nothing is under way any more."""
        while self.tasks:
            await asyncio.wait(set(self.tasks))


def site_on(store: SiteStore | None = None, uploads: Uploads | None = None, **options: Any) -> Told:
    """A site on a store; by default on none."""
    moments = iter(range(10**9))
    told: Told

    def spawn(coroutine: Any, name: str) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(coroutine, name=name)
        told.tasks.add(task)
        task.add_done_callback(told.tasks.discard)
        return task

    store = store or NoStore()
    site = Site(
        store,
        uploads or NoStore().uploads,
        RULES,
        now=lambda: START + timedelta(seconds=next(moments)),
        spawn=spawn,
        **options,
    )
    told = Told(site)
    for name in ("opened", "added", "removed", "changed", "failed"):
        getattr(site, name).subscribe(lambda value, name=name: told.events.append((name, value)))
    return told


def taken(serial: str = "94158192", raw: bytes | None = None, **options: Any) -> Taken:
    """A reading of a meter of the practice building, or of any bytes."""
    raw = raw if raw is not None else raw_telegram(serial)
    return Taken(serial, decode(raw), raw, START, "socket://bus", 2400, 0.58, 0.56, **options)


def on_a_site(scenario: Callable[[Told], Awaitable[object]], store: SiteStore | None = None) -> object:
    """Runs a scenario on an open site."""

    async def run() -> object:
        told = site_on(store)
        await told.site.open(NO_SITE)
        told.take()
        try:
            return await scenario(told)
        finally:
            await told.rest()

    return asyncio.run(run())
