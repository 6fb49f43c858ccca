"""Decisions on their way to the disk: what is typed fast is written once, what belongs together together."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from app.domain.building import Decision
from app.services.events import Event
from app.services.site_history import Draft
from app.services.site_meters import SiteMeters
from app.services.site_store import DraftRow, SiteStore
from app.store.errors import StoreError
from app.store.meters import DraftChange


class Spawn(Protocol):
    """Starts a task and holds it, as a task scope does."""

    def __call__(self, coroutine: Coroutine[Any, Any, None], name: str, /) -> "asyncio.Task[None]":
        """Gives the task."""


class DraftWriter:
    """Writes the drafts that are ahead of the disk.

    Args:
        meters: holds the drafts.
        store: where to; asked at each write.
        now: the moment, in UTC.
        spawn: holds the task that writes.
        person: who decides.
    """

    def __init__(
        self,
        meters: SiteMeters,
        store: Callable[[], SiteStore],
        *,
        now: Callable[[], datetime],
        spawn: Spawn,
        person: Callable[[], str],
    ) -> None:
        self.written: Event[str] = Event()
        """The draft of a meter is on disk."""
        self.changed: Event[str] = Event()
        """A meter is another because of another one's draft, or because a draft was given back."""
        self.failed: Event[Exception] = Event()
        self._meters, self._store, self._now, self._spawn, self._person = meters, store, now, spawn, person
        self._unwritten: dict[str, bool] = {}
        """Meters whose draft is ahead of the disk, and whether the change was one of many meters."""
        self._taken_back: set[str] = set()
        self._writing: asyncio.Task[None] | None = None

    def apply(self, drafts: Mapping[str, Draft], *, many: bool, back: bool = False) -> None:
        """Takes new drafts and begins to write them.

        Args:
            drafts: by the meters' ids.
            many: whether they are one decision about several meters, which counts as a whole or not at all.
            back: whether the person takes a decision back, even to none.
        """
        twins: set[str] = set()
        for meter_id, (draft, decided) in drafts.items():
            twins |= self._meters.set_draft(meter_id, draft, decided=decided)
            self._unwritten[meter_id] = many
            (self._taken_back.add if back else self._taken_back.discard)(meter_id)
        for meter_id in twins - {*drafts}:
            self.changed.emit(meter_id)
        if self._writing is None:
            self._writing = self._spawn(self._write_all(), "save draft")
            self._writing.add_done_callback(self._on_written)

    async def flush(self) -> None:
        """Waits until all is on disk.

        Raises:
            StoreError: it could not be written.
        """
        if self._writing is not None:
            await asyncio.wait({self._writing})
        await self._write()

    def _on_written(self, _task: object) -> None:
        self._writing = None

    async def _write_all(self) -> None:
        try:
            await self._write()
        except StoreError as error:
            self.failed.emit(error)

    async def _write(self) -> None:
        """While one write runs, the changes of a meter become one."""
        while self._unwritten:
            batch, back = dict(self._unwritten), set(self._taken_back)
            drafts = {key: self._meters.decided(key) for key in batch if key in self._meters}
            at = self._now()
            decision = Decision(at, self._person())
            rows: list[DraftRow] = [
                (key, draft, decision if decided else None) for key, (draft, decided) in drafts.items()
            ]
            store = self._store()
            try:
                if back:
                    await store.restore_drafts(rows, at)
                else:
                    await store.save_drafts(
                        [DraftChange(key, draft, made) for key, draft, made in rows if draft is not None], at
                    )
            except StoreError:
                self._give_back(key for key, many in batch.items() if many)
                raise
            self._taken_back -= back
            for key in batch.keys() - drafts.keys():
                del self._unwritten[key]
            for key, draft, made in rows:
                if key not in self._meters or self._meters.decided(key) == drafts[key]:
                    self._unwritten.pop(key, None)
                if key in self._meters:
                    self._meters.note(replace(self._meters.kept(key), draft=draft, decision=made))
                    self.written.emit(key)

    def _give_back(self, meter_ids: Iterable[str]) -> None:
        """A decision about many meters that could not be written was not made."""
        for meter_id in meter_ids:
            self._unwritten.pop(meter_id, None)
            if meter_id in self._meters:
                kept = self._meters.kept(meter_id)
                for each in self._meters.set_draft(meter_id, kept.draft, decided=kept.decided):
                    self.changed.emit(each)
