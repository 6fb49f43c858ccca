"""The strategy of a secondary search, without I/O and clock: which address to ask next.

A request with wildcards is answered by every meter it fits. Where more than one acknowledges, or the
telegram of one comes garbled (two in step acknowledge as one), the search fixes one more digit: the one in
which the meters found so far differ, at first the *last* one, because meters of one delivery have
consecutive numbers. Equal numbers are told apart by fabrication number (enhanced selection), manufacturer,
version and medium.

It is written as generators that yield probes and are sent replies: a branch of the tree of digits is a call.
"""

import math
from collections import Counter
from collections.abc import Generator, Iterable
from dataclasses import replace
from typing import Any, Final

from app.mbus.addresses import SecondaryAddress
from app.mbus.probes import (
    DECIMAL_DIGITS,
    WILDCARD,
    Finding,
    FoundMeter,
    Probe,
    Reply,
    SearchPlan,
    Unresolved,
    best_position,
    covered_numbers,
    fits,
    is_near,
    same_meter,
)

NOBODY: Final = SecondaryAddress("EEEEEEEE", 0x7FFE, 0xEE, 0xEE)
"""An address that no meter has; what answers it is the line itself."""

COMMON_MEDIA: Final = (0x04, 0x06, 0x07, 0x0D)
COMMON_MAKERS: Final = (0x32A7, 0x4DEE, 0x2C2D, 0x1593)
COMMON_VERSIONS: Final = range(16)
"""What is tried to split equal numbers beside what is known of the bus; the makers are LUG, SON, KAM, EFE."""

_HEX_DIGITS: Final = "ABCDE"

_MISSED: Final = 1e-4
"""With what probability a meter may be taken for absent, however bad the line."""

_ASKED_MAX: Final = 8
"""How often one address is asked at most before silence is believed."""

_UNBROKEN_MAX: Final = 4
"""So many addresses in a row may answer unreadably before it is asked whether the line itself does."""

_FRUITLESS_MAX: Final = 80
"""So many addresses may answer unreadably before another meter is found; below them are all numbers."""

_TIMES: Final = 3
"""So often an address is asked before it is believed that nobody has it, or that this is no disturbance."""

_SAME_S: Final = 0.001
"""Acknowledgements that come so near the same time are of one meter."""

_NEAR_S: Final = 0.05
"""One meter does not answer earlier or later than another time by so much."""

_FAR_S: Final = 0.2
"""No prompt meter of a near adapter answers so late."""

_HEAVY_LOSS: Final = 0.15

Steps = Generator[Probe, Reply, None]


class Search:
    """Says what to ask next; holds all it knows, so that it can be stopped and taken up again at any time."""

    def __init__(self, plan: SearchPlan | None = None) -> None:
        self.plan = plan or SearchPlan()
        self.probes = 0
        """How many probes have been reported."""
        self.disturbances = 0
        """How many answers came spoilt that were no collisions; then what comes should be read twice."""
        self.is_line_disturbed = False
        """Whether even an address that nobody has is answered: then the search is over."""
        self.checking_again = False
        """Whether all that was likely has been found; what is asked now is asked to be sure."""
        self.branches = self.branches_done = 0
        """How many addresses below everybody are known to be asked, and how many are done with all below."""
        self._found: list[FoundMeter] = []
        self._unresolved: list[Unresolved] = []
        self._slow: list[FoundMeter] = []
        self._doubted: list[FoundMeter] = []
        """Meters heard at a wildcard that did not answer to their own address."""
        self._silent: dict[Probe, int] = {}
        self._single: dict[Probe, FoundMeter] = {}
        """Addresses at which one meter alone answered."""
        self._confirmed: Counter[Probe] = Counter()
        self._several: dict[Probe, int] = {}
        """Addresses at which several answered, and the digit by which they were split."""
        self._least: dict[Probe, int] = {}
        """So many have acknowledged at an address, at least."""
        self._later: list[Probe] = []
        self._answered = 0
        self._lost = 0
        self._unbroken = 0
        self._fruitless = 0
        """Addresses that answered unreadably since the last meter was found."""
        self._line_is_checked = False
        self._in_step = False
        """Whether several have acknowledged as one."""
        self._coverable: set[Probe] = set()
        """Addresses at which who answered alone may have been several in step."""
        self._paces = 0
        """How many acknowledgements of everybody could be told apart."""
        self._elapsed_s = 0.0
        self._steps = self._search()
        self._probe: Probe | None = next(self._steps)

    @property
    def found(self) -> tuple[FoundMeter, ...]:
        """The meters found so far, in the order they were found."""
        return tuple(self._found)

    @property
    def unresolved(self) -> tuple[Unresolved, ...]:
        """Where somebody answers who could not be read or told apart, so far."""
        return tuple(self._unresolved)

    @property
    def times_to_ask(self) -> int:
        """How often an address must have been silent to count as empty: once while nothing has been lost."""
        if not self._lost:
            return 1
        return min(_ASKED_MAX, math.ceil(math.log(_MISSED) / math.log(self._loss)))

    def next(self) -> Probe | None:
        """What to ask now; the same until it is reported. None when the search is finished."""
        return self._probe

    def report(self, reply: Reply) -> None:
        """Takes what came of the probe that :meth:`next` gave."""
        self.probes += 1
        self._elapsed_s += reply.elapsed_s
        self._lost += reply.lost
        self.disturbances += reply.spoilt
        self._answered += reply.finding is not Finding.SILENCE
        if reply.finding in (Finding.SILENCE, Finding.METER):
            self._unbroken = 0
        self._fruitless += reply.finding is Finding.SEVERAL
        before = len(self._found)
        try:
            self._probe = self._steps.send(reply)
        except StopIteration:
            self._probe = None
        if len(self._found) > before:
            self._fruitless = 0
        self.is_line_disturbed = self.is_line_disturbed or self._fruitless > _FRUITLESS_MAX
        if self.is_line_disturbed or len(self._found) >= (self.plan.expected or math.inf):
            self._probe = None

    @property
    def _loss(self) -> float:
        return (self._lost + 1) / (self._lost + self._answered + 2)

    # The order of things -----------------------------------------------------------------------------------

    def _search(self) -> Steps:
        yield from self._ask_known()
        if self.plan.only_known:
            return
        yield from self._ask_everybody()
        self.checking_again = True
        while self._later:
            yield from self._branch(self._later.pop(0))
        yield from self._doubt()
        if self.plan.hex_digits:
            for probe, position in tuple(self._several.items()):
                for digit in _HEX_DIGITS if position >= 0 else "":
                    yield from self._branch(probe.with_digit(position, digit))
            yield from self._doubt()

    def _ask_known(self) -> Steps:
        silent = [Probe(address) for address in self.plan.known]
        for attempt in range(_TIMES if self.plan.only_known else 1):
            asked, silent = silent, []
            for probe in asked:
                last = attempt == _TIMES - 1
                # A known meter need not be there at all: its silence is no loss.
                reply = yield replace(probe, fcb=attempt > 0, patient=last, resets=last)
                if reply.finding is Finding.SILENCE:
                    silent.append(probe)
                else:
                    yield from self._take(probe, reply)

    def _ask_everybody(self) -> Steps:
        """The root: the census of slow meters, both C fields, and a reset of all links before it is empty."""
        root = Probe(self.plan.within)
        first = yield root
        if first.finding is Finding.METER:
            yield from self._take(root, first)
        silent = first.finding is Finding.SILENCE
        several = not silent and first.finding is not Finding.METER
        # A slow meter may still be at its answer; where all come late, it would pass for a prompt one.
        rests = silent or max(first.delays_s, default=0.0) > _FAR_S
        census = yield replace(
            root,
            fcb=True,
            patient=True,
            rests=rests,
            resets=True,
            selects_only=not silent,
            compares=several,
        )
        if silent and census.finding is Finding.SILENCE and not census.late:
            # Slow, and only with C = 53: nobody else is left.
            census = yield replace(root, patient=True, rests=True, resets=True)
        self._paces = len(first.delays_s)
        self._least[root] = len(census.delays_s)
        if several and not census.is_exclusive and not rests:
            # Who acknowledged one of the two was not heard the other time.
            self._lost += _lacks(first.delays_s, census.delays_s) + _lacks(census.delays_s, first.delays_s)
        patient = replace(root, fcb=True, patient=True)
        if census.late_meter is not None:
            yield from self._prove_late(patient, census.late_meter)
        other = replace(root, fcb=True)
        if silent:
            yield from self._take(other, census)
        elif several or not _is_same(first, census):
            yield from self._pass(root, first, census)
        if census.late > 1 or (census.late and census.late_meter is None):
            yield from self._split_late(patient)

    def _pass(self, root: Probe, first: Reply, census: Reply) -> Steps:
        """Goes on with the C field that all take; with both where each has meters of its own."""
        other = replace(root, fcb=True)
        if first.finding is Finding.METER:
            census = yield replace(other, compares=True)
        is_needed = (
            census.is_exclusive and (yield replace(root, selects_only=True, compares=True)).is_exclusive
        )
        if (not census.is_exclusive or is_needed) and root not in self._single:
            yield from self._take(root, first)
        if census.is_exclusive:
            reply = yield replace(other, resets=True)
            yield from self._take(other, reply)

    def _doubt(self) -> Steps:
        """Asks again what may have been lost or covered, until nothing is left to doubt."""
        while again := [*self._silent_again(), *self._singles_again(), *self._neighbours()]:
            for probe in again:
                reply = yield self._ready(probe)
                yield from self._take(probe, reply)

    def _silent_again(self) -> list[Probe]:
        for probe, least in self._least.items():
            # More have acknowledged than were found: what they answered was lost.
            self._lost += max(0, least - self._below(probe))
        self._least.clear()
        times = self.times_to_ask
        return [probe for probe, count in self._silent.items() if count < times]

    def _singles_again(self) -> list[Probe]:
        """On a line that loses answers, one of two meters may have been heard alone."""
        times = (1 + (self._loss > _HEAVY_LOSS)) if self._lost else 0
        again = [
            probe
            for probe in self._single
            if self._confirmed[probe] < times and not (probe.is_number and probe.address.manufacturer)
        ]
        self._confirmed.update(again)
        return again

    def _neighbours(self) -> list[Probe]:
        """Meters of a batch that one heard alone may have covered.

        Where two meters that say nearly the same answer at exactly the same moment, what arrives can be the
        whole telegram of the one whose bits are part of the other's. Only numbers near others found are
        asked: that is where meters say nearly the same.
        """
        numbers = {int(number) for number in self._numbers() if number.isdecimal()}
        near: dict[Probe, None] = {}
        for probe, meter in self._single.items():
            number = meter.address.identification
            if (self._in_step or probe in self._coverable) and not probe.is_number and number.isdecimal():
                for other in covered_numbers(probe.address.identification, number):
                    if is_near(int(other), numbers - {int(number)}):
                        near[replace(probe, address=replace(self.plan.within, identification=other))] = None
        return [probe for probe in near if not self._was_asked(probe)]

    # One branch --------------------------------------------------------------------------------------------

    def _branch(self, probe: Probe) -> Steps:
        if not self._was_asked(probe):
            reply = yield self._ready(probe)
            yield from self._take(probe, reply)

    def _ready(self, probe: Probe) -> Probe:
        """A slow meter that would answer is waited for, so that it does not answer into the next question."""
        return replace(probe, patient=True) if any(fits(probe, slow) for slow in self._slow) else probe

    def _was_asked(self, probe: Probe) -> bool:
        return probe in self._silent or probe in self._single or probe in self._several

    def _take(self, probe: Probe, reply: Reply) -> Steps:
        """Goes on with what came of a probe."""
        if reply.finding is Finding.SILENCE:
            if probe in self._single:
                self._lost += 1
            else:
                self._silent[probe] = self._silent.get(probe, 0) + 1
            return
        self._lost += self._silent.pop(probe, 0)
        if reply.finding is Finding.METER and reply.meter is not None:
            yield from self._take_meter(probe, reply.meter, reply)
            return
        self._single.pop(probe, None)
        self._in_step = self._in_step or (reply.finding is Finding.SEVERAL and len(reply.delays_s) == 1)
        self._least[probe] = max(self._least.get(probe, 0), len(reply.delays_s))
        if probe not in self._several:
            yield from self._check_line(at_once=reply.finding is not Finding.SEVERAL)
            if reply.finding is Finding.SEVERAL:
                yield from self._split(probe)
            elif reply.finding is Finding.MUTE and self._lost and not probe.is_number:
                # Its telegrams may have been lost, and its acknowledgements below may be.
                yield from self._split(probe)
            elif reply.meter is not None:
                self._several[probe] = -1
                self._tell(Probe(reply.meter.address), reply.finding)
            else:
                yield from self._name(probe, reply.finding)

    def _take_meter(self, probe: Probe, meter: FoundMeter, reply: Reply) -> Steps:
        if meter.fabrication_number is None:
            meter = replace(meter, fabrication_number=probe.fabrication_number)
        known = any(same_meter(meter, other) for other in self._found)
        is_proved = known or probe.is_number or self._is_alone(reply)
        if not is_proved and not (yield from self._is_there(probe, meter)):
            self._doubted.append(meter)
            yield from self._split(probe)
            return
        # It was there after all when it was silent twice.
        self._lost += 2 * (not known and meter in self._doubted)
        self._add(meter)
        if not self._is_alone(reply):
            self._coverable.add(probe)
        if probe not in self._several and not same_meter(meter, self._single.setdefault(probe, meter)):
            # Two meters, each heard alone once: the answer of the other was lost.
            del self._single[probe]
            yield from self._split(probe)

    def _is_alone(self, reply: Reply) -> bool:
        """Whether what answered cannot have been several in step.

        These answer each request after exactly the same time, and where they are, others of them were heard
        to acknowledge as one and send a garbled telegram.
        """
        moments = (*reply.delays_s[:1], reply.telegram_delay_s)
        return self._paces > 1 and not self._in_step and max(moments) - min(moments) > _SAME_S

    def _is_there(self, probe: Probe, meter: FoundMeter) -> Generator[Probe, Reply, bool]:
        """Whether a meter heard at a wildcard answers to its own address.

        Meters exactly in step add up to one telegram, now and then to that of a meter that does not exist.
        """
        number = SecondaryAddress(meter.address.identification)
        for place, address in enumerate((meter.address, number, meter.address) * self.times_to_ask):
            asked = replace(probe, address=address, selects_only=True, first_answer=True)
            if (yield asked).finding is Finding.SILENCE:
                continue
            if address == number != meter.address:
                # It takes wildcards only, or its first answer was lost.
                again = yield replace(asked, address=meter.address)
                self._lost += again.finding is not Finding.SILENCE
            else:
                self._lost += place
            return True
        return False

    def _add(self, meter: FoundMeter) -> None:
        if not any(same_meter(meter, other) for other in self._found):
            self._found.append(meter)

    def _check_line(self, *, at_once: bool) -> Steps:
        """Before much is asked because of what comes: whether it comes whoever is asked."""
        self._unbroken += 1
        if self._unbroken < _UNBROKEN_MAX and (self._line_is_checked or not at_once):
            return
        self._unbroken, self._line_is_checked = 0, True
        for _ in range(_TIMES):
            if (yield Probe(NOBODY, selects_only=True)).finding is Finding.SILENCE:
                return
        self.is_line_disturbed = True

    # Several meters ----------------------------------------------------------------------------------------

    def _split(self, probe: Probe) -> Steps:
        position = best_position(probe.digits, self._numbers())
        self._several[probe] = position
        if position < 0:
            yield from self._split_number(probe)
            return
        is_root = probe.address == self.plan.within and probe.fabrication_number is None
        seen = Counter(number[position] for number in self._numbers())
        digits = sorted(DECIMAL_DIGITS, key=lambda digit: -seen[digit])
        children = [probe.with_digit(position, digit) for digit in digits]
        likely = sum(seen[digit] > 0 for digit in digits)
        self.branches += len(children) if is_root else 0
        for place, child in enumerate(children):
            if place == likely > 1 and self._below(probe) > 1:
                self._later += children[place:]
                break
            yield from self._branch(child)
            self.branches_done += is_root
        else:
            if self._below(probe) < 2:
                yield from self._look_again(probe, children)

    def _look_again(self, probe: Probe, children: list[Probe]) -> Steps:
        """Several answered, and less than two were found: a disturbance, or answers were lost."""
        for attempt in range(_TIMES):
            reply = yield self._ready(probe)
            if reply.finding is not Finding.SEVERAL:
                self.disturbances += 1
                if reply.finding is Finding.METER and reply.meter is not None:
                    yield from self._take_meter(probe, reply.meter, reply)
                return
            for child in children if not attempt else ():
                if child in self._silent:
                    again = yield self._ready(child)
                    yield from self._take(child, again)
            if self._below(probe) > 1:
                return
        if not self._below(probe):
            self._tell(probe, Finding.SEVERAL)

    def _below(self, probe: Probe) -> int:
        """How many below an address have been found or named; several that cannot be told apart are two."""
        named = (
            (FoundMeter(each.probe.address, each.probe.fabrication_number), each.finding)
            for each in self._unresolved
        )
        return sum(fits(probe, meter) for meter in self._found) + sum(
            fits(probe, meter) * (2 if finding is Finding.SEVERAL else 1) for meter, finding in named
        )

    def _name(self, probe: Probe, finding: Finding) -> Steps:
        """One meter answers, but does not say who it is: follows the only branch that answers."""
        self._several[probe] = -1
        narrow = replace(probe, selects_only=True, first_answer=True)
        while not narrow.is_number:
            position = best_position(narrow.address.identification, self._numbers())
            for digit in DECIMAL_DIGITS * self.times_to_ask:
                child = narrow.with_digit(position, digit)
                if (yield child).finding is not Finding.SILENCE:
                    narrow = child
                    break
            else:
                yield from self._split_unnamed(probe, narrow, finding)
                return
        number = replace(narrow, selects_only=False, first_answer=False)
        if not probe.is_number and (finding is not Finding.MUTE or self._lost):
            reply = yield number
            finding = reply.finding
            if finding is Finding.METER and reply.meter is not None:
                yield from self._take_meter(number, reply.meter, reply)
                return
        if finding is Finding.UNNAMED:
            self._add(FoundMeter(number.address))
        elif finding is Finding.SEVERAL:
            yield from self._split(number)
        else:
            self._tell(number, finding)

    def _split_unnamed(self, probe: Probe, narrow: Probe, finding: Finding) -> Steps:
        """Nobody answers below: what should have was lost, or it takes wildcards only."""
        if finding is Finding.MUTE and not probe.is_number:
            self._lost += 1
            yield from self._split(probe)
        else:
            self._tell(narrow, finding)

    def _tell(self, probe: Probe, finding: Finding) -> None:
        told = Unresolved(replace(probe, selects_only=False, first_answer=False, patient=False), finding)
        if told not in self._unresolved:
            self._unresolved.append(told)

    # One number, several meters ----------------------------------------------------------------------------

    def _split_number(self, probe: Probe) -> Steps:
        """By fabrication number where it is known to them, else by what meters of this bus differ in."""
        yield from self._check_line(at_once=True)
        again = yield self._ready(probe)
        if again.finding is not Finding.SEVERAL:
            self.disturbances += 1
            del self._several[probe]
            yield from self._take(probe, again)
            return
        budget_s = self.plan.budget_s or math.inf
        if probe.fabrication_number is None:
            every = replace(probe, fabrication_number=WILDCARD * 8)
            none = replace(probe, fabrication_number="0" * 8)
            if (yield replace(every, selects_only=True)).finding is not Finding.SILENCE and (
                yield replace(none, selects_only=True)
            ).finding is Finding.SILENCE:
                yield from self._split_fabrication(every, self._elapsed_s + budget_s)
            until_s = self._elapsed_s + budget_s
            for part, values in self._parts().items():
                if self._below(probe) < 2:
                    yield from self._split_part(probe, part, values, len(again.delays_s), until_s)
        if self._below(probe) < 2:
            self._tell(probe, Finding.SEVERAL)

    def _split_fabrication(self, probe: Probe, until_s: float) -> Steps:
        """Digit by digit, the last one first; who answers to two of them ignores the number."""
        position = probe.digits.rfind(WILDCARD)
        answered = 0
        for digit in DECIMAL_DIGITS if position >= 0 else "":
            child = probe.with_digit(position, digit)
            reply = yield child
            if reply.finding is Finding.METER and reply.meter is not None:
                number = reply.meter.fabrication_number or child.fabrication_number
                self._add(replace(reply.meter, fabrication_number=number))
            elif reply.finding is Finding.SEVERAL:
                answered += 1
                yield from self._split_fabrication(child, until_s)
            if answered > 1 or self._elapsed_s > until_s:
                return

    def _parts(self) -> dict[str, list[int]]:
        """What may tell meters of one number apart, the values of this bus and of the list first."""
        there = [meter.address for meter in self._found] + list(self.plan.known)
        exhaustive = self.plan.makers is not None
        tables: dict[str, Iterable[int]] = {
            "manufacturer": COMMON_MAKERS if self.plan.makers is None else self.plan.makers,
            "medium": range(255) if exhaustive else COMMON_MEDIA,
            "version": range(255) if exhaustive else COMMON_VERSIONS,
        }
        return {
            part: list(
                dict.fromkeys(
                    value for value in (*(getattr(each, part) for each in there), *table) if value is not None
                )
            )
            for part, table in tables.items()
        }

    def _split_part(self, probe: Probe, part: str, values: list[int], count: int, until_s: float) -> Steps:
        """One value after the other, until all ``count`` answer to one: then they are alike in this part."""
        for value in values if getattr(probe.address, part) is None else ():
            changed: dict[str, Any] = {part: value}
            child = replace(probe, address=replace(probe.address, **changed))
            reply = yield child
            if reply.finding is Finding.METER and reply.meter is not None:
                self._add(reply.meter)
            alike = reply.finding is Finding.SEVERAL and len(reply.delays_s) >= count
            if alike or self._below(probe) > 1 or self._elapsed_s > until_s:
                return

    # Late meters -------------------------------------------------------------------------------------------

    def _prove_late(self, probe: Probe, meter: FoundMeter) -> Steps:
        if not probe.is_number and not (yield from self._is_there(probe, meter)):
            return
        self._slow.append(meter)
        self._add(meter)

    def _split_late(self, probe: Probe) -> Steps:
        """Several answered late: which, asked with the long window at each address below."""
        position = best_position(probe.digits, self._numbers())
        if position < 0:
            self._tell(probe, Finding.SEVERAL)
            return
        for digit in DECIMAL_DIGITS:
            child = probe.with_digit(position, digit)
            reply = yield child
            if reply.late_meter is not None:
                yield from self._prove_late(child, reply.late_meter)
            if reply.late > 1 or (reply.late and reply.late_meter is None):
                yield from self._split_late(child)

    def _numbers(self) -> list[str]:
        numbers = [address.identification for address in self.plan.known]
        return numbers + [meter.address.identification for meter in self._found]


def _is_same(first: Reply, census: Reply) -> bool:
    """Whether the one meter that answered before has answered at the very same moment, and nobody else."""
    delays = (*first.delays_s, *census.delays_s)
    return len(delays) == 2 and abs(delays[0] - delays[1]) < _SAME_S


def _lacks(delays_s: Iterable[float], others_s: Iterable[float]) -> int:
    """How many acknowledgements came at a time near which none of the others did."""
    others = tuple(others_s)
    return sum(all(abs(delay - other) > _NEAR_S for other in others) for delay in delays_s)
