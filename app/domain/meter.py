"""Who a meter is: its serial number as a person types it, and its type as the portal calls it."""

import re
from dataclasses import dataclass
from enum import Enum

from app.domain.errors import SerialNumberError
from app.mbus.addresses import SecondaryAddress
from app.message import Message

SERIAL_DIGITS = 8


class MeterType(Enum):
    """The portal's meter types; the values are the portal's keys and are never translated."""

    HEATING = "heating"
    COOLING = "cooling"
    HOT_WATER = "hot_water"
    COLD_WATER = "cold_water"
    WATER = "water"


@dataclass(frozen=True, slots=True)
class SerialNumber:
    """The serial number on a meter's label.

    Attributes:
        digits: always eight, leading zeros kept.
        zeros_added: how many leading zeros were missing in what was typed.
    """

    digits: str
    zeros_added: int = 0

    @classmethod
    def parse(cls, text: str) -> "SerialNumber":
        """Reads one to eight digits; blanks, dots and dashes between them are how labels group digits.

        Raises:
            SerialNumberError: states what was typed and what is expected.
        """
        compact = re.sub(r"[\s.\-·]", "", text)
        if not compact:
            raise SerialNumberError(Message("Type the serial number on the meter's label: 1 to 8 digits."))
        if not re.fullmatch(r"[0-9]+", compact):
            raise SerialNumberError(
                Message(
                    "A serial number has digits only, and “{text}” has something else in it.",
                    {"text": text.strip()[:40]},
                )
            )
        if len(compact) > SERIAL_DIGITS:
            raise SerialNumberError(
                Message(
                    "A serial number has at most 8 digits, and this one has {count}. "
                    "Take the number marked as serial or identification number on the label.",
                    {"count": len(compact)},
                )
            )
        return cls(compact.rjust(SERIAL_DIGITS, "0"), SERIAL_DIGITS - len(compact))

    @property
    def secondary_address(self) -> SecondaryAddress:
        """The address that selects this meter whatever its maker, version and medium."""
        return SecondaryAddress(self.digits)

    @property
    def note(self) -> Message | None:
        """What was assumed, to be said beside the field; None when all eight digits were typed."""
        if not self.zeros_added:
            return None
        if self.zeros_added == 1:
            return Message("One leading zero was missing; read as {digits}.", {"digits": self.digits})
        return Message(
            "{count} leading zeros were missing; read as {digits}.",
            {"count": self.zeros_added, "digits": self.digits},
        )
