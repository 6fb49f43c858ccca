"""Is the answer a whole reading that the gateway can take as well?"""

from typing import Final

from app.domain.checks.outcome import Check
from app.domain.checks.subject import Subject, look, unknown
from app.mbus import security
from app.mbus.fixed import CI_FIELDS as FIXED_STRUCTURE
from app.mbus.records import Telegram

_MOST_SIGNIFICANT_FIRST: Final = 0x76
TOO_MANY_READOUTS: Final = 0x09
_LONG_HEADER: Final = 0x72
_DATA_AT: Final = 7
_HEADER_OF_ERROR: Final = {0x70: 0, 0x6E: 4, 0x6F: 12}
"""Bytes between the CI field of an application error and its code."""


def check_answer(subject: Subject) -> list[Check]:
    """What is wrong with the telegram as a whole."""
    telegram = subject.telegram
    if application_error(telegram) == TOO_MANY_READOUTS:
        return look(
            "answer",
            "too many readouts",
            "The meter has been read too often and answers again later, most meters the next day: "
            "wait, and set a gateway to read it less often.",
        )
    if telegram.error is not None:
        return look(
            "answer",
            telegram.error.kind.value,
            "The telegram cannot be taken as it is: {reason}. Read the meter again.",
            reason=telegram.error.message,
        )
    if not telegram.records:
        return look("answer", "no records", "The answer has no registers at all. Read the meter again.")
    return []


def application_error(telegram: Telegram) -> int | None:
    """The code of the error that the meter reports in the place of data; None where it reports none."""
    header = _HEADER_OF_ERROR.get(telegram.ci) if telegram.ci is not None else None
    if header is None or len(telegram.raw) <= _DATA_AT + header + 2:
        return None
    return telegram.raw[_DATA_AT + header]


def check_complete(subject: Subject) -> list[Check]:
    """Did all telegrams of the answer come?"""
    if not subject.telegram.more_records_follow:
        return []
    return look(
        "complete",
        "more follow",
        "The meter announced further telegrams that were not read: registers may be missing. "
        "Read the meter again.",
    )


def check_header(subject: Subject) -> list[Check]:
    """Does the telegram say whose it is?"""
    header = subject.telegram.header
    if header is not None and header.identification:
        return []
    return look(
        "header",
        "no header",
        "The telegram names neither the meter nor what it measures. Compare a value with the dial before "
        "you upload: nothing else proves that this is the right meter.",
    )


def check_gateway(subject: Subject) -> list[Check]:
    """Can the gateway read this meter by a register list at all?"""
    telegram = subject.telegram
    if telegram.ci in FIXED_STRUCTURE:
        return look(
            "gateway",
            "fixed structure",
            "This meter answers in the old fixed structure, which has no DIB and VIB: the gateway cannot "
            "read it by a register list.",
        )
    if telegram.ci == _MOST_SIGNIFICANT_FIRST:
        return look(
            "gateway",
            "most significant first",
            "This meter sends its highest bytes first (CI 76), which the gateway refuses. See whether "
            "the meter can be set to the usual order (CI 72).",
        )
    if _was_encrypted(telegram):
        return look(
            "gateway",
            "encrypted",
            "This meter encrypts, and the portal's entry has no place for its key: the gateway cannot read "
            "it. Ask the supplier to switch encryption off on the wire.",
        )
    return _later_telegrams(subject)


def _was_encrypted(telegram: Telegram) -> bool:
    header = telegram.header
    if header is None or telegram.ci != _LONG_HEADER or len(header.signature) != 2:
        return False
    return security.protected_size(header, telegram.raw[_DATA_AT + 12 : -2]) is not None


def _later_telegrams(subject: Subject) -> list[Check]:
    """The registers that stand behind the first telegram: whether the gateway asks for them is not known."""
    raw = subject.telegram.raw
    first_end = raw[1] + 6 if len(raw) > 1 else 0
    later = [
        f"{register.key.dib} {register.key.vib}"
        for register in subject.registers
        if first_end and register.record.offset >= first_end and subject.draft.selection.tick_of(register)
    ]
    if not later:
        return []
    return unknown(
        "gateway",
        "Not in the meter's first telegram: {registers}. Whether the gateway asks for more than one "
        "telegram shows when you verify.",
        registers=", ".join(later),
    )
