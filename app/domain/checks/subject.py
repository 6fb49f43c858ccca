"""What a check looks at, and the words it answers with."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from app.domain.checks.outcome import Check, CheckState
from app.domain.draft import MeterDraft
from app.domain.energy import COOLING_MEDIA, HEAT_AND_COOLING, Side, counts_both, energy_uses
from app.domain.meaning import meaning_of
from app.domain.meter import MeterType
from app.domain.portal_units import Vocabulary
from app.domain.registers import Register, Role
from app.mbus.records import Number, Record, Telegram
from app.message import Message

THERMAL: Final = frozenset({MeterType.HEATING, MeterType.COOLING})


@dataclass(frozen=True, slots=True)
class Subject:
    """Everything a check may look at.

    Attributes:
        draft: what the installer decided.
        telegram: the reading.
        registers: the telegram's registers for the draft's type.
        vocabulary: the portal's.
        read_at: local time of the reading at the meter; where it has a zone, a clock in UTC is understood.
        namesakes: where the same serial number stands already, e.g. names of other meters of the site.
        label_typed: whether a person took the draft's serial number from the label; a pasted telegram or one
            found by a scan brings its own, and agreeing with itself proves nothing.
        readouts_today: how often this program has read the meter today; None where nobody counted.
        is_combined: whether the meter counts both heat and cold; a cold register that is always 0 is no proof
            of it. Asked by many checks and found once.
    """

    draft: MeterDraft
    telegram: Telegram
    registers: Sequence[Register]
    vocabulary: Vocabulary
    read_at: datetime
    namesakes: Sequence[str] = ()
    label_typed: bool = True
    readouts_today: int | None = None
    is_combined: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_combined", self._counts_both())

    @property
    def medium(self) -> int | None:
        """The device type; None where no header tells it."""
        header = self.telegram.header
        return header.medium if header is not None and header.identification else None

    @property
    def index(self) -> Register | None:
        """The register of the value on the dial; None where none was found."""
        return next((register for register in self.registers if register.role is Role.INDEX), None)

    @property
    def only_cools(self) -> bool:
        """Whether the meter counts cold and nothing else."""
        if self.is_combined:
            return False
        return self.draft.type is MeterType.COOLING or self.medium in COOLING_MEDIA

    def plain(self, description: str) -> Record | None:
        """The record that says what the meter shows now for a quantity; None where it has none."""
        return next(
            (
                record
                for record in self.telegram.records
                if record.description == description and meaning_of(record).is_plain
            ),
            None,
        )

    def _counts_both(self) -> bool:
        if self.medium == HEAT_AND_COOLING:
            return True
        uses = energy_uses(self.telegram, self.vocabulary.cold)
        return counts_both(self.telegram, uses) and any(
            uses[record.index].side is Side.COLD
            and isinstance(record.value, Number)
            and record.value.mantissa
            for record in self.telegram.records
            if record.index in uses
        )


def ok(code: str, template: str, **values: object) -> list[Check]:
    """All is well."""
    return [Check(code, CheckState.OK, Message(template, values))]


def look(code: str, finding: str, template: str, **values: object) -> list[Check]:
    """Worth a look; the finding is what an acceptance is kept by."""
    return [Check(code, CheckState.LOOK, Message(template, values), finding)]


def unknown(code: str, template: str, **values: object) -> list[Check]:
    """It could not be checked, and why."""
    return [Check(code, CheckState.NOT_AVAILABLE, Message(template, values))]
