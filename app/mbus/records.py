"""What a telegram says: header, records and values as frozen data, independent of how they were encoded."""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Final, TypeAlias

from app.mbus.addresses import SecondaryAddress
from app.mbus.errors import FrameErrorKind
from app.message import Message


@dataclass(frozen=True, slots=True)
class Number:
    """An exact number: ``mantissa * 10 ** exponent``; never a float on the way."""

    mantissa: int
    exponent: int = 0

    def to_decimal(self) -> Decimal:
        """Returns the value without loss, whatever its size."""
        sign = 1 if self.mantissa < 0 else 0
        digits = tuple(int(digit) for digit in str(abs(self.mantissa)))
        return Decimal((sign, digits, self.exponent))

    def __str__(self) -> str:
        """Plain digits without an exponent and without zeros at its end: ``54.321``, ``37351000``.

        Only a number so large or small that its zeros would fill pages keeps its exponent: ``1E+5000``.
        """
        if abs(self.exponent) > _ZEROS_MAX:
            return f"{self.mantissa}E{self.exponent:+d}"
        if self.exponent >= 0:
            return str(self.mantissa * 10**self.exponent)
        sign = "-" if self.mantissa < 0 else ""
        digits = str(abs(self.mantissa)).rjust(1 - self.exponent, "0")
        fraction = digits[self.exponent :].rstrip("0")
        return sign + digits[: self.exponent] + ("." + fraction if fraction else "")


_ZEROS_MAX: Final = 1000
"""No telegram tells a number with so many zeros; whoever makes one gets it in short."""

Value: TypeAlias = Number | datetime | date | time | str | bytes | None
"""What a record says: a number in its base unit, a point in time, text, raw bytes, or nothing valid."""


class Function(Enum):
    """The function field of the DIF, in the gateway's words (EN 13757-3)."""

    INSTANTANEOUS = "INST_VAL"
    MAXIMUM = "MAX_VAL"
    MINIMUM = "MIN_VAL"
    ERROR = "ERROR_VAL"


class Flag:
    """Words that qualify a value; ``record_error:<code>`` is made with :meth:`record_error`."""

    NO_DATA = "no_data"
    BCD_ERROR = "bcd_error"
    INVALID_DATE = "invalid_date"
    NAN = "nan"
    OVERFLOW = "overflow"
    UNDERFLOW = "underflow"
    ERROR_STATE = "error_state"
    PERIODIC = "periodic"
    """A date or time that comes again: no single point in time."""
    SUMMER_TIME = "summer_time"
    UNSUPPORTED = "unsupported"
    GATEWAY_DIFFERS = "gateway_differs"

    @staticmethod
    def record_error(code: int) -> str:
        """The flag of an error VIFE (01-07, 0B-0F, 15-18, 1C)."""
        return f"record_error:{code:02X}"


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a telegram.

    Attributes:
        index: position among the telegram's records, from 0; of several telegrams joined, running on.
        offset: first byte of the DIB within :attr:`Telegram.raw`.
        length: bytes of DIB, VIB and data together.
        dib: the DIF and its DIFE.
        vib: the VIF and its VIFE, a plain-text unit included.
        data: the data bytes as they came (an LVAR byte included).
        description: the gateway's name for the quantity, e.g. ``ENERGY``.
        function: the function field of the DIF.
        storage: storage number.
        tariff: tariff number.
        subunit: subunit number.
        value: in the base unit; None where the meter sent no valid value, and then ``flags`` says why.
        unit: symbol of the base unit as the gateway shows it (Wh, J, W, m³, m³/h, °C, K), None without one.
        extensions: each combinable VIFE in order, in words.
        flags: any of :class:`Flag`.
        gateway_text: the record as the gateway's own library prints it, its faults included.
        words: a value that only words can tell (``every year on 31 May``), None for any other.
    """

    index: int
    offset: int
    length: int
    dib: bytes
    vib: bytes
    data: bytes
    description: str
    function: Function
    storage: int
    tariff: int
    subunit: int
    value: Value
    unit: str | None
    extensions: tuple[str, ...]
    flags: tuple[str, ...]
    gateway_text: str
    words: Message | None = None

    @property
    def text(self) -> str | None:
        """:attr:`words` in English, the same in every language."""
        return None if self.words is None else str(self.words)

    @property
    def dib_hex(self) -> str:
        """The DIB as the portal's ``reg`` list spells it: upper-case hex, all bytes joined."""
        return self.dib.hex().upper()

    @property
    def vib_hex(self) -> str:
        """The VIB as the portal's ``reg`` list spells it: upper-case hex, all bytes joined."""
        return self.vib.hex().upper()


@dataclass(frozen=True, slots=True)
class Header:
    """The fixed data header (EN 13757-3): who answers and how it is.

    Attributes:
        identification: eight digits as printed on the meter (a hex digit A-F stays as it is).
        manufacturer: three letters, e.g. ``LUG``.
        version: the maker's version (generation) of the meter.
        medium: device type code.
        access_number: counts the answers.
        status: status byte.
        signature: configuration field (security mode of an encrypted telegram), as the two bytes came.
        wire_address: identification, manufacturer, version and medium as the eight bytes came, of which the
            letters alone do not tell the manufacturer's top bit; empty where the header carries none.
    """

    identification: str
    manufacturer: str
    version: int
    medium: int
    access_number: int
    status: int
    signature: bytes
    wire_address: bytes = b""


@dataclass(frozen=True, slots=True)
class TelegramError:
    """Why a telegram could not be taken whole; what could be decoded beside it still stands.

    Attributes:
        kind: a stable word for why.
        words: the reason for a person, a part of a sentence.
    """

    kind: FrameErrorKind
    words: Message

    @property
    def message(self) -> str:
        """The reason in English, the same in every language."""
        return str(self.words)


@dataclass(frozen=True, slots=True)
class Telegram:
    """One reading of a meter: a frame, or several frames of one multi-telegram answer joined.

    Attributes:
        raw: the bytes of all frames, one after the other, as they came over the wire.
        frame: ``ack``, ``short``, ``control``, ``long``, or None where no frame was recognised.
        control: C field, None without one.
        address: A field (primary address), None without one.
        ci: CI field, None without one.
        header: who answers; None where the frame carries none.
        records: in wire order.
        manufacturer_data: what follows DIF 0F or 1F.
        more_records_follow: the last frame ended with DIF 1F.
        error: why it could not be taken whole, None when all is well.
        selection: whom a selection of the master means, None in any other frame.
        incomplete: parts of an answer of several frames are missing: the last one announced another, or a
            further one arrived spoilt.
    """

    raw: bytes
    frame: str | None = None
    control: int | None = None
    address: int | None = None
    ci: int | None = None
    header: Header | None = None
    records: tuple[Record, ...] = ()
    manufacturer_data: bytes = b""
    more_records_follow: bool = False
    error: TelegramError | None = None
    selection: SecondaryAddress | None = None
    incomplete: bool = False

    @property
    def is_answer(self) -> bool:
        """Whether it is a frame that a meter sent, and no request, command or acknowledgement."""
        return (
            self.frame in ("long", "control")
            and self.control is not None
            and self.control & _DIRECTION_AND_FUNCTION != _SENT_BY_MASTER
        )

    @property
    def is_reading(self) -> bool:
        """Whether a meter told values; what else it may answer is no reading, however whole it arrived."""
        failed = self.error is not None and self.error.kind in _NO_READINGS
        return self.is_answer and bool(self.records) and not failed

    @property
    def no_reading(self) -> "TelegramError | None":
        """Why it is no reading, None where it is one."""
        if self.is_reading:
            return None
        return self.error or TelegramError(FrameErrorKind.NO_RECORDS, Message("this is no answer of a meter"))


_DIRECTION_AND_FUNCTION: Final = 0x4F
_SENT_BY_MASTER: Final = 0x43
"""Of SND_UD, whose C field is 53 or 73 (43 or 63 without a valid frame count bit)."""
_NO_READINGS: Final = (FrameErrorKind.APPLICATION, FrameErrorKind.MANUFACTURER, FrameErrorKind.NO_RECORDS)
