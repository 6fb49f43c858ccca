"""What a person typed or scanned from a meter's label, understood: which meter is to be asked on the bus.

Labels bear their number in many forms; each is one row of :data:`_FORMS`. Sources of the forms: EN 13757-3
(secondary address), DIN 43863-5 (14 characters), GS1 (application identifier 21), labels in public reports.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from app.domain.errors import SerialNumberError
from app.mbus.addresses import SecondaryAddress
from app.mbus.manufacturer import code_to_letters, manufacturer_name
from app.mbus.media import MEDIUM_NAMES
from app.message import Message

DIGITS: Final = 8
LONGEST: Final = 60
"""More characters than any label has in one line."""
_SHOWN: Final = 40
_LEAST: Final = 5
"""A shorter run of digits beside a longer one is a year, a size or a flat."""


@dataclass(frozen=True, slots=True)
class TypedNumber:
    """Who is meant by what was typed.

    Attributes:
        address: to be selected; digits and parts that are not known are wildcards.
        note: what was understood or assumed; None where what was typed says it all.
        zeros_added: how many leading zeros were missing.
    """

    address: SecondaryAddress
    note: Message | None = None
    zeros_added: int = 0


def understand(text: str) -> TypedNumber:
    """Understands one number.

    Raises:
        SerialNumberError: it is none, or could be several; says what was typed and what is expected.
    """
    line = _one_line(text)
    for form in _FORMS:
        typed = form(line)
        if typed is not None:
            return typed
    raise _refusal(line)


def lines_of(text: str) -> list[str]:
    """The lines of a text that have something in them: of a list, one a meter."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def _one_line(text: str) -> str:
    """The line that was typed, without what cannot be seen.

    Raises:
        SerialNumberError: there is none, or there are several.
    """
    lines = lines_of(text)
    if not lines:
        raise SerialNumberError(Message("Type the serial number on the meter's label: 1 to 8 digits."))
    if len(lines) > 1:
        raise SerialNumberError(
            Message(
                "That is a list of {count} lines, and here is room for one meter's number. Nothing was taken "
                "of it.",
                {"count": len(lines)},
            )
        )
    line = "".join(each for each in lines[0] if unicodedata.category(each) != "Cf")
    if len(line) > LONGEST:
        raise SerialNumberError(
            Message(
                "That is no serial number: it has {count} characters. Type the number on the meter's label.",
                {"count": len(line)},
            )
        )
    strange = next((each for each in line if each.isdigit() and not each.isascii()), None)
    if strange is not None:
        raise SerialNumberError(
            Message(
                "A serial number has the digits only that a meter knows, 0 to 9, and “{text}” has others. "
                "Type it once more.",
                {"text": line},
            )
        )
    if any(unicodedata.category(each) == "Cc" and not each.isspace() for each in line):
        raise SerialNumberError(
            Message("There are characters in it that cannot be shown. Type the number, or scan it once more.")
        )
    return line


# The forms ----------------------------------------------------------------------------------------------

_GAP: Final = r"[\s.\-·]*"
"""What labels put between groups of digits."""
_GS1: Final = re.compile(r"\(21\)([^()]+)")
_DIN: Final = re.compile(
    rf"(?<![0-9A-Z])[0-9A-F]{_GAP}[A-Z]{{3}}{_GAP}[0-9A-F]{{2}}{_GAP}((?:[0-9]{_GAP}){{7}}[0-9])(?![0-9A-Z])"
)
_ADDRESS: Final = re.compile(r"(?:[^0-9]*[^0-9A-Z])?((?:[0-9A-F]\s*){16})[^0-9A-Z]*")
_OPEN: Final = re.compile(r"(?=.*F)(?=.*[0-9])[0-9F]{8}")
_LETTERED: Final = re.compile(r"(?=.*[0-9])[0-9A-F]{8}")
_BROKEN_ADDRESS: Final = re.compile(r"(?=.*[A-F])[0-9A-F]{9,}")
_BESIDE_WORDS: Final = re.compile(r"([^0-9]+)([0-9].*)")


def _compact(line: str) -> str:
    return re.sub(_GAP, "", line)


def _plain(line: str) -> TypedNumber | None:
    """Eight digits or fewer, alone."""
    digits = _compact(line)
    if not re.fullmatch(r"[0-9]{1,8}", digits):
        return None
    missing = DIGITS - len(digits)
    number = digits.rjust(DIGITS, "0")
    return TypedNumber(SecondaryAddress(number), _zeros_note(missing, number), missing)


def _zeros_note(missing: int, number: str) -> Message | None:
    if not missing:
        return None
    return Message(
        "One leading zero was missing; read as {digits}.",
        {"digits": number},
        plural="{count} leading zeros were missing; read as {digits}.",
        count=missing,
    )


def _gs1(line: str) -> TypedNumber | None:
    """``(21)94158192``: behind the application identifier 21 stands the serial number."""
    found = _GS1.search(line)
    if found is None:
        return None
    typed = _plain(found.group(1)) or _din(found.group(1))
    return None if typed is None else _named(typed, line)


def _din(line: str) -> TypedNumber | None:
    """DIN 43863-5: kind, three letters of the maker, two of the series, and eight digits."""
    found = set(_DIN.findall(line.upper()))
    if len(found) != 1:
        return None
    number = _compact(found.pop())
    return TypedNumber(
        SecondaryAddress(number),
        Message("Reads {digits}, the last eight of {text}.", {"digits": number, "text": _shown(line)}),
    )


def _full_address(line: str) -> TypedNumber | None:
    """Sixteen hex digits as the portal's ``secondary_ad``: the pairs of the number stand turned in it."""
    found = _ADDRESS.fullmatch(line.upper())
    if found is None or len(_runs(line, DIGITS)) > 1:
        # Two numbers of eight digits are two, though they could be read as the halves of one address.
        return None
    digits = _compact(found.group(1))
    address = SecondaryAddress.from_bytes(bytes.fromhex(digits))
    if digits.isdecimal() and not _is_maker(address.manufacturer):
        # A number that is too long, not one with a maker in it.
        return None
    if not address.has_number:
        raise SerialNumberError(
            Message("This address fits every meter. Search the bus to see which there are.")
        )
    return TypedNumber(address, _address_note(address))


def _is_maker(code: int | None) -> bool:
    return code is not None and code_to_letters(code).isalpha()


def _address_note(address: SecondaryAddress) -> Message:
    if address.manufacturer is None or address.medium is None:
        return Message(
            "A secondary address, its pairs turned: reads {digits}.", {"digits": address.identification}
        )
    letters = code_to_letters(address.manufacturer)
    values = {
        "digits": address.identification,
        "maker": manufacturer_name(letters) or letters,
        "medium": MEDIUM_NAMES.get(address.medium, f"{address.medium:02X}"),
    }
    return Message("A full address: reads {digits} of {maker} ({medium}) and no other.", values)


def _open_number(line: str) -> TypedNumber | None:
    """``FFFF6798``: eight characters, F for every digit that is not known."""
    number = _compact(line).upper()
    if not _OPEN.fullmatch(number):
        return None
    return TypedNumber(
        SecondaryAddress(number),
        Message("F stands for any digit: reads {digits}, if one meter alone fits.", {"digits": number}),
    )


def _behind_words(line: str) -> TypedNumber | None:
    """``S/N 66660205``: words of the label before a number that stands alone."""
    found = _BESIDE_WORDS.fullmatch(line)
    typed = None if found is None else _plain(found.group(2))
    if found is None or typed is None:
        return None
    if found.group(1)[-1].isalpha() and typed.zeros_added > DIGITS - _LEAST:
        # Letters that touch a short number are part of some other name.
        return None
    return _named(typed, line)


def _only_long_run(line: str) -> TypedNumber | None:
    """``67211183/A/15``, ``CH - 94158187 - Apartment 2``: the one run of eight digits among other things."""
    runs = _runs(line, _LEAST)
    if len(runs) != 1 or len(runs[0]) != DIGITS or _BROKEN_ADDRESS.fullmatch(_compact(line).upper()):
        return None
    return _named(TypedNumber(SecondaryAddress(runs[0])), line)


def _runs(line: str, least: int) -> list[str]:
    """The different runs of at least so many digits in a line."""
    return list(dict.fromkeys(re.findall(rf"[0-9]{{{least},}}", line)))


def _named(typed: TypedNumber, line: str) -> TypedNumber:
    """Says which number was taken out of a longer text."""
    values = {"digits": typed.address.identification, "text": _shown(line)}
    return TypedNumber(
        typed.address, Message("Reads {digits}, from “{text}”.", values), zeros_added=typed.zeros_added
    )


Form: TypeAlias = Callable[[str], TypedNumber | None]
_FORMS: Final[tuple[Form, ...]] = (
    _plain,
    _gs1,
    _din,
    _full_address,
    _open_number,
    _behind_words,
    _only_long_run,
)
"""The first that fits is taken; a text that fits none is refused with the reason."""


# What is none -------------------------------------------------------------------------------------------


def _refusal(line: str) -> SerialNumberError:
    """Why a line is no number, with what to type instead."""
    runs = _runs(line, _LEAST)
    if len(runs) > 1:
        numbers = ", ".join(run[:_SHOWN] for run in runs[:4])
        return SerialNumberError(
            Message("There are several numbers in it: {numbers}. Type one of them.", {"numbers": numbers})
        )
    compact = _compact(line).upper()
    if _BROKEN_ADDRESS.fullmatch(compact):
        return SerialNumberError(
            Message(
                "A secondary address has 16 hex digits, and this one has {count}.", {"count": len(compact)}
            )
        )
    digits = compact if compact.isdecimal() else "".join(runs)
    if len(digits) > DIGITS:
        return SerialNumberError(
            Message(
                "A serial number has at most 8 digits, and this one has {count}. Take the number marked as "
                "serial or identification number on the label; of a longer one try the last eight: {last}.",
                {"count": len(digits), "last": digits[-DIGITS:]},
            )
        )
    values = {"text": _shown(line)}
    if _LETTERED.fullmatch(compact):
        values["address"] = SecondaryAddress(compact).text
        return SerialNumberError(
            Message(
                "A serial number has digits only, and “{text}” has something else in it. Few meters have "
                "letters in their number; of such a one type the address {address}.",
                values,
            )
        )
    return SerialNumberError(
        Message("A serial number has digits only, and “{text}” has something else in it.", values)
    )


def _shown(line: str) -> str:
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"
