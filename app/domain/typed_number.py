"""What a person types or scans as a meter's number: which number is in it, and what was understood.

A label, a bar code and a portal's field spell the same meter differently. One function reads them all, so
that the window, a scanner and the command line understand alike; what is not certain is told, never guessed.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app.domain.errors import SerialNumberError
from app.mbus.addresses import SecondaryAddress
from app.message import Message

SERIAL_DIGITS: Final = 8
_LONGEST: Final = 100
_SHOWN: Final = 40
_ADDRESS_DIGITS: Final = 16

_GROUPING: Final = re.compile(r"[\s.\-·–_]")
_ADDRESS: Final = re.compile(r"[0-9A-Fa-f]{16}")
_WIDE_OPEN: Final = "FFFFFFFF"
_IDENTIFICATION_NUMBER: Final = re.compile(r"[0-9A-Z][A-Z]{3}[0-9A-Z]{2}([0-9]{8})")
"""DIN 43863-5: medium, three letters of the maker, two of the fabrication block, eight digits."""
_GS1_SERIAL: Final = re.compile(r"\(21\)\s*([0-9]{1,8})(?![0-9])")
"""GS1 application identifier 21: the serial number."""
_RUNS: Final = re.compile(r"[0-9]+")
_SHORTEST_RUN: Final = 4


@dataclass(frozen=True, slots=True)
class Understood:
    """The number in a text.

    Attributes:
        digits: eight, leading zeros kept.
        zeros_added: how many leading zeros were missing in what was typed.
        address: exact, where a full secondary address was typed; None where the number alone was.
        found_in: the text it was taken out of; empty where the text is the number.
    """

    digits: str
    zeros_added: int = 0
    address: SecondaryAddress | None = None
    found_in: str = ""


def understand(text: str) -> Understood:
    """The meter's number in what was typed, pasted or scanned.

    Raises:
        SerialNumberError: there is none, there are several, or it is a list; says which and what to do.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > 1:
        raise SerialNumberError(
            Message(
                "These are {count} lines, and the field takes one number. Type or scan the meters one by "
                "one.",
                {"count": len(lines)},
            )
        )
    stripped = text.strip()
    compact = _GROUPING.sub("", stripped)
    if not compact:
        raise SerialNumberError(Message("Type the serial number on the meter's label: 1 to 8 digits."))
    if len(stripped) > _LONGEST:
        raise SerialNumberError(
            Message("This is no meter's number: it has {count} characters.", {"count": len(stripped)})
        )
    for read in _READERS:
        found = read(stripped, compact)
        if found is not None:
            return found
    raise _no_number(stripped)


def turned(digits: str) -> str:
    """Eight digits with their pairs the other way round, as they stand in a secondary address."""
    return "".join(digits[at : at + 2] for at in (6, 4, 2, 0))


def _plain(_text: str, compact: str) -> Understood | None:
    if not (compact.isascii() and compact.isdigit()) or len(compact) > SERIAL_DIGITS:
        return None
    return Understood(compact.rjust(SERIAL_DIGITS, "0"), SERIAL_DIGITS - len(compact))


def _secondary_address(text: str, compact: str) -> Understood | None:
    if not _ADDRESS.fullmatch(compact):
        return None
    address = SecondaryAddress.parse(compact)
    digits = address.identification
    if not digits.isdecimal():
        raise SerialNumberError(
            Message(
                "The address {text} leaves digits of the number open, and could mean several meters. "
                "Type the whole number, or search the bus.",
                {"text": compact.upper()},
            )
        )
    exact = None if compact[SERIAL_DIGITS:].upper() == _WIDE_OPEN else address
    return Understood(digits, address=exact, found_in=text[:_SHOWN])


def _identification_number(text: str, compact: str) -> Understood | None:
    found = _IDENTIFICATION_NUMBER.fullmatch(compact.upper())
    return Understood(found[1], found_in=text[:_SHOWN]) if found else None


def _gs1(text: str, _compact: str) -> Understood | None:
    found = _GS1_SERIAL.search(text)
    return _padded(found[1], text) if found else None


def _labelled(text: str, _compact: str) -> Understood | None:
    """One number among words, slashes and other numbers: the only one of eight digits, else the only one."""
    if not (text.isascii() and text.isprintable()) or _RUNS.fullmatch(text):
        return None
    runs = [run for run in _RUNS.findall(text) if len(run) >= _SHORTEST_RUN]
    whole = [run for run in runs if len(run) == SERIAL_DIGITS]
    if len(whole) == 1:
        return _padded(whole[0], text)
    if (
        len(runs) == 1
        and len(runs[0]) < SERIAL_DIGITS
        and not re.search(r"[0-9][A-Za-z]|[A-Za-z][0-9]", text)
    ):
        return _padded(runs[0], text)
    if len(whole) > 1:
        raise SerialNumberError(
            Message(
                "“{text}” has several numbers in it: {numbers}. Type the one on the meter's label.",
                {"text": text[:_SHOWN], "numbers": ", ".join(whole)},
            )
        )
    return None


def _padded(run: str, text: str) -> Understood:
    return Understood(run.rjust(SERIAL_DIGITS, "0"), SERIAL_DIGITS - len(run), found_in=text[:_SHOWN])


def _no_number(text: str) -> SerialNumberError:
    compact = _GROUPING.sub("", text)
    if compact.isascii() and compact.isdigit():
        return SerialNumberError(
            Message(
                "A serial number has at most 8 digits, and this one has {count}. "
                "Take the number marked as serial or identification number on the label.",
                {"count": len(compact)},
            )
        )
    return SerialNumberError(
        Message(
            "There is no serial number in “{text}”: it has digits only, up to 8 of them.",
            {"text": text[:_SHOWN]},
        )
    )


_READERS: Final[tuple[Callable[[str, str], Understood | None], ...]] = (
    _plain,
    _secondary_address,
    _identification_number,
    _gs1,
    _labelled,
)
"""In this order: the plain number comes first, and the search among words last."""
