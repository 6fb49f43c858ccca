"""How far a meter is, from what is stored: one function each for the state, its word and what is next."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

from app.domain.delivery_state import GIVEN_UP, DeliveryState
from app.domain.payload import MeterEntry, format_reg
from app.domain.verification import Verification, VerificationState
from app.message import Message


class Progress(Enum):
    """How far a meter is; the values are stable words for scripts and files."""

    ON_LIST = "on_list"
    NO_READING = "no_reading"
    """It answered, and has given no reading yet."""
    LOCKED = "locked"
    """It answered, and only its key is lacking."""
    READ = "read"
    DECIDED = "decided"
    """Read, and a person decided what the portal gets."""
    WAITING = "waiting"
    BY_HAND = "by_hand"
    CHANGED_THERE = "changed_there"
    """Somebody changed it on the portal."""
    FAILED = "failed"
    ON_PORTAL = "on_portal"
    LOOK = "look"
    """The portal shows other values than the meter."""
    VERIFIED_OPEN = "verified_open"
    """Every value equal; checks that nobody accepted are open."""
    VERIFIED = "verified"
    CHANGED_SINCE = "changed_since"
    """What stands here is no longer what the portal has."""


ARRIVED: Final = frozenset({DeliveryState.SENT, DeliveryState.DONE_BY_HAND})
"""The portal has it."""

FOR_THE_PERSON: Final = frozenset(
    {
        Progress.NO_READING,
        Progress.LOCKED,
        Progress.BY_HAND,
        Progress.CHANGED_THERE,
        Progress.FAILED,
        Progress.LOOK,
        Progress.VERIFIED_OPEN,
        Progress.CHANGED_SINCE,
    }
)
"""Nothing goes on by itself: somebody has to look."""

_OF_DELIVERY: Final[Mapping[DeliveryState, Progress]] = {
    DeliveryState.QUEUED: Progress.WAITING,
    DeliveryState.SENDING: Progress.WAITING,
    DeliveryState.REJECTED: Progress.FAILED,
    DeliveryState.FAILED: Progress.FAILED,
    DeliveryState.CHANGED: Progress.CHANGED_THERE,
    DeliveryState.BY_HAND: Progress.BY_HAND,
}

_OF_VERIFICATION: Final[Mapping[VerificationState, Progress]] = {
    VerificationState.VERIFIED: Progress.VERIFIED,
    VerificationState.OPEN: Progress.VERIFIED_OPEN,
    VerificationState.LOOK: Progress.LOOK,
    VerificationState.UPLOADED: Progress.ON_PORTAL,
}


@dataclass(frozen=True, slots=True)
class UploadFacts:
    """The last upload of an entry, as far as progress follows from it.

    Attributes:
        state: how far it came.
        entry: what the portal gets, or has.
        sent_at: when the portal had it, in UTC; None before.
    """

    state: DeliveryState
    entry: MeterEntry
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class VerificationFacts:
    """The last verification of an entry.

    Attributes:
        taken_at: when, in UTC.
        outcome: the values compared.
    """

    taken_at: datetime
    outcome: Verification

    def holds_for(self, upload: UploadFacts) -> bool:
        """Whether it was made of what the portal has now: the same list, and not before it arrived."""
        if upload.sent_at is not None and self.taken_at < upload.sent_at:
            return False
        return format_reg(each.entry for each in self.outcome.registers) == upload.entry.reg


@dataclass(frozen=True, slots=True)
class ProgressFacts:
    """All that the progress of a meter follows from.

    Attributes:
        answered: whether the meter has ever answered.
        read: whether it has given a reading.
        locked: whether only its key is lacking.
        decided: whether a person decided about it.
        entry: what would be uploaded now; None where nothing could be.
        upload: the last upload; None without one.
        verification: the last one; None without one.
        looks: the kinds of checks that are worth a look and that nobody accepted.
    """

    answered: bool = False
    read: bool = False
    locked: bool = False
    decided: bool = False
    entry: MeterEntry | None = None
    upload: UploadFacts | None = None
    verification: VerificationFacts | None = None
    looks: Collection[str] = ()


def progress_of(facts: ProgressFacts) -> Progress:
    """How far a meter is."""
    upload = facts.upload
    if upload is None or upload.state in GIVEN_UP:
        return _before_upload(facts)
    if upload.state not in ARRIVED:
        return _OF_DELIVERY[upload.state]
    if facts.entry is not None and facts.entry != upload.entry:
        return Progress.CHANGED_SINCE
    if facts.verification is None or not facts.verification.holds_for(upload):
        return Progress.ON_PORTAL
    outcome = facts.verification.outcome
    return _OF_VERIFICATION[outcome.state(_open_after(facts.looks, outcome))]


def _before_upload(facts: ProgressFacts) -> Progress:
    if facts.locked:
        return Progress.LOCKED
    if not facts.read:
        return Progress.NO_READING if facts.answered else Progress.ON_LIST
    return Progress.DECIDED if facts.decided else Progress.READ


def _open_after(looks: Collection[str], outcome: Verification) -> int:
    """A doubt about a factor is settled by values that are equal; see :mod:`app.domain.open_points`."""
    return sum(not (kind == "factor" and outcome.equal) for kind in looks)


_WORDS: Final[Mapping[Progress, str]] = {
    Progress.ON_LIST: "not read yet",
    Progress.NO_READING: "gave no reading yet",
    Progress.LOCKED: "read, but its key is lacking",
    Progress.READ: "read",
    Progress.DECIDED: "read and decided",
    Progress.WAITING: "waiting to be sent",
    Progress.BY_HAND: "to be entered by hand",
    Progress.CHANGED_THERE: "changed on the portal by somebody else",
    Progress.FAILED: "not taken by the portal",
    Progress.ON_PORTAL: "on the portal",
    Progress.LOOK: "the portal shows other values",
    Progress.VERIFIED_OPEN: "on the portal, with open points",
    Progress.VERIFIED: "verified",
    Progress.CHANGED_SINCE: "changed here since the upload",
}

_NEXT: Final[Mapping[Progress, str]] = {
    Progress.ON_LIST: "next: press Return to read it",
    Progress.NO_READING: "F5 reads it again",
    Progress.LOCKED: "next: enter its key",
    Progress.READ: "next: tick the registers, then upload",
    Progress.DECIDED: "next: upload",
    Progress.WAITING: "next: read the next meter",
    Progress.BY_HAND: "next: enter it with the portal sheet",
    Progress.CHANGED_THERE: "next: compare both versions",
    Progress.FAILED: "next: see the reason, then upload again",
    Progress.ON_PORTAL: "next: verify",
    Progress.LOOK: "next: see the reasons",
    Progress.VERIFIED_OPEN: "next: look at the open checks",
    Progress.VERIFIED: "next: read the next meter",
    Progress.CHANGED_SINCE: "next: upload again",
}


def state_word(progress: Progress) -> Message:
    """How far a meter is, in words."""
    return Message(_WORDS[progress])


def next_step(progress: Progress) -> Message:
    """What a person does next with a meter that is so far."""
    return Message(_NEXT[progress])
