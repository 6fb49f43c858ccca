"""Takes one upload to the portal: looks for the meter, then creates or changes it, never twice."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from app.domain.delivery_state import DeliveryState, OutboxItem
from app.domain.errors import RegisterListError
from app.domain.payload import MeterEntry, parse_reg
from app.message import Message
from app.portal.client import PortalApi
from app.portal.contract import ListedMeter, StoredMeter
from app.portal.errors import FieldError, PortalChanged, PortalConflict, PortalNotFound, PortalRejected

Save = Callable[[OutboxItem], Awaitable[OutboxItem]]
ListMeters = Callable[[str], Awaitable[tuple[ListedMeter, ...]]]
OwnVersions = Callable[[OutboxItem], Awaitable[tuple[MeterEntry, ...]]]


class Courier:
    """One portal account's way of delivering.

    A try that breaks off leaves the item so that the next one ends the same: a create is saved as begun
    before it is sent, and is repeated under its key before anything else is asked.

    Args:
        api: the portal.
        save: keeps how far the item came, durably.
        list_meters: a site's meters, perhaps as of a moment ago.
        now: the wall clock, in UTC.
        own_versions: earlier uploads of the meter that may stand there although no answer said so.
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
        if item.create_sent:
            return await self._create(item)
        wanted = item.entry.secondary_ad.upper()
        listed = await self._list_meters(item.site_id)
        found = next((meter for meter in listed if meter.secondary_ad == wanted), None)
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

    async def _create(self, item: OutboxItem) -> OutboxItem:
        item = await self._save(replace(item, create_sent=True))
        try:
            stored = await self._api.create_meter(item.site_id, item.entry, item.key)
        except PortalConflict as conflict:
            if not conflict.existing_id:
                raise
            existing_id = conflict.existing_id
        else:
            return await self._sent(item, stored)
        return await self._adopt(await self._save(replace(item, create_sent=False)), existing_id)

    async def _adopt(self, item: OutboxItem, meter_id: str) -> OutboxItem:
        """The portal has the meter, not by this upload: becomes ours if it is not the same already."""
        theirs = await self._api.get_meter(item.site_id, meter_id)
        if same_entry(item.entry, theirs.entry):
            return await self._sent(item, theirs)
        item = await self._save(replace(item, meter_id=meter_id, etag=theirs.etag, previous=theirs.entry))
        return await self._change(item)

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
        stored = await self._api.update_meter(item.site_id, item.meter_id, item.entry, item.etag)
        return await self._sent(item, stored)

    async def _compare(self, item: OutboxItem, problem: Message) -> OutboxItem:
        """Another version stands there: perhaps our own, whose answer was lost."""
        try:
            theirs = await self._api.get_meter(item.site_id, item.meter_id)
            if same_entry(item.entry, theirs.entry):
                return await self._sent(item, theirs)
            own = await self._own_versions(item)
            if theirs.etag != item.etag and any(same_entry(each, theirs.entry) for each in own):
                item = await self._save(replace(item, etag=theirs.etag))
                try:
                    return await self._put(item)
                except PortalChanged:
                    theirs = await self._api.get_meter(item.site_id, item.meter_id)
        except PortalNotFound:
            return await self._gone(item)
        return await self._save(
            replace(
                item,
                state=DeliveryState.CHANGED,
                etag=theirs.etag,
                theirs=theirs.entry,
                problem=problem,
                next_try_at=None,
            )
        )

    async def _gone(self, item: OutboxItem) -> OutboxItem:
        """The meter was removed on the portal: it is made anew."""
        return await self._create(replace(item, meter_id="", etag="", previous=None))

    async def _sent(self, item: OutboxItem, stored: StoredMeter) -> OutboxItem:
        return await self._save(
            replace(
                item,
                state=DeliveryState.SENT,
                meter_id=stored.id,
                etag=stored.etag,
                problem=None,
                field_reasons=(),
                theirs=None,
                next_try_at=None,
                sent_at=self._now(),
            )
        )


def same_entry(mine: MeterEntry, theirs: MeterEntry) -> bool:
    """Whether two entries mean the same: blanks in the register list and the case of hex do not count."""
    return _plain(mine) == _plain(theirs) and _registers(mine.reg) == _registers(theirs.reg)


def _plain(entry: MeterEntry) -> MeterEntry:
    return replace(entry, reg="", secondary_ad=entry.secondary_ad.upper())


def _registers(reg: str) -> object:
    try:
        return parse_reg(reg)
    except RegisterListError:
        return reg
