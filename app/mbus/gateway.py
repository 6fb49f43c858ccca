"""What the gateway's own library prints for a record: its view of DIB and VIB, its arithmetic, its faults.

The facts are those of jMBus 3.2.1 with the additions of its later fork: where it differs from the standard, a
technician who compares this program with the gateway must see the same line here. Times are printed in UTC.
"""

import struct
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.mbus.dif import FUNCTIONS, DataField
from app.mbus.java import double_text, int32, int64, power_of_ten, string_of
from app.mbus.units import Unit
from app.mbus.vib import main_entry, plain_text, refused_by_gateway

_DATE: Final = 0x6C
_DATE_TIME: Final = 0x6D
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NO_DATA: Final = (DataField.NONE, DataField.READOUT_SELECTION)


@dataclass(frozen=True, slots=True)
class GatewayView:
    """A DIB/VIB pair as the gateway understands it.

    Attributes:
        dib: as it came.
        vib: as it came.
        description: with the text of a plain-text VIF behind it.
        unit: the unit it prints, None without one.
        exponent: the power of ten it scales by; it scales by a maker's own VIFEs too.
        storage: overflows beyond 32 bits.
        tariff: overflows beyond 32 bits.
        subunit: overflows beyond 16 bits.
        refuses: it drops the whole telegram.
    """

    dib: bytes
    vib: bytes
    description: str
    unit: Unit | None
    exponent: int
    storage: int
    tariff: int
    subunit: int
    refuses: bool

    @classmethod
    def of(cls, dib: bytes, vib: bytes) -> "GatewayView":
        """What the gateway makes of a whole DIB and VIB."""
        entry, vifes, _ = main_entry(vib)
        # A byte is signed in Java, and so is what it makes of it as a character.
        text = "".join(chr(0xFF00 | ord(c) if ord(c) > 0x7F else ord(c)) for c in plain_text(vib))
        storage, tariff, subunit = dib[0] >> 6 & 0x01, 0, 0
        for number, dife in enumerate(dib[1:]):
            storage += int32((dife & 0x0F) << (4 * number + 1) % 32)
            tariff = int32(tariff + int32((dife >> 4 & 0x03) << 2 * number % 32))
            subunit = (subunit + ((dife >> 6 & 0x01) << number) + 0x8000) % 0x10000 - 0x8000
        return cls(
            dib=dib,
            vib=vib,
            description=f"{entry.description} :{text}" if text else entry.description,
            unit=entry.gateway_unit,
            exponent=entry.gateway_exponent + _scale(vifes),
            storage=storage,
            tariff=tariff,
            subunit=subunit,
            refuses=refused_by_gateway(vib),
        )

    def reads_moment(self, size: int | None) -> bool:
        """Whether it reads that many bytes as the right date; the six bytes of type I become a year late."""
        return (self._code, size) in ((_DATE, 2), (_DATE_TIME, 4))

    @property
    def _code(self) -> int:
        return self.vib[0] & 0x7F

    def line(self, data: bytes) -> str:
        """The line it prints for a record; empty where it drops the telegram."""
        value = None if self.refuses else self._value(data)
        if value is None:
            return ""
        numbers = (("storage", self.storage), ("tariff", self.tariff), ("subunit", self.subunit))
        shown = "".join(f", {name}:{number}" for name, number in numbers if number > 0)
        return (
            f"DIB:{self.dib.hex().upper()}, VIB:{self.vib.hex().upper()} -> descr:{self.description}, "
            f"function:{FUNCTIONS[self.dib[0] >> 4 & 0x03].value}{shown}, {value}{self._unit_text()}"
        )

    def _unit_text(self) -> str:
        if self.unit is None:
            return ""
        return f", unit:{self.unit.name}" + (f", {self.unit.symbol}" if self.unit.symbol else "")

    def _value(self, data: bytes) -> str | None:
        """The word and the value; None where it cannot go on."""
        field = DataField(self.dib[0] & 0x0F)
        if field in _NO_DATA:
            return "value:NONE"
        if field is DataField.VARIABLE:
            text = string_of(data)
            return None if text is None else f"value:{text}"
        if field is DataField.REAL32:
            value: float = struct.unpack("<f", data)[0]
            return f"scaled value:{self._scaled(value)}"
        moment = self._moment(data) if field.value < DataField.READOUT_SELECTION.value else None
        if moment is not None:
            late = len(data) == 6 and self.exponent != 0
            return "scaled value:null" if late else f"value:{moment}"
        number, digits = _number(data, in_digits=field.value > DataField.READOUT_SELECTION.value)
        return f"scaled value:{self._scaled(float(number))}" if self.exponent else f"value:{digits}"

    def _scaled(self, value: float) -> str:
        return double_text(value * power_of_ten(self.exponent))

    def _moment(self, data: bytes) -> str | None:
        """A date as it is printed, None where it sees none; a day or month beyond the calendar rolls over."""
        if self._code == _DATE and len(data) == 2:
            return _date_text(2000 + _year(data), data)
        if self._code == _DATE_TIME and len(data) == 4:
            century = data[1] >> 5 & 0x03 or 1
            return _date_text(1900 + 100 * century + _year(data[2:]), data[2:], data[1], data[0])
        if self._code == _DATE_TIME and len(data) == 6:
            return _date_text(2001 + _year(data[3:]), data[3:], data[2], data[1], data[0])
        return None


def _scale(vifes: bytes) -> int:
    """The power of ten of all VIFEs."""
    exponent = 0
    rest = iter(vifes)
    for vife in rest:
        code = vife & 0x7F
        if code & 0x78 == 0x70:
            exponent += (code & 0x07) - 6
        elif code == 0x7D:
            exponent += 3
        elif code in (0x7C, 0x7F) and vife & 0x80:
            next(rest)
    return exponent


def _number(data: bytes, *, in_digits: bool) -> tuple[int, str]:
    """A number and how it is printed when it is not scaled; digits keep their zeros in front."""
    if not in_digits:
        number = int64(data) if len(data) > 4 else int.from_bytes(data, "little", signed=True)
        return number, str(number)
    nibbles = [nibble for octet in reversed(data) for nibble in (octet >> 4, octet & 0x0F)]
    negative = nibbles[0] == 0x0F
    number = 0
    for nibble in nibbles[1:] if negative else nibbles:
        number = number * 10 + nibble
    # It adds the code of the digit 0 to whatever the nibble is: an error digit becomes some other character.
    digits = "".join(chr(nibble + 0x30) for nibble in nibbles)
    return (-number, "-" + digits[1:]) if negative else (number, digits)


def _year(data: bytes) -> int:
    return data[0] >> 5 | (data[1] & 0xF0) >> 1


def _date_text(year: int, data: bytes, hour: int = 0, minute: int = 0, second: int = 0) -> str:
    month = (data[1] & 0x0F) - 1
    moment = datetime(year + month // 12, month % 12 + 1, 1) + timedelta(  # noqa: DTZ001 - printed as UTC
        days=(data[0] & 0x1F) - 1, hours=hour & 0x1F, minutes=minute & 0x3F, seconds=second & 0x3F
    )
    day, name = _DAYS[moment.weekday()], _MONTHS[moment.month - 1]
    return f"{day} {name} {moment.day:02} {moment:%H:%M:%S} UTC {moment.year}"
