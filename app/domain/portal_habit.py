"""What a portal does with watts, by the evidence of a verification: it converts them itself, or it does not.

The documentation lists ``power_kw`` without a factor although its VIB counts in watts. Which of the two
follows from that is not written anywhere; a value that the portal shows tells it.
"""

from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Final

from app.domain.verification import RegisterComparison, Verdict, Verification
from app.message import Message

_POWER: Final = "power_kw"
_WATTS_TO_KILOWATTS: Final = Decimal("0.001")
_VIF, _WATT_VIFS = 0x78, 0x28
"""VIF 28 to 2F count in watts (EN 13757-3); the low bits are a power of ten, which the gateway applies."""


class PortalHabit(Enum):
    """How a portal shows a power that its meter tells in watts; the values are stable words."""

    CONVERTS_WATTS = "converts_watts"
    """Kilowatts without a factor."""
    TAKES_AS_SENT = "takes_as_sent"
    """Watts, unless the list has the factor 0.001."""

    @property
    def power_factor(self) -> Decimal | None:
        """What the list needs for a power in watts; None for no factor."""
        return None if self is PortalHabit.CONVERTS_WATTS else _WATTS_TO_KILOWATTS

    @property
    def sentence(self) -> Message:
        """What it means for the next meters."""
        if self is PortalHabit.CONVERTS_WATTS:
            return Message("This portal converts W to kW itself: power_kw needs no factor here.")
        return Message(
            "This portal does not convert W to kW itself: power_kw needs the factor {factor} here.",
            {"factor": _WATTS_TO_KILOWATTS},
        )


def portal_habit(verification: Verification) -> PortalHabit | None:
    """What a verification proves about the portal; None where nothing, or what contradicts itself."""
    shown = {habit for each in verification.registers if (habit := _shown_by(each)) is not None}
    return shown.pop() if len(shown) == 1 else None


def _shown_by(register: RegisterComparison) -> PortalHabit | None:
    entry = register.entry
    if entry.unit != _POWER or not _in_watts(entry.vib):
        return None
    if register.verdict is Verdict.EQUAL:
        ratio = Fraction(1)
    elif register.verdict is Verdict.FACTOR and register.ratio is not None:
        ratio = register.ratio
    else:
        return None
    # What the portal would show without the list's factor, beside the kilowatts that are true.
    factor = Fraction(1) if entry.factor is None else Fraction(entry.factor)
    return {Fraction(1): PortalHabit.CONVERTS_WATTS, Fraction(1000): PortalHabit.TAKES_AS_SENT}.get(
        ratio / factor
    )


def _in_watts(vib: str) -> bool:
    return int(vib[:2], 16) & _VIF == _WATT_VIFS
