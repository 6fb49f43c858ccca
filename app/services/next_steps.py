"""What the program itself can do after a meter could not be read: one table for buttons and for commands."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from app.bus.errors import Diagnosis, GarbledAnswer, NoAnswer, NoTelegram
from app.domain.answer import AnswerKind
from app.domain.errors import EncryptedReadingError, NoIndexError, UnusableReadingError
from app.domain.meter import SerialNumber
from app.message import Message


class Step(Enum):
    """One thing the program can do; the values are stable words for scripts."""

    READ_AGAIN = "read_again"
    READ_TURNED = "read_turned"
    READ_ENDING = "read_ending"
    READ_FABRICATION = "read_fabrication_number"
    SEARCH = "search"
    SEARCH_NUMBER = "search_number"
    DIAGNOSE = "diagnose"
    RESET = "application_reset"


@dataclass(frozen=True, slots=True)
class NextStep:
    """A step, and for which meter.

    Attributes:
        step: what.
        number: the meter, None where it is not about a single one.
    """

    step: Step
    number: SerialNumber | None = None

    @property
    def words(self) -> Message:
        """What stands on its button."""
        digits = self.number.digits if self.number is not None else ""
        return Message(_WORDS[self.step], {"digits": digits, "ending": digits.lstrip("F")})


_WORDS: Final = {
    Step.READ_AGAIN: "Read again",
    Step.READ_TURNED: "Read {digits} (digits turned)",
    Step.READ_ENDING: "Read the meter ending in {ending}",
    Step.READ_FABRICATION: "Ask by fabrication number",
    Step.SEARCH: "Search the bus",
    Step.SEARCH_NUMBER: "Search for this number",
    Step.DIAGNOSE: "Diagnose the line",
    Step.RESET: "Reset its application",
}

_NOBODY: Final = (
    Step.READ_TURNED,
    Step.READ_ENDING,
    Step.READ_FABRICATION,
    Step.SEARCH,
    Step.DIAGNOSE,
)
_NO_TELEGRAM: Final = (Step.READ_AGAIN, Step.DIAGNOSE)
_GARBLED: Final[Mapping[Diagnosis, tuple[Step, ...]]] = {
    Diagnosis.COLLISION: (Step.SEARCH_NUMBER, Step.SEARCH, Step.DIAGNOSE),
    Diagnosis.WRONG_METER: (Step.READ_AGAIN, Step.SEARCH),
}
_DISTURBED: Final = (Step.READ_AGAIN, Step.DIAGNOSE)
_ANSWERED: Final[Mapping[str, tuple[Step, ...]]] = {
    AnswerKind.BUSY.value: (Step.READ_AGAIN,),
    AnswerKind.TOO_MANY_READOUTS.value: (),
    AnswerKind.REFUSED.value: (),
    AnswerKind.APPLICATION_ERROR.value: (Step.READ_AGAIN, Step.RESET),
    AnswerKind.MAKERS_OWN.value: (Step.READ_AGAIN, Step.RESET),
    AnswerKind.EMPTY.value: (Step.READ_AGAIN, Step.RESET),
    AnswerKind.UNREADABLE.value: (Step.READ_AGAIN, Step.RESET),
}
_OTHER_ANSWER: Final = (Step.READ_AGAIN,)


def next_steps(error: BaseException, number: SerialNumber | None) -> tuple[NextStep, ...]:
    """What can be done about an error, the likeliest first; nothing where only a person can.

    Args:
        error: why a reading failed.
        number: how the meter was asked; None for an error that is of no reading.
    """
    if number is None:
        return ()
    meters = {
        Step.READ_TURNED: number.turned,
        Step.READ_ENDING: number.ending,
        Step.READ_FABRICATION: number.as_fabrication_number,
        Step.SEARCH: None,
        # Asked by everything that is known, there is nothing to tell apart any more.
        Step.SEARCH_NUMBER: None if number.fabrication_number or number.is_exact else number,
        Step.RESET: None if number.is_open else number,
    }
    of_a_meter = {*meters} - {Step.SEARCH}
    return tuple(
        NextStep(step, meters.get(step, number))
        for step in _steps(error)
        if step not in of_a_meter or meters[step] is not None
    )


def _steps(error: BaseException) -> tuple[Step, ...]:
    if isinstance(error, NoTelegram):
        return _NO_TELEGRAM
    if isinstance(error, NoAnswer):
        return _NOBODY
    if isinstance(error, GarbledAnswer):
        return _GARBLED.get(error.diagnosis, _DISTURBED)
    if isinstance(error, NoIndexError):
        return _OTHER_ANSWER if error.again else ()
    if isinstance(error, UnusableReadingError) and not isinstance(error, EncryptedReadingError):
        return _ANSWERED.get(error.kind, _OTHER_ANSWER)
    return ()
