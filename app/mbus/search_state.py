"""What a search knows, and what can be said of it: the ground on which the strategy stands."""

import math
from collections import Counter
from collections.abc import Generator
from dataclasses import replace
from typing import Final, TypeAlias

from app.mbus.addresses import SecondaryAddress
from app.mbus.probes import Finding, FoundMeter, Probe, Reply, SearchPlan, Unresolved, fits, same_meter

NOBODY: Final = SecondaryAddress("EEEEEEEE", 0x7FFE, 0xEE, 0xEE)
"""An address that no meter has; what answers it is the line itself."""

TIMES: Final = 3
"""So often an address is asked before it is believed that nobody has it, or that this is no disturbance."""

SAME_S: Final = 0.001
"""Acknowledgements that come so near the same time are of one meter."""

_MISSED: Final = 1e-4
"""With what probability a meter may be taken for absent, however bad the line."""

_ASKED_MAX: Final = 8
"""How often one address is asked at most before silence is believed."""

_UNBROKEN_MAX: Final = 4
"""So many addresses in a row may answer unreadably before it is asked whether the line itself does."""

Steps: TypeAlias = Generator[Probe, Reply, None]
"""A part of the strategy: yields probes, and is sent what came of each."""


class SearchState:
    """Everything a search has heard; see :class:`app.mbus.search.Search`."""

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

    @property
    def _loss(self) -> float:
        return (self._lost + 1) / (self._lost + self._answered + 2)

    def _was_asked(self, probe: Probe) -> bool:
        return probe in self._silent or probe in self._single or probe in self._several

    def _ready(self, probe: Probe) -> Probe:
        """A slow meter that would answer is waited for, so that it does not answer into the next question."""
        return replace(probe, patient=True) if any(fits(probe, slow) for slow in self._slow) else probe

    def _below(self, probe: Probe) -> int:
        """How many below an address have been found or named; several that cannot be told apart are two."""
        named = (
            (FoundMeter(each.probe.address, each.probe.fabrication_number), each.finding)
            for each in self._unresolved
        )
        return sum(fits(probe, meter) for meter in self._found) + sum(
            fits(probe, meter) * (2 if finding is Finding.SEVERAL else 1) for meter, finding in named
        )

    def _add(self, meter: FoundMeter) -> None:
        if not any(same_meter(meter, other) for other in self._found):
            self._found.append(meter)

    def _tell(self, probe: Probe, finding: Finding) -> None:
        told = Unresolved(replace(probe, selects_only=False, first_answer=False, patient=False), finding)
        if told not in self._unresolved:
            self._unresolved.append(told)

    def _numbers(self) -> list[str]:
        numbers = [address.identification for address in self.plan.known]
        return numbers + [meter.address.identification for meter in self._found]

    def _check_line(self, *, at_once: bool) -> Steps:
        """Before much is asked because of what comes: whether it comes whoever is asked."""
        self._unbroken += 1
        if self._unbroken < _UNBROKEN_MAX and (self._line_is_checked or not at_once):
            return
        self._unbroken, self._line_is_checked = 0, True
        for _ in range(TIMES):
            if (yield Probe(NOBODY, selects_only=True)).finding is Finding.SILENCE:
                return
        self.is_line_disturbed = True

    def _is_alone(self, reply: Reply) -> bool:
        """Whether what answered cannot have been several in step.

        These answer each request after exactly the same time, and where they are, others of them were heard
        to acknowledge as one and send a garbled telegram.
        """
        moments = (*reply.delays_s[:1], reply.telegram_delay_s)
        return self._paces > 1 and not self._in_step and max(moments) - min(moments) > SAME_S

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
