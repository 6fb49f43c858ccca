"""The outcome of a check, and what a person says to it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from app.message import Message


class CheckState(Enum):
    """How a check went; never a silent block."""

    OK = "ok"
    LOOK = "look"
    ACCEPTED = "accepted"
    """Worth a look, and a person looked and said why it may stay so."""
    NOT_AVAILABLE = "not_available"


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A person's word that what a check found may stay so.

    Attributes:
        kind: of the check, e.g. ``temperatures``.
        finding: what had been found; the same check that finds something else is open again.
        word: why, as the person typed it; goes into the report.
        by: who said so; empty where nobody asks for names.
        at: when, in ISO 8601; empty where nobody asks for times.
    """

    kind: str
    finding: str
    word: str
    by: str = ""
    at: str = ""

    def covers(self, check: "Check") -> bool:
        """Whether it was said of what this check finds; an acceptance without a word covers nothing."""
        return bool(self.word.strip()) and (self.kind, self.finding) == (check.kind, check.finding)


@dataclass(frozen=True, slots=True)
class Check:
    """One outcome: what was checked, how it went, and the reason in a sentence.

    Attributes:
        code: stable; of a check on one register with the index of its record, e.g. ``factor:3``.
        state: how it went.
        reason: what was found, what it means and what to do next.
        finding: a stable word for what a look found, the same at the next reading where the readings alone
            have changed; an acceptance is kept by it.
        acceptance: what the person said to it; None but for an accepted look.
    """

    code: str
    state: CheckState
    reason: Message
    finding: str = ""
    acceptance: Acceptance | None = None

    @property
    def kind(self) -> str:
        """The code without the index of a record."""
        return self.code.partition(":")[0]

    def accepted(self, word: str, *, by: str = "", at: str = "") -> Acceptance:
        """What to keep when a person accepts this look."""
        return Acceptance(self.kind, self.finding, word, by, at)


def with_acceptances(checks: Iterable[Check], accepted: Sequence[Acceptance]) -> tuple[Check, ...]:
    """The checks with every look accepted that a person has said a word to; all others as they are."""
    return tuple(_with_word(check, accepted) for check in checks)


def open_points(checks: Iterable[Check]) -> tuple[Check, ...]:
    """The looks that nobody has accepted yet."""
    return tuple(check for check in checks if check.state is CheckState.LOOK)


def _with_word(check: Check, accepted: Sequence[Acceptance]) -> Check:
    if check.state is not CheckState.LOOK:
        return check
    said = next((each for each in accepted if each.covers(check)), None)
    return check if said is None else replace(check, state=CheckState.ACCEPTED, acceptance=said)
