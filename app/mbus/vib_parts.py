"""A VIB cut into its parts: VIF, combinable VIFEs, and what a maker adds of its own (EN 13757-3).

For whoever judges by what a record means: nothing is scaled or put into words here.
"""

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Final

from app.mbus.vif import EXTENSION_FB, EXTENSION_FD, MANUFACTURER, PLAIN_TEXT
from app.mbus.vife import EXTENSION_FC

_EXTENDED: Final = 0x80
_CODE: Final = 0x7F
SECOND_TABLE: Final = EXTENSION_FC << 8
"""Added to a code that stands behind VIFE FC."""
POSITIVE_ONLY: Final = 0x3B
NEGATIVE_ONLY: Final = 0x3C
SCALING: Final = frozenset((*range(0x70, 0x78), 0x7D))
"""VIFEs that multiply by a power of ten and change nothing else."""


class Direction(Enum):
    """Which contributions an accumulating register counts."""

    POSITIVE = "positive"
    NEGATIVE = "negative"


@dataclass(frozen=True, slots=True)
class VibParts:
    """A VIB cut up.

    Attributes:
        vif: the VIF without its extension bit, ``06``, or the extension VIF and its code, ``FD17``; empty for
            a record that has no VIB (a fixed data structure).
        vifes: the codes of the combinable VIFEs in order, without extension bits; one behind FC is
            :data:`SECOND_TABLE` plus its code.
        makers_own: what follows a maker's VIFE (FF), or its VIF (7F, FF), as it came: its meaning is the
            maker's.
        is_makers: the VIF itself or a VIFE is the maker's (7F or FF), whether or not anything follows it.
        text: the unit that a plain-text VIF spells.
    """

    vif: bytes
    vifes: tuple[int, ...] = ()
    makers_own: bytes = b""
    is_makers: bool = False
    text: str = ""

    @property
    def direction(self) -> Direction | None:
        """What it counts, None where no VIFE restricts it to one direction."""
        if NEGATIVE_ONLY in self.vifes:
            return Direction.NEGATIVE
        return Direction.POSITIVE if POSITIVE_ONLY in self.vifes else None

    @property
    def meaningful(self) -> tuple[int, ...]:
        """The VIFEs that do more than scale by a power of ten."""
        return tuple(code for code in self.vifes if code not in SCALING)


@lru_cache(maxsize=4096)
def vib_parts(vib: bytes) -> VibParts:
    """Cuts a VIB into its parts; one that ends early gives what is there."""
    if not vib:
        return VibParts(b"")
    code, text = vib[0] & _CODE, ""
    if vib[0] == EXTENSION_FD and vib[1:2] == bytes((EXTENSION_FD,)):
        vif, rest = vib[:2] + _codes(vib[2:3]), vib[3:]
    elif vib[0] in (EXTENSION_FB, EXTENSION_FD):
        vif, rest = vib[:1] + _codes(vib[1:2]), vib[2:]
    elif code == PLAIN_TEXT:
        size = sum(vib[1:2])
        vif, rest = bytes((code,)), vib[2 + size :]
        text = vib[2 : 2 + size][::-1].decode("latin-1")
    else:
        vif, rest = bytes((code,)), vib[1:]
    if code == MANUFACTURER:
        return VibParts(vif, makers_own=rest, is_makers=True)
    vifes, makers_own = _combinable(rest)
    return VibParts(vif, vifes, makers_own or b"", is_makers=makers_own is not None, text=text)


def _combinable(rest: bytes) -> tuple[tuple[int, ...], bytes | None]:
    """The codes of the VIFEs, and what follows a maker's VIFE, None without one."""
    codes: list[int] = []
    octets = iter(rest)
    for vife in octets:
        code = vife & _CODE
        if code == MANUFACTURER:
            return tuple(codes), bytes(octets)
        second = next(octets, None) if vife == EXTENSION_FC | _EXTENDED else None
        codes.append(code if second is None else SECOND_TABLE | second & _CODE)
    return tuple(codes), None


def _codes(octets: bytes) -> bytes:
    return bytes(octet & _CODE for octet in octets)
