"""What the person decides about an upload: try again, take back, whose version stands, done by hand."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from app.domain.delivery_state import DeliveryState, OutboxItem
from app.domain.errors import EntryError, RegisterListError
from app.domain.payload import MeterEntry, format_reg, parse_reg
from app.message import Message
from app.portal.pacing import Clock
from app.store.outbox import Outbox

Listener = Callable[[OutboxItem], None]


class UploadDecisions:
    """The decisions; every one is on disk when its method returns.

    Args:
        outbox: where uploads are kept.
        new_key: makes the key of an upload.
        clock: when one was queued.
    """

    def __init__(self, outbox: Outbox, new_key: Callable[[], str], clock: Clock) -> None:
        self._outbox = outbox
        self._new_key = new_key
        self._now = clock.now
        self._listeners: list[Listener] = []

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Calls ``listener`` with every item that changed, on the loop; the result ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def retry(self, key: str) -> OutboxItem:
        """Tries again what was refused, failed, or was to be entered by hand.

        Where the person was asked whose version stands, nothing is decided by it: it is looked anew.
        """
        item = await self._known(key)
        etag = "" if item.state is DeliveryState.CHANGED else item.etag
        return await self._requeue(replace(item, etag=etag, seen=None, theirs=None))

    async def retry_all(self) -> tuple[OutboxItem, ...]:
        """Tries again all that was refused or failed; what needs a decision, or a hand, is left."""
        failed = (DeliveryState.REJECTED, DeliveryState.FAILED)
        items = [item for item in await self._outbox.items() if item.state in failed]
        return tuple([await self.retry(item.key) for item in items])

    async def withdraw(self, key: str) -> OutboxItem:
        """Takes back an upload that the portal cannot have yet.

        Raises:
            EntryError: it is on its way, or on the portal, or perhaps there.
        """
        item = await self._outbox.withdraw(key)
        if item is None:
            raise KeyError(key)
        if item.state is not DeliveryState.WITHDRAWN:
            raise EntryError(
                Message(
                    "{name} may be on the portal already, so it cannot be taken back. "
                    "Correct it here and upload again, or remove it on the portal's page.",
                    {"name": item.entry.name},
                )
            )
        self._tell(item)
        return item

    async def overwrite_theirs(self, key: str) -> OutboxItem:
        """This upload's version shall stand, in place of the portal's that was shown, or of nothing.

        The version that gives way is kept: see :meth:`put_back`.
        """
        item = await self._known(key)
        if item.state is not DeliveryState.CHANGED:
            return item
        if item.seen is None and item.theirs is None:
            return await self._make_anew(item)
        return await self._requeue(replace(item, previous=item.theirs or item.previous))

    async def keep_theirs(self, key: str) -> OutboxItem:
        """The portal's version shall stand: it is what this computer knows of the meter from now on."""
        item = await self._known(key)
        if item.state is not DeliveryState.CHANGED:
            return item
        if item.theirs is None and item.seen is None:
            dropped = await self._outbox.drop(item)
            self._tell(dropped)
            return dropped
        given_up = replace(item, problem=None, field_reasons=(), next_try_at=None, seen=None, theirs=None)
        if item.theirs is None or item.theirs.type is not item.type:
            return await self._settle(replace(given_up, state=DeliveryState.REPLACED))
        stands = replace(given_up, state=DeliveryState.SENT, entry=item.theirs, sent_at=self._now())
        return await self._settle(stands)

    async def put_back(self, key: str) -> OutboxItem:
        """What stood on the portal before this upload replaced it is uploaded again.

        Raises:
            EntryError: nothing that this program could read stood there.
        """
        item = await self._known(key)
        if item.previous is None:
            raise EntryError(Message("Nothing is known of what the portal had before this upload."))
        back = self._successor(item, item.previous, previous=item.entry)
        queued = await self._outbox.queue(back)
        self._tell(queued)
        self._try_soon(queued.key)
        return queued

    async def unite(self, key: str) -> OutboxItem:
        """One entry with the registers of both, where the portal takes no second one for an address.

        Returns:
            the upload of the united entry; the one that found no place has given way.

        Raises:
            EntryError: the entry that is there cannot be read, or both want the same unit.
        """
        item = await self._known(key)
        theirs = item.theirs
        if item.state is not DeliveryState.CHANGED or theirs is None:
            raise EntryError(Message("There is no other entry whose registers could be put together."))
        united = replace(theirs, reg=_united(theirs, item.entry))
        return await self._queue_instead(item, self._successor(item, united, previous=theirs))

    async def tick_by_hand(self, key: str, field: str, *, done: bool) -> OutboxItem:
        """A field of the portal sheet was copied (or not after all)."""
        item = await self._known(key)
        others = tuple(each for each in item.done_fields if each != field)
        return await self._settle(replace(item, done_fields=(*others, field) if done else others))

    async def finish_by_hand(self, key: str, *, done: bool = True) -> OutboxItem:
        """The person entered the meter on the portal's page (or not after all)."""
        state = DeliveryState.DONE_BY_HAND if done else DeliveryState.BY_HAND
        return await self._settle(replace(await self._known(key), state=state))

    async def _make_anew(self, item: OutboxItem) -> OutboxItem:
        anew = replace(self._successor(item, item.entry, previous=None), meter_id="", etag="")
        return await self._queue_instead(item, anew)

    def _successor(self, item: OutboxItem, entry: MeterEntry, *, previous: MeterEntry | None) -> OutboxItem:
        """A new upload to the place that an earlier one has, or was refused, on the portal."""
        return OutboxItem(
            key=self._new_key(),
            portal=item.portal,
            username=item.username,
            site_id=item.site_id,
            entry=entry,
            queued_at=self._now(),
            meter_id=item.meter_id,
            etag=item.etag,
            previous=previous,
            meter=item.meter,
        )

    async def _queue_instead(self, item: OutboxItem, new: OutboxItem) -> OutboxItem:
        queued = await self._outbox.queue_instead(item.key, new)
        self._tell(replace(item, state=DeliveryState.REPLACED))
        self._tell(queued)
        self._try_soon(queued.key)
        return queued

    async def _requeue(self, item: OutboxItem) -> OutboxItem:
        kept = await self._settle(
            replace(
                item,
                state=DeliveryState.QUEUED,
                problem=None,
                field_reasons=(),
                fault="",
                fault_count=0,
                next_try_at=None,
            )
        )
        self._try_soon(kept.key)
        return kept

    async def _settle(self, item: OutboxItem) -> OutboxItem:
        """Saves what the person decided, unless the item is on its way or has arrived meanwhile."""
        current = await self._known(item.key)
        if current.state in (DeliveryState.SENDING, DeliveryState.SENT):
            return current
        return await self._save(item)

    async def _known(self, key: str) -> OutboxItem:
        item = await self._outbox.get(key)
        if item is None:
            raise KeyError(key)
        return item

    async def _save(self, item: OutboxItem) -> OutboxItem:
        kept = await self._outbox.save(item)
        self._tell(kept)
        if kept.state is DeliveryState.REPLACED:
            newest = await self._outbox.of_meter(
                item.portal, item.site_id, item.entry.secondary_ad, item.type
            )
            if newest is not None and newest.key != item.key:
                self._tell(newest)
        return kept

    def _tell(self, item: OutboxItem) -> None:
        for listener in tuple(self._listeners):
            listener(item)

    def _try_soon(self, key: str) -> None:
        """An upload's time has come; the delivery knows how to try it."""


def _united(theirs: MeterEntry, mine: MeterEntry) -> str:
    try:
        there = parse_reg(theirs.reg)
    except RegisterListError as error:
        raise EntryError(error.message) from error
    known = {entry.unit: entry for entry in there}
    added = [entry for entry in parse_reg(mine.reg) if entry != known.get(entry.unit)]
    twice = _names(entry.unit for entry in added if entry.unit in known)
    if twice:
        raise EntryError(
            Message("Both entries have {units}; one list can have each only once.", {"units": twice})
        )
    return format_reg((*there, *added))


def _names(units: Iterable[str]) -> str:
    return ", ".join(units)
