"""The strategy of a secondary search, without I/O and clock: which address to ask next.

A request with wildcards is answered by every meter it fits. One answers: its telegram comes whole. Several
answer: the selection looks like one (currents add, two E5 are an E5), but the telegram comes garbled. Then
the search splits: it fixes one more digit, the *last* one first, because meters of one delivery have
consecutive serial numbers. Equal numbers are split by manufacturer, version and medium, and at last by the
fabrication number (enhanced selection).
"""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from app.mbus.probes import (
    DECIMAL_DIGITS,
    EVERYBODY,
    WILDCARD,
    Finding,
    FoundMeter,
    Probe,
    Reply,
    SearchPlan,
    best_position,
    covered_numbers,
    fits,
    has_open_digits,
    is_near,
    same_meter,
)

__all__ = ["EVERYBODY", "Finding", "FoundMeter", "Probe", "Reply", "Search", "SearchPlan"]


_HEX: Final = "ABCDE"

_MISSED: Final = 1e-4
"""With what probability a meter may be taken for absent, however bad the line."""

_SPLIT_MAX: Final = 600
"""So many probes at most are made to split one number."""

_UNBROKEN_MAX: Final = 13
"""So many addresses in a row may answer without a telegram and without a silence between.

From everybody down to one number are nine steps; below that meters of a batch may share their numbers.
"""

_UNREADABLE_MAX: Final = 40
"""So many numbers may answer one after the other without a single telegram that can be read."""

_ROOT_TIMES: Final = 3
"""So often everybody is asked before a bus counts as empty."""

_ASKED_MAX: Final = 8
"""How often one address is asked at most before silence is believed."""

COMMON_MEDIA: Final = (
    0x04,
    0x06,
    0x07,
    0x0C,
    0x0A,
    0x0B,
    0x0D,
    0x16,
    0x15,
    0x02,
    0x03,
    0x08,
    0x00,
    0x05,
    0x28,
)
"""Device types that a building has, the likely ones first; others are asked if these explain nothing."""

_VERSIONS_LIKELY: Final = range(16)


@dataclass(slots=True)
class _Split:
    """An address at which several meters answered (or one that sends nothing).

    Attributes:
        expected: so many meters must be below it.
        step: how far the ways to find them have been gone.
        children: what was asked below it.
        position: of the digit that is split, -1 where all are fixed.
    """

    expected: int
    step: int
    children: list[Probe]
    position: int


class Search:
    """Says what to ask next; holds all it knows, so that it can be stopped and taken up again at any time."""

    def __init__(self, plan: SearchPlan | None = None) -> None:
        self.plan = plan or SearchPlan()
        self._found: list[FoundMeter] = []
        self._stack: list[Probe] = []
        self._silent: dict[Probe, int] = {}
        self._single: dict[Probe, FoundMeter] = {}
        """Addresses at which one meter alone answered."""
        self._confirmed: set[Probe] = set()
        self._splits: dict[Probe, _Split] = {}
        self._spent: Counter[str] = Counter()
        """Probes made to split equal numbers, by number."""
        self._answered = 0
        self._lost = 0
        self.disturbances = 0
        """How many answers came spoilt that were no collisions; then what comes should be read twice."""
        self.probes = 0
        """How many probes have been reported."""
        self._unbroken = 0
        """Addresses that answered without a telegram since the last silence or telegram."""
        self._unreadable = 0
        """Numbers that answered without a telegram since the last telegram."""
        self._push([*map(Probe, self.plan.known), Probe(self.plan.within)])

    @property
    def hopeless(self) -> bool:
        """Whether whatever is asked gets an answer that cannot be read: no meters do that, the line does.

        Then the search is over; it would have to ask all numbers there are.
        """
        return self._unbroken >= _UNBROKEN_MAX or self._unreadable >= _UNREADABLE_MAX

    @property
    def found(self) -> tuple[FoundMeter, ...]:
        """The meters found so far, in the order they were found."""
        return tuple(self._found)

    @property
    def pending(self) -> int:
        """How many probes are to be made at least."""
        return len(self._stack)

    @property
    def unresolved(self) -> tuple[Probe, ...]:
        """Addresses at which more meters answer than were found, as far as is known; the narrowest only."""
        lacking = {probe: split for probe, split in self._splits.items() if self._lacks(probe)}
        return tuple(
            probe for probe, split in lacking.items() if not any(child in lacking for child in split.children)
        )

    @property
    def times_to_ask(self) -> int:
        """How often an address must have been silent to count as empty, by the losses seen so far."""
        if not self._lost:
            return 1
        share = (self._lost + 1) / (self._lost + self._answered + 2)
        return min(_ASKED_MAX, math.ceil(math.log(_MISSED) / math.log(share)))

    def next(self) -> Probe | None:
        """What to ask now; the same until it is reported. None when the search is finished."""
        if self.hopeless:
            return None
        while not self._stack:
            if not (
                self._ask_silent_again()
                or self._go_further()
                or self._second_pass()
                or self._confirm_singles()
                or self._ask_neighbours()
            ):
                return None
        return self._stack[-1]

    def report(self, reply: Reply) -> None:
        """Takes what came of the probe that :meth:`next` gave."""
        probe = self._stack.pop()
        self.probes += 1
        if probe.is_number:
            self._spent[probe.address.identification] += 1
        self._lost += reply.lost
        self.disturbances += reply.spoilt
        if reply.finding is Finding.SILENCE:
            self._heard_nothing(probe)
            return
        self._answered += 1
        self._lost += self._silent.pop(probe, 0)
        if reply.finding is Finding.METER and reply.meter is not None:
            self._heard_meter(probe, reply.meter)
        else:
            self._heard_several(probe, 2 if reply.finding is Finding.COLLISION else 1)

    def silences(self, probe: Probe) -> int:
        """How often an address has been asked in vain."""
        return self._silent.get(probe, 0)

    def doubt(self) -> None:
        """All silence so far is in doubt (meters were found to be slower than they were waited for)."""
        self._silent = dict.fromkeys(self._silent, 0)

    def _heard_nothing(self, probe: Probe) -> None:
        self._unbroken = 0
        split = self._splits.get(probe)
        if split is not None and not any(fits(probe, meter) for meter in self._found):
            # Nobody is there after all: what came was a late answer to an earlier request.
            split.expected = 0
        elif split is not None or probe in self._single:
            self._lost += 1
        elif probe.address not in self.plan.known or probe == Probe(self.plan.within):
            # A known meter that is silent is looked for in its turn; it need not be there at all.
            self._silent[probe] = self._silent.get(probe, 0) + 1

    def _heard_meter(self, probe: Probe, meter: FoundMeter) -> None:
        self._unbroken = self._unreadable = 0
        if meter.fabrication_number is None:
            meter = replace(meter, fabrication_number=probe.fabrication_number)
        if not any(same_meter(meter, other) for other in self._found):
            self._found.append(meter)
        if probe in self._splits:
            # What looked like several was one, disturbed.
            self.disturbances += self._splits[probe].expected > 1
            self._splits[probe].expected = 1
        elif not same_meter(meter, self._single.setdefault(probe, meter)):
            # Two meters, each heard alone once: the answer of the other was lost.
            self._heard_several(probe, 2)

    def _heard_several(self, probe: Probe, expected: int) -> None:
        self._single.pop(probe, None)
        split = self._splits.get(probe)
        if split is not None:
            return
        if probe == Probe(replace(self.plan.within, identification=probe.address.identification)):
            self._unbroken += 1
            self._unreadable += probe.is_number
        self._splits[probe] = _Split(expected, 0, [], self._position(probe))
        if not probe.is_number:
            self._advance(probe)

    def _push(self, probes: Iterable[Probe]) -> None:
        known = (self._splits, self._single, self._silent, self._stack)
        new = [probe for probe in probes if not any(probe in asked for asked in known)]
        self._stack += reversed([probe for probe in new if self._affordable(probe)])

    def _affordable(self, probe: Probe) -> bool:
        """Meters that ignore what they do not know answer to every fabrication number: that must end."""
        return self._spent[probe.address.identification] <= _SPLIT_MAX

    def _lacks(self, probe: Probe) -> bool:
        below = sum(fits(probe, meter) for meter in self._found)
        return below < self._splits[probe].expected

    def _ask_silent_again(self) -> bool:
        times = self.times_to_ask
        root = Probe(self.plan.within)
        again = [
            probe
            for probe, count in self._silent.items()
            if count < (max(times, _ROOT_TIMES) if probe == root else times)
        ]
        self._stack += reversed(again)
        return bool(again)

    def _go_further(self) -> bool:
        """Where more answered than were found: the next way to find them; the narrowest address first."""
        return any(self._advance(probe) for probe in reversed(self._splits) if self._lacks(probe))

    def _advance(self, probe: Probe) -> bool:
        split = self._splits[probe]
        ways = self._ways(probe)
        while split.step < len(ways):
            way = ways[split.step]
            split.step += 1
            before = len(self._stack)
            if way == _AGAIN:
                first = ways.index(_AGAIN) == split.step - 1
                again = [child for child in split.children if first and child in self._silent]
                self._stack += reversed([item for item in (*again, probe) if self._affordable(item)])
            else:
                self._push_children(probe, split, way)
            if len(self._stack) > before:
                return True
        return False

    def _second_pass(self) -> bool:
        """The digits A to E below every address at which several answered."""
        if not self.plan.hex_digits:
            return False
        before = len(self._stack)
        for probe, split in tuple(self._splits.items()):
            ways = self._ways(probe)
            if _HEX_DIGITS in ways and split.step <= ways.index(_HEX_DIGITS):
                split.step = ways.index(_HEX_DIGITS) + 1
                self._push_children(probe, split, _HEX_DIGITS)
        return len(self._stack) > before

    def _confirm_singles(self) -> bool:
        """On a line that loses answers, one of two meters may have been heard alone: asked once more."""
        if not self._lost:
            return False
        again = [
            probe
            for probe in self._single
            if probe not in self._confirmed and not (probe.is_number and probe.address.manufacturer)
        ]
        self._confirmed.update(again)
        self._stack += reversed(again)
        return bool(again)

    def _ask_neighbours(self) -> bool:
        """Meters of a batch that one heard alone may have covered.

        Where two meters that say nearly the same answer at exactly the same moment, what arrives can be the
        whole telegram of the one whose bits are part of the other's. Only numbers near others found are
        asked: that is where meters say nearly the same.
        """
        numbers = {int(number) for number in self._numbers() if number.isdecimal()}
        before = len(self._stack)
        for probe, meter in tuple(self._single.items()):
            number = meter.address.identification
            if not probe.is_number and number.isdecimal():
                covered = covered_numbers(probe.address.identification, number)
                near = [other for other in covered if is_near(int(other), numbers - {int(number)})]
                self._push(Probe(replace(self.plan.within, identification=other)) for other in near)
        return len(self._stack) > before

    def _ways(self, probe: Probe) -> tuple[str, ...]:
        if has_open_digits(probe):
            return _DIGIT_WAYS_HEX if self.plan.hex_digits else _DIGIT_WAYS
        return _NUMBER_WAYS

    def _push_children(self, probe: Probe, split: _Split, way: str) -> None:
        children = self._children(probe, split, way)
        self._push(children)
        split.children += children

    def _children(self, probe: Probe, split: _Split, way: str) -> list[Probe]:
        if way in (_DIGITS, _HEX_DIGITS):
            return self._by_digit(probe, split.position, _HEX if way == _HEX_DIGITS else DECIMAL_DIGITS)
        if way == _FABRICATION:
            return [] if probe.fabrication_number else [replace(probe, fabrication_number=WILDCARD * 8)]
        return self._by_part(probe, way)

    def _by_digit(self, probe: Probe, position: int, digits: str) -> list[Probe]:
        if probe.fabrication_number is not None:
            number = probe.fabrication_number
            return [
                replace(probe, fabrication_number=number[:position] + digit + number[position + 1 :])
                for digit in digits
            ]
        number = probe.address.identification
        seen = Counter(other[position] for other in self._numbers())
        return [
            replace(
                probe,
                address=replace(
                    probe.address, identification=number[:position] + digit + number[position + 1 :]
                ),
            )
            for digit in sorted(digits, key=lambda digit: -seen[digit])
        ]

    def _by_part(self, probe: Probe, way: str) -> list[Probe]:
        """Children that fix manufacturer, version or medium: the likely values, or (``all_``) every one."""
        part = way.removeprefix(_ALL)
        if probe.fabrication_number is not None or getattr(probe.address, part) is not None:
            return []
        seen = [getattr(meter.address, part) for meter in self._found]
        values = [value for value, _ in Counter(seen).most_common()]
        likely, every = {
            "manufacturer": ((), self.plan.makers),
            "version": (_VERSIONS_LIKELY, range(255)),
            "medium": (COMMON_MEDIA, range(255)),
        }[part]
        return [
            replace(probe, address=replace(probe.address, **{part: value}))
            for value in dict.fromkeys((*values, *(every if way.startswith(_ALL) else likely)))
        ]

    def _position(self, probe: Probe) -> int:
        if probe.fabrication_number is not None:
            return probe.fabrication_number.rfind(WILDCARD)
        return best_position(probe.address.identification, self._numbers())

    def _numbers(self) -> list[str]:
        numbers = [address.identification for address in self.plan.known]
        return numbers + [meter.address.identification for meter in self._found]


_AGAIN: Final = "again"
_DIGITS: Final = "digits"
_HEX_DIGITS: Final = "hex"
_FABRICATION: Final = "fabrication"
_ALL: Final = "all_"

_DIGIT_WAYS: Final = (_DIGITS, _AGAIN, _AGAIN, _AGAIN)
_DIGIT_WAYS_HEX: Final = (_DIGITS, _AGAIN, _AGAIN, _AGAIN, _HEX_DIGITS)
"""The first time again with all children that were silent, then alone."""

_NUMBER_WAYS: Final = (
    _AGAIN,
    "manufacturer",
    "version",
    "medium",
    _FABRICATION,
    _ALL + "manufacturer",
    _ALL + "medium",
    _ALL + "version",
)
"""At an address whose digits are all fixed: once more (it may have been a disturbance), then part by part."""
