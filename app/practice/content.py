"""What simulated meters are made of: records, the telegrams that carry them, and a clock."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from app.mbus.addresses import SecondaryAddress
from app.mbus.encode import RecordToSend, encode_responses, make_header
from app.mbus.manufacturer import letters_to_code
from app.practice.meters import Content, SimulatedMeter

Moment: TypeAlias = datetime | Callable[[], datetime]
Clock: TypeAlias = Callable[[], datetime]


def clock_of(now: Moment | None) -> Clock:
    """The meters' clock: a moment that stands still, what tells it, or with None that of this machine."""
    if now is None:
        return lambda: datetime.now().astimezone().replace(tzinfo=None)
    if isinstance(now, datetime):
        return lambda: now
    return now


def record(dib: str, vib: str, value: Decimal | int | str | date | bytes | None) -> RecordToSend:
    """One record by the hex of its DIB and VIB; see :func:`app.mbus.encode.encode_record` for the value."""
    return RecordToSend(bytes.fromhex(dib), bytes.fromhex(vib), value)


def content(records: Callable[[], Iterable[RecordToSend]], *, status: int = 0) -> Content:
    """Telegrams with a long header (CI 72), as many as the records of that moment need."""

    def frames(meter: SimulatedMeter, access_number: int) -> tuple[bytes, ...]:
        header = make_header(meter.address, access_number=access_number, status=status)
        return encode_responses(header, records(), address=meter.primary)

    return frames


def simulated_meter(
    number: str, maker: str, version: int, medium: int, said: Content, *, primary: int
) -> SimulatedMeter:
    """A meter whose fabrication number is the number it bears on the bus."""
    return SimulatedMeter(
        SecondaryAddress(number, letters_to_code(maker), version, medium),
        said,
        primary=primary,
        fabrication_number=number,
    )
