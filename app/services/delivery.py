"""The outbox use case: an upload is durable at once, and delivered exactly once when there is a network."""

import asyncio
import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.domain.delivery_state import FOR_THE_PERSON, WAITING, DeliveryState, FieldReason, OutboxItem
from app.domain.errors import EntryError
from app.domain.payload import MeterEntry, parse_reg
from app.domain.portal_units import Vocabulary
from app.domain.verification import GatewayReading, Verification, age_of, verify
from app.mbus.records import Telegram
from app.message import Message
from app.portal.client import PortalApi
from app.portal.contract import ListedMeter
from app.portal.credentials import Account
from app.portal.errors import (
    PortalBusy,
    PortalError,
    PortalHasNoWrite,
    PortalNeedsLogin,
    PortalNotFound,
    PortalRefusedLogin,
    PortalRejected,
    PortalUnreachable,
)
from app.portal.json_reading import is_storable
from app.portal.pacing import Clock, SystemClock
from app.services.courier import Courier, ListMeters
from app.store.errors import StoreError
from app.store.store import Store

PortalFactory = Callable[[Account], PortalApi]
Listener = Callable[[OutboxItem], None]

FIRST_DELAY_S = 4.0
LONGEST_DELAY_S = 600.0
STORE_DELAY_S = 30.0
_LIST_IS_FRESH_S = 60.0


@dataclass(frozen=True, slots=True)
class DeliveryStatus:
    """The outbox in one line.

    Attributes:
        waiting: uploads that go by themselves.
        for_the_person: uploads that need somebody.
        problem: why what waits does not go now; None when nothing is in its way.
        needs_login: the problem is the login: :meth:`Delivery.wake` after the person corrected it.
    """

    waiting: int
    for_the_person: int
    problem: Message | None
    needs_login: bool


@dataclass(slots=True)
class _Lane:
    """What is known of one account while the program runs."""

    api: PortalApi
    not_before: float = 0.0
    failures: int = 0
    problem: Message | None = None
    needs_login: bool = False


class Delivery:
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
        self.account = account
        self._store = store
        self._portal_for = portal_for
        self._clock: Clock = clock or SystemClock()
        self._new_key = new_key
        self._chance = chance
        self._lanes: dict[Account, _Lane] = {}
        self._item_not_before: dict[str, float] = {}
        self._lists: dict[tuple[Account, str], tuple[float, tuple[ListedMeter, ...]]] = {}
        self._listeners: list[Listener] = []
        self._store_problem: Message | None = None
        self._wake = asyncio.Event()
        self._sending = asyncio.Lock()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Calls ``listener`` with every item that changed, on the loop; the result ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def portal(self, account: Account | None = None) -> PortalApi:
        """The client of an account (the current one when None), shared with the rest of the program.

        Raises:
            PortalAddressError: the account's address is none that a password may be sent to.
        """
        return self._lane(account or self.account).api

    async def upload(self, entry: MeterEntry, site_id: str) -> OutboxItem:
        """Queues an upload; when this returns it is on disk, and :meth:`run` sends it.

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
            )
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
        """Tries again now whatever waits: the network is back, or the person corrected the login."""
        for lane in self._lanes.values():
            lane.not_before, lane.failures, lane.problem, lane.needs_login = 0.0, 0, None, False
        self._item_not_before.clear()
        self._lists.clear()
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

    async def retry(self, key: str) -> OutboxItem:
        """Tries again what was refused, failed, or was to be entered by hand."""
        return await self._requeue(key)

    async def overwrite_theirs(self, key: str) -> OutboxItem:
        """After a 412: this upload's version shall stand, in place of the portal's that was shown."""
        return await self._requeue(key)

    async def keep_theirs(self, key: str) -> OutboxItem:
        """After a 412: the portal's version shall stand; the upload is given up."""
        return await self._settle(key, replace(await self._known(key), state=DeliveryState.REPLACED))

    async def tick_by_hand(self, key: str, field: str, *, done: bool) -> OutboxItem:
        """A field of the portal sheet was copied (or not after all)."""
        item = await self._known(key)
        others = tuple(each for each in item.done_fields if each != field)
        return await self._settle(key, replace(item, done_fields=(*others, field) if done else others))

    async def finish_by_hand(self, key: str, *, done: bool = True) -> OutboxItem:
        """The person entered the meter on the portal's page (or not after all)."""
        state = DeliveryState.DONE_BY_HAND if done else DeliveryState.BY_HAND
        return await self._settle(key, replace(await self._known(key), state=state))

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
        read = await self._lane(_account(item)).api.read_meter(item.site_id, item.meter_id)
        reading = GatewayReading(read.ts, read.valid, read.values)
        return verify(item.entry, telegram, reading, vocabulary, age_of(taken_at, self._clock.now()))

    async def status(self) -> DeliveryStatus:
        """The outbox in one line."""
        items = await self._store.outbox.items()
        states = [item.state for item in items]
        lane = self._lanes.get(self.account)
        return DeliveryStatus(
            waiting=states.count(DeliveryState.QUEUED) + states.count(DeliveryState.SENDING),
            for_the_person=sum(state in FOR_THE_PERSON for state in states),
            problem=self._store_problem or (lane.problem if lane else None),
            needs_login=lane.needs_login if lane else False,
        )

    async def close(self) -> None:
        """Closes the connections to every portal; the outbox stays as it is."""
        lanes, self._lanes = self._lanes, {}
        for lane in lanes.values():
            await lane.api.close()

    def _lane(self, account: Account) -> _Lane:
        if account not in self._lanes:
            self._lanes[account] = _Lane(self._portal_for(account))
        return self._lanes[account]

    def _wait_of(self, item: OutboxItem) -> float | None:
        lane = self._lanes.get(_account(item))
        if lane is not None and lane.needs_login:
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
        try:
            lane = self._lane(account)
            courier = Courier(
                lane.api,
                self._save,
                self._fresh_list(account),
                self._clock.now,
                self._store.outbox.unconfirmed,
            )
            await courier.deliver(item)
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
            lane.failures, lane.problem, lane.needs_login = 0, None, False
        return await self._known(item.key)

    async def _failed(self, item: OutboxItem, error: PortalError) -> None:
        if isinstance(error, PortalRefusedLogin | PortalNeedsLogin):
            lane = self._lane(_account(item))
            lane.problem, lane.needs_login = error.message, True
            await self._save(replace(item, state=DeliveryState.QUEUED, problem=error.message))
        elif error.passes:
            await self._later(item, error)
        elif isinstance(error, PortalRejected):
            reasons = tuple(FieldReason(each.field, each.reason) for each in error.fields)
            await self._save(
                replace(
                    item,
                    state=DeliveryState.REJECTED,
                    create_sent=False,
                    problem=error.message,
                    field_reasons=reasons,
                )
            )
        elif isinstance(error, PortalHasNoWrite):
            await self._save(
                replace(item, state=DeliveryState.BY_HAND, create_sent=False, problem=error.message)
            )
        else:
            await self._save(replace(item, state=DeliveryState.FAILED, problem=error.message))

    async def _later(self, item: OutboxItem, error: PortalError) -> None:
        """A fault that passes: one of the portal as a whole holds all its uploads, another only this one."""
        concerns_all = isinstance(error, PortalUnreachable | PortalBusy)
        lane = self._lane(_account(item))
        if concerns_all:
            lane.failures += 1
        delay_s = self._delay_s(lane.failures if concerns_all else item.attempts)
        if isinstance(error, PortalBusy):
            delay_s = max(delay_s, error.retry_after_s)
        not_before = self._clock.monotonic() + delay_s
        if concerns_all:
            lane.not_before, lane.problem = not_before, error.message
        else:
            self._item_not_before[item.key] = not_before
        next_try_at = self._clock.now() + timedelta(seconds=delay_s)
        await self._save(
            replace(item, state=DeliveryState.QUEUED, problem=error.message, next_try_at=next_try_at)
        )

    def _delay_s(self, failures: int) -> float:
        """Doubles with every failure; the jitter keeps many laptops from coming back at once."""
        longest = min(LONGEST_DELAY_S, FIRST_DELAY_S * 2.0 ** min(failures - 1, 20))
        return longest * (0.5 + 0.5 * self._chance())

    def _fresh_list(self, account: Account) -> ListMeters:
        """Forty uploads in a row ask for the site's list once; what it misses, the portal's 409 tells."""

        async def listed(site_id: str) -> tuple[ListedMeter, ...]:
            known = self._lists.get((account, site_id))
            if known is None or self._clock.monotonic() - known[0] > _LIST_IS_FRESH_S:
                meters = await self._lane(account).api.meters(site_id)
                known = self._lists[account, site_id] = (self._clock.monotonic(), meters)
            return known[1]

        return listed

    async def _requeue(self, key: str) -> OutboxItem:
        item = await self._known(key)
        self._item_not_before.pop(key, None)
        item = await self._settle(
            key, replace(item, state=DeliveryState.QUEUED, problem=None, field_reasons=(), next_try_at=None)
        )
        self._wake.set()
        return item

    async def _settle(self, key: str, item: OutboxItem) -> OutboxItem:
        """Saves what the person decided, unless the item is on its way or has arrived meanwhile."""
        current = await self._known(key)
        if current.state in (DeliveryState.SENDING, DeliveryState.SENT):
            return current
        return await self._save(item)

    async def _known(self, key: str) -> OutboxItem:
        item = await self._store.outbox.get(key)
        if item is None:
            raise KeyError(key)
        return item

    async def _save(self, item: OutboxItem) -> OutboxItem:
        kept = await self._store.outbox.save(item)
        self._tell(kept)
        if kept.state is DeliveryState.REPLACED:
            newest = await self._store.outbox.of_meter(item.portal, item.site_id, item.entry.secondary_ad)
            if newest is not None and newest.key != item.key:
                self._tell(newest)
        return kept

    def _tell(self, item: OutboxItem) -> None:
        for listener in tuple(self._listeners):
            listener(item)


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
