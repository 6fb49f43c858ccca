"""Which meters a telegram is: one, heat and cold as two, and those behind its pulse inputs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.domain.cold_rules import Sense
from app.domain.draft import guess_type
from app.domain.energy import Side
from app.domain.index_register import why_no_index
from app.domain.meaning import Direction, Meaning, meaning_of
from app.domain.meter import MeterType
from app.domain.portal_units import Vocabulary
from app.domain.questions import combined_without_cold
from app.domain.registers import Register, Role, reading_of, registers_of
from app.domain.roles import Reading
from app.domain.selection import Preferences, Selection, default_tick
from app.mbus.records import Record, Telegram
from app.message import Message

_TYPE_OF_SIDE: Final = {Side.HEAT: MeterType.HEATING, Side.COLD: MeterType.COOLING}
_OTHER: Final = {MeterType.HEATING: MeterType.COOLING, MeterType.COOLING: MeterType.HEATING}


@dataclass(frozen=True, slots=True)
class Proposal:
    """One meter of the portal that a telegram can become.

    Attributes:
        type: the portal's.
        registers: the telegram's registers for that type.
        index: the register of the value on the dial; None where none is known.
        part: number of the pulse input or circuit it is; 0 for the meter itself.
        question: what a person has to answer before it is taken; None where it can be taken as it is.
    """

    type: MeterType
    registers: tuple[Register, ...]
    index: Register | None
    part: int = 0
    question: Message | None = None

    @property
    def is_certain(self) -> bool:
        """Whether it can be taken as it is."""
        return self.index is not None and self.question is None


def proposals(
    telegram: Telegram, vocabulary: Vocabulary, meter_type: MeterType | None = None
) -> tuple[Proposal, ...]:
    """The meters of a telegram: itself first, then its other energy, then what hangs on its inputs.

    Args:
        telegram: as read.
        vocabulary: the portal's, with what is known of meters.
        meter_type: of the first; by default what the telegram says.
    """
    first = _of_type(telegram, vocabulary, meter_type or guess_type(telegram, vocabulary))
    reading = reading_of(telegram, vocabulary)
    other = _other_energy(reading, vocabulary, first.type)
    if other is not None and _same_record(first.index, other.index):
        # The person says otherwise than the medium: one energy is no meter for both.
        other = None
    parts = _parts(reading, vocabulary)
    if first.index is None and parts and other is None:
        return tuple(parts)
    return (first, *((other,) if other is not None else ()), *parts)


def both_energies_in_one(
    telegram: Telegram, vocabulary: Vocabulary, preferences: Preferences
) -> tuple[tuple[Register, ...], Selection]:
    """Heat and cold of a combined meter in one list, for a portal that takes one entry of an address."""
    registers = registers_of(telegram, vocabulary.types[MeterType.HEATING], vocabulary)
    profile, selection = vocabulary.types[MeterType.HEATING], Selection()
    for register in registers:
        if register.role is not Role.PLAIN and register.offers and register.offers[0].unit.side:
            tick = default_tick(register, profile, preferences, selection)
            if tick is not None:
                selection = selection.with_tick(tick)
    return registers, selection


def _same_record(first: Register | None, other: Register | None) -> bool:
    return first is not None and other is not None and first.record.index == other.record.index


def _of_type(telegram: Telegram, vocabulary: Vocabulary, meter_type: MeterType) -> Proposal:
    profile = vocabulary.types[meter_type]
    registers = registers_of(telegram, profile, vocabulary)
    index = next((register for register in registers if register.role is Role.INDEX), None)
    question = None if index is not None else why_no_index(telegram, profile, vocabulary)
    return Proposal(meter_type, registers, index, question=question)


def _other_energy(reading: Reading, vocabulary: Vocabulary, first: MeterType) -> Proposal | None:
    """The other energy of a meter that counts heat and cold, or may do so."""
    other = _OTHER.get(first)
    if other is None:
        return None
    side = Side.COLD if other is MeterType.COOLING else Side.HEAT
    now = [record for record in reading.listable if meaning_of(record).is_current]
    if any(reading.energy(each).side is side and not reading.energy(each).is_share for each in now):
        return _of_type(reading.telegram, vocabulary, other)
    if other is not MeterType.COOLING:
        return None
    registers = registers_of(reading.telegram, vocabulary.types[other], vocabulary)
    asked = next((each for each in now if reading.energy(each).side is Side.ASK), None)
    if asked is not None:
        register = registers[_place(reading.telegram.records, asked)]
        question = next(iter(register.open_questions(register.offers[0].unit.key)), None)
        return Proposal(other, registers, register, question=question)
    unknown = _unreachable_cold(reading) or combined_without_cold(reading)
    return None if unknown is None else Proposal(other, registers, None, question=unknown)


def _unreachable_cold(reading: Reading) -> Message | None:
    """A current cold energy that the register list cannot tell from the heat."""
    for record in reading.telegram.records:
        use = reading.energy(record)
        if use.side is Side.COLD and use.by_makers_way and record not in reading.listable:
            return Message(
                "The meter's cold energy has the DIB {dib} and VIB {vib} of another record: no register list "
                "reaches it. Enter it as a meter that is read by hand.",
                {"dib": record.dib_hex, "vib": record.vib_hex},
            )
    return None


def _parts(reading: Reading, vocabulary: Vocabulary) -> list[Proposal]:
    """Circuits by their energies; pulse inputs, which have none, by their volumes."""
    circuits = _by_part(reading, vocabulary, "ENERGY")
    taken = {circuit.part for circuit in circuits}
    inputs = _by_part(reading, vocabulary, "VOLUME")
    return [*circuits, *(each for each in inputs if each.part not in taken)]


def _by_part(reading: Reading, vocabulary: Vocabulary, quantity: str) -> list[Proposal]:
    """The first current record of each part and type."""
    found: dict[tuple[int, MeterType], Proposal] = {}
    for record in reading.listable:
        meaning = meaning_of(record)
        part, meter_type = _part(reading, record, meaning), _part_type(reading, record, meaning)
        wanted = meaning.quantity == quantity and meaning.is_current and meaning.is_understood
        if part and wanted and meter_type is not None and (part, meter_type) not in found:
            found[part, meter_type] = _part_proposal(reading, vocabulary, record, meter_type, part)
    return list(found.values())


def _part_type(reading: Reading, record: Record, meaning: Meaning) -> MeterType | None:
    if meaning.quantity == "ENERGY":
        return _TYPE_OF_SIDE.get(reading.energy(record).side)
    return None if meaning.direction is Direction.NEGATIVE else MeterType.WATER


def _part_proposal(
    reading: Reading, vocabulary: Vocabulary, record: Record, meter_type: MeterType, part: int
) -> Proposal:
    registers = registers_of(reading.telegram, vocabulary.types[meter_type], vocabulary)
    question = (
        Message("Input {part} counts water: which meter hangs on it, and is it hot or cold?", {"part": part})
        if meter_type is MeterType.WATER
        else Message("Part {part} counts on its own: is it a circuit of its own?", {"part": part})
    )
    register = registers[_place(reading.telegram.records, record)]
    return Proposal(meter_type, registers, register, part=part, question=question)


def _part(reading: Reading, record: Record, meaning: Meaning) -> int:
    """The number of the input or circuit a record belongs to; 0 for the meter itself and for tariffs."""
    volume = reading.volumes.get(record.index)
    if volume is Sense.PULSE_INPUT:
        return meaning.tariff or meaning.subunit
    if volume is not None or reading.energy(record).by_makers_way or meaning.tariff:
        return 0
    return meaning.subunit


def _place(records: Sequence[Record], wanted: Record) -> int:
    return next(place for place, record in enumerate(records) if record is wanted)
