"""Reading a meter to commission it: what one reading is, and the portal entry that follows from it."""

from dataclasses import dataclass
from datetime import datetime

from app.bus.errors import NoAnswer
from app.bus.master import BusMaster, Progress
from app.bus.readout import Readout
from app.domain.checks import Check, Subject, run_checks
from app.domain.draft import MeterDraft, new_draft, portal_entry, registers_for
from app.domain.errors import UnusableReadingError
from app.domain.meter import SerialNumber
from app.domain.no_reading import no_reading_error
from app.domain.payload import MeterEntry
from app.domain.portal_units import Vocabulary
from app.domain.registers import Role
from app.domain.selection import Preferences, tick_roles
from app.message import Message
from app.resources import resource_path
from app.services.meter_keys import encrypted_error, is_encrypted


@dataclass(frozen=True, slots=True)
class Commissioned:
    """One meter, read and decided, ready for the portal.

    Attributes:
        draft: what is ticked and where the meter hangs.
        entry: the portal's form, filled.
        checks: what can be said about it before it goes.
    """

    draft: MeterDraft
    entry: MeterEntry
    checks: tuple[Check, ...]


def load_vocabulary() -> Vocabulary:
    """Reads the portal's vocabulary that comes with the program.

    Raises:
        VocabularyError: the file is damaged.
    """
    return Vocabulary.from_json(resource_path("portal", "vocabulary.json").read_text(encoding="utf-8"))


async def read_meter(master: BusMaster, serial: SerialNumber, progress: Progress | None = None) -> Readout:
    """Selects a meter by its serial number, whatever its maker, and reads all it says.

    Raises:
        BusError: the port or the meter failed, with the next step.
        NoReadingError: the meter answered, but with no values.
    """
    try:
        readout = await master.read_secondary(serial.secondary_address, progress=progress)
    except NoAnswer as error:
        raise _with_other_numbers(error, serial) from error
    problem = no_reading_error(readout.telegram)
    if problem is not None:
        raise problem
    return readout


def _with_other_numbers(error: NoAnswer, serial: SerialNumber) -> NoAnswer:
    """The same silence, and under which other numbers the meter may answer."""
    if serial.found_in or serial.turned == serial.digits:
        return error
    advice = Message(
        "{advice} If the digits come from a secondary address, the serial number is {turned}.",
        {"advice": error.advice or "", "turned": serial.turned},
    )
    return type(error)(error.message, advice=advice, raw=error.raw)


def commission(
    serial: SerialNumber,
    readout: Readout,
    vocabulary: Vocabulary,
    preferences: Preferences,
    *,
    place: str,
    gateway_id: str,
    useful: bool,
    read_at: datetime,
) -> Commissioned:
    """Decides a meter as the documentation does: its index, and on wish every register the portal knows.

    Raises:
        UnusableReadingError: the answer is no whole telegram, or has no register the portal could take.
    """
    telegram = readout.telegram
    if is_encrypted(telegram):
        raise encrypted_error(telegram)
    problem = no_reading_error(telegram)
    if problem is not None:
        raise problem
    if telegram.error is not None:
        raise UnusableReadingError(
            Message(
                "The meter answered, but not with its registers: {reason}.",
                {"reason": telegram.error.message},
            )
        )
    draft = new_draft(serial.digits, telegram, vocabulary, preferences, baudrate=readout.baud)
    registers = registers_for(draft, telegram, vocabulary)
    roles = frozenset({Role.INDEX, Role.USEFUL} if useful else {Role.INDEX})
    selection = tick_roles(draft.selection, registers, roles, vocabulary.types[draft.type], preferences)
    if not selection.entries(registers):
        raise UnusableReadingError(
            Message("The meter's answer has no register that the portal could take as the index.")
        )
    decided = MeterDraft(
        serial=draft.serial,
        type=draft.type,
        selection=selection,
        place=place,
        gateway_id=gateway_id,
        baudrate=readout.baud,
    )
    return Commissioned(
        draft=decided,
        entry=portal_entry(decided, registers, vocabulary),
        checks=run_checks(Subject(decided, telegram, registers, vocabulary, read_at)),
    )
