"""Summaries for the next start, made in the background while the window answers."""

import asyncio
from collections.abc import Callable
from typing import Final

from app.services.events import Event
from app.services.site_drafts import Spawn
from app.services.site_meters import SiteMeters
from app.services.site_store import SiteStore
from app.store.errors import StoreError

_AT_ONCE: Final = 50
"""So many are written in one transaction."""
_SLICE_S: Final = 0.008
"""How long the window may wait for meters that are made here."""


class SummaryKeeper:
    """Makes in full what no summary of now is kept of, and keeps it.

    Args:
        meters: says which, and makes them.
        store: where to; asked at each write.
        spawn: holds the task.
    """

    def __init__(self, meters: SiteMeters, store: Callable[[], SiteStore], spawn: Spawn) -> None:
        self.changed: Event[str] = Event()
        """A meter that was shown by less than the whole is shown by the whole."""
        self._meters, self._store, self._spawn = meters, store, spawn
        self._task: asyncio.Task[None] | None = None

    def keep_soon(self) -> None:
        """Begins, unless it is under way or nothing is to be done."""
        if self._task is None and self._meters.unkept():
            self._task = self._spawn(self._keep(), "summaries")
            self._task.add_done_callback(self._on_kept)

    def _on_kept(self, _task: object) -> None:
        self._task = None

    async def _keep(self) -> None:
        clock = asyncio.get_running_loop().time
        while waiting := self._meters.unkept():
            started, texts = clock(), []
            for meter_id in waiting[:_AT_ONCE]:
                if meter_id not in self._meters:
                    # Another site was opened, or the meter went, while the window had its turn.
                    continue
                text, changed = self._meters.settle(meter_id)
                texts.append((meter_id, text))
                for each in changed:
                    self.changed.emit(each)
                if clock() - started > _SLICE_S:
                    await asyncio.sleep(0)
                    started = clock()
            try:
                await self._store().save_summaries(texts)
            except StoreError:
                # Only the next start takes longer; what cannot be written is said where it matters.
                return
