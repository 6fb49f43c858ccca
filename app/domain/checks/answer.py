"""Is the answer a whole reading that the gateway can take as well?"""

from typing import Final

from app.domain.answer import unusable_answer
from app.domain.checks.outcome import Check, CheckState
from app.domain.checks.subject import Subject, look, unknown
from app.domain.refusals import is_after_first, telegram_doubt, telegram_refusal
from app.mbus.errors import FrameErrorKind
from app.message import Message

_READ_AGAIN: Final = Message("Read the meter again.")
_ENTER_KEY: Final = Message("Enter the meter's key; its supplier has it.")


def check_answer(subject: Subject) -> list[Check]:
    """What is wrong with the telegram as a whole."""
    unusable = unusable_answer(subject.telegram, subject.draft.serial)
    if unusable is not None:
        return look(
            "answer",
            unusable.kind,
            "{what} {next_step}",
            what=unusable.message,
            next_step=unusable.next_step,
        )
    error = subject.telegram.error
    if error is None:
        return []
    return look(
        "answer",
        error.kind.value,
        "The telegram cannot be taken as it is: {reason}. {next_step}",
        reason=error.words,
        next_step=_ENTER_KEY if error.kind is FrameErrorKind.ENCRYPTED else _READ_AGAIN,
    )


def check_complete(subject: Subject) -> list[Check]:
    """Did all telegrams of the answer come?"""
    if not (subject.telegram.more_records_follow or subject.telegram.incomplete):
        return []
    return look(
        "complete",
        "more follow",
        "The meter has further telegrams that were not read: registers may be missing. Read it again.",
    )


def check_header(subject: Subject) -> list[Check]:
    """Does the telegram say whose it is?"""
    header = subject.telegram.header
    if (header is not None and header.identification) or not subject.telegram.is_reading:
        return []
    return look(
        "header",
        "no header",
        "The telegram names neither the meter nor what it measures. Compare a value with the dial before "
        "you upload: nothing else proves that this is the right meter.",
    )


def check_gateway(subject: Subject) -> list[Check]:
    """Can the gateway read this meter by a register list at all?"""
    for finding, sentence in (
        ("refused", telegram_refusal(subject.telegram)),
        ("encrypted", telegram_doubt(subject.telegram)),
    ):
        if sentence is not None:
            return [Check("gateway", CheckState.LOOK, sentence, finding)]
    return _later_telegrams(subject)


def _later_telegrams(subject: Subject) -> list[Check]:
    """The registers that stand behind the first telegram: whether the gateway asks for them is not known."""
    later = [
        f"{register.key.dib} {register.key.vib}"
        for register in subject.registers
        if is_after_first(subject.telegram, register.record) and subject.draft.selection.tick_of(register)
    ]
    if not later:
        return []
    return unknown(
        "gateway",
        "Not in the meter's first telegram: {registers}. Whether the gateway asks for more than one "
        "telegram shows when you verify.",
        registers=", ".join(later),
    )
