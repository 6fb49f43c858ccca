"""What a site needs of the store, and what stands in for it where there is none."""

import uuid
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Protocol, TypeAlias

from app.domain.building import Decision, KeptMeter, StoredReading, StoredVerification
from app.domain.delivery_state import OutboxItem
from app.domain.draft import MeterDraft
from app.store.meters import DraftChange

Uploads: TypeAlias = Callable[[], Awaitable[tuple[OutboxItem, ...]]]
"""Gives every upload that did not give way, oldest first."""

DraftRow: TypeAlias = tuple[str, MeterDraft | None, Decision | None]
"""A meter's id, its draft and who made it, as undo puts it back."""


class SiteStore(Protocol):
    """Meters, readings and decisions, as the store keeps them; every call is one transaction."""

    async def add(self, site_id: str, serial: str, at: datetime) -> str:
        """Puts a meter into a site's list; gives its own id."""

    async def load(self, site_id: str) -> tuple[KeptMeter, ...]:
        """The site's meters in list order."""

    async def save_reading(self, meter_id: str, reading: StoredReading) -> StoredReading:
        """Keeps a reading; gives it with its number."""

    async def save_drafts(self, changes: Iterable[DraftChange], at: datetime) -> frozenset[str]:
        """Keeps decisions, all or none; what nobody decided never replaces a decision."""

    async def restore_drafts(self, drafts: Iterable[DraftRow], at: datetime) -> None:
        """Puts drafts back exactly as they were: none at all, untouched or decided."""

    async def save_label_typed(self, meter_ids: Collection[str], *, typed: bool) -> None:
        """Whether a person took the numbers from the labels."""

    async def save_verification(self, meter_id: str, verification: StoredVerification) -> None:
        """Keeps a verification with its values."""

    async def save_summaries(self, summaries: Iterable[tuple[str, str]]) -> None:
        """Keeps summaries by the meters' ids."""

    async def move(self, meter_ids: Collection[str], site_id: str) -> None:
        """Meters with all that is known of them go to another site."""

    async def adopt(self, meter_ids: Collection[str], site_id: str) -> Mapping[str, str]:
        """As :meth:`move`; one that is there already becomes one with it. Gives each its id from now on."""

    async def remove(self, meter_ids: Collection[str], at: datetime) -> None:
        """Takes meters off the list; they can be restored."""

    async def restore(self, meter_ids: Collection[str]) -> None:
        """Puts removed meters back."""


class NoStore:
    """Without a data file everything works and nothing is kept."""

    def __init__(self) -> None:
        self._meters: dict[str, KeptMeter] = {}
        self._removed: dict[str, KeptMeter] = {}
        self._number = 0

    async def add(self, site_id: str, serial: str, at: datetime) -> str:
        """As the store does."""
        meter_id = uuid.uuid4().hex
        self._meters[meter_id] = KeptMeter(meter_id, site_id, serial, at)
        return meter_id

    async def load(self, site_id: str) -> tuple[KeptMeter, ...]:
        """As the store does."""
        return tuple(each for each in self._meters.values() if each.site_id == site_id)

    async def pour_into(self, store: SiteStore) -> None:
        """Gives all that was read and decided to a data file that can be used by now; its ids are others.

        Raises:
            StoreError: the data file cannot be used after all; what it did not take is still here.
        """
        for meter_id, kept in tuple(self._meters.items()):
            there = await store.add(kept.site_id, kept.serial, kept.added_at)
            if kept.reading is not None:
                await store.save_reading(there, replace(kept.reading, number=0))
            if kept.draft is not None:
                await store.restore_drafts([(there, kept.draft, kept.decision)], kept.added_at)
            await store.save_label_typed([there], typed=kept.label_typed)
            del self._meters[meter_id]

    async def uploads(self) -> tuple[OutboxItem, ...]:
        """Without a data file nothing is uploaded."""
        return ()

    async def save_reading(self, meter_id: str, reading: StoredReading) -> StoredReading:
        """As the store does."""
        self._number += 1
        numbered, kept = replace(reading, number=self._number), self._meters[meter_id]
        if reading.usable or kept.reading is None or not kept.reading.usable:
            self._meters[meter_id] = replace(kept, reading=numbered)
        return numbered

    async def save_drafts(self, changes: Iterable[DraftChange], at: datetime) -> frozenset[str]:  # noqa: ARG002 - as the store
        """As the store does."""
        kept = set()
        for change in changes:
            before = self._meters[change.meter_id]
            if change.decision is not None or before.decision is None:
                after = replace(before, draft=change.draft, decision=change.decision)
                self._meters[change.meter_id] = after
                kept.add(change.meter_id)
        return frozenset(kept)

    async def restore_drafts(self, drafts: Iterable[DraftRow], at: datetime) -> None:  # noqa: ARG002 - as the store
        """As the store does."""
        for meter_id, draft, decision in drafts:
            self._meters[meter_id] = replace(self._meters[meter_id], draft=draft, decision=decision)

    async def save_label_typed(self, meter_ids: Collection[str], *, typed: bool) -> None:
        """As the store does."""
        for meter_id in meter_ids:
            self._meters[meter_id] = replace(self._meters[meter_id], label_typed=typed)

    async def save_verification(self, meter_id: str, verification: StoredVerification) -> None:
        """As the store does."""
        kept = self._meters[meter_id]
        others = tuple(each for each in kept.verifications if each.type is not verification.type)
        self._meters[meter_id] = replace(kept, verifications=(*others, verification))

    async def save_summaries(self, summaries: Iterable[tuple[str, str]]) -> None:
        """Nothing: there is no next start that could use them."""

    async def move(self, meter_ids: Collection[str], site_id: str) -> None:
        """As the store does."""
        for meter_id in meter_ids:
            self._meters[meter_id] = replace(self._meters[meter_id], site_id=site_id)

    async def adopt(self, meter_ids: Collection[str], site_id: str) -> Mapping[str, str]:
        """They move; without a data file there is but one site."""
        await self.move(meter_ids, site_id)
        return {each: each for each in meter_ids}

    async def remove(self, meter_ids: Collection[str], at: datetime) -> None:  # noqa: ARG002 - as the store
        """As the store does."""
        for meter_id in meter_ids:
            self._removed[meter_id] = self._meters.pop(meter_id)

    async def restore(self, meter_ids: Collection[str]) -> None:
        """As the store does."""
        for meter_id in meter_ids:
            self._meters[meter_id] = self._removed.pop(meter_id)
