"""Takes one upload to the portal: looks for the meter, then creates or changes it, never twice.

Nobody's work is overwritten unasked: a write goes only to a version that is this computer's own, or that the
person has seen and agreed to replace. "On the portal" is said only after what is stored there has been
compared with what was sent.
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Final, Protocol

from app.domain.delivery_state import DeliveryState, FieldReason, OutboxItem, SeenVersion
from app.domain.payload import MeterEntry
from app.domain.same_entry import differences, same_address, same_entry
from app.message import Message
from app.portal.client import PortalApi
from app.portal.contract import ListedMeter, StoredMeter
from app.portal.errors import (
    FieldError,
    PortalChanged,
    PortalConflict,
    PortalHasNoWrite,
    PortalNotFound,
    PortalRejected,
)

Save = Callable[[OutboxItem], Awaitable[OutboxItem]]
OwnVersions = Callable[[OutboxItem], Awaitable[tuple[MeterEntry, ...]]]

_ANY_VERSION: Final = "*"
"""Where a portal gives no tags: what stands there has just been compared."""
_LONGEST_SHOWN: Final = 4000

FOUND: Final = Message(
    "There is an entry for this meter on the portal already, and it is not from this computer."
)
SOMEBODY: Final = Message("Somebody changed this meter on the portal meanwhile.")
UNREADABLE: Final = Message(
    "What the portal has of this meter cannot be read by this program; it is shown as it came."
)
REMOVED: Final = Message("Somebody removed this meter on the portal. It is not made again unasked.")


class ListMeters(Protocol):
    """A site's meters."""

    async def __call__(self, site_id: str, /, *, fresh: bool = False) -> tuple[ListedMeter, ...]:
        """Lists them; perhaps as of a moment ago unless ``fresh``."""


class Courier:
    """One portal account's way of delivering.

    A try that breaks off leaves the item so that the next one ends the same: a write is saved as begun before
    it is sent, and what became of it is found out before anything else is written.

    Args:
        api: the portal.
        save: keeps how far the item came, durably.
        list_meters: a site's meters.
        now: the wall clock, in UTC.
        own_versions: earlier uploads of the entry that may stand there as this computer's own.
    """

    def __init__(
        self,
        api: PortalApi,
        save: Save,
        list_meters: ListMeters,
        now: Callable[[], datetime],
        own_versions: OwnVersions,
    ) -> None:
        self._api = api
        self._save = save
        self._list_meters = list_meters
        self._now = now
        self._own_versions = own_versions

    async def deliver(self, item: OutboxItem) -> OutboxItem:
        """Delivers; returns the item as ``SENT`` or ``CHANGED``.

        Raises:
            PortalError: it did not arrive, or it is not known whether it did.
        """
        if not item.entry.gateway_id:
            entry = replace(item.entry, gateway_id=await self._only_gateway(item.site_id))
            item = await self._save(replace(item, entry=entry))
        if item.meter_id:
            return await self._change(item)
        # A create whose answer was lost may have arrived: a list of before says nothing about it.
        found = await self._find(item, fresh=item.create_sent)
        if found is None:
            return await self._create(item)
        try:
            return await self._adopt(item, found.id)
        except PortalNotFound:
            # Listed a moment ago, gone now; or a portal without the write part, which the create will tell.
            return await self._create(item)

    async def _only_gateway(self, site_id: str) -> str:
        """The gateway of an upload that was queued before anybody could ask which the site has."""
        gateways = await self._api.gateways(site_id)
        if len(gateways) == 1:
            return gateways[0].id
        reason = ", ".join(f"{gateway.id} {gateway.name}".strip() for gateway in gateways) or "none"
        raise PortalRejected(
            Message(
                "The site has {count} gateways. Choose the one that the meter hangs on, then upload again.",
                {"count": len(gateways)},
            ),
            (FieldError("gateway_id", reason),),
        )

    async def _find(self, item: OutboxItem, *, fresh: bool, any_type: bool = False) -> ListedMeter | None:
        """The meter of an entry in the site's list; its own type and very address before what only fits."""
        listed = await self._list_meters(item.site_id, fresh=fresh)
        wanted = item.entry.secondary_ad
        found = [
            each
            for each in listed
            if same_address(each.secondary_ad or "", wanted) and (any_type or each.type == item.type.value)
        ]
        found.sort(key=lambda each: (each.type != item.type.value, each.secondary_ad != wanted.upper()))
        return next(iter(found), None)

    # Create ----------------------------------------------------------------------------------------------

    async def _create(self, item: OutboxItem) -> OutboxItem:
        repeated = item.create_sent
        item = await self._save(replace(item, create_sent=True))
        try:
            stored = await self._api.create_meter(item.site_id, item.entry, item.key)
        except PortalConflict as conflict:
            item = await self._save(replace(item, create_sent=False))
            if conflict.existing_id:
                return await self._adopt(item, conflict.existing_id)
            found = await self._find(item, fresh=True, any_type=True)
            if found is None:
                raise
            return await self._adopt(item, found.id)
        item = await self._save(replace(item, meter_id=stored.id, etag=stored.etag))
        # A repeat's answer is the first one's: what stands there now is asked for.
        return await self._confirm(item, replace(stored, entry=None) if repeated else stored)

    # What stands there -----------------------------------------------------------------------------------

    async def _adopt(self, item: OutboxItem, meter_id: str) -> OutboxItem:
        """The portal has the meter, perhaps not by this computer."""
        theirs = await self._api.get_meter(item.site_id, meter_id)
        if theirs.entry is not None and same_entry(item.entry, theirs.entry):
            return await self._sent(item, theirs)
        if theirs.entry is not None and theirs.entry.type is not item.type and not item.meter_id:
            words = Message(
                "The portal has this meter as {type} and takes no second entry for its address. "
                "One entry can have the registers of both.",
                {"type": theirs.entry.type.value},
            )
            return await self._ask(item, theirs, words)
        if not await self._is_own(item, theirs):
            return await self._ask(item, theirs, SOMEBODY if item.meter_id else FOUND)
        item = await self._save(replace(item, meter_id=meter_id, etag=theirs.etag, previous=theirs.entry))
        return await self._put(item)

    async def _is_own(self, item: OutboxItem, theirs: StoredMeter) -> bool:
        """Whether it is this computer's own version, or the one that the person agreed to replace."""
        if item.seen is not None and item.seen.digest == _digest(theirs.raw):
            return True
        own = await self._own_versions(item)
        return theirs.entry is not None and any(same_entry(each, theirs.entry) for each in own)

    async def _ask(self, item: OutboxItem, theirs: StoredMeter, problem: Message) -> OutboxItem:
        """Lets the person decide between both versions."""
        differing = () if theirs.entry is None else differences(item.entry, theirs.entry)
        return await self._save(
            replace(
                item,
                state=DeliveryState.CHANGED,
                meter_id=theirs.id,
                etag=theirs.etag,
                create_sent=False,
                theirs=theirs.entry,
                seen=SeenVersion(theirs.raw[:_LONGEST_SHOWN], _digest(theirs.raw), theirs.by, theirs.at),
                problem=UNREADABLE if theirs.entry is None else problem,
                field_reasons=tuple(FieldReason(each.field, each.theirs) for each in differing),
                next_try_at=None,
            )
        )

    # Change ----------------------------------------------------------------------------------------------

    async def _change(self, item: OutboxItem) -> OutboxItem:
        try:
            if not item.etag:
                return await self._adopt(item, item.meter_id)
            return await self._put(item)
        except PortalChanged as changed:
            return await self._compare(item, changed.message)
        except PortalNotFound:
            return await self._gone(item)

    async def _put(self, item: OutboxItem) -> OutboxItem:
        item = await self._save(replace(item, create_sent=True))
        etag = item.etag or _ANY_VERSION
        stored = await self._api.update_meter(item.site_id, item.meter_id, item.entry, etag)
        return await self._confirm(await self._save(replace(item, etag=stored.etag)), stored)

    async def _compare(self, item: OutboxItem, problem: Message) -> OutboxItem:
        """Another version stands there: perhaps our own, whose answer was lost."""
        try:
            theirs = await self._api.get_meter(item.site_id, item.meter_id)
            if theirs.entry is not None and same_entry(item.entry, theirs.entry):
                return await self._sent(item, theirs)
            if theirs.etag != item.etag and await self._is_own(item, theirs):
                item = await self._save(replace(item, etag=theirs.etag, create_sent=False))
                try:
                    return await self._put(item)
                except PortalChanged:
                    theirs = await self._api.get_meter(item.site_id, item.meter_id)
        except PortalNotFound:
            return await self._gone(item)
        return await self._ask(item, theirs, problem)

    async def _gone(self, item: OutboxItem) -> OutboxItem:
        """The portal does not find the meter that it had: removed, made anew, or not to be asked for."""
        listed = await self._list_meters(item.site_id, fresh=True)
        if any(each.id == item.meter_id for each in listed):
            raise PortalHasNoWrite(
                Message("This portal lists the meter, but takes no change of it; the entry is kept.")
            )
        found = await self._find(item, fresh=False)
        if found is not None:
            return await self._adopt(replace(item, meter_id="", etag=""), found.id)
        return await self._save(
            replace(
                item,
                state=DeliveryState.CHANGED,
                create_sent=False,
                etag="",
                theirs=None,
                seen=None,
                problem=REMOVED,
                field_reasons=(),
                next_try_at=None,
            )
        )

    # Arrived ---------------------------------------------------------------------------------------------

    async def _confirm(self, item: OutboxItem, stored: StoredMeter) -> OutboxItem:
        """Compares what the portal has stored with what was sent, by its answer or by asking for it."""
        if stored.entry is None:
            try:
                stored = await self._api.get_meter(item.site_id, item.meter_id)
            except PortalNotFound:
                return await self._gone(item)
        if stored.entry is None:
            return await self._ask(item, stored, UNREADABLE)
        differing = differences(item.entry, stored.entry)
        if differing:
            fields = ", ".join(each.field for each in differing)
            altered = Message(
                "The portal has stored something else than was sent: {fields}.", {"fields": fields}
            )
            return await self._ask(item, stored, altered)
        return await self._sent(item, stored)

    async def _sent(self, item: OutboxItem, stored: StoredMeter) -> OutboxItem:
        return await self._save(
            replace(
                item,
                state=DeliveryState.SENT,
                meter_id=stored.id,
                etag=stored.etag,
                create_sent=False,
                problem=None,
                field_reasons=(),
                theirs=None,
                seen=None,
                fault="",
                fault_count=0,
                next_try_at=None,
                sent_at=self._now(),
            )
        )


def _digest(raw: str) -> str:
    return hashlib.sha256(raw.encode()).hexdigest()[:32]
