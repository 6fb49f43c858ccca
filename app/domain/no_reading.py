"""An answer that is no reading: what it is, and what to do."""

from collections.abc import Mapping
from typing import Final

from app.domain.checks.answer import TOO_MANY_READOUTS, application_error
from app.domain.errors import NoReadingError
from app.mbus.errors import FrameErrorKind
from app.mbus.records import Telegram
from app.message import Message

_READ_OUT_CREDIT: Final = Message(
    "The meter allows a limited number of read-outs a day: wait until tomorrow, and set a gateway to read "
    "it less "
    "often."
)
_NEXT_STEPS: Final[Mapping[FrameErrorKind, Message]] = {
    FrameErrorKind.APPLICATION: Message(
        "Read it again; if it stays, reset its application (tab Bus), and read it once more."
    ),
    FrameErrorKind.MANUFACTURER: Message(
        "Read it again, or reset its application (tab Bus): some meters go back to the usual telegram. "
        "Otherwise its "
        "maker's software sets which telegram it sends."
    ),
    FrameErrorKind.NO_RECORDS: Message(
        "Read it again; if it stays, the meter's list of registers is empty: its maker's software sets it."
    ),
}


def no_reading_error(telegram: Telegram) -> NoReadingError | None:
    """What to raise for an answer that has no values; None for a reading, also for one that is encrypted."""
    problem = telegram.no_reading
    if problem is None or problem.kind is FrameErrorKind.ENCRYPTED:
        return None
    next_step = _NEXT_STEPS.get(problem.kind)
    if next_step is None and telegram.records:
        # Spoilt, and still with values: shown as such.
        return None
    if application_error(telegram) == TOO_MANY_READOUTS:
        next_step = _READ_OUT_CREDIT
    return NoReadingError(
        Message("The meter answered, but with no reading: {reason}.", {"reason": problem.message}), next_step
    )
