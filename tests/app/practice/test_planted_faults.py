"""Twenty meters with one fault each are all named, over the real line; sound meters get no look."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from app.bus.errors import BusError
from app.bus.master import BusMaster
from app.bus.port import LineSettings
from app.bus.readout import Readout
from app.domain.checks import Check, CheckState, Subject, run_checks
from app.domain.draft import MeterDraft, new_draft, registers_for
from app.domain.errors import DomainError
from app.domain.meter import SerialNumber
from app.domain.registers import Role
from app.domain.selection import Preferences, Selection, Tick, tick_roles
from app.mbus.addresses import SecondaryAddress
from app.practice.building import practice_building
from app.practice.bus_server import PracticeBus
from app.practice.faulty_building import PlantedFault, faulty_building
from app.services.commissioning import commission, load_vocabulary
from app.services.explain import explain

VOCABULARY = load_vocabulary()
FAULTY = faulty_building()
BAUD = 38400
"""As fast as the practice line goes: twenty meters are read in seconds."""


@pytest.fixture(scope="module")
def readings() -> Iterator[dict[str, Readout | BusError]]:
    """What each planted meter answered to its number, read through a real port."""
    bus = PracticeBus(FAULTY.building, baud=BAUD)
    url = bus.start()

    async def run() -> dict[str, Readout | BusError]:
        found: dict[str, Readout | BusError] = {}
        async with BusMaster(url, settings_of(BAUD)) as master:
            for planted in FAULTY.planted:
                try:
                    found[planted.number] = await master.read_secondary(SecondaryAddress(planted.number))
                except BusError as error:
                    found[planted.number] = error
        return found

    try:
        yield asyncio.run(run())
    finally:
        bus.stop()


def settings_of(baud: int) -> LineSettings:
    return LineSettings(baud=baud)


def checks_of(readout: Readout, *, label: str, dial: str = "", taken_as=None) -> tuple[Check, ...]:
    """What an installer gets who types the label, ticks everything and types the dial where it is given."""
    telegram = readout.telegram
    preferences = Preferences(convert_always=True)
    draft = new_draft(label, telegram, VOCABULARY, preferences, baudrate=2400, meter_type=taken_as)
    registers = registers_for(draft, telegram, VOCABULARY)
    profile = VOCABULARY.types[draft.type]
    roles = frozenset({Role.INDEX, Role.USEFUL})
    selection = tick_roles(draft.selection, registers, roles, profile, preferences)
    if taken_as is not None:
        # Whoever ticks the first energy as what the type counts, against what the program proposes.
        energy = next(each for each in registers if each.record.description == "ENERGY")
        selection = Selection((Tick(energy.key, profile.index, Decimal("0.001")),))
    decided = MeterDraft(serial=label, type=draft.type, selection=selection, dial=dial)
    return run_checks(Subject(decided, telegram, registers, VOCABULARY, datetime.now().astimezone()))


def found_in(planted: PlantedFault, outcome: Readout | BusError) -> dict[str, str]:
    """Every look and every refusal, by code."""
    if isinstance(outcome, BusError):
        return {explain(outcome).code: str(explain(outcome).what)}
    checks = checks_of(outcome, label=planted.label, dial=planted.dial, taken_as=planted.taken_as)
    looks = {check.code: str(check.reason) for check in checks if check.state is CheckState.LOOK}
    try:
        commission(
            SerialNumber.parse(planted.number),
            outcome,
            VOCABULARY,
            Preferences(),
            place="",
            gateway_id="g",
            useful=True,
            read_at=datetime.now(UTC),
        )
    except DomainError as error:
        looks[explain(error).code] = str(explain(error).what)
    return looks


@pytest.mark.parametrize("planted", FAULTY.planted, ids=lambda planted: planted.number)
def test_a_planted_fault_is_named(planted: PlantedFault, readings: dict[str, Readout | BusError]) -> None:
    found = found_in(planted, readings[planted.number])
    assert planted.found_by in found, f"{planted.words} was not found; found: {found}"


def test_there_are_twenty_and_each_has_a_meter_of_its_own() -> None:
    assert len({planted.number for planted in FAULTY.planted}) == 20


SOUND = practice_building()
READABLE = [meter for meter in SOUND.meters if not meter.quirks.mute]


def test_no_sound_meter_gets_a_look() -> None:
    """A building of false alarms teaches people to click them away."""
    bus = PracticeBus(SOUND, baud=BAUD)
    url = bus.start()

    async def run() -> dict[str, dict[str, str]]:
        looks = {}
        async with BusMaster(url, settings_of(BAUD)) as master:
            for meter in READABLE:
                number = meter.address.identification
                readout = await master.read_secondary(meter.address)
                found = {
                    check.code: str(check.reason)
                    for check in checks_of(readout, label=number)
                    if check.state is CheckState.LOOK
                }
                if found:
                    looks[number] = found
        return looks

    try:
        assert asyncio.run(run()) == {}
    finally:
        bus.stop()
