"""The part of a search that tells meters of one number apart, by what they know and may differ in."""

import math
from dataclasses import replace
from typing import Any, Final

from app.mbus.probes import DECIMAL_DIGITS, WILDCARD, Finding, Probe
from app.mbus.search_state import SearchState, Steps

COMMON_MEDIA: Final = (0x04, 0x06, 0x07, 0x0D, 0x0A, 0x16, 0x0C, 0x0B, 0x15)
"""Of heat and water meters; some makers show the cold part of a heat meter as a second one of its number."""
COMMON_MAKERS: Final = (0x32A7, 0x6A49, 0x2C2D, 0x2324, 0x14C5, 0x4E18, 0x5068, 0x4DEE, 0x0477, 0x4493)
"""LUG, ZRI, KAM, HYD, EFE, SPX, TCH, SON, ACW and QDS."""
COMMON_VERSIONS: Final = range(16)
"""What is tried to split equal numbers beside what is known of the bus."""


class NumberSearch(SearchState):
    """Splits one number into its meters."""

    def _split_number(self, probe: Probe, count: int) -> Steps:
        """By fabrication number where it is known to them, else by what meters of this bus differ in."""
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
                    yield from self._split_part(probe, part, values, count, until_s)
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
        tables: dict[str, tuple[int, ...] | range] = {
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
