"""The registers of a telegram as the portal sees them: index, useful or plain, and what each can be."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from fractions import Fraction

from app.domain.energy import Side
from app.domain.meaning import meaning_of
from app.domain.payload import FACTOR_DIGITS
from app.domain.portal_units import PortalUnit, TypeProfile, Vocabulary
from app.domain.questions import share_doubts, side_question, type_question
from app.domain.refusals import record_doubts, record_refusal, telegram_refusal
from app.domain.roles import Reading, Role, roles_of
from app.mbus.records import Number, Record, Telegram
from app.message import Message

__all__ = ["Register", "RegisterKey", "Role", "UnitOffer", "reading_of", "refusals_of", "registers_of"]


@dataclass(frozen=True, slots=True)
class RegisterKey:
    """What the register list matches by: DIB and VIB in upper-case hex, nothing else."""

    dib: str
    vib: str


@dataclass(frozen=True, slots=True)
class UnitOffer:
    """A portal unit that a register can be given as.

    Attributes:
        unit: the portal's unit.
        conversion: what turns the record's base unit into the portal's unit, exactly.
        documented: whether the documentation writes this factor; where not, it leaves the factor out.
        question: what a person has to answer before the register is given as this; None where it is this.
    """

    unit: PortalUnit
    conversion: Fraction
    documented: bool
    question: Message | None = None

    @property
    def converting_factor(self) -> Decimal | None:
        """The factor that makes the portal's value right; None where the conversion is 1."""
        if self.conversion == 1:
            return None
        with localcontext() as context:
            context.prec = FACTOR_DIGITS
            return Decimal(self.conversion.numerator) / Decimal(self.conversion.denominator)


@dataclass(frozen=True, slots=True)
class Register:
    """One record of the telegram with what commissioning makes of it.

    Attributes:
        record: as decoded.
        role: its colour.
        offers: the portal units it can be given as, the fitting one first; empty when it cannot be ticked.
        refusal: why it cannot be ticked; None when it can.
        ambiguous: another record of the telegram bears the same DIB and VIB.
        doubts: what to know before it is given to the portal; empty for the plain reading of now.
    """

    record: Record
    role: Role
    offers: tuple[UnitOffer, ...]
    refusal: Message | None
    ambiguous: bool
    doubts: tuple[Message, ...] = ()

    @property
    def key(self) -> RegisterKey:
        """What the register list would match it by."""
        return RegisterKey(self.record.dib_hex, self.record.vib_hex)

    def offer(self, unit: str) -> UnitOffer | None:
        """The offer for a portal unit; None when the register cannot be given as that."""
        return next((offer for offer in self.offers if offer.unit.key == unit), None)

    def open_questions(self, unit: str) -> tuple[Message, ...]:
        """What stays open when it is given as a unit; empty where nothing does."""
        offer = self.offer(unit)
        question = offer.question if offer is not None else None
        return self.doubts if question is None else (question, *self.doubts)


def registers_of(telegram: Telegram, profile: TypeProfile, vocabulary: Vocabulary) -> tuple[Register, ...]:
    """Gives every record of a telegram its role for a meter of the profile's type, in telegram order."""
    refusals = refusals_of(telegram, vocabulary)
    reading = reading_of(telegram, vocabulary, refusals)
    roles = roles_of(reading, profile, vocabulary)
    counts = Counter((record.dib, record.vib) for record in telegram.records)
    return tuple(
        _register(
            _Subject(reading, profile, vocabulary),
            record,
            roles.get(record.index, (Role.PLAIN, None)),
            refusals.get(record.index),
            ambiguous=counts[record.dib, record.vib] > 1,
        )
        for record in telegram.records
    )


def reading_of(
    telegram: Telegram, vocabulary: Vocabulary, refusals: Mapping[int, Message] | None = None
) -> Reading:
    """A telegram with what its energies are, and which of its records a list can bring."""
    refused = refusals_of(telegram, vocabulary) if refusals is None else refusals
    listable = [record for record in telegram.records if record.index not in refused]
    return Reading.of(telegram, vocabulary, listable)


def refusals_of(telegram: Telegram, vocabulary: Vocabulary) -> Mapping[int, Message]:
    """Why a record cannot be given to the portal, by its index; those that can are not in it."""
    whole = telegram_refusal(telegram)
    first_of_pair: dict[tuple[bytes, bytes], Record] = {}
    found = {}
    for record in telegram.records:
        first = first_of_pair.setdefault((record.dib, record.vib), record)
        refusal = (
            whole
            or record_refusal(record, meaning_of(record))
            or _namesake_refusal(record, first)
            or _quantity_refusal(record, vocabulary)
        )
        if refusal is not None:
            found[record.index] = refusal
    return found


@dataclass(frozen=True, slots=True)
class _Subject:
    """Of what a register is one."""

    reading: Reading
    profile: TypeProfile
    vocabulary: Vocabulary


def _register(
    subject: _Subject,
    record: Record,
    role_and_unit: tuple[Role, str | None],
    refusal: Message | None,
    *,
    ambiguous: bool,
) -> Register:
    role, preferred = role_and_unit
    if refusal is not None or record.unit is None:
        return Register(record, role, (), refusal, ambiguous)
    reading, profile = subject.reading, subject.profile
    offers = [
        UnitOffer(
            unit,
            unit.factors[record.unit],
            documented=record.unit not in unit.documented_without_factor,
            question=None
            if unit.key == preferred
            else side_question(reading, record, unit) or type_question(unit, profile),
        )
        for unit in subject.vocabulary.units_for(record)
    ]
    offers.sort(key=lambda offer: (offer.unit.key != preferred, _unlikely(reading, record, offer)))
    meaning = meaning_of(record)
    if reading.energy(record).by_makers_way:
        # What its maker means by the code is known here, or is asked with the unit.
        meaning = replace(meaning, maker="")
    doubts = record_doubts(record, meaning, reading.telegram) + share_doubts(reading, record)
    return Register(record, role, tuple(offers), None, ambiguous, doubts)


def _unlikely(reading: Reading, record: Record, offer: UnitOffer) -> bool:
    """Whether another unit is the more likely one: cold first where a person decides about cold."""
    if reading.energy(record).side is Side.ASK:
        return offer.unit.side != Side.COLD.value
    return offer.question is not None


def _namesake_refusal(record: Record, first: Record) -> Message | None:
    if first is record:
        return None
    return Message(
        "Record {number} has the same DIB {dib} and VIB {vib}; the register list cannot tell them apart.",
        {"number": first.index + 1, "dib": record.dib_hex, "vib": record.vib_hex},
    )


def _quantity_refusal(record: Record, vocabulary: Vocabulary) -> Message | None:
    if vocabulary.units_for(record):
        return None
    if record.value is not None and not isinstance(record.value, Number):
        return Message("The portal takes numbers only, and this register is none.")
    measured = {quantity for unit in vocabulary.units.values() for quantity in unit.quantities}
    if meaning_of(record).quantity in measured:
        return Message(
            "The portal has no unit that {unit} can be converted to for this quantity.",
            {"unit": record.unit or "–"},
        )
    return Message("The portal has no unit for this quantity.")
