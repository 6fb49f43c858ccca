"""Steps of a person's work on a site, to be undone and done again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from app.domain.draft import MeterDraft
from app.message import Message

Draft: TypeAlias = tuple[MeterDraft | None, bool]
"""A draft as stored, and whether a person made it."""

_MOST: Final = 200


@dataclass(frozen=True, slots=True)
class DraftStep:
    """Decisions about one meter or many, in one step.

    Attributes:
        before: drafts by the meters' ids.
        after: the same meters.
        group: steps of the same meters and the same group, one after the other, are one: typing a place.
    """

    before: Mapping[str, Draft]
    after: Mapping[str, Draft]
    group: str = ""


@dataclass(frozen=True, slots=True)
class PlaceStep:
    """Meters that went to another site, or off the list.

    Attributes:
        meter_ids: which.
        before: own id of their site; None for off the list.
        after: as before.
    """

    meter_ids: tuple[str, ...]
    before: str | None
    after: str | None


Step: TypeAlias = DraftStep | PlaceStep


class History:
    """What can be undone and what can be done again; a new step ends what could be done again."""

    def __init__(self) -> None:
        self._done: list[Step] = []
        self._undone: list[Step] = []

    @property
    def undo_words(self) -> Message | None:
        """What undoing would take back; None where there is nothing."""
        return _words(self._done[-1]) if self._done else None

    @property
    def redo_words(self) -> Message | None:
        """As :attr:`undo_words`, for what was undone."""
        return _words(self._undone[-1]) if self._undone else None

    def add(self, step: Step) -> None:
        """Something was done."""
        self._undone.clear()
        last = self._done[-1] if self._done else None
        if (
            isinstance(step, DraftStep)
            and isinstance(last, DraftStep)
            and step.group
            and (step.group, [*step.after]) == (last.group, [*last.after])
        ):
            self._done[-1] = DraftStep(last.before, step.after, step.group)
            return
        self._done.append(step)
        del self._done[:-_MOST]

    def take_undo(self) -> Step | None:
        """The step to be undone now; it can be done again afterwards."""
        if not self._done:
            return None
        self._undone.append(self._done.pop())
        return self._undone[-1]

    def take_redo(self) -> Step | None:
        """The step to be done again now."""
        if not self._undone:
            return None
        self._done.append(self._undone.pop())
        return self._done[-1]

    def clear(self) -> None:
        """Another site: what was done on the one before is not undone from here."""
        self._done.clear()
        self._undone.clear()


def _words(step: Step) -> Message:
    if isinstance(step, DraftStep):
        template, count = "decision about one meter", len(step.after)
        return Message(template, plural="decisions about {count} meters", count=count)
    count = len(step.meter_ids)
    if step.after is None:
        return Message("one meter removed", plural="{count} meters removed", count=count)
    return Message("one meter moved", plural="{count} meters moved", count=count)
