"""The register list as the portal would get it: each register found, told apart, and given as what it is."""

from collections import Counter

from app.domain.checks.outcome import Check, CheckState
from app.domain.checks.subject import Subject, look
from app.domain.refusals import AFTER_FIRST
from app.domain.registers import Register
from app.domain.selection import consequence
from app.message import Message


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


def check_meanings(subject: Subject) -> list[Check]:
    """Is each register what it is given as: the reading of now, heat as heat, cold as cold?"""
    checks = []
    for register in subject.registers:
        tick = subject.draft.selection.tick_of(register)
        offer = register.offer(tick.unit) if tick is not None else None
        if offer is None:
            continue
        key = f"{register.key.dib} {register.key.vib}"
        if offer.question is not None:
            code = "combined" if offer.unit.side else "meaning"
            checks += _doubt(code, f"{key} as {offer.unit.key}", register, offer.question)
        for doubt in register.doubts:
            if doubt is not AFTER_FIRST:
                checks += _doubt("meaning", f"{key}: {doubt.template}", register, doubt)
    return checks


def _doubt(code: str, finding: str, register: Register, sentence: Message) -> list[Check]:
    return look(
        code,
        finding,
        "{dib} {vib}: {sentence}",
        dib=register.key.dib,
        vib=register.key.vib,
        sentence=sentence,
    )
