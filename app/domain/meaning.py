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
from app.mbus.vib import main_entry

_CODE: Final = 0x7F
_EXTENDED: Final = 0x80
_POSITIVE: Final = 0x3B
_NEGATIVE: Final = 0x3C
_SECOND_TABLE: Final = 0x7C
_MAKERS_OWN: Final = 0x7F
_FC_BOTH_DIRECTIONS: Final = 0x10
_FC_DATA_TYPES: Final = (0x11, 0x12)
_CORRECTIONS: Final = (*range(0x70, 0x7C), 0x7D)
"""Multiplied by a power of ten, plus a power of ten: the decoder applies them to the value."""
_CHANGES_NOTHING: Final = (0x00, 0x1D)
"""No error; standard conform data content."""
_ERRORS: Final = (*range(0x01, 0x08), *range(0x0B, 0x10), *range(0x15, 0x19), 0x1C)

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
    parts = _vifes(vib)
    return Meaning(
        quantity=_MISNAMED.get(bytes((vib[0], vib[1] & 0x7C)), description) if len(vib) > 1 else description,
        function=function,
        storage=storage,
        tariff=tariff,
        subunit=subunit,
        direction=parts.direction,
        corrected=parts.corrected,
        maker=parts.maker,
        error=parts.error,
        other=tuple(parts.other),
    )


class _Parts:
    """What the VIFEs of one VIB say, taken in turn."""

    __slots__ = ("corrected", "direction", "error", "maker", "other")

    def __init__(self) -> None:
        self.direction, self.corrected, self.maker, self.error = Direction.UNMARKED, False, "", False
        self.other: list[str] = []

    def take(self, code: int) -> None:
        """One VIFE of the first table."""
        if code in (_POSITIVE, _NEGATIVE):
            self.turn(Direction.POSITIVE if code == _POSITIVE else Direction.NEGATIVE, f"{code:02X}")
        elif code in _CORRECTIONS:
            self.corrected = True
        elif code in _ERRORS:
            self.error = True
        elif code not in _CHANGES_NOTHING:
            self.other.append(f"{code:02X}")

    def take_second(self, code: int) -> None:
        """One code behind VIFE FC."""
        if code == _FC_BOTH_DIRECTIONS:
            self.turn(Direction.BOTH, f"FC{code:02X}")
        elif code not in _FC_DATA_TYPES:
            self.other.append(f"FC{code:02X}")

    def turn(self, direction: Direction, spelt: str) -> None:
        """Sets the direction; a second one contradicts the first and makes the record another thing."""
        if self.direction in (Direction.UNMARKED, direction):
            self.direction = direction
        else:
            self.other.append(spelt)


def _vifes(vib: bytes) -> _Parts:
    parts = _Parts()
    if not vib:
        # The fixed structure of older meters has neither DIB nor VIB.
        return parts
    _, vifes, makers_own = main_entry(vib)
    if makers_own:
        parts.maker = vifes.hex().upper()
        return parts
    rest = iter(vifes)
    for vife in rest:
        code = vife & _CODE
        if code == _MAKERS_OWN:
            parts.maker = bytes(rest).hex().upper() or "FF"
        elif code == _SECOND_TABLE and vife & _EXTENDED:
            parts.take_second(next(rest, 0) & _CODE)
        else:
            parts.take(code)
    return parts
