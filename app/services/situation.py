"""What is next and which button stands out: made of how everything is, never of what just happened."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from app.domain import progress as meters
from app.domain.progress import Progress
from app.message import Message
from app.services.adapter import AdapterState


class Primary(Enum):
    """The one button of the entry that stands out."""

    NONE = "none"
    UPLOAD = "upload"
    VERIFY = "verify"


@dataclass(frozen=True, slots=True)
class Situation:
    """How everything stands.

    Attributes:
        adapter: the line's.
        reading: a meter is being read.
        working: a scan or another job runs.
        failed: the last reading failed, and its message is still to be read.
        progress: how far the meter on screen is; None while none is on screen.
    """

    adapter: AdapterState = AdapterState.NONE
    reading: bool = False
    working: bool = False
    failed: bool = False
    progress: Progress | None = None


_STOP: Final = Message("Esc stops")
_SEE_ABOVE: Final = Message("next: see the message above")
_TYPE: Final = Message("next: type the serial number and press Return")
_NO_LINE: Final = {
    AdapterState.NONE: Message("next: choose the adapter at the top left, or start practice mode"),
    AdapterState.FAILED: Message("next: choose another adapter, or try this one again"),
    AdapterState.UNPLUGGED: Message("next: plug the adapter in again"),
}
_UPLOAD_NEXT: Final = frozenset(
    {Progress.READ, Progress.DECIDED, Progress.FAILED, Progress.CHANGED_SINCE, Progress.CHANGED_THERE}
)
_VERIFY_NEXT: Final = frozenset({Progress.WAITING, Progress.ON_PORTAL, Progress.LOOK})


def next_step(situation: Situation) -> Message:
    """What the person does next."""
    if situation.reading or situation.working:
        return _STOP
    if situation.failed:
        return _SEE_ABOVE
    if situation.progress is not None:
        return meters.next_step(situation.progress)
    return _NO_LINE.get(situation.adapter, _TYPE)


def primary(situation: Situation) -> Primary:
    """The button that stands out: what is left to do with the meter on screen."""
    if situation.progress in _UPLOAD_NEXT:
        return Primary.UPLOAD
    return Primary.VERIFY if situation.progress in _VERIFY_NEXT else Primary.NONE
