"""What a VIB says: the VIF's quantity, unit and scale, changed by each combinable VIFE in turn."""

from dataclasses import dataclass, field
from typing import Final

from app.mbus.records import Flag
from app.mbus.units import Unit
from app.mbus.value_coding import Step
from app.mbus.vif import (
    EXTENDED_WITHOUT_CODE,
    EXTENSION_FB,
    EXTENSION_FD,
    MANUFACTURER,
    PLAIN_TEXT,
    PRIMARY,
    Coding,
    VifEntry,
)
from app.mbus.vif_fb_fd import EXTENDED_FB, EXTENDED_FD, EXTENDED_FD_FD
from app.mbus.vife import (
    ACTION_MAX,
    ACTIONS,
    COMBINABLE,
    COMBINABLE_FC,
    EXTENSION_FC,
    NO_VALID_VALUE,
    NON_METRIC,
    PROFILES,
    RECORD_ERRORS,
    Extension,
)

VIFE_MAX: Final = 10
SCALE_MAX: Final = 99
"""The standard's ten VIFEs never scale by more powers of ten; a number beyond it means nothing."""
_REASONS: Final = {0x15: (Flag.NO_DATA,), 0x16: (Flag.OVERFLOW,), 0x17: (Flag.UNDERFLOW,)}
_NUMBERS: Final = (Coding.NUMBER, Coding.COUNTER, Coding.UNSIGNED)
_EXTENDED: Final = 0x80
_CODE: Final = 0x7F


@dataclass(frozen=True, slots=True)
class Vib:
    """A value information block taken apart.

    Attributes:
        quantity: what is measured, in the standard's terms; of a plain-text VIF the text.
        description: the gateway's name for it.
        unit: the base unit, None without one.
        exponent: power of ten from the number sent to the base unit, after the last of ``steps``.
        halvings: power of one half beside it, before the steps.
        steps: for additive corrections: multiply by 10^a, then add 10^b, in the order of the VIFEs.
        coding: how the data is to be read.
        extensions: each VIFE in words; a maker's own in hex.
        flags: what the VIB alone says about every such record.
        no_value: a VIFE says that the data is no valid value.
        coding_differs: the gateway reads the data as something else.
        too_long: it has more VIFEs than the standard allows.
    """

    quantity: str
    description: str
    unit: Unit | None
    exponent: int
    halvings: int
    steps: tuple[Step, ...]
    coding: Coding
    extensions: tuple[str, ...]
    flags: tuple[str, ...]
    no_value: bool
    coding_differs: bool
    too_long: bool

    @classmethod
    def parse(cls, vib: bytes, *, commanded: bool = False) -> "Vib":
        """Takes a whole VIB apart; ``commanded`` makes the VIFEs 00 to 1F a master's actions."""
        entry, vifes, makers_own = main_entry(vib)
        draft = _Draft(entry, commanded=commanded)
        draft.quantity = plain_text(vib) or entry.quantity
        if makers_own:
            draft.extensions += [f"{vife:02X}" for vife in vifes]
        else:
            draft.extend(vifes)
        return draft.finished(too_long=len(vifes) > VIFE_MAX)


def quantity(vib: bytes) -> str:
    """What a VIB measures, in the standard's terms, also where the gateway has no name for it."""
    return Vib.parse(vib).quantity if vib else ""


def main_entry(vib: bytes) -> tuple[VifEntry, bytes, bool]:
    """The table row of a VIB's VIF, the VIFEs that extend it, and whether these are the maker's own."""
    vif = vib[0]
    if vif == EXTENSION_FD:
        if vib[1] == EXTENSION_FD:
            return EXTENDED_FD_FD[vib[2] & _CODE], vib[3:], False
        return EXTENDED_FD[vib[1] & _CODE], vib[2:], False
    if vif == EXTENSION_FB:
        return EXTENDED_FB[vib[1] & _CODE], vib[2:], False
    code = vif & _CODE
    vifes = vib[2 + vib[1] :] if code == PLAIN_TEXT else vib[1:]
    return PRIMARY[code], vifes, code == MANUFACTURER


def plain_text(vib: bytes) -> str:
    """The unit that a plain-text VIF spells, empty for any other; its characters come last one first."""
    return vib[2 : 2 + vib[1]][::-1].decode("latin-1") if vib[0] & _CODE == PLAIN_TEXT else ""


def refused_by_gateway(vib: bytes) -> bool:
    """Whether the gateway drops the telegram for its VIF."""
    return vib[0] in EXTENDED_WITHOUT_CODE


@dataclass(slots=True)
class _Draft:
    """A VIB while its VIFEs are applied one after the other."""

    entry: VifEntry
    commanded: bool
    quantity: str = ""
    unit: Unit | None = None
    exponent: int = 0
    coding: Coding = Coding.NUMBER
    steps: list[Step] = field(default_factory=list)
    extensions: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    no_value: bool = False
    recoded: bool = False

    def __post_init__(self) -> None:
        self.unit = self.entry.unit
        self.exponent = self.entry.exponent
        self.coding = self.entry.coding
        if not self.entry.defined:
            self.flags.append(Flag.UNSUPPORTED)

    def extend(self, vifes: bytes) -> None:
        """Applies the VIFEs in order, up to one that leaves the rest to the maker."""
        rest = iter(vifes)
        for vife in rest:
            code = vife & _CODE
            if code == EXTENSION_FC and vife & _EXTENDED:
                self.apply(COMBINABLE_FC[next(rest) & _CODE])
            elif code == NON_METRIC:
                self.apply_non_metric()
            elif code <= ACTION_MAX and self.commanded:
                self.extensions.append(f"action: {ACTIONS.get(code, f'reserved {code:02X}')}")
            elif code in RECORD_ERRORS:
                self.apply_error(code)
            else:
                self.apply(COMBINABLE[code])
            if code in PROFILES and not self.commanded:
                self.coding = Coding.STRUCTURE
            if code == MANUFACTURER:
                self.extensions += [f"{own:02X}" for own in rest]

    def apply(self, extension: Extension) -> None:
        """Applies a VIFE that changes what the value is or how it is scaled."""
        self.extensions.append(extension.words)
        if not extension.defined:
            self.flags.append(Flag.UNSUPPORTED)
        self.exponent += extension.factor
        if extension.offset is not None:
            self.steps.append((self.exponent, extension.offset + self.entry.unit_exponent))
            self.exponent = 0
        if extension.coding and self.coding in _NUMBERS:
            self.coding = extension.coding
        if extension.moment or extension.duration or extension.count:
            self.coding = extension.new_coding
            self.unit, self.exponent, self.recoded = extension.duration, 0, True
            self.steps.clear()

    def apply_error(self, code: int) -> None:
        """Applies a VIFE that tells an error of the record."""
        self.extensions.append(COMBINABLE[code].words)
        self.flags.append(Flag.record_error(code))
        if code in NO_VALID_VALUE:
            self.no_value = True
            self.flags += _REASONS.get(code, ())

    def apply_non_metric(self) -> None:
        """Applies the VIFE that puts another unit in the place of the VIF's; which one is not told here."""
        self.extensions.append(COMBINABLE[NON_METRIC].words)
        if self.unit is not None:
            self.unit, self.exponent, self.recoded = None, 0, True
            self.flags.append(Flag.UNSUPPORTED)

    def check_scale(self) -> None:
        """Gives up a value that a chain of VIFEs scales beyond all measure: no digits are made of it."""
        power = 0
        for factor in (*(factor for factor, _ in self.steps), self.exponent):
            power += factor
            if abs(power) > SCALE_MAX or abs(factor) > SCALE_MAX:
                self.no_value = True
                self.flags += (Flag.UNSUPPORTED, Flag.OVERFLOW if power > 0 else Flag.UNDERFLOW)
                self.steps.clear()
                self.exponent = 0
                return

    def finished(self, *, too_long: bool) -> Vib:
        """The VIB with all VIFEs applied."""
        self.check_scale()
        steps = list(self.steps)
        if steps and self.exponent:
            # A factor behind an offset scales the sum; it is kept as a last step that adds nothing.
            steps.append((self.exponent, None))
        return Vib(
            quantity=self.quantity,
            description=self.entry.description,
            unit=self.unit,
            exponent=0 if steps else self.exponent,
            halvings=0 if self.recoded else self.entry.halvings,
            steps=tuple(steps),
            coding=self.coding,
            extensions=tuple(self.extensions),
            flags=tuple(self.flags),
            no_value=self.no_value,
            coding_differs=self.recoded,
            too_long=too_long,
        )
