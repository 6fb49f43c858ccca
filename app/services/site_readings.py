"""A reading that came in, and which meter of a site it is of."""

from dataclasses import dataclass
from datetime import datetime

from app.bus.readout import Readout
from app.domain.answer import unusable_answer
from app.domain.building import StoredReading
from app.domain.errors import UnusableReadingError
from app.mbus.addresses import SecondaryAddress
from app.mbus.data_header import secondary_address
from app.mbus.records import Telegram
from app.services.site_meters import SiteMeters


@dataclass(frozen=True, slots=True)
class Taken:
    """A reading that came in, decoded once.

    Attributes:
        serial: eight digits; empty where neither person nor meter told a number.
        telegram: what the meter said.
        raw: the bytes of all its frames.
        taken_at: when, in UTC.
        port: the URL of the port it came through, or how else it came.
        baud: at which it was read; 0 where nobody knows.
        elapsed_s: how long it took.
        wire_minimum_s: how long the bytes alone take.
        label_typed: whether a person took the number from the label.
    """

    serial: str
    telegram: Telegram
    raw: bytes
    taken_at: datetime
    port: str
    baud: int = 0
    elapsed_s: float = 0.0
    wire_minimum_s: float = 0.0
    label_typed: bool = False

    @property
    def address(self) -> SecondaryAddress | None:
        """As the meter told it; None where it told none."""
        header = self.telegram.header
        return secondary_address(header) if header is not None else None

    @property
    def unusable(self) -> UnusableReadingError | None:
        """Why it is no reading; None where it is one, or only its key is lacking."""
        return unusable_answer(self.telegram, self.serial)


def taken_of(
    readout: Readout, taken_at: datetime, port: str, serial: str = "", *, label_typed: bool = False
) -> Taken:
    """What the bus brought: its number as told by the person, by the meter, or by how it was asked."""
    header, address = readout.telegram.header, readout.address
    serial = serial or (header.identification if header is not None else "")
    if not serial and isinstance(address, SecondaryAddress) and address.has_number:
        serial = address.identification
    return Taken(
        serial,
        readout.telegram,
        readout.raw,
        taken_at,
        port,
        readout.baud,
        readout.elapsed_s,
        readout.wire_minimum_s,
        label_typed,
    )


def stored_reading(taken: Taken) -> StoredReading:
    """As the store keeps it."""
    return StoredReading(
        taken.taken_at,
        taken.port,
        taken.baud,
        taken.elapsed_s,
        taken.wire_minimum_s,
        taken.raw,
        usable=taken.unusable is None,
    )


def candidates_for(meters: SiteMeters, taken: Taken) -> tuple[str, ...]:
    """Meters that a reading may be of: those with its number, unless all their addresses say otherwise."""
    own = taken.address
    same = meters.with_serial(taken.serial)
    if own is None or not own.is_exact or taken.unusable is not None:
        return same
    # What stands in front of an answer without a reading is not always the meter's address.
    known = {each: meters.address(each) if meters.row(each).summary.read else None for each in same}
    exact = tuple(each for each in same if known[each] == own)
    if exact:
        return exact
    # One that never told its address may be this one.
    return tuple(each for each in same if (address := known[each]) is None or not address.is_exact)


def only_candidate(meters: SiteMeters, taken: Taken) -> str | None:
    """The one meter that a reading must be of; None where there is none, or more than one."""
    candidates = candidates_for(meters, taken)
    return candidates[0] if len(candidates) == 1 else None
