"""Why a telegram has no index, and which others could have been one."""

from collections.abc import Iterable, Mapping
from typing import Final

from app.domain.energy import EnergyUse, Side, energy_uses
from app.domain.meaning import Direction, meaning_of
from app.domain.meter import MeterType
from app.domain.portal_units import PortalUnit, TypeProfile, Vocabulary
from app.domain.refusals import telegram_refusal
from app.domain.registers import reading_of
from app.domain.roles import index_candidates
from app.mbus.records import Record, Telegram
from app.message import Message

_SIDES: Final = {MeterType.HEATING: Side.HEAT, MeterType.COOLING: Side.COLD}
_MOST_NAMED: Final = 6


def why_no_index(telegram: Telegram, profile: TypeProfile, vocabulary: Vocabulary) -> Message:
    """Why a telegram has no index for a type: which records could be taken for it, and why none was."""
    refusal = telegram_refusal(telegram)
    if refusal is not None:
        return refusal
    if telegram.error is not None:
        return Message(
            "The telegram cannot be taken as it is ({reason}), and the index is not in what came of it. "
            "Read the meter again.",
            {"reason": telegram.error.words},
        )
    unit = vocabulary.units[profile.index]
    measured = [each for each in telegram.records if meaning_of(each).quantity in unit.quantities]
    if not measured and (telegram.more_records_follow or telegram.incomplete):
        return Message(
            "No {quantity} is in what was read, and the meter has further telegrams that were not. "
            "Read the meter again.",
            {"quantity": _words(unit.quantities)},
        )
    if not measured:
        return Message(
            "The meter sends no {quantity} at all, so there is no index for {unit}. Is it the right portal "
            "type?",
            {"quantity": _words(unit.quantities), "unit": unit.key},
        )
    uses = energy_uses(telegram, vocabulary.cold)
    reasons = [
        f"{each.dib_hex} {each.vib_hex}: {_why_not(each, profile, unit, uses)}"
        for each in measured[:_MOST_NAMED]
    ]
    return Message(
        "No register could be taken as the index by itself. {reasons}. Tick the one that stands on the dial.",
        {"reasons": "; ".join(reasons)},
    )


def _words(quantities: Iterable[str]) -> str:
    return ", ".join(sorted(quantities)).lower().replace("_", " ")


def _why_not(
    record: Record, profile: TypeProfile, unit: PortalUnit, uses: Mapping[int, EnergyUse]
) -> Message:
    """The first reason that fits."""
    meaning = meaning_of(record)
    use, side = uses.get(record.index), _SIDES.get(profile.type)
    wrong_side = use is not None and side is not None and use.side is not side
    reasons = (
        (meaning.error, Message("the meter marks it as faulty")),
        (not meaning.is_current, Message("a stored value or an extreme, not the reading of now")),
        (record.unit not in unit.factors, Message("in a unit that the portal's cannot be made of")),
        (not unit.fits(record), Message("no number")),
        (wrong_side and use is not None, _SIDE_REASONS[use.side] if use is not None else _NOT_PLAIN),
        (use.is_share if use is not None else not meaning.is_total, _SHARE),
        (meaning.direction is Direction.NEGATIVE, Message("counts what ran back")),
    )
    return next((reason for fits, reason in reasons if fits), _NOT_PLAIN)


_NOT_PLAIN: Final = Message("not the plain reading")
_SHARE: Final = Message("a tariff's or a part's share of the whole")
_SIDE_REASONS: Final = {
    Side.ASK: Message("heat or cold, which only its maker's description tells"),
    Side.NEITHER: Message("marked in a way of the maker's own"),
    Side.COLD: Message("counts cold"),
    Side.HEAT: Message("counts heat"),
}


def other_candidates(telegram: Telegram, profile: TypeProfile, vocabulary: Vocabulary) -> Message | None:
    """What is said where several records could be the index: which was taken; None where only one could."""
    found = index_candidates(reading_of(telegram, vocabulary), profile, vocabulary)
    if len(found) < 2:
        return None
    named = [f"{record.dib_hex} {record.vib_hex}" for record in found]
    return Message(
        "{count} records could be the index: {taken} was taken, not {others}. Compare it with the dial.",
        {"count": len(found), "taken": named[0], "others": ", ".join(named[1:])},
    )
