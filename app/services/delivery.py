"""The outbox use case: an upload is durable at once, and delivered exactly once when there is a network."""

import asyncio
import random
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from app.domain.delivery_state import FOR_THE_PERSON, WAITING, DeliveryState, FieldReason, OutboxItem
from app.domain.errors import EntryError
from app.domain.meter import MeterType
from app.domain.payload import MeterEntry, parse_reg
from app.domain.portal_units import Vocabulary
from app.domain.verification import GatewayReading, Verification, age_of, verify
from app.mbus.records import Telegram
from app.message import Message
from app.portal.client import PortalApi
from app.portal.contract import ListedMeter
from app.portal.credentials import Account
from app.portal.errors import (
    MOST_EQUAL_FAULTS,
    PortalConflict,
    PortalError,
    PortalFault,
    PortalHasNoWrite,
    PortalNotFound,
    PortalRejected,
)
from app.portal.json_reading import is_storable
from app.portal.pacing import Clock, SystemClock
from app.services.courier import Courier, ListMeters
from app.services.lanes import Lane, Lanes, PortalFactory, spelling_of
from app.services.upload_decisions import UploadDecisions
from app.store.errors import StoreError
from app.store.store import Store

STORE_DELAY_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class DeliveryStatus:
    """The outbox in one line.

    Attributes:
        waiting: uploads that go by themselves.
        for_the_person: uploads that need somebody.
        problem: why what waits does not go now; None when nothing is in its way.
        needs_login: the problem is the login: :meth:`Delivery.wake` after the person corrected it.
        stopped: nothing goes before the person did something: signed in, corrected the address, tried now.
    """

    waiting: int
    for_the_person: int
    problem: Message | None
    needs_login: bool
    stopped: bool = False


class Delivery(UploadDecisions):
    """Uploads and their way to the portal.

    Args:
        store: where uploads are kept.
        portal_for: makes the portal's client of an account; called once an account.
        account: the account new uploads go to; may be changed later.
        clock: another one in tests.
        new_key: makes the ``Idempotency-Key`` of an upload.
        chance: a number from 0 to 1, for the jitter.
    """

    def __init__(
        self,
        store: Store,
        portal_for: PortalFactory,
        account: Account,
        *,
        clock: Clock | None = None,
        new_key: Callable[[], str] = lambda: str(uuid.uuid4()),
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._clock: Clock = clock or SystemClock()
        super().__init__(store.outbox, new_key, self._clock)
        self.account = account
        self._store = store
        self._lanes = Lanes(portal_for, self._clock.monotonic, chance)
        self._item_not_before: dict[str, float] = {}
        self._store_problem: Message | None = None
        self._wake = asyncio.Event()
        self._sending = asyncio.Lock()

    def portal(self, account: Account | None = None) -> PortalApi:
        """The client of an account (the current one when None), shared with the rest of the program.

        Raises:
            PortalAddressError: the account's address is none that a password may be sent to.
        """
        return self._lanes.of(account or self.account).api

    async def upload(
        self, entry: MeterEntry, site_id: str, *, meter: str = "", beside: Collection[MeterType] | None = None
    ) -> OutboxItem:
        """Queues an upload; when this returns it is on disk, and :meth:`run` sends it.

        Args:
            entry: what the portal gets.
            site_id: the portal's id of the site.
            meter: the program's own id of the meter.
            beside: the types of the meter's other entries; where they are given, an upload of this meter by
                any other type is taken for this one before its type was corrected.

        Raises:
            EntryError: it says nothing that a gateway could read, or has characters that cannot be sent.
            StoreError: it could not be kept.
        """
        _check(entry, site_id)
        item = await self._store.outbox.queue(
            OutboxItem(
                key=self._new_key(),
                portal=self.account.base_url,
                username=self.account.username,
                site_id=site_id,
                entry=entry,
                queued_at=self._clock.now(),
                meter=meter,
            ),
            beside=beside,
        )
        self._tell(item)
        self._wake.set()
        return item

    async def run(self) -> None:
        """Sends what waits, for as long as the program runs; ends by cancellation."""
        while True:
            self._wake.clear()
            try:
                pause_s = await self.send_waiting()
                self._store_problem = None
            except StoreError as error:
                # A full disk is made room on: nothing was lost, the items are as they were.
                self._store_problem, pause_s = error.message, STORE_DELAY_S
            await self._rest(pause_s)

    def wake(self) -> None:
        """Tries again now whatever waits: the person asked for it, or corrected the login."""
        self._lanes.clear()
        self._item_not_before.clear()
        self._wake.set()

    def nudge(self) -> None:
        """The network is back, or the person: what nobody answered to is tried now.

        What a portal asked to wait for, and what needs the person, stays as it is.
        """
        if self._lanes.nudge():
            self._wake.set()

    async def send_waiting(self) -> float | None:
        """Tries once every upload whose time has come.

        Returns:
            seconds until the next is due; None when nothing is, before somebody does something.
        """
        async with self._sending:
            due: list[float] = []
            for waiting in await self._store.outbox.waiting():
                item = await self._known(waiting.key)
                if item.state in WAITING and self._wait_of(item) == 0:
                    item = await self._try(item)
                wait_s = self._wait_of(item)
                if item.state in WAITING and wait_s is not None:
                    due.append(wait_s)
            return min(due, default=None)

    async def send_now(self, key: str) -> OutboxItem:
        """Tries one upload now and returns it as it then is; for the command line."""
        async with self._sending:
            item = await self._known(key)
            return await self._try(item) if item.state in WAITING else item

    async def verify(
        self, item: OutboxItem, telegram: Telegram, taken_at: datetime, vocabulary: Vocabulary
    ) -> Verification:
        """Asks the meter's gateway to READ now and compares with what the meter itself says.

        Args:
            item: an upload that arrived.
            telegram: this computer's reading.
            taken_at: when it was taken, in UTC.
            vocabulary: which unit each register promises.

        Raises:
            PortalError: the meter is not on the portal yet, or the gateway could not read it.
        """
        if not item.meter_id:
            raise PortalNotFound(Message("The meter is not on the portal yet; its upload is still waiting."))
        read = await self._lanes.of(_account(item)).api.read_meter(item.site_id, item.meter_id)
        reading = GatewayReading(read.ts, read.valid, read.values)
        return verify(item.entry, telegram, reading, vocabulary, age_of(taken_at, self._clock.now()))

    async def status(self) -> DeliveryStatus:
        """The outbox in one line."""
        items = await self._store.outbox.items()
        states = [item.state for item in items]
        lane = self._lanes.known(self.account)
        return DeliveryStatus(
            waiting=states.count(DeliveryState.QUEUED) + states.count(DeliveryState.SENDING),
            for_the_person=sum(state in FOR_THE_PERSON for state in states),
            problem=self._store_problem or (lane.problem if lane else None),
            needs_login=lane.needs_login if lane else False,
            stopped=lane.stopped if lane else False,
        )

    async def close(self) -> None:
        """Closes the connections to every portal; the outbox stays as it is."""
        await self._lanes.close()

    def _wait_of(self, item: OutboxItem) -> float | None:
        lane = self._lanes.known(_account(item))
        if lane is not None and lane.stopped:
            return None
        not_before = max(lane.not_before if lane else 0.0, self._item_not_before.get(item.key, 0.0))
        return max(0.0, not_before - self._clock.monotonic())

    async def _rest(self, pause_s: float | None) -> None:
        waits: set[asyncio.Task[object]] = {asyncio.create_task(self._wake.wait())}
        if pause_s is not None:
            waits.add(asyncio.create_task(self._clock.sleep(pause_s)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()

    async def _try(self, item: OutboxItem) -> OutboxItem:
        item = await self._store.outbox.begin(item.key) or item
        self._tell(item)
        if item.state is not DeliveryState.SENDING:
            return item
        account = _account(item)
        lane: Lane | None = None
        try:
            lane = self._lanes.of(account)
            await self._courier(account, lane).deliver(item)
        except PortalError as error:
            await self._failed(await self._known(item.key), error)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - the last resort: one upload never stops the others
            # Only the kind: an error that nobody expected may hold the request, and with it the login.
            problem = Message(
                "The program itself failed at this upload ({kind}). Try again, or enter it by hand.",
                {"kind": type(error).__name__},
            )
            await self._save(
                replace(await self._known(item.key), state=DeliveryState.FAILED, problem=problem)
            )
        else:
            lane.clear()
        return await self._known(item.key)

    def _courier(self, account: Account, lane: Lane) -> Courier:
        outbox = self._store.outbox
        return Courier(lane.api, self._save, self._lists(account), self._clock.now, outbox.own_versions)

    def _lists(self, account: Account) -> ListMeters:
        async def listed(site_id: str, /, *, fresh: bool = False) -> tuple[ListedMeter, ...]:
            return await self._lanes.listed(account, site_id, fresh=fresh)

        return listed

    async def _failed(self, item: OutboxItem, error: PortalError) -> None:
        """Keeps what an error means for an upload; which state it has says the error itself."""
        spelling = spelling_of(error)
        item = replace(
            item,
            state=DeliveryState.QUEUED if error.stops_account else error.state,
            problem=error.message,
            fault=spelling,
            fault_count=item.fault_count + 1 if spelling == item.fault else 1,
        )
        if error.stops_account or error.passes:
            await self._later(item, error)
        elif isinstance(error, PortalRejected | PortalHasNoWrite | PortalConflict):
            # Nothing of it is there. Whatever else failed may have come after the portal took it.
            reasons = error.fields if isinstance(error, PortalRejected) else ()
            told = tuple(FieldReason(each.field, each.reason) for each in reasons)
            await self._save(replace(item, create_sent=False, field_reasons=told))
        else:
            await self._save(item)

    async def _later(self, item: OutboxItem, error: PortalError) -> None:
        """What passes: a fault of the portal as a whole holds all its uploads, another only this one."""
        if error.stops_account or error.concerns_account:
            delay_s = self._lanes.hold(_account(item), error)
        elif isinstance(error, PortalFault) and item.fault_count >= MOST_EQUAL_FAULTS:
            problem = Message(
                "{problem} This was the answer {count} times: try again, or enter it by hand.",
                {"problem": error.message, "count": item.fault_count},
            )
            await self._save(replace(item, state=DeliveryState.FAILED, problem=problem, fault_count=0))
            return
        else:
            delay_s = self._lanes.delay_s(item.attempts, error)
            self._item_not_before[item.key] = self._clock.monotonic() + delay_s
        stopped = (lane := self._lanes.known(_account(item))) is not None and lane.stopped
        next_try_at = None if stopped else self._clock.now() + timedelta(seconds=delay_s)
        await self._save(replace(item, next_try_at=next_try_at))

    def _try_soon(self, key: str) -> None:
        self._item_not_before.pop(key, None)
        self._wake.set()


def _check(entry: MeterEntry, site_id: str) -> None:
    if not parse_reg(entry.reg):
        raise EntryError(
            Message("No register is ticked, so the gateway would read nothing. Tick the index at least.")
        )
    texts = (site_id, entry.name, entry.gateway_id, entry.secondary_ad)
    if not all(is_storable(text) for text in texts):
        raise EntryError(
            Message("The name, the site or the gateway has a character that cannot be sent. Type it again.")
        )


def _account(item: OutboxItem) -> Account:
    return Account(item.portal, item.username)
