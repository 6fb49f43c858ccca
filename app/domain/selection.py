"""Which registers the installer ticked, as what, with which factor; every change gives a new selection."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from fractions import Fraction

from app.domain.exact import for_the_eye
from app.domain.payload import RegEntry
from app.domain.portal_units import TypeProfile
from app.domain.registers import Register, RegisterKey, Role, UnitOffer
from app.mbus.records import Number
from app.message import Message

_EXACT_DIGITS = 80
_FACTOR_TOLERANCE = Fraction(1, 10**13)


@dataclass(frozen=True, slots=True)
class Preferences:
    """Where the documentation is odd, what the person prefers; both off is the documentation to the letter.

    Attributes:
        convert_always: write the factor also where the documentation leaves it out (``power_kw``).
        water_as_volume: give a hot or cold water index as ``vol_m3`` instead of the meter's type.
    """

    convert_always: bool = False
    water_as_volume: bool = False


@dataclass(frozen=True, slots=True)
class Tick:
    """One ticked register: what the list matches it by, and what it is given as."""

    key: RegisterKey
    unit: str
    factor: Decimal | None


@dataclass(frozen=True, slots=True)
class Selection:
    """The ticked registers of one meter; the order is the telegram's, whatever the order of ticking."""

    ticks: tuple[Tick, ...] = ()

    def tick_of(self, register: Register) -> Tick | None:
        """The tick of a register; None when it is not ticked, or only a namesake of it is."""
        if not register.offers:
            return None
        return next((tick for tick in self.ticks if tick.key == register.key), None)

    def has_unit(self, unit: str, beside: RegisterKey) -> bool:
        """Whether another register is given as a unit already."""
        return any(tick.unit == unit and tick.key != beside for tick in self.ticks)

    def with_tick(self, tick: Tick) -> "Selection":
        """Ticks a register, or changes what a ticked one is given as."""
        if any(old.key == tick.key for old in self.ticks):
            return Selection(tuple(tick if old.key == tick.key else old for old in self.ticks))
        return Selection((*self.ticks, tick))

    def without(self, key: RegisterKey) -> "Selection":
        """Takes the tick away."""
        return Selection(tuple(tick for tick in self.ticks if tick.key != key))

    def entries(self, registers: Iterable[Register]) -> tuple[RegEntry, ...]:
        """The register list, in telegram order."""
        ticked = ((register, self.tick_of(register)) for register in registers)
        return tuple(
            RegEntry(tick.unit, tick.factor, register.key.dib, register.key.vib)
            for register, tick in ticked
            if tick is not None
        )


NOTHING_TICKED = Selection()


def default_factor(offer: UnitOffer, preferences: Preferences) -> Decimal | None:
    """The factor a register is first given: as documented, unless the person prefers to convert always."""
    if not offer.documented and not preferences.convert_always:
        return None
    return offer.converting_factor


def default_tick(
    register: Register,
    profile: TypeProfile,
    preferences: Preferences,
    selection: Selection = NOTHING_TICKED,
) -> Tick | None:
    """The tick a register gets when it is ticked; None when it cannot be ticked.

    The portal keeps values by unit, so a unit that is in the list already is no choice; see
    :func:`tick_refusal`.
    """
    offers = _free_offers(register, selection)
    if not offers:
        return None
    offer = offers[0]
    if register.role is Role.INDEX and preferences.water_as_volume and profile.index_alternative:
        offer = next((each for each in offers if each.unit.key == profile.index_alternative), offer)
    return Tick(register.key, offer.unit.key, default_factor(offer, preferences))


def tick_refusal(register: Register, selection: Selection) -> Message | None:
    """Why a register cannot be ticked; None when it can, or is."""
    if register.refusal is not None or selection.tick_of(register) is not None:
        return register.refusal
    if not register.offers or _free_offers(register, selection):
        return None
    return Message(
        "{unit} is in the list already, and the portal keeps one value of a unit. "
        "Take the other tick away first.",
        {"unit": register.offers[0].unit.key},
    )


def _free_offers(register: Register, selection: Selection) -> list[UnitOffer]:
    """What a register can be ticked as: nothing that is in the list, and no second choice to be asked for."""
    return [
        offer
        for number, offer in enumerate(register.offers)
        if not selection.has_unit(offer.unit.key, register.key) and not (number and offer.question)
    ]


def tick_roles(
    selection: Selection,
    registers: Sequence[Register],
    roles: frozenset[Role],
    profile: TypeProfile,
    preferences: Preferences,
) -> Selection:
    """Ticks every register of the given roles that is not ticked yet; what was edited stays as it is."""
    for register in registers:
        if register.role in roles and selection.tick_of(register) is None:
            tick = default_tick(register, profile, preferences, selection)
            if tick is not None:
                selection = selection.with_tick(tick)
    return selection


def with_unit(
    tick: Tick,
    register: Register,
    unit: str,
    preferences: Preferences,
    selection: Selection = NOTHING_TICKED,
) -> Tick:
    """The same tick given as another unit, with that unit's default factor.

    Unchanged where the unit is not on offer, or in the list already.
    """
    offer = register.offer(unit)
    if selection.has_unit(unit, register.key):
        return tick
    return tick if offer is None else replace(tick, unit=unit, factor=default_factor(offer, preferences))


def other_index_unit(register: Register, tick: Tick, profile: TypeProfile) -> str | None:
    """The other unit in use for a water meter's index: the type's own or the volume; None without one."""
    pair = (profile.index, profile.index_alternative)
    if register.role is not Role.INDEX or tick.unit not in pair:
        return None
    return pair[1] if tick.unit == pair[0] else pair[0]


def portal_value(register: Register, tick: Tick) -> Decimal | None:
    """What the portal will show for the telegram's value, exactly; None where the meter sent no number."""
    value = register.record.value
    if not isinstance(value, Number):
        return None
    with localcontext() as context:
        context.prec = _EXACT_DIGITS
        return value.to_decimal() * (Decimal(1) if tick.factor is None else tick.factor)


def right_value(register: Register, tick: Tick) -> Decimal | None:
    """The meter's value in the portal's unit, whatever factor is set; None without a number or an offer."""
    value, offer = register.record.value, register.offer(tick.unit)
    if not isinstance(value, Number) or offer is None:
        return None
    with localcontext() as context:
        context.prec = _EXACT_DIGITS
        numerator, denominator = offer.conversion.numerator, offer.conversion.denominator
        return value.to_decimal() * Decimal(numerator) / Decimal(denominator)


def converts_rightly(register: Register, tick: Tick) -> bool:
    """Whether the tick's factor turns the base unit into the portal's unit."""
    offer = register.offer(tick.unit)
    if offer is None:
        return False
    factor = Fraction(1) if tick.factor is None else Fraction(tick.factor)
    return abs(factor / offer.conversion - 1) <= _FACTOR_TOLERANCE


def consequence(register: Register, tick: Tick) -> Message | None:
    """What a factor that does not convert will do, in a sentence; None when all is well."""
    offer = register.offer(tick.unit)
    if offer is None or converts_rightly(register, tick):
        return None
    shown, right = portal_value(register, tick), right_value(register, tick)
    if shown is None or right is None or shown == right:
        # 0 is 0 whatever the factor: it proves nothing, and the factor is wrong all the same.
        return Message(
            "The factor does not turn {base} into {unit}; the portal will show wrong values "
            "unless it converts {base} itself.",
            {"base": register.record.unit, "unit": offer.unit.symbol},
        )
    return Message(
        "The portal will read {shown} {unit} where the meter says {right} {unit}, "
        "unless it converts {base} itself.",
        {
            "shown": for_the_eye(Fraction(shown)),
            "right": for_the_eye(Fraction(right)),
            "unit": offer.unit.symbol,
            "base": register.record.unit,
        },
    )
