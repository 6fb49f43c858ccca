"""An upload and how far it came."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

from app.domain.meter import MeterType
from app.domain.payload import MeterEntry
from app.message import Message


class DeliveryState(Enum):
    """How far an upload came; the values are what the data file says and never change.

    ``REJECTED``, ``FAILED``, ``CHANGED`` and ``BY_HAND`` wait for the person; ``REPLACED`` gave way to a
    later upload of the same entry; ``WITHDRAWN`` was taken back before it was sent.
    """

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    REJECTED = "rejected"
    FAILED = "failed"
    CHANGED = "changed"
    BY_HAND = "by_hand"
    DONE_BY_HAND = "done_by_hand"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"


WAITING: Final = frozenset({DeliveryState.QUEUED, DeliveryState.SENDING})
"""States that need nobody: the delivery goes on by itself."""

FOR_THE_PERSON: Final = frozenset(
    {DeliveryState.REJECTED, DeliveryState.FAILED, DeliveryState.CHANGED, DeliveryState.BY_HAND}
)
"""States that need the person."""

GIVEN_UP: Final = frozenset({DeliveryState.REPLACED, DeliveryState.WITHDRAWN})
"""States in which an upload says nothing about its meter any more."""


@dataclass(frozen=True, slots=True)
class FieldReason:
    """A field the portal refused, and why in its own words."""

    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class SeenVersion:
    """What was seen on the portal where an upload may not go on unasked; kept, it is what may be replaced.

    Attributes:
        text: as it came, or the beginning of it.
        digest: of all of it: what was shown is what is replaced, and nothing else.
        by: who changed it last, in the portal's words; empty where it does not tell.
        at: when, as the portal writes it; empty as before.
    """

    text: str
    digest: str
    by: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """One upload.

    Attributes:
        key: its identity, and the ``Idempotency-Key`` of every try.
        portal: base URL.
        username: the account.
        site_id: the portal's id of the site.
        entry: what the portal gets.
        queued_at: in UTC.
        state: how far it came.
        meter_id: the portal's id once known.
        etag: the version last seen on the portal; empty where none was.
        create_sent: a create or a change was begun: whether it arrived is only known from its answer.
        attempts: tries so far.
        next_try_at: not before, in UTC; None for at once.
        problem: what went wrong last, for the person.
        field_reasons: refused fields.
        theirs: the portal's version where somebody changed it (state ``CHANGED``).
        previous: what stood on the portal before this upload changed it.
        done_fields: ticked on the portal sheet (entered by hand).
        sent_at: when the portal had it, in UTC.
        meter: the program's own id of the meter; empty where it is in no list.
        seen: what stands on the portal where the person is asked (``CHANGED``), or has agreed to replace it;
            None where nothing stands there any more.
        fault: the fault met last, in one spelling, and how often in a row.
    """

    key: str
    portal: str
    username: str
    site_id: str
    entry: MeterEntry
    queued_at: datetime
    state: DeliveryState = DeliveryState.QUEUED
    meter_id: str = ""
    etag: str = ""
    create_sent: bool = False
    attempts: int = 0
    next_try_at: datetime | None = None
    problem: Message | None = None
    field_reasons: tuple[FieldReason, ...] = ()
    theirs: MeterEntry | None = None
    previous: MeterEntry | None = None
    done_fields: tuple[str, ...] = ()
    sent_at: datetime | None = None
    meter: str = ""
    seen: SeenVersion | None = None
    fault: str = ""
    fault_count: int = 0

    @property
    def type(self) -> MeterType:
        """Of the entry: a combined meter has one for each energy."""
        return self.entry.type

    @property
    def may_be_withdrawn(self) -> bool:
        """Whether it may be given up: it stands still, and what of it may be on the portal is known."""
        if self.state is DeliveryState.QUEUED:
            return not self.create_sent
        return self.state in FOR_THE_PERSON
