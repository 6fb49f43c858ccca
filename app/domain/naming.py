"""The meter's name on the portal, from a pattern."""

import re
from unicodedata import category

from app.domain.errors import DomainError
from app.message import Message


def clean_text(text: str) -> str:
    """What a person typed, on one line: control characters and halves of a character become blanks.

    A command line that is no UTF-8 brings halves; no request and no file can hold them.
    """
    return " ".join("".join(" " if category(each) in ("Cc", "Cs") else each for each in text).split())


def meter_name(pattern: str, *, prefix: str, serial: str, place: str) -> str:
    """Fills ``{type} - {serial} - {place}``: ``CH - 94158192 - Apartment 203``.

    Where the place is not known yet, the dash that led to it goes too.

    Raises:
        DomainError: the pattern has a place that is none of type, serial and place.
    """
    values = {"type": prefix, "serial": serial, "place": clean_text(place)}

    def fill(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in values:
            raise DomainError(
                Message(
                    "The name pattern has {{{name}}}; it can have {{type}}, {{serial}} and {{place}}.",
                    {"name": name},
                )
            )
        return values[name]

    name = clean_text(re.sub(r"\{(\w*)\}", fill, pattern))
    return name if values["place"] else name.strip(" -–·,/")
