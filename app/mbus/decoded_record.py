"""A record as the decoder makes it: what its DIB and VIB say is looked up in their shared header."""

from typing import Final

from app.mbus.record_header import RecordHeader
from app.mbus.records import Flag, Function, Record, Value
from app.message import Message

_new: Final = object.__new__


class DecodedRecord(Record):
    """A :class:`Record` that shares its header, and prints the gateway's line only when it is asked for.

    It is equal to another decoded record with the same fields, as frozen, and hashes alike.
    """

    __slots__ = ("_header",)
    _header: RecordHeader

    def __new__(cls, *fields: object, **named: object) -> Record:  # type: ignore[misc]
        """A changed copy (``dataclasses.replace``) no longer fits the header: it becomes a plain record."""
        return Record(*fields, **named)  # type: ignore[arg-type]

    def __reduce__(self) -> tuple[type[Record], tuple[object, ...]]:
        """Travels between processes as a plain record."""
        return Record, tuple(getattr(self, name) for name in Record.__slots__)

    def __eq__(self, other: object) -> bool:
        """Two records are equal when their fields are, whoever made them."""
        if not isinstance(other, Record):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in Record.__slots__)

    def __hash__(self) -> int:
        return hash(tuple(getattr(self, name) for name in Record.__slots__))

    @property
    def dib(self) -> bytes:
        """The DIF and its DIFE."""
        return self._header.dib

    @property
    def vib(self) -> bytes:
        """The VIF and its VIFE."""
        return self._header.vib

    @property
    def length(self) -> int:
        """Bytes of DIB, VIB and data together."""
        return len(self._header.dib) + len(self._header.vib) + len(self.data)

    @property
    def description(self) -> str:
        """The gateway's name for the quantity."""
        return self._header.description

    @property
    def function(self) -> Function:
        """The function field of the DIF."""
        return self._header.function

    @property
    def storage(self) -> int:
        """Storage number."""
        return self._header.storage

    @property
    def tariff(self) -> int:
        """Tariff number."""
        return self._header.tariff

    @property
    def subunit(self) -> int:
        """Subunit number."""
        return self._header.subunit

    @property
    def unit(self) -> str | None:
        """Symbol of the base unit."""
        return self._header.unit

    @property
    def extensions(self) -> tuple[str, ...]:
        """Each VIFE in words."""
        return self._header.extensions

    @property
    def gateway_text(self) -> str:
        """The record as the gateway prints it."""
        return self._header.gateway.line(self.data)

    @property
    def words(self) -> Message | None:
        """A periodic date or time in words."""
        return self._header.words(self.data) if Flag.PERIODIC in self.flags else None


_set_header: Final = DecodedRecord.__dict__["_header"].__set__
_set_index: Final = Record.__dict__["index"].__set__
_set_offset: Final = Record.__dict__["offset"].__set__
_set_data: Final = Record.__dict__["data"].__set__
_set_value: Final = Record.__dict__["value"].__set__
_set_flags: Final = Record.__dict__["flags"].__set__


def decoded_record(  # noqa: PLR0917 - called for every record, and names cost time
    header: RecordHeader, index: int, offset: int, data: bytes, value: Value, flags: tuple[str, ...]
) -> Record:
    """Makes a record without the cost of a dataclass's sixteen fields."""
    record = _new(DecodedRecord)
    _set_header(record, header)
    _set_index(record, index)
    _set_offset(record, offset)
    _set_data(record, data)
    _set_value(record, value)
    _set_flags(record, flags)
    return record
