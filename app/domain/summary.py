"""What a list shows of a meter and what its progress follows from, kept so that nothing need be decoded."""

import json
from dataclasses import asdict, dataclass
from typing import Any, Final
from zlib import crc32

from app.domain.commissioned import CommissionedMeter, Rules
from app.domain.draft import MeterDraft
from app.domain.meter import MeterType
from app.domain.payload import MeterEntry
from app.domain.registers import Role
from app.mbus.addresses import SecondaryAddress
from app.mbus.data_header import secondary_address
from app.mbus.records import Header, Number

_FORM: Final = 1
"""Counts up with every change of what is kept, or of how it follows from a telegram."""
_TWICE: Final = "twice"
"""The one check that follows from other meters; it is found anew with each list."""


@dataclass(frozen=True, slots=True)
class MeterSummary:
    """A meter in short.

    Attributes:
        answered: whether it has ever answered.
        read: whether it has given a reading.
        locked: whether only its key is lacking.
        manufacturer: three letters; empty where nobody told.
        version: the maker's.
        medium: device type code.
        address: as the meter tells it, wildcards for what it does not; empty before the first answer.
        index: the value on the dial, exactly; empty where it has none.
        unit: of the index.
        ticks: how many registers are ticked.
        entry: what would be uploaded; None where nothing could be.
        looks: kinds of open checks, but for those that follow from other meters.
    """

    answered: bool = False
    read: bool = False
    locked: bool = False
    manufacturer: str = ""
    version: int = 0
    medium: int = 0
    address: str = ""
    index: str = ""
    unit: str = ""
    ticks: int = 0
    entry: MeterEntry | None = None
    looks: tuple[str, ...] = ()

    @property
    def header(self) -> Header | None:
        """Who the meter is; None before it told."""
        if not self.address:
            return None
        number = SecondaryAddress.parse(self.address).identification
        return Header(number, self.manufacturer, self.version, self.medium, 0, 0, b"")


def summarise(meter: CommissionedMeter) -> MeterSummary:
    """The summary of a meter that is known in full."""
    reading = meter.reading
    if reading is None:
        return MeterSummary()
    header = reading.telegram.header
    index = next((each for each in meter.registers if each.role is Role.INDEX), None)
    value = index.record.value if index is not None else None
    unusable = reading.is_unusable
    return MeterSummary(
        answered=True,
        read=not unusable,
        locked=not unusable and not reading.has_records,
        manufacturer=header.manufacturer if header is not None else "",
        version=header.version if header is not None else 0,
        medium=header.medium if header is not None else 0,
        address=secondary_address(header).text if header is not None else "",
        index=str(value.to_decimal()) if isinstance(value, Number) else "",
        unit=(index.record.unit or "") if index is not None else "",
        ticks=len(meter.draft.selection.ticks) if meter.draft is not None else 0,
        entry=meter.entry if reading.has_records else None,
        looks=tuple(kind for kind in meter.looks if kind != _TWICE),
    )


def rules_stamp(rules: Rules, version: str) -> str:
    """What of the program and of the person's settings a summary follows from.

    Args:
        rules: as they are now.
        version: of the program: another one may check otherwise.
    """
    settings = repr((rules.preferences, rules.name_pattern, rules.gateway_id))
    return f"{_FORM}:{version}:{crc32(settings.encode()):08x}"


def stamp_of(rules: str, reading_number: int, draft: MeterDraft | None, *more: object) -> str:
    """What a summary was made of: where this is another, it no longer holds.

    Args:
        rules: as :func:`rules_stamp` gives it.
        reading_number: the store's number of the last reading; 0 before the first.
        draft: as kept.
        more: whatever else the meter follows from.
    """
    return f"{rules}:{reading_number}:{crc32(repr((draft, *more)).encode()):08x}"


def to_text(summary: MeterSummary, stamp: str) -> str:
    """A summary as the store keeps it."""
    fields = asdict(summary)
    if summary.entry is not None:
        fields["entry"] = {**fields["entry"], "type": summary.entry.type.value}
    return json.dumps([stamp, fields], separators=(",", ":"))


def from_text(text: str | None, stamp: str) -> MeterSummary | None:
    """A kept summary; None where there is none, where it is spoilt, or where it is of something else."""
    if text is None or stamp not in text[: len(stamp) + 2]:
        return None
    try:
        kept, fields = json.loads(text)
        return _summary(fields) if kept == stamp else None
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _summary(fields: dict[str, Any]) -> MeterSummary:
    entry = fields.pop("entry")
    looks = tuple(fields.pop("looks"))
    return MeterSummary(entry=None if entry is None else _entry(entry), looks=looks, **fields)


def _entry(fields: dict[str, Any]) -> MeterEntry:
    return MeterEntry(**{**fields, "type": MeterType(fields["type"])})
