"""The key of an encrypted meter, as a person types it or a file holds it."""

from app.domain.errors import MeterKeyError
from app.message import Message

KEY_DIGITS = 32


def parse_key(text: str) -> bytes:
    """The sixteen bytes of a key given as hex digits; blanks, colons and dashes between them do not matter.

    Raises:
        MeterKeyError: it is none; the message does not repeat it.
    """
    digits = "".join(character for character in text if not character.isspace() and character not in ":-")
    try:
        key = bytes.fromhex(digits)
    except ValueError:
        key = b""
    if len(digits) != KEY_DIGITS or not key:
        raise MeterKeyError(Message("A key is {count} hex digits (0 to 9, A to F).", {"count": KEY_DIGITS}))
    return key
