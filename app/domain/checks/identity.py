"""Is it the meter on the label, and is it what the portal will take it for?"""

from typing import Final

from app.domain.checks.outcome import Check
from app.domain.checks.subject import Subject, look, ok, unknown
from app.domain.meter import MeterType
from app.mbus.manufacturer import medium_name
from app.mbus.records import Number
from app.message import Message

_DIGITS: Final = 8
_NUMBERS: Final = ("FABRICATION_NO", "EXTENDED_IDENTIFICATION", "CUSTOMER", "CUSTOMER_LOCATION")
_SAYS_NOTHING: Final = frozenset({0x00, 0x0F, 0xFF})
"""Media "other", "unknown" and "any": the default of pulse adapters that nobody set."""


def check_serial(subject: Subject) -> list[Check]:
    """The label's number against the bus number and the fabrication number."""
    header = subject.telegram.header
    number = header.identification if header is not None else ""
    made_as, label = fabrication_number(subject), subject.draft.serial
    if not subject.label_typed:
        if not number:
            return unknown("serial", "The telegram does not say its serial number.")
        return unknown(
            "serial",
            "Nobody typed the label's serial number: compare {telegram} with the label.",
            telegram=number,
        )
    if not number:
        return _without_number(made_as, label)
    if number == label:
        return ok("serial", "Serial number on the label and in the telegram agree.")
    values = {"label": label, "telegram": number}
    if label in _numbers(subject):
        return look(
            "serial",
            f"also {number}",
            "This is the meter with the label {label}, but on the bus it answers as {telegram} (often the "
            "customer's number). Commission it as {telegram}: the gateway finds it by that number only.",
            **values,
        )
    return look(
        "serial",
        f"answers as {number}",
        "The label says {label}, the telegram says {telegram}: is this the right meter? The number on the "
        "bus can be another than the label's: search the bus, or compare the fabrication number{made_as}.",
        made_as=f" ({made_as})" if made_as else "",
        **values,
    )


def _without_number(made_as: str, label: str) -> list[Check]:
    if made_as and made_as == label:
        return ok("serial", "The label's serial number is the fabrication number in the telegram.")
    if made_as:
        return look(
            "serial",
            f"made as {made_as}",
            "The label says {label}, the fabrication number in the telegram is {made_as}: "
            "is this the right meter?",
            label=label,
            made_as=made_as,
        )
    return unknown("serial", "The telegram does not say its serial number.")


def fabrication_number(subject: Subject) -> str:
    """The maker's own number of the meter, eight digits; empty where it does not send it."""
    return _number(subject, "FABRICATION_NO")


def _numbers(subject: Subject) -> frozenset[str]:
    """Every other number that the meter bears, any of which may stand on its label."""
    return frozenset(_number(subject, description) for description in _NUMBERS) - {""}


def _number(subject: Subject, description: str) -> str:
    """A number of the meter, of a longer one the last eight digits, as labels and buses take them."""
    record = subject.plain(description)
    if record is None or not isinstance(record.value, Number | str):
        return ""
    digits = str(record.value).strip()
    return digits.rjust(_DIGITS, "0")[-_DIGITS:] if digits.isascii() and digits.isdigit() else digits


def check_medium(subject: Subject) -> list[Check]:
    """What the meter says it measures against the portal's type."""
    code = subject.medium
    if code is None:
        return unknown("medium", "The telegram does not say what the meter measures.")
    medium, wanted = Message(medium_name(code), context="medium"), subject.draft.type
    if code in subject.vocabulary.types[wanted].media:
        return ok("medium", "The meter says “{medium}”, which fits the portal type.", medium=medium)
    if wanted is MeterType.COOLING and subject.is_combined:
        return ok("medium", "The meter says “{medium}”, and its cold is a part of that.", medium=medium)
    if code in _SAYS_NOTHING:
        return unknown(
            "medium",
            "The meter does not say what it measures (“{medium}”): compare the portal type with the meter.",
            medium=medium,
        )
    return look(
        "medium",
        f"{code:02X} as {wanted.value}",
        "The meter says “{medium}”, but the portal type is {type}. Correct the type, or have the meter's "
        "setting corrected.",
        medium=medium,
        type=wanted.value,
    )


def check_twice(subject: Subject) -> list[Check]:
    """The same serial number on the site already."""
    if not subject.namesakes:
        return []
    return look(
        "twice",
        ", ".join(subject.namesakes),
        "The same serial number is on this site already: {names}. Is one of the numbers mistyped?",
        names=", ".join(subject.namesakes),
    )
