"""What the combinable (orthogonal) VIFEs mean: the tables of EN 13757-3, in words and effects."""

from dataclasses import dataclass
from typing import Final

from app.mbus import units
from app.mbus.units import Unit
from app.mbus.vif import Coding

ACTION_MAX: Final = 0x1F
"""The codes 00 to 1F are actions when the master sends them."""
RECORD_ERRORS: Final = frozenset((*range(0x01, 0x08), *range(0x0B, 0x10), *range(0x15, 0x19), 0x1C))
"""Of the same codes those by which a meter tells an error of the record (EN 13757-3, record errors)."""
NO_VALID_VALUE: Final = frozenset((0x15, 0x16, 0x17, 0x18))
"""Errors that say that the data is no value: none available, overflow, underflow, data error."""
PROFILES: Final = frozenset((0x13, 0x1E, 0x1F))
"""The data is a series of values packed together."""
NON_METRIC: Final = 0x3D
EXTENSION_FC: Final = 0x7C
MANUFACTURER: Final = 0x7F


@dataclass(frozen=True, slots=True)
class Extension:
    """One row of the VIFE tables.

    Attributes:
        words: the extension in the standard's terms.
        factor: power of ten it multiplies by.
        offset: power of ten it adds, in the unit of the VIF; None when it adds nothing.
        moment: the data is the date or time of what the VIF says, no value of it.
        duration: the data is how long it lasted, in this unit.
        count: the data counts how often it happened.
        coding: the data is of this coding, where the VIF says only that it is a number.
        defined: False for a code that nobody defined.
    """

    words: str
    factor: int = 0
    offset: int | None = None
    moment: bool = False
    duration: Unit | None = None
    count: bool = False
    coding: Coding | None = None
    defined: bool = True

    @property
    def new_coding(self) -> Coding:
        """Of the data of an extension that puts a moment, a duration or a count in the place of the value."""
        if self.moment:
            return Coding.MOMENT
        return Coding.COUNTER if self.count else Coding.NUMBER


_ERRORS: Final = {
    0x00: "no error",
    0x01: "error: too many DIFE",
    0x02: "error: storage number not implemented",
    0x03: "error: unit number not implemented",
    0x04: "error: tariff number not implemented",
    0x05: "error: function not implemented",
    0x06: "error: data class not implemented",
    0x07: "error: data size not implemented",
    0x0B: "error: too many VIFE",
    0x0C: "error: illegal VIF group",
    0x0D: "error: illegal VIF exponent",
    0x0E: "error: VIF and DIF do not match",
    0x0F: "error: unimplemented action",
    0x12: "average value",
    0x13: "inverse compact profile",
    0x14: "relative deviation",
    0x15: "error: no data available",
    0x16: "error: data overflow",
    0x17: "error: data underflow",
    0x18: "error: data error",
    0x1C: "error: premature end of record",
    0x1D: "standard conform data content",
    0x1E: "compact profile with register numbers",
    0x1F: "compact profile",
}

ACTIONS: Final = {
    0x00: "write (replace)",
    0x01: "add value",
    0x02: "subtract value",
    0x03: "OR (set bits)",
    0x04: "AND",
    0x05: "XOR (toggle bits)",
    0x06: "AND NOT (clear bits)",
    0x07: "clear",
    0x08: "add entry",
    0x09: "delete entry",
    0x0A: "delayed action",
    0x0B: "freeze data",
    0x0C: "add to readout list",
    0x0D: "delete from readout list",
}
"""What the same codes ask a meter to do, in a frame of the master."""

_WORDS: Final = {
    0x20: "per second",
    0x21: "per minute",
    0x22: "per hour",
    0x23: "per day",
    0x24: "per week",
    0x25: "per month",
    0x26: "per year",
    0x27: "per revolution or measurement",
    0x28: "increment per input pulse on input channel 0",
    0x29: "increment per input pulse on input channel 1",
    0x2A: "increment per output pulse on output channel 0",
    0x2B: "increment per output pulse on output channel 1",
    0x2C: "per litre",
    0x2D: "per m³",
    0x2E: "per kg",
    0x2F: "per K",
    0x30: "per kWh",
    0x31: "per GJ",
    0x32: "per kW",
    0x33: "per K·l",
    0x34: "per V",
    0x35: "per A",
    0x36: "multiplied by s",
    0x37: "multiplied by s/V",
    0x38: "multiplied by s/A",
    0x3A: "uncorrected unit",
    0x3B: "accumulation only of positive contributions",
    0x3C: "accumulation of absolute value only of negative contributions",
    NON_METRIC: "alternate non-metric unit system",
    0x3E: "value at base conditions",
    0x3F: "OBIS declaration",
    0x68: "value during lower limit exceed",
    0x69: "leakage value",
    0x6C: "value during upper limit exceed",
    0x6D: "overflow value",
    0x7E: "future value",
    MANUFACTURER: "manufacturer specific",
}

_DURATION_UNITS: Final = (units.SECOND, units.MINUTE, units.HOUR, units.DAY)
_LIMITS: Final = ("lower", "upper")
_OCCURRENCES: Final = ("first", "last")
_ENDS: Final = ("begin", "end")


def _combinable() -> dict[int, Extension]:
    """The first table; the codes of limits and durations are composed of bits as in the standard."""
    found = {code: Extension(words) for code, words in {**_ERRORS, **_WORDS}.items()}
    found[0x39] = Extension("start date and time of", moment=True)
    for u, limit in enumerate(_LIMITS):
        base = 0x40 | u << 3
        found[base] = Extension(f"{limit} limit value")
        found[base | 1] = Extension(f"number of exceeds of {limit} limit", count=True)
        for f, occurrence in enumerate(_OCCURRENCES):
            for b, end in enumerate(_ENDS):
                found[base | 2 | f << 2 | b] = Extension(
                    f"date and time of {end} of {occurrence} {limit} limit exceed", moment=True
                )
            for n, unit in enumerate(_DURATION_UNITS):
                found[0x50 | u << 3 | f << 2 | n] = Extension(
                    f"duration of {occurrence} {limit} limit exceed", duration=unit
                )
    for f, occurrence in enumerate(_OCCURRENCES):
        for n, unit in enumerate(_DURATION_UNITS):
            found[0x60 | f << 2 | n] = Extension(f"duration of {occurrence}", duration=unit)
        for b, end in enumerate(_ENDS):
            found[0x6A | f << 2 | b] = Extension(f"date and time of {end} of {occurrence}", moment=True)
    for n in range(8):
        found[0x70 | n] = Extension(f"multiplied by 10^{n - 6}", factor=n - 6)
    for n in range(4):
        found[0x78 | n] = Extension(f"plus 10^{n - 3} of the unit", offset=n - 3)
    found[0x7D] = Extension("multiplied by 10^3", factor=3)
    return found


_SECOND: Final = {
    0x01: Extension("at phase L1"),
    0x02: Extension("at phase L2"),
    0x03: Extension("at phase L3"),
    0x04: Extension("at neutral N"),
    0x05: Extension("between phases L1 and L2"),
    0x06: Extension("between phases L2 and L3"),
    0x07: Extension("between phases L3 and L1"),
    0x08: Extension("at quadrant Q1"),
    0x09: Extension("at quadrant Q2"),
    0x0A: Extension("at quadrant Q3"),
    0x0B: Extension("at quadrant Q4"),
    0x0C: Extension("delta between import and export"),
    0x10: Extension("accumulation of absolute value of both positive and negative contributions"),
    0x11: Extension("data presented with type C", coding=Coding.COUNTER),
    0x12: Extension("data presented with type D", coding=Coding.UNSIGNED),
    0x14: Extension("direction: from communication partner to meter"),
    0x15: Extension("direction: from meter to communication partner"),
}


def _filled(known: dict[int, Extension]) -> tuple[Extension, ...]:
    return tuple(known.get(code) or Extension(f"reserved {code:02X}", defined=False) for code in range(128))


COMBINABLE: Final = _filled(_combinable())
"""The VIFEs 00 to 7F, without the extension bit."""
COMBINABLE_FC: Final = _filled(_SECOND)
"""The codes behind VIFE FC."""
