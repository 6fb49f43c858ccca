"""The registers of a telegram as the portal sees them: index, useful or plain, and what each can be."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import Enum
from fractions import Fraction

from app.domain.payload import FACTOR_DIGITS
from app.domain.portal_units import PortalUnit, TypeProfile, Vocabulary
from app.mbus.records import Function, Number, Record, Telegram
from app.message import Message


class Role(Enum):
    """The documentation's colours: red, yellow, plain (blue is the serial number in the header)."""

    INDEX = "index"
    USEFUL = "useful"
    PLAIN = "plain"


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
    """

    unit: PortalUnit
    conversion: Fraction
    documented: bool

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
    """

    record: Record
    role: Role
    offers: tuple[UnitOffer, ...]
    refusal: Message | None
    ambiguous: bool

    @property
    def key(self) -> RegisterKey:
        """What the register list would match it by."""
        return RegisterKey(self.record.dib_hex, self.record.vib_hex)

    def offer(self, unit: str) -> UnitOffer | None:
        """The offer for a portal unit; None when the register cannot be given as that."""
        return next((offer for offer in self.offers if offer.unit.key == unit), None)


def registers_of(telegram: Telegram, profile: TypeProfile, vocabulary: Vocabulary) -> tuple[Register, ...]:
    """Gives every record of a telegram its role for a meter of the profile's type, in telegram order."""
    roles = _roles(telegram, profile, vocabulary)
    records = telegram.records
    first_of_pair: dict[tuple[bytes, bytes], Record] = {}
    count_of_pair: dict[tuple[bytes, bytes], int] = {}
    for record in records:
        pair = (record.dib, record.vib)
        first_of_pair.setdefault(pair, record)
        count_of_pair[pair] = count_of_pair.get(pair, 0) + 1
    return tuple(
        _register(
            record,
            roles.get(record.index, (Role.PLAIN, None)),
            vocabulary,
            first_of_pair[record.dib, record.vib],
            ambiguous=count_of_pair[record.dib, record.vib] > 1,
        )
        for record in records
    )


def _roles(
    telegram: Telegram, profile: TypeProfile, vocabulary: Vocabulary
) -> dict[int, tuple[Role, str | None]]:
    """Role and preferred unit by record index: the first record that fits each unit takes it."""
    roles: dict[int, tuple[Role, str | None]] = {}
    wanted = [(profile.index, Role.INDEX), *((unit, Role.USEFUL) for unit in profile.useful)]
    for key, role in wanted:
        unit = vocabulary.units[key]
        for record in _current_values(telegram):
            if record.index not in roles and unit.fits(record):
                roles[record.index] = (role, key)
                break
    return roles


def _current_values(telegram: Telegram) -> Iterator[Record]:
    """The records that say what the meter shows now: no storage, tariff, subunit, extension or extreme."""
    for record in telegram.records:
        plain = not (record.storage or record.tariff or record.subunit or record.extensions)
        if plain and record.function is Function.INSTANTANEOUS:
            yield record


def _register(
    record: Record,
    role_and_unit: tuple[Role, str | None],
    vocabulary: Vocabulary,
    first_of_pair: Record,
    *,
    ambiguous: bool,
) -> Register:
    role, preferred = role_and_unit
    refusal = _refusal(record, vocabulary, first_of_pair)
    offers: tuple[UnitOffer, ...] = ()
    if refusal is None and record.unit is not None:
        units = sorted(vocabulary.units_for(record), key=lambda unit: unit.key != preferred)
        offers = tuple(
            UnitOffer(
                unit, unit.factors[record.unit], documented=record.unit not in unit.documented_without_factor
            )
            for unit in units
        )
    return Register(record, role, offers, refusal, ambiguous)


def _refusal(record: Record, vocabulary: Vocabulary, first_of_pair: Record) -> Message | None:
    if first_of_pair is not record:
        return Message(
            "Record {number} has the same DIB {dib} and VIB {vib}; the register list cannot tell them apart.",
            {"number": first_of_pair.index + 1, "dib": record.dib_hex, "vib": record.vib_hex},
        )
    if vocabulary.units_for(record):
        return None
    if record.value is not None and not isinstance(record.value, Number):
        return Message("The portal takes numbers only, and this register is none.")
    measured = {quantity for unit in vocabulary.units.values() for quantity in unit.quantities}
    if record.description in measured:
        return Message(
            "The portal has no unit that {unit} can be converted to for this quantity.",
            {"unit": record.unit or "–"},
        )
    return Message("The portal has no unit for this quantity.")
