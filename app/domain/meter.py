"""Who a meter is: its serial number as a person types it, and its type as the portal calls it."""

from dataclasses import dataclass
from enum import Enum

from app.domain.typed_number import SERIAL_DIGITS, turned, understand
from app.mbus.addresses import SecondaryAddress
from app.message import Message

__all__ = ["SERIAL_DIGITS", "MeterType", "SerialNumber"]


class MeterType(Enum):
    """The portal's meter types; the values are the portal's keys and are never translated."""

    HEATING = "heating"
    COOLING = "cooling"
    HOT_WATER = "hot_water"
    COLD_WATER = "cold_water"
    WATER = "water"


@dataclass(frozen=True, slots=True)
class SerialNumber:
    """The number of a meter, as on its label.

    Attributes:
        digits: always eight, leading zeros kept.
        zeros_added: how many leading zeros were missing in what was typed.
        address: exact, where a full secondary address was typed; None where the number alone is known.
        found_in: the longer text it was taken out of; empty where the number itself was typed.
    """

    digits: str
    zeros_added: int = 0
    address: SecondaryAddress | None = None
    found_in: str = ""

    @classmethod
    def parse(cls, text: str) -> "SerialNumber":
        """Reads what a person types or scans; see :func:`app.domain.typed_number.understand`.

        Raises:
            SerialNumberError: states what was typed and what is expected.
        """
        found = understand(text)
        return cls(found.digits, found.zeros_added, found.address, found.found_in)

    @property
    def secondary_address(self) -> SecondaryAddress:
        """The address typed, else the one that selects this meter whatever its maker, version and medium."""
        return self.address or SecondaryAddress(self.digits)

    @property
    def turned(self) -> str:
        """The number that is meant if the digits were copied from a secondary address without its F."""
        return turned(self.digits)

    @property
    def note(self) -> Message | None:
        """What was understood, said beside the field; None when the eight digits themselves were typed."""
        values = {"digits": self.digits, "text": self.found_in, "count": self.zeros_added}
        if self.address is not None:
            return Message("Reads {digits} by its full address.", values)
        if self.found_in:
            return Message("Reads {digits}, found in “{text}”.", values)
        if not self.zeros_added:
            return None
        if self.zeros_added == 1:
            return Message("One leading zero was missing; read as {digits}.", values)
        return Message("{count} leading zeros were missing; read as {digits}.", values)
