"""Heat or cold: what each energy of a telegram is, by the standard's marks and the makers' own ways."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from app.domain.cold_rules import ColdRules, Sense
from app.domain.meaning import Direction, Meaning, meaning_of
from app.mbus.records import Header, Record, Telegram

COMBINED_MEDIA: Final = frozenset((0x0C, 0x0D))
"""Heat at the inlet, and heat and cooling: the plain energy is the heat."""
COOLING_MEDIA: Final = frozenset((0x0A, 0x0B))
"""The plain energy is the cold."""
HEAT_MEDIA: Final = frozenset((0x04, 0x0C, 0x0D))
HEAT_AND_COOLING: Final = 0x0D


class Side(Enum):
    """What an energy may be given as; the words are the vocabulary's."""

    HEAT = "heat"
    COLD = "cold"
    ASK = "ask"
    """Cold, or a tariff of heat: a person decides."""
    NEITHER = "neither"
    """Not the energy itself, or marked in a way that only its maker knows."""


@dataclass(frozen=True, slots=True)
class EnergyUse:
    """What one energy record is.

    Attributes:
        side: heat or cold.
        is_share: it is a tariff's or a part's share of the whole, never the dial.
        by_makers_way: a tariff, subunit or code stands for cold here: it is no share.
    """

    side: Side
    is_share: bool = False
    by_makers_way: bool = False


NO_ENERGY: Final = EnergyUse(Side.NEITHER)


def energy_uses(telegram: Telegram, rules: ColdRules) -> Mapping[int, EnergyUse]:
    """What each energy of a telegram is, by the index of its record; stored values like those of now."""
    uses = {}
    met: Counter[tuple[bytes, bytes]] = Counter()
    for record in telegram.records:
        met[record.dib, record.vib] += 1
        meaning = meaning_of(record)
        if meaning.quantity == "ENERGY":
            sense = rules.sense(telegram.header, meaning, met[record.dib, record.vib])
            uses[record.index] = _use(telegram.header, meaning, sense)
    return uses


def makers_senses(telegram: Telegram, rules: ColdRules, quantity: str) -> Mapping[int, Sense]:
    """What the maker means by the records of a quantity that a rule names, by the index of the record."""
    senses = {}
    met: Counter[tuple[bytes, bytes]] = Counter()
    for record in telegram.records:
        met[record.dib, record.vib] += 1
        meaning = meaning_of(record)
        sense = rules.sense(telegram.header, meaning, met[record.dib, record.vib])
        if meaning.quantity == quantity and sense is not None:
            senses[record.index] = sense
    return senses


def is_combined(header: Header | None) -> bool:
    """Whether a header says that the meter may count heat and cold."""
    return header is not None and header.medium in COMBINED_MEDIA


def counts_both(telegram: Telegram, uses: Mapping[int, EnergyUse]) -> bool:
    """Whether a meter counts heat and cold: it says so, or sends a current cold energy beside heat."""
    if telegram.header is not None and telegram.header.medium == HEAT_AND_COOLING:
        return True
    now = {uses[record.index].side for record in telegram.records if _is_whole_now(record, uses)}
    return {Side.HEAT, Side.COLD} <= now


def _is_whole_now(record: Record, uses: Mapping[int, EnergyUse]) -> bool:
    use = uses.get(record.index)
    return use is not None and not use.is_share and meaning_of(record).is_current


def _use(header: Header | None, meaning: Meaning, sense: Sense | None) -> EnergyUse:
    if meaning.other or meaning.direction is Direction.BOTH:
        return NO_ENERGY
    if not meaning.maker and meaning.direction is not Direction.UNMARKED:
        side = Side.COLD if meaning.direction is Direction.NEGATIVE else Side.HEAT
        return EnergyUse(side, is_share=not meaning.is_total)
    if sense is not None:
        return _by_rule(header, sense)
    if meaning.maker:
        return EnergyUse(Side.ASK) if is_combined(header) else NO_ENERGY
    if meaning.is_total:
        return EnergyUse(_side_of_medium(header))
    return EnergyUse(Side.ASK if is_combined(header) else _side_of_medium(header), is_share=True)


def _by_rule(header: Header | None, sense: Sense) -> EnergyUse:
    if sense is Sense.COLD:
        return EnergyUse(Side.COLD, by_makers_way=True)
    if sense is Sense.ASK:
        return EnergyUse(Side.ASK, by_makers_way=True)
    if sense is Sense.TARIFF:
        return EnergyUse(_side_of_medium(header), is_share=True)
    return EnergyUse(Side.NEITHER, is_share=True)


def _side_of_medium(header: Header | None) -> Side:
    return Side.COLD if header is not None and header.medium in COOLING_MEDIA else Side.HEAT
