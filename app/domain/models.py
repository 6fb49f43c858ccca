"""Which model a meter is, as its header tells, and what is known of the model's ways."""

import json
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from app.domain.errors import VocabularyError
from app.mbus.addresses import SecondaryAddress
from app.mbus.manufacturer import code_to_letters, manufacturer_name
from app.mbus.records import Header
from app.message import Message


class BusNumber(Enum):
    """What the number on the bus is, beside the serial number on the label."""

    SERIAL = "serial"
    """The serial number, ex works."""
    CUSTOMER = "customer"
    """The customer number; the serial number where nobody set another."""
    MODULE = "module"
    """The number of the pulse or communication module, not of the meter behind it."""
    CHANGEABLE = "changeable"
    """A number that was seen, or can be made, another than the serial number."""


@dataclass(frozen=True, slots=True)
class Habits:
    """What a model does beside counting; None and empty where nothing is known.

    Attributes:
        baud_rates: rates it is made for.
        several_telegrams: whether one reading takes several telegrams.
        bus_number: which number it answers to.
        default_primary: primary address ex works.
        limits_reads: it grants so many read-outs a day or month, on battery at least.
        reads_cost_battery: reading it every few minutes shortens the life of its battery.
        sleeps: it sleeps between requests: the first may stay without an answer.
        reset_first: it goes on where the last reader stopped, unless an SND_NKE comes first.
        application_select: what it sends depends on what a reader selected last (CI 50).
    """

    baud_rates: tuple[int, ...] = ()
    several_telegrams: bool | None = None
    bus_number: BusNumber | None = None
    default_primary: int | None = None
    limits_reads: bool = False
    reads_cost_battery: bool = False
    sleeps: bool = False
    reset_first: bool = False
    application_select: bool = False


@dataclass(frozen=True, slots=True)
class Model:
    """One model of a maker.

    Attributes:
        manufacturer: three letters.
        versions: first and last version byte of the header.
        media: device type codes; empty for any (pulse adapters).
        name: with the maker's, as on the label: ``Kamstrup MULTICAL 302``.
        sure: False where the wired header may be another model's; shown with "probably".
        habits: what is known of its ways.
    """

    manufacturer: str
    versions: tuple[int, int]
    media: frozenset[int]
    name: str
    sure: bool
    habits: Habits = field(default_factory=Habits)

    def fits(self, manufacturer: str, version: int, medium: int) -> bool:
        """Whether a header is this model's: maker, version and medium together, for none alone tells."""
        return (
            self.manufacturer == manufacturer
            and self.versions[0] <= version <= self.versions[1]
            and (not self.media or medium in self.media)
        )

    @property
    def shown(self) -> Message:
        """The name as it is shown, with "probably" where that is all that can be said."""
        return Message("{model}" if self.sure else "probably {model}", {"model": self.name})


@dataclass(frozen=True, slots=True)
class Models:
    """The models the program knows, read from ``resources/meters/models.json``."""

    models: tuple[Model, ...] = ()

    @classmethod
    def from_json(cls, text: str) -> "Models":
        """Reads the file.

        Raises:
            VocabularyError: it is not as expected.
        """
        try:
            return cls(tuple(_model(row) for row in json.loads(text)["models"]))
        except (ValueError, KeyError, TypeError) as error:
            raise VocabularyError(
                Message("The file of meter models cannot be used: {reason}.", {"reason": repr(error)})
            ) from error

    def of(self, header: Header | None) -> Model | None:
        """The model a header names; None where it is not known, or the header names no maker."""
        return None if header is None else self._find(header.manufacturer, header.version, header.medium)

    def of_address(self, address: SecondaryAddress) -> Model | None:
        """The model an exact address names; None where it is not known, or the address is not exact."""
        if address.manufacturer is None or address.version is None or address.medium is None:
            return None
        return self._find(code_to_letters(address.manufacturer), address.version, address.medium)

    def shown(self, header: Header) -> Message:
        """What a person is told of maker and model; bare codes only where nothing else is known."""
        model = self.of(header)
        if model is not None:
            return model.shown
        if not header.manufacturer:
            return Message("maker not told")
        maker = manufacturer_name(header.manufacturer)
        values = {"maker": maker or header.manufacturer, "version": header.version}
        if maker is None:
            return Message("maker {maker} (not known), version {version}", values)
        return Message("{maker}, version {version}", values)

    def _find(self, manufacturer: str, version: int, medium: int) -> Model | None:
        if not manufacturer:
            return None
        return next((each for each in self.models if each.fits(manufacturer, version, medium)), None)


NO_MODELS = Models()


def _model(row: dict[str, Any]) -> Model:
    first, last = row["versions"]
    return Model(
        manufacturer=row["maker"],
        versions=(first, last),
        media=frozenset(int(code, 16) for code in row["media"]),
        name=row["name"],
        sure=row["sure"],
        habits=_habits(row.get("habits", {})),
    )


def _habits(data: dict[str, Any]) -> Habits:
    telegrams, number = data.get("telegrams"), data.get("bus_number")
    return Habits(
        baud_rates=tuple(data.get("baud_rates", ())),
        several_telegrams=None if telegrams is None else {"one": False, "several": True}[telegrams],
        bus_number=None if number is None else BusNumber(number),
        default_primary=data.get("default_primary"),
        **{
            name: bool(data.get(name))
            for name in ("limits_reads", "reads_cost_battery", "sleeps", "reset_first", "application_select")
        },
    )
