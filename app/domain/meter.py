"""Who a meter is: the number by which a person knows it, and its type as the portal calls it."""

from dataclasses import dataclass
from enum import Enum

from app.domain.typed_number import understand
from app.mbus.addresses import UNKNOWN_IDENTIFICATION, SecondaryAddress
from app.message import Message

_WILDCARD = "F"


class MeterType(Enum):
    """The portal's meter types; the values are the portal's keys and are never translated."""

    HEATING = "heating"
    COOLING = "cooling"
    HOT_WATER = "hot_water"
    COLD_WATER = "cold_water"
    WATER = "water"


@dataclass(frozen=True, slots=True)
class SerialNumber:
    """The number by which a meter is asked: most often the one on its label.

    Attributes:
        digits: always eight, leading zeros kept; of a number that is only partly known ``F`` for any digit.
        zeros_added: how many leading zeros were missing in what was typed.
        note: what was understood or assumed, to be said beside the field; None where there is nothing to say.
        address: what was typed of maker, version and medium beside the number; None where they do not matter.
        fabrication_number: eight digits, where the meter is asked by it instead of by :attr:`digits`.
    """

    digits: str
    zeros_added: int = 0
    note: Message | None = None
    address: SecondaryAddress | None = None
    fabrication_number: str | None = None

    @classmethod
    def parse(cls, text: str) -> "SerialNumber":
        """Understands what was typed or scanned; see :mod:`app.domain.typed_number` for the forms.

        Raises:
            SerialNumberError: states what was typed and what is expected.
        """
        typed = understand(text)
        number = typed.address.identification
        address = None if typed.address == SecondaryAddress(number) else typed.address
        return cls(number, typed.zeros_added, typed.note, address)

    @property
    def secondary_address(self) -> SecondaryAddress:
        """The address that selects this meter; of a number alone whatever its maker, version and medium."""
        if self.fabrication_number is not None:
            return SecondaryAddress(UNKNOWN_IDENTIFICATION)
        return self.address or SecondaryAddress(self.digits)

    @property
    def is_open(self) -> bool:
        """Whether only the answer tells which meter it is."""
        return self.fabrication_number is not None or _WILDCARD in self.digits

    @property
    def turned(self) -> "SerialNumber | None":
        """The number with its pairs turned, as a secondary address has them; None where that is the same.

        Eight digits that were copied from a secondary address look like a serial number.
        """
        turned = bytes.fromhex(self.digits)[::-1].hex().upper()
        if turned == self.digits or self.is_open or self.zeros_added:
            return None
        return SerialNumber(turned)

    @property
    def ending(self) -> "SerialNumber | None":
        """Any meter whose number ends so; None where all eight digits were typed."""
        if not self.zeros_added or self.is_open:
            return None
        return SerialNumber(_WILDCARD * self.zeros_added + self.digits[self.zeros_added :])

    @property
    def as_fabrication_number(self) -> "SerialNumber | None":
        """The meter with this fabrication number, whatever number it bears on the bus."""
        if self.is_open or self.address is not None or not self.digits.isdecimal():
            return None
        return SerialNumber(self.digits, fabrication_number=self.digits)
