"""When two portal entries are of one meter, and when they say the same."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app.domain.errors import RegisterListError
from app.domain.payload import MeterEntry, parse_reg

_ADDRESS_LENGTH: Final = 16
_WILDCARD: Final = "F"

SECONDARY_AD: Final = "additional_settings.secondary_ad"
REG: Final = "additional_settings.reg"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that two entries say differently.

    Attributes:
        field: the portal's name of it.
        mine: this computer's value, as text.
        theirs: the portal's.
    """

    field: str
    mine: str
    theirs: str


def same_address(one: str, other: str) -> bool:
    """Whether two secondary addresses select one meter: a wildcard fits whatever stands opposite it.

    A full address and one with wildcards are the same meter if their digits are; two full ones of different
    makers are two meters with one number.
    """
    one, other = one.upper(), other.upper()
    if one == other:
        return True
    if len(one) != _ADDRESS_LENGTH or len(other) != _ADDRESS_LENGTH:
        return False
    # Without the number itself, nothing says which meter it is.
    return one[:8] == other[:8] and all(
        a == b or _WILDCARD in (a, b) for a, b in zip(one[8:], other[8:], strict=True)
    )


def same_entry(mine: MeterEntry, theirs: MeterEntry) -> bool:
    """Whether two entries mean the same: blanks in the register list and the case of hex do not count."""
    return not differences(mine, theirs)


def differences(mine: MeterEntry, theirs: MeterEntry) -> tuple[Difference, ...]:
    """What two entries say differently, in the portal's own order of fields."""
    return tuple(
        Difference(field, str(text(mine)), str(text(theirs)))
        for field, text, plain in _FIELDS
        if plain(text(mine)) != plain(text(theirs))
    )


def _registers(reg: str) -> object:
    try:
        return parse_reg(reg)
    except RegisterListError:
        return reg


def _as_it_is(value: str) -> object:
    return value


_FIELDS: Final[tuple[tuple[str, Callable[[MeterEntry], str], Callable[[str], object]], ...]] = (
    ("name", lambda entry: entry.name, str.strip),
    ("type", lambda entry: entry.type.value, _as_it_is),
    ("prim_ad", lambda entry: entry.prim_ad, _as_it_is),
    ("gateway_id", lambda entry: entry.gateway_id, _as_it_is),
    ("model", lambda entry: entry.model, _as_it_is),
    ("protocol", lambda entry: entry.protocol, _as_it_is),
    ("baudrate", lambda entry: str(entry.baudrate), _as_it_is),
    ("mode", lambda entry: entry.mode, _as_it_is),
    (SECONDARY_AD, lambda entry: entry.secondary_ad, str.upper),
    (REG, lambda entry: entry.reg, _registers),
)
