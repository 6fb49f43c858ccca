"""Makers' own ways to mark cold energy, and what only looks like it: rules read from a data file."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from app.domain.errors import VocabularyError
from app.domain.meaning import Meaning
from app.mbus.addresses import SecondaryAddress
from app.mbus.manufacturer import letters_to_code
from app.mbus.records import Header
from app.message import Message


class Sense(Enum):
    """What a maker means by a tariff, a subunit or a code of its own."""

    COLD = "cold"
    ASK = "ask"
    """Cold in some of the maker's meters: a person decides."""
    TARIFF = "tariff"
    """A share of the whole, by time or temperature; never cold."""
    PULSE_INPUT = "pulse_input"
    """The counter of another meter behind a pulse input."""
    OTHER = "other"
    """Something else; never cold."""


@dataclass(frozen=True, slots=True)
class MakersRule:
    """One way of some makers.

    Attributes:
        makers: three letters each; empty for any.
        versions: of the header; empty for any.
        media: device type codes; empty for any.
        quantity: as the gateway names it.
        tariffs: the tariff numbers meant; empty for the total alone.
        subunits: the subunits meant; empty for the meter itself alone.
        vifes: the maker's VIFEs meant, in hex; empty for none.
        order: which of several records with the same DIB and VIB; 0 for any.
        means: what the record is.
    """

    makers: frozenset[str]
    versions: frozenset[int]
    media: frozenset[int]
    quantity: str
    tariffs: frozenset[int]
    subunits: frozenset[int]
    vifes: frozenset[str]
    order: int
    means: Sense

    def fits(self, header: Header, meaning: Meaning, order: int) -> bool:
        """Whether a record of a meter is meant."""
        if self.makers and header.manufacturer not in self.makers:
            return False
        if self.versions and header.version not in self.versions:
            return False
        if self.media and header.medium not in self.media:
            return False
        return (
            meaning.quantity == self.quantity
            and meaning.tariff in (self.tariffs or {0})
            and meaning.subunit in (self.subunits or {0})
            and meaning.maker in (self.vifes or {""})
            and self.order in (0, order)
        )


@dataclass(frozen=True, slots=True)
class SecondDevice:
    """How some makers show the cold part of a meter: as a second one on the bus.

    Attributes:
        manufacturers: codes of the makers; empty for any.
        number: how much higher its number is.
    """

    manufacturers: frozenset[int]
    number: int

    def fits(self, heat: SecondaryAddress, cold: SecondaryAddress) -> bool:
        """Whether two addresses are one meter by this way; their media are looked at elsewhere."""
        if heat.manufacturer is None or heat.manufacturer != cold.manufacturer:
            return False
        if self.manufacturers and heat.manufacturer not in self.manufacturers:
            return False
        numbers = heat.identification, cold.identification
        if not all(number.isdecimal() for number in numbers):
            return self.number == 0 and numbers[0] == numbers[1]
        return int(numbers[0]) + self.number == int(numbers[1])


@dataclass(frozen=True, slots=True)
class ColdRules:
    """The makers' ways, read from ``resources/meters/cold.json``; the first rule that fits counts."""

    rules: tuple[MakersRule, ...] = ()
    second_devices: tuple[SecondDevice, ...] = ()

    @classmethod
    def from_json(cls, text: str) -> "ColdRules":
        """Reads the file.

        Raises:
            VocabularyError: it is not as expected.
        """
        try:
            data = json.loads(text)
            return cls(
                rules=tuple(_rule(row) for row in data["rules"]),
                second_devices=tuple(_second(row) for row in data["second_devices"]),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise VocabularyError(
                Message("The file of makers' ways cannot be used: {reason}.", {"reason": repr(error)})
            ) from error

    def sense(self, header: Header | None, meaning: Meaning, order: int) -> Sense | None:
        """What the maker means by a record; None where no rule says.

        Args:
            header: who sends it; without a maker only the rules for any maker count.
            meaning: of the record.
            order: which of the records with its DIB and VIB it is, from 1.
        """
        if header is None:
            return None
        return next((rule.means for rule in self.rules if rule.fits(header, meaning, order)), None)


NO_RULES = ColdRules()


def _rule(row: dict[str, Any]) -> MakersRule:
    return MakersRule(
        makers=frozenset(row["makers"]),
        versions=frozenset(row.get("versions", ())),
        media=_media(row["media"]),
        quantity=row["quantity"],
        tariffs=frozenset(row.get("tariffs", ())),
        subunits=frozenset(row.get("subunits", ())),
        vifes=frozenset(row.get("vife", ())),
        order=row.get("order", 0),
        means=Sense(row["means"]),
    )


def _second(row: dict[str, Any]) -> SecondDevice:
    return SecondDevice(frozenset(letters_to_code(letters) for letters in row["makers"]), row["number"])


def _media(codes: Iterable[str]) -> frozenset[int]:
    return frozenset(int(code, 16) for code in codes)
