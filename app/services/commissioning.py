"""Reading a meter to commission it: what one reading is, and the portal entry that follows from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.bus.master import BusMaster, Progress
from app.bus.readout import Readout
from app.domain.addressing import gateway_address
from app.domain.answer import unusable_answer
from app.domain.checks import Check, Subject, run_checks
from app.domain.cold_rules import ColdRules
from app.domain.draft import MeterDraft, guess_type, new_draft, portal_entry, registers_for
from app.domain.errors import NoIndexError, UnusableReadingError
from app.domain.index_register import other_candidates, why_no_index
from app.domain.meter import MeterType, SerialNumber
from app.domain.models import Models
from app.domain.payload import MeterEntry
from app.domain.portal_units import Vocabulary
from app.domain.proposals import both_energies_in_one, proposals
from app.domain.registers import Role
from app.domain.selection import Preferences, tick_roles
from app.mbus.addresses import SecondaryAddress
from app.mbus.records import Number, Telegram
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
        questions: what a person has to answer: other meters that this one may be too, its address.
    """

    draft: MeterDraft
    entry: MeterEntry
    checks: tuple[Check, ...]
    questions: tuple[Message, ...] = ()


def load_vocabulary() -> Vocabulary:
    """Reads the portal's vocabulary that comes with the program, and what it knows of meters.

    Raises:
        VocabularyError: a file is damaged.
    """
    return Vocabulary.from_json(
        _text("portal", "vocabulary.json"),
        Models.from_json(_text("meters", "models.json")),
        ColdRules.from_json(_text("meters", "cold.json")),
    )


def _text(*parts: str) -> str:
    return resource_path(*parts).read_text(encoding="utf-8")


async def read_meter(master: BusMaster, number: SerialNumber, progress: Progress | None = None) -> Readout:
    """Selects a meter by the number that a person knows, and reads all it says.

    Raises:
        BusError: the port or the meter failed, with the next step.
        UnusableReadingError: it answered, but not with a reading.
    """
    readout = await master.read_secondary(
        number.secondary_address, progress=progress, fabrication_number=number.fabrication_number
    )
    unusable = unusable_answer(readout.telegram, number.digits)
    if unusable is not None:
        raise unusable
    return readout


def number_of(asked: SerialNumber, readout: Readout) -> SerialNumber:
    """Which meter answered: where it was asked by a part of its number only, the answer says its number.

    Raises:
        UnusableReadingError: it does not, or it is of a meter with another fabrication number.
    """
    if not asked.is_open:
        return asked
    told = fabrication_numbers(readout.telegram)
    if asked.fabrication_number is not None and told and asked.fabrication_number not in told:
        # Meters that do not know this way to ask answer all the same.
        raise UnusableReadingError(
            Message(
                "Another meter answered: its fabrication number is {told}, not {asked}.",
                {"told": told[0], "asked": asked.fabrication_number},
            ),
            next_step=Message("This meter does not tell numbers of its own apart; search the bus instead."),
        )
    header = readout.telegram.header
    if header is None or not header.identification:
        raise UnusableReadingError(
            Message("A meter answered that does not tell its number, and it was asked by a part of it only."),
            next_step=Message("Read it by the whole number that the search shows."),
        )
    return SerialNumber(header.identification)


_FABRICATION_VIF = b"\x78"


def fabrication_numbers(telegram: Telegram) -> list[str]:
    """The fabrication numbers that a telegram tells, as digits."""
    return [
        str(record.value.mantissa).rjust(8, "0")
        for record in telegram.records
        if record.vib == _FABRICATION_VIF and isinstance(record.value, Number) and not record.value.exponent
    ]


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
    meter_type: MeterType | None = None,
    beside: Sequence[SecondaryAddress] = (),
    one_list: bool = False,
) -> Commissioned:
    """Decides a meter as the documentation does: its index, and on wish every register the portal knows.

    Args:
        serial: of the label.
        readout: the reading.
        vocabulary: the portal's.
        preferences: where the documentation is odd.
        place: where it hangs.
        gateway_id: the portal's id of its gateway.
        useful: every register the portal knows, not the index alone.
        read_at: local time of the reading.
        meter_type: as what it is commissioned; by default what it says it is.
        beside: addresses of other meters on the same bus, against which its own has to be unique.
        one_list: both energies of a meter for heat and cooling in one list, for a portal that takes one entry
            of an address.

    Raises:
        UnusableReadingError: the answer is no whole telegram, or has no register the portal could take.
    """
    telegram = _usable(readout, serial)
    chosen = meter_type or guess_type(telegram, vocabulary)
    draft = new_draft(
        serial.digits, telegram, vocabulary, preferences, baudrate=readout.baud, meter_type=chosen
    )
    registers = registers_for(draft, telegram, vocabulary)
    roles = frozenset({Role.INDEX, Role.USEFUL} if useful else {Role.INDEX})
    ticked = draft.selection
    if one_list and chosen is MeterType.HEATING:
        registers, ticked = both_energies_in_one(telegram, vocabulary, preferences)
    selection = tick_roles(ticked, registers, roles, vocabulary.types[draft.type], preferences)
    if not selection.entries(registers) or not any(register.role is Role.INDEX for register in registers):
        raise NoIndexError(
            why_no_index(telegram, vocabulary.types[draft.type], vocabulary), again=telegram.incomplete
        )
    decided = MeterDraft(
        serial=draft.serial,
        type=draft.type,
        selection=selection,
        place=place,
        gateway_id=gateway_id,
        baudrate=readout.baud,
    )
    address = gateway_address(serial.digits, telegram.header, beside, asked=serial.address)
    several = other_candidates(telegram, vocabulary.types[draft.type], vocabulary)
    asked = (each.question for each in proposals(telegram, vocabulary, chosen)[1:])
    return Commissioned(
        draft=decided,
        entry=portal_entry(decided, registers, vocabulary, address=address.address),
        checks=run_checks(Subject(decided, telegram, registers, vocabulary, read_at)),
        questions=tuple(each for each in (address.note, several, *asked) if each is not None),
    )


def further_types(
    telegram: Telegram, vocabulary: Vocabulary, meter_type: MeterType | None = None
) -> tuple[MeterType, ...]:
    """What a meter for heat and cooling is beside the type it is commissioned as; each is an entry too."""
    found = proposals(telegram, vocabulary, meter_type)[1:]
    return tuple(each.type for each in found if each.is_certain and not each.part)


def _usable(readout: Readout, serial: SerialNumber) -> Telegram:
    telegram = readout.telegram
    if is_encrypted(telegram):
        raise encrypted_error(telegram)
    unusable = unusable_answer(telegram, serial.digits)
    if unusable is not None:
        raise unusable
    if telegram.error is not None:
        raise UnusableReadingError(
            Message(
                "The meter answered, but not with its registers: {reason}.",
                {"reason": telegram.error.words},
            )
        )
    return telegram
