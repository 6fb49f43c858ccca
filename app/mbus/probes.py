"""The words of a secondary search: what is asked, what comes of it, and how addresses relate to meters."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
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
    """One address to select and, if one meter alone answers, to read.

    Attributes:
        address: with wildcards.
        fabrication_number: None for a plain selection; eight digits, ``F`` a wildcard, for an enhanced one.
        fcb: the selection is made with C = 73 instead of 53.
        patient: late meters are listened for: the longer window.
        selects_only: who answers is counted, nobody is read.
        first_answer: the first acknowledgement is enough; for an address that can mean one meter only.
        rests: late answers to what was asked before are waited for first.
        resets: the links of all meters are reset before (SND_NKE).
        compares: it is asked at last whether somebody only takes selections with this C field.
    """

    address: SecondaryAddress
    fabrication_number: str | None = None
    fcb: bool = False
    patient: bool = False
    selects_only: bool = False
    first_answer: bool = False
    rests: bool = False
    resets: bool = False
    compares: bool = False

    @property
    def is_number(self) -> bool:
        """Whether all eight digits of the identification are fixed."""
        return WILDCARD not in self.address.identification

    @property
    def digits(self) -> str:
        """The number that is split by digits: the fabrication number where one is selected."""
        return self.address.identification if self.fabrication_number is None else self.fabrication_number

    def with_digit(self, position: int, digit: str) -> "Probe":
        """The probe below this one that fixes a digit."""
        digits = self.digits[:position] + digit + self.digits[position + 1 :]
        if self.fabrication_number is not None:
            return replace(self, fabrication_number=digits)
        return replace(self, address=replace(self.address, identification=digits))


class Finding(Enum):
    """What came of a probe."""

    SILENCE = "silence"
    METER = "meter"
    SEVERAL = "several"
    """More than one answer, or what is none: several meters, or a disturbance."""
    ACKNOWLEDGED = "acknowledged"
    """One acknowledgement; nobody was read."""
    MUTE = "mute"
    """One acknowledgement, and no telegram whatever was tried."""
    UNNAMED = "unnamed"
    """One whole telegram that does not tell whose it is."""
    REFUSAL = "refusal"
    """One whole answer without a record: an application error, or its maker's own words."""
    BROKEN = "broken"
    """One telegram that stops before its end, or is another meter's."""


@dataclass(frozen=True, slots=True)
class FoundMeter:
    """A meter found.

    Attributes:
        address: as exact as its telegram tells.
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
        delays_s: when each byte of the acknowledgements came, within the normal window.
        telegram_delay_s: after which the telegram began.
        late: how many came after it.
        late_meter: who sent the one telegram that came as late.
        is_exclusive: whether somebody only takes selections with this C field.
        lost: answers that were due meanwhile and did not come.
        spoilt: whether one came that had to be asked for again.
        elapsed_s: how long all took.
    """

    finding: Finding
    meter: FoundMeter | None = None
    delays_s: tuple[float, ...] = ()
    telegram_delay_s: float = 0.0
    late: int = 0
    late_meter: FoundMeter | None = None
    is_exclusive: bool = False
    lost: int = 0
    spoilt: bool = False
    elapsed_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Somebody answers at an address who could not be read or told apart.

    Attributes:
        probe: as it was asked.
        finding: what came.
    """

    probe: Probe
    finding: Finding


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """What to search.

    Attributes:
        within: only meters that fit this address.
        known: meters to ask first; their numbers also guide the order.
        only_known: ask nobody else.
        expected: so many meters end the search; None to look for all there are.
        hex_digits: look for the digits A to F too, at last.
        makers: manufacturer codes to try where equal numbers must be split, beside those seen; None for a
            short list.
        budget_s: so long at most one number is split into its meters; None without end.
    """

    within: SecondaryAddress = EVERYBODY
    known: tuple[SecondaryAddress, ...] = ()
    only_known: bool = False
    expected: int | None = None
    hex_digits: bool = False
    makers: tuple[int, ...] | None = None
    budget_s: float | None = 4.0


def best_position(number: str, others: Sequence[str]) -> int:
    """The open digit by which the numbers seen so far are told apart best; among equals the last one.

    Meters that share the fixed digits differ as others do that share theirs, whatever those are: of one
    delivery in the last digits, of several in the first ones.
    """
    fixed = [position for position, digit in enumerate(number) if digit != WILDCARD]
    alike: dict[str, list[str]] = {}
    for other in others:
        alike.setdefault("".join(other[position] for position in fixed), []).append(other)
    open_positions = [position for position, digit in enumerate(number) if digit == WILDCARD]
    return max(
        open_positions,
        default=-1,
        key=lambda position: (
            sum(_pairs_apart(group, position) for group in alike.values()),
            _pairs_apart(others, position),
            position,
        ),
    )


def _pairs_apart(numbers: Sequence[str], position: int) -> int:
    """How many pairs of numbers have different digits at a position."""
    counts = Counter(number[position] for number in numbers).values()
    return sum(counts) ** 2 - sum(count * count for count in counts)


def covered_numbers(pattern: str, number: str) -> list[str]:
    """Numbers that differ in one open digit and have all the bits of this one there."""
    return [
        number[:position] + digit + number[position + 1 :]
        for position, open_digit in enumerate(pattern)
        if open_digit == WILDCARD and number[position] in DECIMAL_DIGITS
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
