"""What a DIF and its DIFEs say: function, coding, storage number, tariff and subunit (EN 13757-3)."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from app.mbus.errors import EncodeError
from app.mbus.records import Function

EXTENDED: Final = 0x80
DIFE_MAX: Final = 10
FUNCTIONS: Final = (Function.INSTANTANEOUS, Function.MAXIMUM, Function.MINIMUM, Function.ERROR)

SPECIAL: Final = 0x0F
"""The data field of the special DIFs, which are no data records."""
MANUFACTURER_DATA: Final = 0x0F
MANUFACTURER_DATA_MORE_FOLLOWS: Final = 0x1F
IDLE_FILLER: Final = 0x2F
GLOBAL_READOUT: Final = 0x7F


class DataField(Enum):
    """The lower four bits of the DIF: length and coding of the data."""

    NONE = 0x0
    INT8 = 0x1
    INT16 = 0x2
    INT24 = 0x3
    INT32 = 0x4
    REAL32 = 0x5
    INT48 = 0x6
    INT64 = 0x7
    READOUT_SELECTION = 0x8
    BCD2 = 0x9
    BCD4 = 0xA
    BCD6 = 0xB
    BCD8 = 0xC
    VARIABLE = 0xD
    BCD12 = 0xE


SIZES: Final = (0, 1, 2, 3, 4, 4, 6, 8, 0, 1, 2, 3, 4, None, 6)
"""Bytes of data by data field; None where an LVAR byte tells."""


@dataclass(frozen=True, slots=True)
class Dib:
    """A data information block taken apart.

    Attributes:
        data_field: length and coding.
        function: momentary value, maximum, minimum or value during an error.
        storage: storage number, 0 is the current value.
        tariff: tariff number, 0 is the total.
        subunit: subunit number, 0 is the meter itself.
        too_long: it has more DIFEs than the standard allows.
    """

    data_field: DataField
    function: Function = Function.INSTANTANEOUS
    storage: int = 0
    tariff: int = 0
    subunit: int = 0
    too_long: bool = False

    @classmethod
    def parse(cls, dib: bytes) -> "Dib":
        """Takes a whole DIB apart, whatever the number of its DIFEs."""
        dif = dib[0]
        storage, tariff, subunit = dif >> 6 & 0x01, 0, 0
        for number, dife in enumerate(dib[1:]):
            storage |= (dife & 0x0F) << (4 * number + 1)
            tariff |= (dife >> 4 & 0x03) << (2 * number)
            subunit |= (dife >> 6 & 0x01) << number
        return cls(
            data_field=DataField(dif & 0x0F),
            function=FUNCTIONS[dif >> 4 & 0x03],
            storage=storage,
            tariff=tariff,
            subunit=subunit,
            too_long=len(dib) > 1 + DIFE_MAX,
        )

    def to_bytes(self) -> bytes:
        """The shortest DIB that says this.

        Raises:
            EncodeError: ten DIFEs have no room for a number this large, or one is negative.
        """
        if min(self.storage, self.tariff, self.subunit) < 0:
            raise EncodeError(f"storage, tariff and subunit are not negative, got {self}")
        octets = [self.data_field.value | FUNCTIONS.index(self.function) << 4 | (self.storage & 0x01) << 6]
        storage, tariff, subunit = self.storage >> 1, self.tariff, self.subunit
        while storage or tariff or subunit:
            octets[-1] |= EXTENDED
            octets.append(storage & 0x0F | (tariff & 0x03) << 4 | (subunit & 0x01) << 6)
            storage, tariff, subunit = storage >> 4, tariff >> 2, subunit >> 1
        if len(octets) > 1 + DIFE_MAX:
            raise EncodeError(f"storage, tariff and subunit need more than {DIFE_MAX} DIFEs: {self}")
        return bytes(octets)
