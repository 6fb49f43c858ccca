"""The register list as the portal would get it: each register found, told apart, and given as what it is."""

from collections import Counter

from app.domain.checks.outcome import Check, CheckState
from app.domain.checks.subject import COMBINED_MEDIA, Subject, look
from app.domain.meaning import Direction, meaning_of
from app.domain.registers import Register
from app.domain.selection import consequence
from app.message import Message

_HEAT = "heat_energy_kwh"
_COLD = "cold_energy_kwh"


def check_ambiguous(subject: Subject) -> list[Check]:
    """Do two records bear the DIB and VIB of a ticked one?"""
    checks = []
    for register in subject.registers:
        if register.ambiguous and subject.draft.selection.tick_of(register):
            checks += look(
                "ambiguous",
                f"{register.key.dib} {register.key.vib}",
                "Several records have DIB {dib} and VIB {vib}; the portal may read another than you ticked. "
                "Compare the portal's value with the meter when you verify.",
                dib=register.key.dib,
                vib=register.key.vib,
            )
    return checks


def check_factors(subject: Subject) -> list[Check]:
    """Does each factor turn the meter's unit into the portal's?"""
    checks = []
    for register in subject.registers:
        tick = subject.draft.selection.tick_of(register)
        sentence = consequence(register, tick) if tick else None
        if tick is not None and sentence is not None:
            reason = Message("{unit}: {sentence}", {"unit": tick.unit, "sentence": sentence})
            finding = f"{tick.key.dib} {tick.key.vib} {tick.unit} {tick.factor}"
            checks.append(Check(f"factor:{register.record.index}", CheckState.LOOK, reason, finding))
    return checks


def check_units(subject: Subject) -> list[Check]:
    """Is each unit in the list once? The portal keeps values by unit, and one would hide the other."""
    ticks = [tick for register in subject.registers if (tick := subject.draft.selection.tick_of(register))]
    counted = Counter(tick.unit for tick in ticks)
    checks = []
    for unit, count in counted.items():
        if count > 1:
            keys = ", ".join(f"{tick.key.dib} {tick.key.vib}" for tick in ticks if tick.unit == unit)
            checks += look(
                "unit_twice",
                f"{unit}: {keys}",
                "{unit} stands {count} times in the list ({keys}); the portal keeps one value of a unit. "
                "Take one away, or give it as another unit.",
                unit=unit,
                count=count,
                keys=keys,
            )
    return checks


def check_combined(subject: Subject) -> list[Check]:
    """Is the heat of a combined meter given as heat, and its cold as cold?"""
    checks = []
    for register in subject.registers:
        tick = subject.draft.selection.tick_of(register)
        if tick is None:
            continue
        if tick.unit == _COLD and _is_heat(subject, register):
            checks += look(
                "combined",
                f"{register.key.dib} {register.key.vib} as cold",
                "{dib} {vib} is the heat of a meter for heat and cooling, and would be billed as cold. "
                "Choose the cold register, or the type heating.",
                dib=register.key.dib,
                vib=register.key.vib,
            )
        elif tick.unit == _HEAT and meaning_of(register.record).direction is Direction.NEGATIVE:
            checks += look(
                "combined",
                f"{register.key.dib} {register.key.vib} as heat",
                "{dib} {vib} counts cold, and would be billed as heat. Give it as cold_energy_kwh.",
                dib=register.key.dib,
                vib=register.key.vib,
            )
    return checks


def check_questions(subject: Subject) -> list[Check]:
    """Is each register what it is given as, as far as its codes tell?"""
    checks = []
    for register in subject.registers:
        tick = subject.draft.selection.tick_of(register)
        if tick is None or _told_as_combined(subject, register, tick.unit):
            continue
        for number, question in enumerate(register.open_questions(tick.unit)):
            reason = Message("{unit}: {sentence}", {"unit": tick.unit, "sentence": question})
            finding = f"{tick.key.dib} {tick.key.vib} {tick.unit} {number}"
            checks.append(Check(f"question:{register.record.index}", CheckState.LOOK, reason, finding))
    return checks


def _told_as_combined(subject: Subject, register: Register, unit: str) -> bool:
    meaning = meaning_of(register.record)
    as_cold = unit == _COLD and _is_heat(subject, register)
    return as_cold or (unit == _HEAT and meaning.direction is Direction.NEGATIVE)


def _is_heat(subject: Subject, register: Register) -> bool:
    meaning = meaning_of(register.record)
    if meaning.direction is Direction.POSITIVE:
        return True
    combined = subject.is_combined or subject.medium in COMBINED_MEDIA
    return combined and meaning.is_plain
