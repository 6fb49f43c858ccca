"""A commissioned meter: reading, draft, entry, checks and progress, made by one pure function."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from app.domain.addressing import gateway_address
from app.domain.answer import unusable_answer
from app.domain.checks import Acceptance, Check, Subject, run_checks, with_acceptances
from app.domain.checks import open_points as open_checks
from app.domain.draft import MeterDraft, new_draft, portal_entry, registers_for
from app.domain.payload import MeterEntry
from app.domain.portal_units import Vocabulary
from app.domain.progress import Progress, ProgressFacts, UploadFacts, VerificationFacts, progress_of
from app.domain.registers import Register
from app.domain.selection import Preferences
from app.mbus.addresses import SecondaryAddress
from app.mbus.records import Telegram
from app.message import Message


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for every meter of the person.

    Attributes:
        vocabulary: the portal's.
        preferences: where the documentation is odd.
        name_pattern: of names on the portal; None for the documentation's.
        gateway_id: the site's only gateway; empty where there are several to choose from, or none is known.
    """

    vocabulary: Vocabulary
    preferences: Preferences = field(default_factory=Preferences)
    name_pattern: str | None = None
    gateway_id: str = ""


@dataclass(frozen=True, slots=True)
class MeterReading:
    """One answer of a meter.

    Attributes:
        telegram: what it said.
        read_at: local time of the reading.
        baud: at which it was read; 0 where nobody knows.
        elapsed_s: how long the reading took; 0 where nothing was asked.
    """

    telegram: Telegram
    read_at: datetime
    baud: int = 0
    elapsed_s: float = 0.0

    @property
    def has_records(self) -> bool:
        """Whether there is something to tick."""
        return bool(self.telegram.records)

    @property
    def is_unusable(self) -> bool:
        """Whether it is an answer that is no reading; one whose key alone is lacking is none of these."""
        return unusable_answer(self.telegram) is not None


@dataclass(frozen=True, slots=True)
class MeterFacts:
    """What is stored of one meter.

    Attributes:
        serial: eight digits.
        reading: the last one that said something, or the only answer; None before the first.
        draft: what was decided, by a person or by the program; None where nothing was.
        decided: whether a person made the draft. An untouched one is no decision: it is made anew from each
            reading, but for the words in it.
        label_typed: whether a person took the number from the label.
        acceptances: looks that a person accepted with a word.
        upload: the last upload of its entry; None without one.
        verification: the last one; None without one.
    """

    serial: str
    reading: MeterReading | None = None
    draft: MeterDraft | None = None
    decided: bool = False
    label_typed: bool = False
    acceptances: tuple[Acceptance, ...] = ()
    upload: UploadFacts | None = None
    verification: VerificationFacts | None = None


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What of the other meters of a site matters for one.

    Attributes:
        namesakes: where the same number stands already, e.g. names of meters on the portal.
        addresses: of meters of this site that answer to the same number.
    """

    namesakes: tuple[str, ...] = ()
    addresses: tuple[SecondaryAddress, ...] = ()


NO_NEIGHBOURS = Neighbours()


@dataclass(frozen=True, slots=True)
class CommissionedMeter:
    """One meter of a site, and how far it is.

    Attributes:
        reading: the last one; None before the first.
        draft: what the portal is to get; None while there is nothing to decide about.
        registers: the telegram's, for the draft's type.
        entry: the portal's form, filled; None without a draft made of a reading.
        note: what a person has to know about the address in the entry; None where nothing.
        checks: what can be checked before an upload, accepted ones as such.
        progress: how far it is.
        facts: what all of it follows from.
        neighbours: and what of the other meters does.
    """

    reading: MeterReading | None
    draft: MeterDraft | None
    registers: tuple[Register, ...]
    entry: MeterEntry | None
    note: Message | None
    checks: tuple[Check, ...]
    progress: Progress
    facts: MeterFacts
    neighbours: Neighbours = NO_NEIGHBOURS

    @property
    def looks(self) -> tuple[str, ...]:
        """The kinds of checks that are open."""
        return tuple(check.kind for check in open_checks(self.checks))


def commission(
    facts: MeterFacts,
    rules: Rules,
    neighbours: Neighbours = NO_NEIGHBOURS,
    before: CommissionedMeter | None = None,
) -> CommissionedMeter:
    """What a meter is, from what is stored of it; the same facts always give the same.

    Args:
        facts: what is stored.
        rules: what holds for every meter.
        neighbours: the other meters of the site.
        before: the same meter as it was under the same rules; what cannot have changed is taken from it.
    """
    if before is not None and _made_of(before.facts, before.neighbours) == _made_of(facts, neighbours):
        return replace(
            before,
            facts=facts,
            progress=_progress(facts, before.entry if before.registers else None, before.looks),
        )
    reading = facts.reading
    draft = draft_of(facts, rules)
    if draft is not None and not draft.gateway_id:
        # One gateway leaves nothing to choose, and so nothing to decide.
        draft = replace(draft, gateway_id=rules.gateway_id)
    if reading is None or draft is None:
        progress = _progress(facts, None, ())
        return CommissionedMeter(reading, draft, (), None, None, (), progress, facts, neighbours)
    registers = _registers(reading.telegram, draft, rules, before)
    address = gateway_address(draft.serial, reading.telegram.header, neighbours.addresses)
    entry = portal_entry(draft, registers, rules.vocabulary, rules.name_pattern, address=address.address)
    found = run_checks(
        Subject(
            draft=draft,
            telegram=reading.telegram,
            registers=registers,
            vocabulary=rules.vocabulary,
            read_at=reading.read_at,
            namesakes=neighbours.namesakes,
            label_typed=facts.label_typed,
        )
    )
    checks = with_acceptances(found, facts.acceptances)
    looks = tuple(check.kind for check in open_checks(checks))
    # Where only the key is lacking, nothing is known to have changed since an upload.
    progress = _progress(facts, entry if reading.has_records else None, looks)
    return CommissionedMeter(
        reading, draft, registers, entry, address.note, checks, progress, facts, neighbours
    )


def draft_of(facts: MeterFacts, rules: Rules) -> MeterDraft | None:
    """The draft of now: the person's, or what the program proposes for the reading.

    Of a draft that nobody decided, or that was made before the meter was read (its baud rate is 0), only
    the words are kept: place, name, gateway and dial.
    """
    kept, reading = facts.draft, facts.reading
    if reading is None or not reading.has_records or not facts.serial:
        # Some headers name nobody: without a number there is nothing to commission.
        return kept
    if kept is not None and facts.decided and kept.baudrate:
        return kept
    proposed = new_draft(
        facts.serial,
        reading.telegram,
        rules.vocabulary,
        rules.preferences,
        baudrate=reading.baud or rules.vocabulary.defaults.baudrate,
    )
    if kept is None:
        return proposed
    return replace(proposed, place=kept.place, name=kept.name, gateway_id=kept.gateway_id, dial=kept.dial)


def _progress(facts: MeterFacts, entry: MeterEntry | None, looks: Sequence[str]) -> Progress:
    reading = facts.reading
    return progress_of(
        ProgressFacts(
            answered=reading is not None,
            read=reading is not None and not reading.is_unusable,
            locked=reading is not None and not reading.has_records and not reading.is_unusable,
            decided=facts.decided,
            entry=entry,
            upload=facts.upload,
            verification=facts.verification,
            looks=looks,
        )
    )


def _made_of(facts: MeterFacts, neighbours: Neighbours) -> tuple[object, ...]:
    """What draft, entry and checks follow from; the reading is the same object, or another reading."""
    return (
        facts.serial,
        id(facts.reading),
        facts.draft,
        facts.decided,
        facts.label_typed,
        facts.acceptances,
        neighbours,
    )


def _registers(
    telegram: Telegram, draft: MeterDraft, rules: Rules, before: CommissionedMeter | None
) -> tuple[Register, ...]:
    if (
        before is not None
        and before.registers
        and before.draft is not None
        and before.draft.type is draft.type
        and before.reading is not None
        and before.reading.telegram is telegram
    ):
        return before.registers
    return registers_for(draft, telegram, rules.vocabulary)
