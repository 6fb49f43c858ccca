"""What a record means, whatever codes it is written with: quantity, direction, and what it is a part of.

Registers are chosen and checks are made by meaning. Two records with the same meaning may have other DIBs and
VIBs (an empty DIFE, a correction factor, another unit); two with the same VIF may mean other things (energy
taken and energy given back).
"""

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Final

from app.mbus.records import Function, Record
from app.mbus.vib_parts import NEGATIVE_ONLY, POSITIVE_ONLY, SECOND_TABLE, vib_parts

_CORRECTIONS: Final = frozenset((*range(0x70, 0x7C), 0x7D))
"""Multiplied by a power of ten, plus a power of ten: the decoder applies them to the value."""
_CHANGES_NOTHING: Final = frozenset((0x00, 0x1D, SECOND_TABLE | 0x11, SECOND_TABLE | 0x12))
"""No error; standard conform data content; data of type C or D."""
_ERRORS: Final = frozenset((*range(0x01, 0x08), *range(0x0B, 0x10), *range(0x15, 0x19), 0x1C))
_BOTH_DIRECTIONS: Final = SECOND_TABLE | 0x10

_MISNAMED: Final = {
    b"\xfb\x34": "APPARENT_POWER",
    b"\xfb\x64": "EXTERNAL_TEMPERATURE",
}
"""What the gateway calls by another quantity's name, by the first of four codes behind VIF FB."""


class Direction(Enum):
    """Which contributions a sum counts."""

    UNMARKED = "unmarked"
    """The record does not say; of most meters it is the only sum there is."""
    POSITIVE = "positive"
    """VIFE 3B: heat taken, water drawn."""
    NEGATIVE = "negative"
    """VIFE 3C: cold taken, water that ran back."""
    BOTH = "both"
    """VIFE FC10: absolute values of both added up."""


_DIRECTIONS: Final = {
    POSITIVE_ONLY: Direction.POSITIVE,
    NEGATIVE_ONLY: Direction.NEGATIVE,
    _BOTH_DIRECTIONS: Direction.BOTH,
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a record is about.

    Attributes:
        quantity: as the gateway names it, e.g. ``ENERGY``; by its right name where the gateway errs.
        function: momentary value, maximum, minimum or value during an error.
        storage: storage number, 0 is the current value.
        tariff: tariff number, 0 is the total.
        subunit: subunit number, 0 is the meter itself.
        direction: which contributions are counted.
        corrected: a VIFE scales or shifts the value; the meaning stays.
        maker: the maker's own VIFEs (behind FF) in upper-case hex; what they say only the maker knows.
        error: a VIFE 01 to 1C says that something is wrong with the record; a sound one has another VIB.
        other: VIFEs in upper-case hex that make another thing of it: a limit, a duration, a rate, an average.
    """

    quantity: str
    function: Function = Function.INSTANTANEOUS
    storage: int = 0
    tariff: int = 0
    subunit: int = 0
    direction: Direction = Direction.UNMARKED
    corrected: bool = False
    maker: str = ""
    error: bool = False
    other: tuple[str, ...] = ()

    @property
    def is_current(self) -> bool:
        """Whether it is what the meter shows now: no stored value, no extreme, no value during an error."""
        return self.function is Function.INSTANTANEOUS and self.storage == 0

    @property
    def is_total(self) -> bool:
        """Whether it is the whole of the meter itself, no tariff's share and no part of it."""
        return self.tariff == 0 and self.subunit == 0

    @property
    def is_understood(self) -> bool:
        """Whether nothing in its VIFEs leaves open, or changes, what the VIF says."""
        return not (self.maker or self.other or self.error)

    @property
    def is_plain(self) -> bool:
        """Whether it is the quantity itself, now, of the whole meter, with no direction named."""
        return (
            self.is_current and self.is_total and self.is_understood and self.direction is Direction.UNMARKED
        )


def meaning_of(record: Record) -> Meaning:
    """What a record means; the same few headers come for ever, so each is worked out once."""
    return _meaning(
        record.vib, record.description, record.function, record.storage, record.tariff, record.subunit
    )


@lru_cache(maxsize=4096)
def _meaning(  # noqa: PLR0917 - the key of the memory
    vib: bytes, description: str, function: Function, storage: int, tariff: int, subunit: int
) -> Meaning:
    parts = vib_parts(vib)
    directions = [_DIRECTIONS[code] for code in parts.vifes if code in _DIRECTIONS]
    direction = directions[0] if directions else Direction.UNMARKED
    unsaid = _CORRECTIONS | _CHANGES_NOTHING | _ERRORS | _DIRECTIONS.keys()
    other = [f"{code:02X}" for code in parts.vifes if code not in unsaid]
    if any(each is not direction for each in directions):
        # Two directions contradict one another: nobody knows what is counted.
        other += [f"{code:02X}" for code in parts.vifes if code in _DIRECTIONS]
    return Meaning(
        quantity=_MISNAMED.get(parts.vif[:1] + bytes(code & 0x7C for code in parts.vif[1:]), description),
        function=function,
        storage=storage,
        tariff=tariff,
        subunit=subunit,
        direction=direction,
        corrected=any(code in _CORRECTIONS for code in parts.vifes),
        maker=(parts.makers_own.hex().upper() or "FF") if parts.is_makers else "",
        error=any(code in _ERRORS for code in parts.vifes),
        other=tuple(other),
    )
