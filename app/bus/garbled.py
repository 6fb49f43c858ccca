"""Tells from the bytes of an answer that is no telegram what is likely to be wrong with the line."""

from collections.abc import Sequence
from typing import Final

from app.bus.answer import Answer, Outcome
from app.bus.errors import Diagnosis, GarbledAnswer
from app.bus.exchange import Line
from app.mbus import requests
from app.mbus.frames import LONG_OVERHEAD, LONG_START, Ack
from app.mbus.search import NOBODY
from app.message import Message

_SHAPELESS: Final = 4
"""So few bytes have no shape to be told by."""

_HEAD: Final = 3
"""Within so many bytes a telegram shows its start."""

_SENTENCES: Final = {
    Diagnosis.COLLISION: (
        "Several meters answered at once at {address}: what came is a mixture of their telegrams.",
        "Read by a full secondary address, or scan the bus to tell the meters apart.",
    ),
    Diagnosis.FRAME_SHORT: (
        "The answer of {address} is {missing} byte(s) short: bytes were lost on the way.",
        "Check the wiring and the adapter, keep the cable away from motors, or choose a lower baud rate.",
    ),
    Diagnosis.NOISE: (
        "The answer of {address} was disturbed each time it was asked for.",
        "Check the wiring for loose contacts and moisture, and keep the cable away from motors.",
    ),
    Diagnosis.WRONG_PARITY: (
        "Nearly every byte of the answer of {address} has a wrong parity.",
        "Set the line to 8 data bits, even parity, 1 stop bit (8E1).",
    ),
    Diagnosis.WRONG_BAUD: (
        "What {address} answers looks like another baud rate.",
        "Let the program find the baud rate, or choose another one.",
    ),
}


def diagnose(answers: Sequence[Answer]) -> Diagnosis:
    """What the garbled answers to one request, asked several times, have in common.

    A collision repeats itself to the bit where meters are in step, since they repeat their telegrams, and
    has no shape of a frame where they are not; a disturbed telegram keeps its shape and is disturbed
    elsewhere each time.
    """
    last = answers[-1]
    if last.errors.spoilt and last.frame is not None:
        return Diagnosis.WRONG_PARITY
    if last.errors.spoilt > len(last.received) // 2 or last.errors.breaks > 1:
        return Diagnosis.WRONG_BAUD
    if (missing_bytes(last.received) or 0) > 0:
        return Diagnosis.FRAME_SHORT
    if len(answers) > 1 and len(last.received) > _SHAPELESS and answers[-2].received == last.received:
        return Diagnosis.COLLISION
    longest = max((answer.received for answer in answers), key=len)
    if len(longest) <= _SHAPELESS or any(missing_bytes(answer.received) == 0 for answer in answers):
        return Diagnosis.NOISE
    return Diagnosis.COLLISION if LONG_START in longest[:_HEAD] else Diagnosis.WRONG_BAUD


def missing_bytes(raw: bytes) -> int | None:
    """How many bytes a long frame lacks by its own length; negative for too many, None if it has no head."""
    if len(raw) < 4 or raw[0] != LONG_START or raw[3] != LONG_START or raw[1] != raw[2]:
        return None
    return raw[1] + LONG_OVERHEAD - len(raw)


def answers_anybody(line: Line) -> bool:
    """Whether something comes even when an address is asked that no meter has: then it is the line itself."""
    request = requests.select(NOBODY).to_bytes()
    return all(line.exchange(request, Ack, whole=True).outcome is not Outcome.SILENCE for _ in range(2))


def garbled_error(address: str, answers: Sequence[Answer]) -> GarbledAnswer:
    """The error for a meter whose answers cannot be used."""
    diagnosis = diagnose(answers)
    raw = answers[-1].received
    sentence, advice = _SENTENCES[diagnosis]
    values = {"address": address, "missing": missing_bytes(raw) or 0}
    return GarbledAnswer(Message(sentence, values), diagnosis=diagnosis, advice=Message(advice), raw=raw)


def after_asking_nobody(line: Line, error: GarbledAnswer) -> GarbledAnswer:
    """The same error, unless it is the line itself that answers: an address is asked that no meter has."""
    if error.diagnosis in (Diagnosis.FRAME_SHORT, Diagnosis.WRONG_METER) or not answers_anybody(line):
        return error
    return GarbledAnswer(
        Message("Whatever address is asked, something comes that is no telegram: the line is disturbed."),
        diagnosis=Diagnosis.NOISE,
        advice=Message("Check the wiring and the adapter: it is none of the meters."),
        raw=error.raw,
    )
