"""What a VIF means: the primary table of EN 13757-3, and the form every VIF table has."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, TypeAlias

from app.mbus import units
from app.mbus.units import Unit

NOT_SUPPORTED: Final = "NOT_SUPPORTED"


class Coding(Enum):
    """How the data of a VIF is to be read, as far as the DIF leaves it open."""

    NUMBER = auto()
    """As the DIF says: signed integer, BCD or REAL32."""
    UNSIGNED = auto()
    """A code without a sign, or single bits (type D): every pattern of bits is valid."""
    COUNTER = auto()
    """A count or an identification without a sign (type C), of which the highest says that there is none."""
    MOMENT = auto()
    """A date, a time or both, told by the length: 2 bytes G, 3 bytes J, 4 bytes F, 6 bytes I."""
    BYTES = auto()
    """A key or container whose bytes are kept as they came."""
    STRUCTURE = auto()
    """A structure that is not taken apart here (types K and L); its bytes are kept."""


@dataclass(frozen=True, slots=True)
class VifEntry:
    """One row of a VIF table.

    Attributes:
        quantity: what is measured, in the standard's terms.
        description: the gateway's name for it.
        unit: the base unit, None without one.
        exponent: power of ten from the number sent to the base unit.
        halvings: power of one half beside it.
        unit_exponent: power of ten of the unit the standard's row is written in, for additive corrections.
        coding: how the data is read.
        defined: False for a code that nobody defined.
        gateway_unit: the unit the gateway prints.
        gateway_exponent: the power of ten the gateway scales by.
    """

    quantity: str
    description: str
    unit: Unit | None
    exponent: int
    halvings: int
    unit_exponent: int
    coding: Coding
    defined: bool
    gateway_unit: Unit | None
    gateway_exponent: int


@dataclass(frozen=True, slots=True)
class Row:
    """Some neighbouring codes: each counts ten times as much as the one before, or in the next unit.

    Attributes:
        quantity: in the standard's terms.
        description: the gateway's name.
        unit: the base unit of all codes, or one unit a code.
        exponent: of the first code.
        codes: how many codes.
        halvings: see :class:`VifEntry`.
        unit_exponent: see :class:`VifEntry`.
        coding: see :class:`VifEntry`.
        unknown_to_gateway: the gateway prints the bare number as it came.
        gateway_unit: where it differs from ``unit``.
    """

    quantity: str
    description: str = NOT_SUPPORTED
    unit: Unit | tuple[Unit, ...] | None = None
    exponent: int = 0
    codes: int = 1
    halvings: int = 0
    unit_exponent: int = 0
    coding: Coding = Coding.NUMBER
    unknown_to_gateway: bool = False
    gateway_unit: Unit | None = None

    def entries(self) -> Iterable[VifEntry]:
        """One entry a code."""
        for step in range(self.codes):
            in_turn = isinstance(self.unit, tuple)
            unit = self.unit[step] if isinstance(self.unit, tuple) else self.unit
            exponent = self.exponent if in_turn else self.exponent + step
            yield VifEntry(
                quantity=self.quantity,
                description=self.description,
                unit=unit,
                exponent=exponent,
                halvings=self.halvings,
                unit_exponent=self.unit_exponent,
                coding=self.coding,
                defined=True,
                gateway_unit=None if self.unknown_to_gateway else self.gateway_unit or unit,
                gateway_exponent=0 if self.unknown_to_gateway else exponent,
            )


VifTable: TypeAlias = tuple[VifEntry, ...]


def undefined(description: str = NOT_SUPPORTED) -> VifEntry:
    """The entry of a code that nobody defined."""
    return VifEntry("reserved", description, None, 0, 0, 0, Coding.NUMBER, False, None, 0)  # noqa: FBT003


def table(rows: Mapping[int, Row], descriptions: Mapping[range, str] | None = None) -> VifTable:
    """All 128 codes of a table.

    Args:
        rows: by their first code.
        descriptions: what the gateway calls the undefined codes, where it is not NOT_SUPPORTED.
    """
    entries = [undefined() for _ in range(128)]
    for codes, description in (descriptions or {}).items():
        for code in codes:
            entries[code] = undefined(description)
    for first, row in rows.items():
        for code, entry in enumerate(row.entries(), first):
            entries[code] = entry
    return tuple(entries)


TIME_UNITS: Final = (units.SECOND, units.MINUTE, units.HOUR, units.DAY)

PRIMARY: Final = table(
    {
        0x00: Row("energy", "ENERGY", units.WATT_HOUR, -3, 8),
        0x08: Row("energy", "ENERGY", units.JOULE, 0, 8),
        0x10: Row("volume", "VOLUME", units.CUBIC_METRE, -6, 8),
        0x18: Row("mass", "MASS", units.KILOGRAM, -3, 8),
        0x20: Row("on time", "ON_TIME", TIME_UNITS, codes=4),
        0x24: Row("operating time", "OPERATING_TIME", TIME_UNITS, codes=4),
        0x28: Row("power", "POWER", units.WATT, -3, 8),
        0x30: Row("power", "POWER", units.JOULE_PER_HOUR, 0, 8),
        0x38: Row("volume flow", "VOLUME_FLOW", units.CUBIC_METRE_PER_HOUR, -6, 8),
        0x40: Row("volume flow ext.", "VOLUME_FLOW_EXT", units.CUBIC_METRE_PER_MINUTE, -7, 8),
        0x48: Row("volume flow ext.", "VOLUME_FLOW_EXT", units.CUBIC_METRE_PER_SECOND, -9, 8),
        0x50: Row("mass flow", "MASS_FLOW", units.KILOGRAM_PER_HOUR, -3, 8),
        0x58: Row("flow temperature", "FLOW_TEMPERATURE", units.DEGREE_CELSIUS, -3, 4),
        0x5C: Row("return temperature", "RETURN_TEMPERATURE", units.DEGREE_CELSIUS, -3, 4),
        0x60: Row("temperature difference", "TEMPERATURE_DIFFERENCE", units.KELVIN, -3, 4),
        0x64: Row("external temperature", "EXTERNAL_TEMPERATURE", units.DEGREE_CELSIUS, -3, 4),
        0x68: Row("pressure", "PRESSURE", units.BAR, -3, 4),
        0x6C: Row("date", "DATE", coding=Coding.MOMENT),
        0x6D: Row("date and time", "DATE_TIME", coding=Coding.MOMENT),
        0x6E: Row("units for H.C.A.", "HCA", units.RESERVED),
        0x70: Row("averaging duration", "AVERAGING_DURATION", TIME_UNITS, codes=4),
        0x74: Row("actuality duration", "ACTUALITY_DURATION", TIME_UNITS, codes=4),
        0x78: Row("fabrication number", "FABRICATION_NO", coding=Coding.COUNTER),
        0x79: Row("enhanced identification", "EXTENDED_IDENTIFICATION", coding=Coding.COUNTER),
        0x7A: Row("address", "ADDRESS", coding=Coding.UNSIGNED),
        0x7C: Row("plain text", "USER_DEFINED"),
        0x7E: Row("any", "FUTURE_VALUE"),
        0x7F: Row("manufacturer specific", "MANUFACTURER_SPECIFIC"),
    }
)

EXTENSION_FB: Final = 0xFB
EXTENSION_FD: Final = 0xFD
PLAIN_TEXT: Final = 0x7C
MANUFACTURER: Final = 0x7F
EXTENDED_WITHOUT_CODE: Final = (0x7B, 0x7D)
"""FB and FD without their extension bit: no code follows, and the gateway drops the whole telegram."""
