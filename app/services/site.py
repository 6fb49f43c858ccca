"""The meters of a building: what was read and decided is kept first and told then, one event a meter."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

from app.domain.building import NO_SITE, KeptMeter, VerificationSource, stored_verification
from app.domain.commissioned import CommissionedMeter, Rules
from app.domain.delivery_state import OutboxItem
from app.domain.draft import MeterDraft, unread_draft
from app.domain.verification import Verification
from app.mbus.response import decode
from app.mbus.security import NO_KEYS, KeySource
from app.services.events import Event
from app.services.meter_keys import is_encrypted
from app.services.site_drafts import DraftWriter, Spawn
from app.services.site_history import Draft, DraftStep, History, PlaceStep, Step
from app.services.site_meters import NO_LINK, SiteMeter, SiteMeters, reading_of
from app.services.site_readings import Taken, candidates_for, only_candidate, stored_reading
from app.services.site_store import SiteStore, Uploads
from app.services.site_summaries import SummaryKeeper
from app.store.errors import StoreError

Change: TypeAlias = Callable[[MeterDraft], MeterDraft]

WhichMeter: TypeAlias = Callable[[Taken, Sequence[SiteMeter]], Awaitable[str | None]]
"""Asks the person which of several meters with one number was read; None for none of them."""


class Site:
    """The meters of the site that is open.

    What is written is told when it is on disk. Only the page that is being typed into sees what is on its
    way there: :meth:`meter` gives it at once.

    Args:
        store: keeps everything; :class:`~app.services.site_store.NoStore` where there is none.
        uploads: gives what the outbox has.
        rules: what holds for every meter of the person.
        now: the moment, in UTC.
        spawn: holds the tasks that write.
        keys: of encrypted meters.
        person: who decides; empty where nobody asks for names.
    """

    def __init__(
        self,
        store: SiteStore,
        uploads: Uploads,
        rules: Rules,
        *,
        now: Callable[[], datetime],
        spawn: Spawn,
        keys: KeySource = NO_KEYS,
        person: str = "",
    ) -> None:
        self.store, self._uploads = store, uploads
        self.rules = rules
        self.person = person
        self.which: WhichMeter | None = None
        """How to ask which meter is meant; without it one that cannot be known is a meter of its own."""
        self.opened: Event[str] = Event()
        """Another site is open, own id; the whole list is another."""
        self.added: Event[str] = Event()
        self.removed: Event[str] = Event()
        self.changed: Event[str] = Event()
        """The meter's own id; of meters that are on the list."""
        self.failed: Event[Exception] = Event()
        self.ruled: Event[None] = Event()
        """The rules are others."""
        self.stepped: Event[None] = Event()
        """What can be undone or done again is another."""
        self._now, self._spawn, self._keys = now, spawn, keys
        self._site_id = NO_SITE
        self._meters = SiteMeters(rules)
        self._history = History()
        self._drafts = DraftWriter(
            self._meters, lambda: self.store, now=now, spawn=spawn, person=lambda: self.person
        )
        self._drafts.written.subscribe(self._on_written)
        self._drafts.changed.subscribe(self.changed.emit)
        self._drafts.failed.subscribe(self.failed.emit)
        self._summaries = SummaryKeeper(self._meters, lambda: self.store, spawn)
        self._summaries.changed.subscribe(self.changed.emit)
        self._opening = 0
        self._is_open = asyncio.Event()
        self._is_open.set()

    # Asking ----------------------------------------------------------------------------------------------

    @property
    def site_id(self) -> str:
        """Own id of the open site; :data:`NO_SITE` for the tray of meters without one."""
        return self._site_id

    @property
    def rows(self) -> tuple[SiteMeter, ...]:
        """All meters, in list order."""
        return self._meters.rows

    def row(self, meter_id: str) -> SiteMeter:
        """One meter as a list shows it.

        Raises:
            KeyError: it is not on the list.
        """
        return self._meters.row(meter_id)

    def __contains__(self, meter_id: object) -> bool:
        return meter_id in self._meters

    def __len__(self) -> int:
        return len(self._meters)

    def meter(self, meter_id: str) -> CommissionedMeter:
        """A meter in full, with what was just typed.

        Raises:
            KeyError: it is not on the list.
        """
        return self._meters[meter_id]

    def with_serial(self, serial: str) -> tuple[str, ...]:
        """Ids of the meters that bear a number: most often one."""
        return self._meters.with_serial(serial)

    def upload_of(self, meter_id: str) -> OutboxItem | None:
        """The last upload of a meter; None without one."""
        return self._meters.upload(meter_id) if meter_id in self._meters else None

    @property
    def history(self) -> History:
        """What can be undone."""
        return self._history

    def use_store(self, store: SiteStore, uploads: Uploads) -> None:
        """Another data folder; what it has is there after :meth:`open`."""
        self.store, self._uploads = store, uploads

    # Opening ---------------------------------------------------------------------------------------------

    def leave(self) -> None:
        """Another site was chosen: what is read from now on is of that one, and waits until it is open."""
        self._opening += 1
        self._is_open.clear()

    def stay(self) -> None:
        """The site that was chosen cannot be opened."""
        self._is_open.set()

    async def open(self, site_id: str, link: tuple[str, str] = NO_LINK) -> None:
        """Shows another site; what was typed on the one before is on disk first.

        Args:
            site_id: its own id; :data:`NO_SITE` for the meters without one.
            link: portal and the portal's id of the site; uploads that name no meter are found by it.

        Raises:
            StoreError: something could not be written, or nothing can be read.
        """
        self.leave()
        mine = self._opening
        try:
            await self.flush()
            kept, uploads = await self.store.load(site_id), await self._uploads()
        finally:
            if mine == self._opening:
                self._is_open.set()
        if mine != self._opening:
            # Another site was chosen meanwhile.
            return
        self._site_id = site_id
        self._meters.fill(kept, uploads, link)
        self._history.clear()
        self.opened.emit(site_id)
        self.stepped.emit(None)
        self._summaries.keep_soon()

    async def unlock(self, meter_id: str) -> CommissionedMeter:
        """A meter in full, its telegram decrypted if its key is known; the keyring may ask the person."""
        meter = self._meters[meter_id]
        if meter.reading is None or not is_encrypted(meter.reading.telegram):
            return meter
        raw = meter.reading.telegram.raw
        opened = await asyncio.to_thread(decode, raw, self._keys)
        if meter_id not in self._meters:
            return meter
        stored = self._meters.kept(meter_id).reading
        if stored is not None and stored.raw == raw and not is_encrypted(opened):
            self._tell(self._meters.set_reading(meter_id, reading_of(stored, opened)))
        return self._meters[meter_id]

    def use_rules(self, rules: Rules) -> None:
        """Other settings: what is proposed and how names are made follows them."""
        if rules != self.rules:
            self.rules = rules
            self._meters.use_rules(rules)
            self.ruled.emit(None)
            self._summaries.keep_soon()

    # Readings --------------------------------------------------------------------------------------------

    async def take(self, taken: Taken, site_id: str | None = None) -> str:
        """Keeps a reading, then shows it; gives the meter's own id, empty where the reading names nobody.

        Args:
            taken: the reading.
            site_id: where it was taken; by default the site that is open.

        Raises:
            StoreError: it could not be written; nothing of it is shown.
        """
        if not taken.serial:
            return ""
        if site_id is None:
            await self._is_open.wait()
            site_id = self._site_id
        meters = self._meters
        if site_id != self._site_id:
            meters = SiteMeters(self.rules)
            meters.fill(await self.store.load(site_id), ())
        meter_id = only_candidate(meters, taken)
        if meter_id is None:
            meter_id = await self.store.add(site_id, taken.serial, taken.taken_at)
            kept = KeptMeter(meter_id, site_id, taken.serial, taken.taken_at)
            candidates = candidates_for(meters, taken)
            if candidates and self.which is not None:
                # Durable before the person is asked, whatever the answer is and whenever it comes.
                await self.store.save_reading(meter_id, stored_reading(taken))
                chosen = await self.which(taken, tuple(map(meters.row, candidates)))
                if chosen is not None and chosen in meters:
                    await self.store.remove([meter_id], taken.taken_at)
                    meter_id, kept = chosen, meters.kept(chosen)
        else:
            kept = meters.kept(meter_id)
        return await self._keep(kept, taken)

    async def _keep(self, kept: KeptMeter, taken: Taken) -> str:
        """Writes a reading of a meter that is known by now, and shows it where the meter is shown."""
        meter_id = kept.meter_id
        was_there = meter_id in self._meters
        if taken.label_typed and not kept.label_typed:
            await self.store.save_label_typed([meter_id], typed=True)
        stored = await self.store.save_reading(meter_id, stored_reading(taken))
        is_new = meter_id not in self._meters
        if kept.site_id != self._site_id or (is_new and was_there):
            # Kept where it was taken; the person is elsewhere by now, or took the meter off the list.
            return meter_id
        if not is_new:
            kept = self._meters.kept(meter_id)
        kept = replace(kept, label_typed=kept.label_typed or taken.label_typed)
        reading = None
        # What the meter said when it last said something is worth more than an answer without a reading.
        if stored.usable or kept.reading is None or not kept.reading.usable:
            kept, reading = replace(kept, reading=stored), reading_of(stored, taken.telegram)
        self._show(self._meters.put(kept, reading), {meter_id} if is_new else set())
        self._summaries.keep_soon()
        return meter_id

    async def add(self, serial: str) -> str:
        """Puts a meter that was not read yet on the list; gives its own id.

        Raises:
            StoreError: it could not be written.
        """
        at, site_id = self._now(), self._site_id
        meter_id = await self.store.add(site_id, serial, at)
        if site_id == self._site_id:
            self._show(self._meters.put(KeptMeter(meter_id, site_id, serial, at)), {meter_id})
        return meter_id

    # Decisions -------------------------------------------------------------------------------------------

    def change(self, meter_ids: Collection[str], change: Change, group: str = "") -> None:
        """Decides about one meter or many: one transaction, one step to undo, told when it is on disk.

        A change of one meter that cannot be written stays on its page and is tried again with the next; one
        of many is taken back as a whole.

        Args:
            meter_ids: of this site.
            change: makes the new draft of each from its draft of now.
            group: changes of the same group, one after the other, are one step to undo.
        """
        before: dict[str, Draft] = {}
        after: dict[str, Draft] = {}
        for meter_id in meter_ids:
            draft = self._meters.draft(meter_id) or unread_draft(self._meters.kept(meter_id).serial)
            changed = change(draft)
            if changed != draft:
                before[meter_id] = self._meters.decided(meter_id)
                after[meter_id] = (changed, True)
        if not after:
            return
        self._history.add(DraftStep(before, after, group))
        self._drafts.apply(after, many=len(after) > 1)
        self.stepped.emit(None)

    async def undo(self) -> None:
        """Takes the last step back; where that cannot be written, it is said and stays as it is."""
        await self._retrace(self._history.take_undo, self._history.take_redo, back=True)

    async def redo(self) -> None:
        """Does what was undone last; as :meth:`undo`."""
        await self._retrace(self._history.take_redo, self._history.take_undo, back=False)

    async def remove(self, meter_ids: Sequence[str]) -> None:
        """Takes meters off the list, with all that is known of them; can be undone.

        Raises:
            StoreError: it could not be written.
        """
        await self._do_new(PlaceStep(tuple(meter_ids), self._site_id, None))

    async def move(self, meter_ids: Sequence[str], site_id: str, from_site: str | None = None) -> None:
        """Meters go from this site, or from another, to one with all that is known; as :meth:`remove`."""
        origin = self._site_id if from_site is None else from_site
        if meter_ids and site_id != origin:
            await self._do_new(PlaceStep(tuple(meter_ids), origin, site_id))

    async def take_in(self, meter_ids: Sequence[str], from_site: str = NO_SITE) -> None:
        """Meters of another site, or of none, come to this one.

        Those that are on this list already become one with what is here, and nothing of either is lost; the
        others can be sent back by :meth:`undo`.

        Raises:
            StoreError: it could not be written.
        """
        if from_site == self._site_id:
            return
        wanted, site_id = {*meter_ids}, self._site_id
        found = [each for each in await self.store.load(from_site) if each.meter_id in wanted]
        known = tuple(each.meter_id for each in found if self.with_serial(each.serial))
        others = tuple(each.meter_id for each in found if not self.with_serial(each.serial))
        if known:
            await self.store.adopt(known, site_id)
            await self._fetch(site_id)
        if others:
            await self._do_new(PlaceStep(others, from_site, site_id))

    async def without_site(self) -> tuple[str, ...]:
        """Ids of the meters that were read while no site was open."""
        return tuple(each.meter_id for each in await self.store.load(NO_SITE))

    async def flush(self) -> None:
        """Waits until all that was decided is on disk.

        Raises:
            StoreError: it could not be written.
        """
        await self._drafts.flush()

    # What comes of uploads and verifications -------------------------------------------------------------

    def take_upload(self, item: OutboxItem) -> None:
        """How far an upload is by now; the outbox has it already."""
        self._tell(self._meters.set_upload(item))

    def take_listed(self, listed: Mapping[str, Collection[tuple[str, str]]]) -> None:
        """What the portal's site has: its id and name of each meter there, by secondary address."""
        self._tell(self._meters.set_listed(listed))

    async def keep_verification(self, meter_id: str, verification: Verification, item: OutboxItem) -> None:
        """Keeps what a verification of an upload compared, then shows it.

        Raises:
            StoreError: it could not be written.
        """
        reading = self._meters.kept(meter_id).reading if meter_id in self._meters else None
        stored = stored_verification(
            verification,
            item.type,
            self._now(),
            VerificationSource.READ,
            reading_number=reading.number if reading is not None else None,
            upload=item.key,
            entry=item.entry,
        )
        await self.store.save_verification(meter_id, stored)
        if meter_id in self._meters:
            kept = self._meters.kept(meter_id)
            others = tuple(each for each in kept.verifications if each.type is not item.type)
            self._tell(self._meters.put(replace(kept, verifications=(*others, stored))))
            self._summaries.keep_soon()

    # Inside: steps ---------------------------------------------------------------------------------------

    async def _do_new(self, step: PlaceStep) -> None:
        await self._place(step.meter_ids, step.before, step.after)
        self._history.add(step)
        self.stepped.emit(None)

    async def _retrace(
        self, take: Callable[[], Step | None], give_back: Callable[[], Step | None], *, back: bool
    ) -> None:
        step = take()
        self.stepped.emit(None)
        if step is not None and not await self._done(step, back=back):
            give_back()
            self.stepped.emit(None)

    async def _done(self, step: Step, *, back: bool) -> bool:
        """Does a step, or takes it back; whether it could be written."""
        try:
            if isinstance(step, PlaceStep):
                origin, target = (step.after, step.before) if back else (step.before, step.after)
                await self._place(step.meter_ids, origin, target)
                return True
            wanted = step.before if back else step.after
            drafts = {key: each for key, each in wanted.items() if key in self._meters}
            self._drafts.apply(drafts, many=True, back=back)
            await self.flush()
            return all(self._meters.decided(key) == each for key, each in drafts.items())
        except StoreError as error:
            self.failed.emit(error)
            return False

    async def _place(self, meter_ids: Sequence[str], origin: str | None, target: str | None) -> None:
        await self.flush()
        if origin is None:
            await self.store.restore(meter_ids)
        elif target is None:
            await self.store.remove(meter_ids, self._now())
        else:
            await self.store.move(meter_ids, target)
        if target is not None and target == self._site_id:
            await self._fetch(target)
            return
        gone = [each for each in meter_ids if each in self._meters]
        touched = self._meters.drop(gone)
        for meter_id in gone:
            self.removed.emit(meter_id)
        self._tell(touched)

    async def _fetch(self, site_id: str) -> None:
        """Shows what the store has and the list has not, or has otherwise."""
        kept, uploads = await self.store.load(site_id), await self._uploads()
        if site_id != self._site_id:
            return
        new = {each.meter_id for each in kept if each.meter_id not in self._meters}
        for each in kept:
            if each.meter_id in new or _without_summary(each) != _without_summary(
                self._meters.kept(each.meter_id)
            ):
                self._show(self._meters.put(each), new & {each.meter_id})
        for item in uploads:
            if item.meter in new:
                self.take_upload(item)

    def _on_written(self, meter_id: str) -> None:
        self.changed.emit(meter_id)
        self._summaries.keep_soon()

    # Inside: telling -------------------------------------------------------------------------------------

    def _show(self, changed: Iterable[str], new: Collection[str]) -> None:
        for meter_id in changed:
            (self.added if meter_id in new else self.changed).emit(meter_id)

    def _tell(self, changed: Iterable[str]) -> None:
        self._show(changed, ())


def _without_summary(kept: KeptMeter) -> KeptMeter:
    return replace(kept, summary=None)
