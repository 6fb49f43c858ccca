"""What a person has to answer before a register is given as something that its codes do not prove."""

from app.domain.cold_rules import Sense
from app.domain.energy import Side, is_combined
from app.domain.meaning import Direction, meaning_of
from app.domain.portal_units import PortalUnit, TypeProfile
from app.domain.roles import Reading
from app.mbus.records import Record
from app.message import Message

_MAY_BE_COLD = Message(
    "This may be the meter's cold energy, or a tariff's share of its heat: how this maker marks cold is not "
    "known. Compare it with the meter's display; is it the cold energy?"
)
_MAKERS_COLD = Message(
    "This maker marks the cold energy of its combined meters so, and sends it as 0 from meters for heat "
    "alone. Does this meter count cold, and does its display show this value?"
)
_HEAT_AS_COLD = Message("The meter counts heat here; as cold it would be a wrong bill. Is it cold after all?")
_COLD_AS_HEAT = Message("The meter counts cold here; as heat it would be a wrong bill. Is it heat after all?")


def side_question(reading: Reading, record: Record, unit: PortalUnit) -> Message | None:
    """What to ask before an energy is given as heat or as cold; None where its codes say that it is."""
    if not unit.side:
        return None
    use, side = reading.energy(record), Side(unit.side)
    if use.side is side:
        return None
    if use.side is Side.ASK:
        return _MAKERS_COLD if use.by_makers_way else _MAY_BE_COLD
    if use.side is Side.NEITHER:
        # What it is instead stands among the doubts of the record itself.
        return None if side is Side.HEAT else _MAY_BE_COLD
    return _HEAT_AS_COLD if use.side is Side.HEAT else _COLD_AS_HEAT


def type_question(unit: PortalUnit, profile: TypeProfile) -> Message | None:
    """What to ask before a volume is given as the unit of another type of meter."""
    own = {profile.index, profile.index_alternative, *profile.useful}
    if unit.side or unit.key in own:
        return None
    return Message("The portal takes {unit} from another type of meter. Is it that?", {"unit": unit.key})


def share_doubts(reading: Reading, record: Record) -> tuple[Message, ...]:
    """Why a record is a share of the whole, or a part of the meter, and not the whole."""
    meaning, use = meaning_of(record), reading.energy(record)
    volume = reading.volumes.get(record.index)
    if use.by_makers_way or volume is Sense.COLD:
        return ()
    doubts = []
    if meaning.subunit or volume is Sense.PULSE_INPUT:
        doubts.append(
            Message(
                "This counts input or part {part} of the meter, not the meter itself: "
                "it is a meter of its own.",
                {"part": meaning.subunit or meaning.tariff},
            )
        )
    elif meaning.tariff:
        doubts.append(
            Message("This is the share of tariff {tariff} only, not the total.", {"tariff": meaning.tariff})
        )
    if meaning.quantity == "VOLUME" and meaning.direction is Direction.NEGATIVE:
        doubts.append(Message("This counts what ran back, not what was used."))
    return tuple(doubts)


def combined_without_cold(reading: Reading) -> Message | None:
    """What to say of a meter for heat and cooling that sends no cold energy anybody knows of."""
    header = reading.telegram.header
    sides = {use.side for use in reading.energies.values()}
    if not is_combined(header) or header is None or header.medium != 0x0D or sides & {Side.COLD, Side.ASK}:
        return None
    return Message(
        "The meter calls itself one for heat and cooling, and its telegram has no register that is known as "
        "its cold energy."
    )
