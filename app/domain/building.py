"""A building and its meters as they are kept: sites, readings, decisions and what a verification compared."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

from app.domain.draft import MeterDraft
from app.domain.meter import MeterType
from app.domain.payload import MeterEntry
from app.domain.verification import Verification
from app.domain.verification_text import verification_from_text, verification_text

NO_SITE: Final = ""
"""Where meters are that were read while no site was open; they stay until the person says which one."""

NOBODY: Final = ""
"""Who decided, where that is not known: files of version 1 did not say."""


@dataclass(frozen=True, slots=True)
class Site:
    """A building of the program's own, made by hand or taken from a portal's list.

    Attributes:
        site_id: the program's own id.
        name: as the person calls it.
        address: street and place on one line; may be empty.
        portal: base URL of the portal that has it too; empty while it is linked to none.
        portal_site_id: that portal's id of it; empty exactly where ``portal`` is.
    """

    site_id: str
    name: str
    address: str = ""
    portal: str = ""
    portal_site_id: str = ""

    @property
    def linked(self) -> bool:
        """Whether a portal's site is known to be this one."""
        return bool(self.portal_site_id)

    @property
    def label(self) -> str:
        """What a person knows the site by: its name, else its address, else what the portal calls it."""
        return self.name or self.address or self.portal_site_id


@dataclass(frozen=True, slots=True)
class StoredReading:
    """One answer of a meter.

    Attributes:
        taken_at: when, in UTC.
        port: the URL of the port it came through.
        baud: the rate it was read at.
        elapsed_s: how long the read took.
        wire_minimum_s: how long the bytes alone take on the wire.
        raw: the telegram's bytes, all frames.
        usable: whether it tells values, or would with a key; what a busy meter says is kept, but counts less.
        number: given by the store, rising in the order in which readings came; 0 before.
    """

    taken_at: datetime
    port: str
    baud: int
    elapsed_s: float
    wire_minimum_s: float
    raw: bytes
    usable: bool = True
    number: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decided, and when; a draft without one was never touched.

    Attributes:
        at: in UTC.
        by: as the person is known; :data:`NOBODY` where nobody told.
    """

    at: datetime
    by: str = NOBODY


@dataclass(frozen=True, slots=True)
class Alternative:
    """The other one of two decisions about a meter, kept to be shown beside the one that stands.

    Attributes:
        number: its name among the meter's alternatives.
        draft: what was decided.
        decision: who and when.
    """

    number: int
    draft: MeterDraft
    decision: Decision


class VerificationSource(Enum):
    """What the meter's values were compared with."""

    READ = "READ"
    """What the gateway read when the portal asked it to."""
    LOCAL = "local"
    """What the gateway would make of the register list, computed here."""


@dataclass(frozen=True, slots=True)
class StoredVerification:
    """One verification with all that it compared.

    Attributes:
        type: of the entry: a combined meter has two.
        taken_at: when it was compared, in UTC.
        source: what it was compared with.
        reading_number: of the stored reading it was compared with; None where that is not kept.
        upload: key of the upload that was verified; empty where there was none.
        entry: as verified; None where nothing was uploaded.
        values: the comparison as exact text, see :mod:`app.domain.verification_text`.
    """

    type: MeterType
    taken_at: datetime
    source: VerificationSource
    reading_number: int | None
    upload: str
    entry: MeterEntry | None
    values: str

    @property
    def verification(self) -> Verification | None:
        """The comparison; None where its text cannot be read: that is as good as never verified."""
        return verification_from_text(self.values)


def stored_verification(
    verification: Verification,
    meter_type: MeterType,
    taken_at: datetime,
    source: VerificationSource,
    *,
    reading_number: int | None = None,
    upload: str = "",
    entry: MeterEntry | None = None,
) -> StoredVerification:
    """A verification as it is kept."""
    values = verification_text(verification)
    return StoredVerification(meter_type, taken_at, source, reading_number, upload, entry, values)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that belongs to a meter, such as a photo of its dial; its content is asked for by its id.

    Attributes:
        attachment_id: the program's own.
        meter_id: whose.
        name: of the file, for the person.
        kind: its media type, e.g. ``image/jpeg``.
        size: in bytes.
        added_at: in UTC.
    """

    attachment_id: str
    meter_id: str
    name: str
    kind: str
    size: int
    added_at: datetime


@dataclass(frozen=True, slots=True)
class KeptMeter:
    """One meter of the list with all that decides its progress.

    Attributes:
        meter_id: the program's own id: two meters may bear one number.
        site_id: own id of its site, or :data:`NO_SITE`.
        serial: eight digits.
        added_at: when it came into the list, in UTC.
        label_typed: whether the number was typed off the label.
        reading: the last usable one; the last of all where none is usable; None while it was not read.
        draft: None while there is none.
        decision: whose the draft is; None for one that nobody touched.
        verifications: the last of each type.
        alternatives: how many other decisions are kept beside the draft.
        summary: what the program wrote down to show it fast; None once anything it rests on has changed.
    """

    meter_id: str
    site_id: str
    serial: str
    added_at: datetime
    label_typed: bool = False
    reading: StoredReading | None = None
    draft: MeterDraft | None = None
    decision: Decision | None = None
    verifications: tuple[StoredVerification, ...] = ()
    alternatives: int = 0
    summary: str | None = None

    @property
    def decided(self) -> bool:
        """Whether a person has decided about it."""
        return self.decision is not None
