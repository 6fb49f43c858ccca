"""The portal's vocabulary: which units it knows, how base units convert, what each type needs."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from app.domain.cold_rules import NO_RULES, ColdRules
from app.domain.errors import VocabularyError
from app.domain.meaning import meaning_of
from app.domain.meter import MeterType
from app.domain.models import NO_MODELS, Models
from app.mbus.records import Number, Record
from app.message import Message


@dataclass(frozen=True, slots=True)
class PortalUnit:
    """One unit of the portal.

    Attributes:
        key: as it stands in the register list, e.g. ``heat_energy_kwh``.
        symbol: the unit of the portal's value, e.g. ``kWh``.
        quantities: the gateway's descriptions it may stand for, e.g. ``ENERGY``.
        factors: by base unit, what turns the base unit into the portal's unit, exactly.
        documented_without_factor: base units for which the portal's documentation writes no factor although
            the conversion is not 1.
        side: ``heat`` or ``cold`` for an energy; empty for any other quantity.
    """

    key: str
    symbol: str
    quantities: frozenset[str]
    factors: Mapping[str, Fraction]
    documented_without_factor: frozenset[str]
    side: str = ""

    def fits(self, record: Record) -> bool:
        """Whether the record measures this quantity, as a number, in a base unit that can be converted."""
        return (
            meaning_of(record).quantity in self.quantities
            and record.unit in self.factors
            and (record.value is None or isinstance(record.value, Number))
        )


@dataclass(frozen=True, slots=True)
class TypeProfile:
    """What commissioning a meter of one portal type means.

    Attributes:
        type: the portal's type.
        prefix: how the meter's name begins, e.g. ``CH``.
        media: device type codes that belong to it.
        index: unit of the value on the dial.
        index_alternative: the other unit in use for the index (see the vocabulary), None without one.
        useful: units of the auxiliary registers the portal knows, in the documentation's order.
    """

    type: MeterType
    prefix: str
    media: frozenset[int]
    index: str
    index_alternative: str | None
    useful: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EntryDefaults:
    """The portal fields that are the same for every M-Bus meter."""

    model: str
    protocol: str
    mode: str
    prim_ad: str
    baudrate: int
    name_pattern: str


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Everything the portal's documentation decides, and what is known of the meters it is told of.

    Attributes:
        defaults: the fields that are the same for every meter.
        units: by key.
        types: the meter types.
        models: names and habits of meters by their headers.
        cold: makers' own ways to send cold energy.
    """

    defaults: EntryDefaults
    units: Mapping[str, PortalUnit]
    types: Mapping[MeterType, TypeProfile]
    models: Models = NO_MODELS
    cold: ColdRules = NO_RULES

    @classmethod
    def from_json(cls, text: str, models: Models = NO_MODELS, cold: ColdRules = NO_RULES) -> "Vocabulary":
        """Reads ``resources/portal/vocabulary.json``.

        Args:
            text: of the file.
            models: what is known of meters by their headers.
            cold: makers' own ways; without them whatever is not marked by the standard is asked.

        Raises:
            VocabularyError: the file is not as expected; names the place.
        """
        try:
            data = json.loads(text)
            return cls(
                defaults=EntryDefaults(**data["entry"]),
                units={unit["unit"]: _unit(unit) for unit in data["units"]},
                types={MeterType(profile["type"]): _profile(profile) for profile in data["types"]},
                models=models,
                cold=cold,
            )
        except (ValueError, KeyError, TypeError, ZeroDivisionError) as error:
            raise VocabularyError(
                Message("The portal vocabulary file cannot be used: {reason}.", {"reason": repr(error)})
            ) from error

    def type_of_medium(self, medium: int) -> MeterType | None:
        """The portal type a device type code belongs to; None where the portal has none."""
        return next((profile.type for profile in self.types.values() if medium in profile.media), None)

    def units_for(self, record: Record) -> tuple[PortalUnit, ...]:
        """The portal units a record may stand for, in the vocabulary's order."""
        return tuple(unit for unit in self.units.values() if unit.fits(record))


def _unit(data: dict[str, Any]) -> PortalUnit:
    return PortalUnit(
        key=data["unit"],
        symbol=data["symbol"],
        quantities=frozenset(data["quantities"]),
        factors={base: Fraction(factor) for base, factor in data["factors"].items()},
        documented_without_factor=frozenset(data.get("documented_without_factor", ())),
        side=data.get("side", ""),
    )


def _profile(data: dict[str, Any]) -> TypeProfile:
    return TypeProfile(
        type=MeterType(data["type"]),
        prefix=data["prefix"],
        media=frozenset(int(code, 16) for code in data["media"]),
        index=data["index"],
        index_alternative=data.get("index_alternative"),
        useful=tuple(data["useful"]),
    )
