"""Which record is the index and which are useful, by what they mean: the documentation's red and yellow."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from app.domain.cold_rules import Sense
from app.domain.energy import (
    NO_ENERGY,
    EnergyUse,
    Side,
    energy_uses,
    is_combined,
    makers_senses,
)
from app.domain.meaning import Direction, Meaning, meaning_of
from app.domain.portal_units import PortalUnit, TypeProfile, Vocabulary
from app.domain.refusals import is_after_first
from app.mbus.records import Record, Telegram

_DIAL_UNIT: Final = "Wh"
"""Of two energies that say the same, the one whose factor the portal writes without an end."""


class Role(Enum):
    """The documentation's colours: red, yellow, plain (blue is the serial number in the header)."""

    INDEX = "index"
    USEFUL = "useful"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Reading:
    """A telegram with what its energies are, worked out once.

    Attributes:
        telegram: as decoded.
        energies: by the index of the record.
        volumes: what the maker means by a volume, where a rule names it.
        listable: the records that a register list can bring.
    """

    telegram: Telegram
    energies: Mapping[int, EnergyUse]
    volumes: Mapping[int, Sense]
    listable: Sequence[Record]

    @classmethod
    def of(cls, telegram: Telegram, vocabulary: Vocabulary, listable: Sequence[Record]) -> "Reading":
        """Works out what each energy is."""
        return cls(
            telegram=telegram,
            energies=energy_uses(telegram, vocabulary.cold),
            volumes=makers_senses(telegram, vocabulary.cold, "VOLUME"),
            listable=listable,
        )

    def energy(self, record: Record) -> EnergyUse:
        """What a record's energy is."""
        return self.energies.get(record.index, NO_ENERGY)


def roles_of(
    reading: Reading, profile: TypeProfile, vocabulary: Vocabulary
) -> dict[int, tuple[Role, str | None]]:
    """Role and preferred unit by record index: of all that fit a unit, the best takes it."""
    roles: dict[int, tuple[Role, str | None]] = {}
    index = index_candidates(reading, profile, vocabulary)
    if index:
        roles[index[0].index] = (Role.INDEX, profile.index)
    for key in profile.useful:
        found = [each for each in _useful(reading, profile, vocabulary, key) if each.index not in roles]
        if found:
            roles[found[0].index] = (Role.USEFUL, key)
    other = _cold_beside_heat(reading, profile, vocabulary)
    if other is not None and other[0].index not in roles:
        roles[other[0].index] = (Role.USEFUL, other[1])
    return roles


def index_candidates(reading: Reading, profile: TypeProfile, vocabulary: Vocabulary) -> tuple[Record, ...]:
    """The records that say what stands on the dial of a meter of a type, the one to take first.

    Of several the order is: from the first telegram; the total without a direction before the one of
    positive contributions; in the unit of the documentation; first in the telegram.
    """
    unit = vocabulary.units[profile.index]
    if not unit.side:
        return _ranked(reading, unit, lambda record, meaning: _is_forward_total(reading, record, meaning))
    side = Side(unit.side)
    found = _ranked(reading, unit, lambda record, _: _is_whole(reading.energy(record), side))
    asked = any(use.side is Side.ASK for use in reading.energies.values())
    if found or asked or is_combined(reading.telegram.header):
        return found
    # The person says otherwise than the medium does: the plain energy is all there is.
    return _ranked(
        reading, unit, lambda record, meaning: meaning.is_plain and not reading.energy(record).is_share
    )


def _cold_beside_heat(
    reading: Reading, profile: TypeProfile, vocabulary: Vocabulary
) -> tuple[Record, str] | None:
    """The cold energy of a meter that counts both, for its heat's list."""
    if vocabulary.units[profile.index].side != Side.HEAT.value:
        return None
    for unit in vocabulary.units.values():
        if unit.side == Side.COLD.value:
            found = _ranked(reading, unit, lambda record, _: _is_whole(reading.energy(record), Side.COLD))
            return (found[0], unit.key) if found else None
    return None


def _useful(reading: Reading, profile: TypeProfile, vocabulary: Vocabulary, key: str) -> tuple[Record, ...]:
    unit = vocabulary.units[key]
    if vocabulary.units[profile.index].side == Side.COLD.value:
        cold = _ranked(reading, unit, lambda record, _: reading.volumes.get(record.index) is Sense.COLD)
        if cold:
            return cold
    return _ranked(reading, unit, lambda record, meaning: _is_forward_total(reading, record, meaning))


def _ranked(
    reading: Reading, unit: PortalUnit, wanted: Callable[[Record, Meaning], bool]
) -> tuple[Record, ...]:
    found = [
        (record, meaning)
        for record in reading.listable
        if (meaning := meaning_of(record)).is_current
        and not meaning.error
        and unit.fits(record)
        and wanted(record, meaning)
    ]

    def rank(pair: tuple[Record, Meaning]) -> tuple[bool, int, bool, int]:
        record, meaning = pair
        by_makers_way = reading.energy(record).by_makers_way
        order = 2 if by_makers_way else int(meaning.direction is not Direction.UNMARKED)
        converted = bool(unit.side) and record.unit != _DIAL_UNIT
        return is_after_first(reading.telegram, record), order, converted, record.index

    return tuple(record for record, _ in sorted(found, key=rank))


def _is_whole(use: EnergyUse, side: Side) -> bool:
    return use.side is side and not use.is_share


def _is_forward_total(reading: Reading, record: Record, meaning: Meaning) -> bool:
    """Whether it is the whole of the meter itself, and what ran back is no part of it."""
    forward = meaning.direction in (Direction.UNMARKED, Direction.POSITIVE)
    return meaning.is_total and meaning.is_understood and forward and record.index not in reading.volumes
