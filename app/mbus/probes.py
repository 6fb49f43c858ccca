"""The words of a secondary search: what is asked, what comes of it, and how addresses relate to meters."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from app.mbus.addresses import SecondaryAddress

WILDCARD: Final = "F"
EVERYBODY: Final = SecondaryAddress("FFFFFFFF")
DECIMAL_DIGITS: Final = "0123456789"

_BATCH: Final = 12
"""Numbers that lie so near each other are of one delivery."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One address to select and, if anybody answers, to read.

    Attributes:
        address: with wildcards.
        fabrication_number: None for a plain selection; eight digits, ``F`` a wildcard, for an enhanced one.
    """

    address: SecondaryAddress
    fabrication_number: str | None = None

    @property
    def is_number(self) -> bool:
        """Whether all eight digits of the identification are fixed."""
        return WILDCARD not in self.address.identification


class Finding(Enum):
    """What came of a probe."""

    SILENCE = "silence"
    METER = "meter"
    COLLISION = "collision"
    MUTE = "mute"
    """Somebody let itself be selected, but sent no telegram."""


@dataclass(frozen=True, slots=True)
class FoundMeter:
    """A meter found.

    Attributes:
        address: exact.
        fabrication_number: as its telegram tells, or as it was selected, wildcards included; None where
            neither did.
    """

    address: SecondaryAddress
    fabrication_number: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of the probe asked last.

    Attributes:
        finding: what came.
        meter: who it is, with :attr:`Finding.METER`.
        lost: answers that were due meanwhile and did not come.
        spoilt: whether one came that had to be asked for again.
    """

    finding: Finding
    meter: FoundMeter | None = None
    lost: int = 0
    spoilt: bool = False


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """What to search.

    Attributes:
        within: only meters that fit this address.
        known: meters to ask first; their numbers also guide the order.
        hex_digits: look for the digits A to F in a second pass.
        makers: manufacturer codes to try where equal numbers must be split, beside those found.
    """

    within: SecondaryAddress = EVERYBODY
    known: tuple[SecondaryAddress, ...] = ()
    hex_digits: bool = False
    makers: tuple[int, ...] = ()


def has_open_digits(probe: Probe) -> bool:
    """Whether a digit is left by which a probe can be split."""
    number = probe.address.identification if probe.fabrication_number is None else probe.fabrication_number
    return WILDCARD in number


def best_position(number: str, others: Sequence[str]) -> int:
    """The open digit in which the numbers seen so far differ most; among equals the last one."""
    open_positions = [position for position, digit in enumerate(number) if digit == WILDCARD]
    return max(
        open_positions,
        default=-1,
        key=lambda position: (len({other[position] for other in others} - {WILDCARD}), position),
    )


def covered_numbers(pattern: str, number: str) -> list[str]:
    """Numbers that differ in one open digit and have all the bits of this one there."""
    return [
        number[:position] + digit + number[position + 1 :]
        for position, open_digit in enumerate(pattern)
        if open_digit == WILDCARD
        for digit in DECIMAL_DIGITS
        if digit != number[position] and int(digit) & int(number[position]) == int(number[position])
    ]


def is_near(number: int, others: Iterable[int]) -> bool:
    """Whether a number lies in a batch with others."""
    return any(0 < abs(number - other) <= _BATCH for other in others)


def same_meter(one: FoundMeter, other: FoundMeter) -> bool:
    """Whether two findings are one meter, as far as their fabrication numbers are known."""
    numbers = {one.fabrication_number, other.fabrication_number} - {None}
    return one.address == other.address and len(numbers) <= 1


def fits(probe: Probe, meter: FoundMeter) -> bool:
    """Whether a meter answers to a probe."""
    if not probe.address.matches(meter.address):
        return False
    if probe.fabrication_number is None or meter.fabrication_number is None:
        return True
    return all(
        wanted in (WILDCARD, own)
        for wanted, own in zip(probe.fabrication_number, meter.fabrication_number, strict=True)
    )
