"""What a meter answered that is no reading, and what a person can do about it."""

from enum import Enum
from typing import Final

from app.domain.errors import UnusableReadingError
from app.mbus.errors import FrameErrorKind
from app.mbus.records import Telegram
from app.message import Message


class AnswerKind(Enum):
    """Why an answer is no reading; the values are stable words for scripts."""

    BUSY = "busy"
    TOO_MANY_READOUTS = "too_many_readouts"
    REFUSED = "refused"
    APPLICATION_ERROR = "application_error"
    MAKERS_OWN = "makers_own"
    EMPTY = "empty"
    UNREADABLE = "unreadable"


_KIND_OF_CODE: Final = {
    0x08: AnswerKind.BUSY,
    0x09: AnswerKind.TOO_MANY_READOUTS,
    0x10: AnswerKind.REFUSED,
    0x14: AnswerKind.REFUSED,
    0x15: AnswerKind.REFUSED,
    0x16: AnswerKind.REFUSED,
}

_SENTENCES: Final = {
    AnswerKind.BUSY: "The meter {meter} is busy and sent no readings.",
    AnswerKind.TOO_MANY_READOUTS: "The meter {meter} has been read too often and sends no readings for now.",
    AnswerKind.REFUSED: "The meter {meter} refuses to send its readings: {reason}.",
    AnswerKind.APPLICATION_ERROR: "The meter {meter} sent an error and no readings: {reason}.",
    AnswerKind.MAKERS_OWN: (
        "The meter {meter} answered with a telegram of its maker's own kind (CI {ci}), which only the "
        "maker's software understands."
    ),
    AnswerKind.EMPTY: "The meter {meter} answered without a single register.",
    AnswerKind.UNREADABLE: "The meter {meter} answered, but with nothing that can be read: {reason}.",
}
_NEXT_STEPS: Final = {
    AnswerKind.BUSY: "Wait some seconds and read it again.",
    AnswerKind.TOO_MANY_READOUTS: (
        "It allows a limited number of read-outs a day: wait until tomorrow, and have the gateway read it "
        "less often."
    ),
    AnswerKind.REFUSED: "Its supplier can open it for reading, or has the key that it asks for.",
    AnswerKind.APPLICATION_ERROR: (
        "Read it again. If it says the same, reset its application: then it sends its standard telegram."
    ),
    AnswerKind.MAKERS_OWN: (
        "Read it again. If it answers the same, reset its application: many meters then send the standard "
        "telegram. Others are set to the standard mode with the maker's software."
    ),
    AnswerKind.EMPTY: (
        "Read it again. If it answers the same, reset its application; a meter that was set to send its "
        "maker's data alone must be set to the standard telegram with the maker's software."
    ),
    AnswerKind.UNREADABLE: "Read it again. If it answers the same, reset its application.",
}
_UNKNOWN: Final = Message("(number unknown)")


def unusable_answer(telegram: Telegram, meter: str = "") -> UnusableReadingError | None:
    """Why an answer is no reading, for a person; None where it is one, or only its key is lacking.

    Args:
        telegram: the answer.
        meter: the number by which it was asked, for an answer that names none.
    """
    error = telegram.no_reading
    if error is None or error.kind is FrameErrorKind.ENCRYPTED:
        return None
    kind = _kind_of(telegram, error.kind)
    header = telegram.header
    number = header.identification if header is not None else ""
    values = {
        "meter": number or meter or _UNKNOWN,
        "reason": error.message,
        "ci": "–" if telegram.ci is None else f"{telegram.ci:02X}",
    }
    return UnusableReadingError(
        Message(_SENTENCES[kind], values),
        next_step=Message(_NEXT_STEPS[kind]),
        kind=kind.value,
        telegram=telegram,
    )


def application_error(telegram: Telegram) -> int | None:
    """The code of the error that a meter reports instead of data (CI 6E, 6F, 70); None without one."""
    place = _CODE_AT.get(telegram.ci) if telegram.ci is not None else None
    if place is None or not telegram.is_answer or len(telegram.raw) < place + _END:
        return None
    return telegram.raw[place] if len(telegram.raw) > place + _END else 0


_CODE_AT: Final = {0x70: 7, 0x6E: 7 + 4, 0x6F: 7 + 12}
"""Where the code stands: behind the CI field, or behind the header that follows it."""
_END: Final = 2
"""Checksum and stop byte."""


def _kind_of(telegram: Telegram, error: FrameErrorKind) -> AnswerKind:
    code = application_error(telegram)
    if code is not None:
        return _KIND_OF_CODE.get(code, AnswerKind.APPLICATION_ERROR)
    if error is FrameErrorKind.MANUFACTURER:
        return AnswerKind.MAKERS_OWN
    return AnswerKind.EMPTY if error is FrameErrorKind.NO_RECORDS else AnswerKind.UNREADABLE
