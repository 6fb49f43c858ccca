"""Who made a meter, what it measures and how it is: the codes of the fixed data header in words."""

from functools import lru_cache

from app.mbus.errors import EncodeError
from app.mbus.manufacturer_names import MANUFACTURER_NAMES
from app.mbus.media import MEDIUM_NAMES, RESERVED_MEDIUM
from app.message import Message

_STATUS_APPLICATION = (
    (0x01, Message("application busy")),
    (0x02, Message("any application error")),
    (0x03, Message("abnormal condition or alarm")),
)
_STATUS_BITS = (
    (0x04, Message("power low")),
    (0x08, Message("permanent error")),
    (0x10, Message("temporary error")),
)
_STATUS_MANUFACTURER_BITS = (0x20, 0x40, 0x80)


@lru_cache(maxsize=1024)
def code_to_letters(code: int) -> str:
    """The three letters of a manufacturer code (16 bits, five for each letter).

    The top bit, which the standard keeps for addresses without a guaranteed world-wide uniqueness, is no
    part of the letters. Codes beyond A to Z show the neighbouring characters, e.g. ``@@@`` for 0000.
    """
    return "".join(chr(((code >> shift) & 0x1F) + 0x40) for shift in (10, 5, 0))


def letters_to_code(letters: str) -> int:
    """The manufacturer code of three letters.

    Raises:
        EncodeError: they are not three letters (``@`` to ``_``).
    """
    if len(letters) != 3 or not all("@" <= letter <= "_" for letter in letters):
        raise EncodeError(f"a manufacturer has three letters of A to Z, got {letters!r}")
    code = 0
    for letter in letters:
        code = code << 5 | (ord(letter) - 0x40)
    return code


def manufacturer_name(letters: str) -> str | None:
    """The maker behind three letters, None when the table does not know it."""
    return MANUFACTURER_NAMES.get(letters)


def medium_name(code: int) -> str:
    """A device type in words; a code that nobody defined is ``reserved``."""
    return MEDIUM_NAMES.get(code, RESERVED_MEDIUM)


def status_messages(status: int, manufacturer: str = "") -> tuple[Message, ...]:
    """The status byte in sentences, most general first; empty when all is well.

    Args:
        status: the byte of the fixed data header.
        manufacturer: three letters; they name the maker whose own bits are set.
    """
    told = [message for code, message in _STATUS_APPLICATION if status & 0x03 == code]
    told += [message for bit, message in _STATUS_BITS if status & bit]
    for bit in _STATUS_MANUFACTURER_BITS:
        if status & bit and manufacturer:
            values = {"maker": manufacturer, "bit": f"{bit:02X}"}
            told.append(Message("specific to the manufacturer {maker} ({bit})", values))
        elif status & bit:
            told.append(Message("specific to the manufacturer ({bit})", {"bit": f"{bit:02X}"}))
    return tuple(told)


def status_words(status: int, manufacturer: str = "") -> tuple[str, ...]:
    """As :func:`status_messages`, in stable English."""
    return tuple(str(message) for message in status_messages(status, manufacturer))
