"""What stands in front of the data of a record: DIB and VIB taken apart once and remembered.

Meters repeat the same few DIB/VIB pairs for ever, so a pair is parsed into a :class:`RecordHeader` once, with
a reader made for it, and looked up from then on.
"""

from dataclasses import dataclass, replace
from typing import Final

from app.mbus import lvar, value_coding
from app.mbus.dif import SIZES, DataField, Dib
from app.mbus.gateway import GatewayView
from app.mbus.periodic import periodic_words
from app.mbus.records import Flag, Function
from app.mbus.units import Unit
from app.mbus.value_coding import Flags, Reader, Reading
from app.mbus.vib import Vib
from app.mbus.vif import Coding
from app.message import Message

CACHE_MAX: Final = 4096
"""More pairs than a site has; when they are reached the memory starts anew."""

_BCD_FIELDS: Final = (
    DataField.BCD2,
    DataField.BCD4,
    DataField.BCD6,
    DataField.BCD8,
    DataField.BCD12,
)
_MOMENT_FIELDS: Final = (DataField.INT16, DataField.INT24, DataField.INT32, DataField.INT48)
_NO_NUMBERS: Final = (Coding.BYTES, Coding.STRUCTURE, Coding.MOMENT)


@dataclass(frozen=True, slots=True, eq=False)
class RecordHeader:
    """All that a DIB/VIB pair says about a record.

    Attributes:
        dib: the DIF and its DIFE.
        vib: the VIF and its VIFE.
        description: the gateway's name of the quantity.
        function: from the DIF.
        storage: storage number.
        tariff: tariff number.
        subunit: subunit number.
        unit: symbol of the base unit, None without one.
        extensions: the VIFEs in words.
        size: bytes of data; None where an LVAR byte tells.
        reader: turns the data into value and flags.
        gateway: what the gateway makes of the pair.
        most_significant_first: the data is in mode 2.
    """

    dib: bytes
    vib: bytes
    description: str
    function: Function
    storage: int
    tariff: int
    subunit: int
    unit: str | None
    extensions: tuple[str, ...]
    size: int | None
    reader: Reader
    gateway: GatewayView
    most_significant_first: bool = False

    def words(self, data: bytes) -> Message | None:
        """A periodic date or time in words."""
        return periodic_words(data[::-1] if self.most_significant_first else data)


class RecordHeaderCache(dict[bytes, RecordHeader]):
    """The headers met so far, by the bytes of DIB and VIB; bounded by :meth:`learn`, which alone adds."""

    __slots__ = ("_commanded", "_most_significant_first")

    def __init__(self, *, commanded: bool = False, most_significant_first: bool = False) -> None:
        """Starts empty.

        Args:
            commanded: the records are a master's: VIFEs 00 to 1F are actions, no errors.
            most_significant_first: the data is in mode 2; the gateway drops such telegrams.
        """
        super().__init__()
        self._commanded = commanded
        self._most_significant_first = most_significant_first

    def learn(self, dib: bytes, vib: bytes) -> RecordHeader:
        """Parses a DIB and VIB and remembers them."""
        if len(self) >= CACHE_MAX:
            self.clear()
        header = make_record_header(dib, vib, commanded=self._commanded)
        if self._most_significant_first:
            header = _turned(header)
        self[dib + vib] = header
        return header


def make_record_header(dib: bytes, vib: bytes, *, commanded: bool = False) -> RecordHeader:
    """Parses a whole DIB and a whole VIB.

    Args:
        dib: DIF and DIFEs.
        vib: VIF and VIFEs, a plain-text unit included.
        commanded: they come from a master, see :class:`RecordHeaderCache`.
    """
    d, v = Dib.parse(dib), Vib.parse(vib, commanded=commanded)
    gateway = GatewayView.of(dib, vib)
    size = SIZES[d.data_field.value]
    return RecordHeader(
        dib=dib,
        vib=vib,
        description=v.description,
        function=d.function,
        storage=d.storage,
        tariff=d.tariff,
        subunit=d.subunit,
        unit=_symbol(v.unit),
        extensions=v.extensions,
        size=size,
        reader=_reader(d, v, size, _static_flags(d, v, gateway), gateway),
        gateway=gateway,
    )


def _turned(header: RecordHeader) -> RecordHeader:
    """The header for data whose most significant byte comes first; an LVAR byte stays in front."""
    reader, variable = header.reader, header.size is None

    def read(data: bytes) -> Reading:
        value, flags = reader(data[:1] + data[:0:-1] if variable else data[::-1])
        return value, value_coding.with_flags(flags, Flag.GATEWAY_DIFFERS)

    gateway = replace(header.gateway, refuses=True)
    return replace(header, reader=read, gateway=gateway, most_significant_first=True)


def _symbol(unit: Unit | None) -> str | None:
    return unit.symbol or None if unit else None


def _static_flags(d: Dib, v: Vib, gateway: GatewayView) -> Flags:
    """What every record of the pair is flagged with."""
    flags: list[str] = list(v.flags)
    if d.function is Function.ERROR:
        flags.append(Flag.ERROR_STATE)
    not_taken_apart = v.coding is Coding.STRUCTURE or (v.coding is Coding.MOMENT and _is_variable(d))
    if d.too_long or v.too_long or not_taken_apart:
        flags.append(Flag.UNSUPPORTED)
    differs = (
        gateway.refuses
        or v.coding_differs
        or (gateway.storage, gateway.tariff, gateway.subunit) != (d.storage, d.tariff, d.subunit)
        or gateway.unit is not v.unit
        or gateway.exponent != v.exponent
        or v.halvings
        or v.steps
    )
    return value_coding.with_flags(tuple(flags), *((Flag.GATEWAY_DIFFERS,) if differs else ()))


def _is_variable(d: Dib) -> bool:
    return d.data_field is DataField.VARIABLE


def _reader(d: Dib, v: Vib, size: int | None, flags: Flags, gateway: GatewayView) -> Reader:
    """The reader of the pair's data."""
    if v.no_value:
        return value_coding.nothing(value_coding.with_flags(flags, Flag.GATEWAY_DIFFERS))
    if size == 0:
        return value_coding.nothing(value_coding.with_flags(flags, Flag.NO_DATA))
    reader = _uncorrected_reader(d, v, size, flags, gateway)
    return value_coding.corrected(reader, v.halvings, v.steps) if v.halvings or v.steps else reader


def _uncorrected_reader(d: Dib, v: Vib, size: int | None, flags: Flags, gateway: GatewayView) -> Reader:
    if size is None:
        return lvar.variable(v.exponent, flags, as_bytes=v.coding in _NO_NUMBERS)
    if v.coding in (Coding.BYTES, Coding.STRUCTURE):
        return value_coding.raw(value_coding.with_flags(flags, Flag.GATEWAY_DIFFERS))
    if v.coding is Coding.MOMENT:
        if d.data_field in _MOMENT_FIELDS:
            return value_coding.moment(size, flags, gateway_knows=gateway.reads_moment(size))
        # Some makers send dates in digits of their own order; the number is kept, its meaning is open.
        flags = value_coding.with_flags(flags, Flag.UNSUPPORTED)
    if d.data_field in _BCD_FIELDS:
        return value_coding.bcd(v.exponent, flags)
    if d.data_field is DataField.REAL32:
        return value_coding.real(v.exponent, flags)
    if v.coding in (Coding.UNSIGNED, Coding.COUNTER):
        return value_coding.unsigned(size, v.exponent, flags, counter=v.coding is Coding.COUNTER)
    return value_coding.integer(size, v.exponent, flags)
