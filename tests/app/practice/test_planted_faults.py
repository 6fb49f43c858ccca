"""Twenty meters with one fault each are all named, over the real line; sound meters get no look."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

import pytest

from app.bus.errors import BusError
from app.bus.master import BusMaster
from app.bus.port import LineSettings
from app.bus.readout import Readout
from app.domain.checks import Check
from app.domain.draft import new_draft, registers_for
from app.domain.errors import DomainError
from app.domain.meter import MeterType, SerialNumber
from app.domain.selection import Preferences, Selection, Tick
from app.mbus.addresses import SecondaryAddress
from app.mbus.records import Telegram
from app.practice.building import Building, practice_building
from app.practice.bus_server import PracticeBus
from app.practice.faulty_building import PlantedFault, faulty_building
from app.practice.meters import SimulatedMeter
from app.services.commissioning import commission, further_types
from app.services.explain import explain
from tests.fakes.checked import VOCABULARY, checks_of, looks

BAUD = 38400
"""As fast as the practice line goes: the meters are read in seconds."""
FAULTY = faulty_building()
PLANTED = {planted.number: planted for planted in FAULTY.planted}
Answers: TypeAlias = dict[str, Readout | BusError]

NAMED = [
    ("71204901", "flow sensor backwards", "direction", "the flow sensor sits the wrong way round"),
    ("76120418", "sensors swapped", "temperatures", "Flow 38.12 °C and return 57.46 °C look swapped"),
    ("43117206", "one sensor dead", "sensors", "A flow temperature of 180.0 °C cannot be"),
    ("48031194", "both sensors dead", "sensors", "both 25 °C, and the meter reports an error"),
    ("30422190", "water meter backwards", "counter", "99999.871 m³ is just below the end of the counter"),
    ("20140033", "never counted", "counter", "has never counted. Draw water and read it again"),
    ("15022718", "pulse value ten times off", "dial", "The pulse value is set 10 times too high"),
    ("65911208", "dial in another unit", "dial", "The dial counts in MJ"),
    ("81420077", "combined meter taken as cold", "combined", "04 06: The meter counts heat here"),
    ("15022733", "wrong medium", "medium", "The meter says “electricity”, but the portal type is water"),
    ("43221980", "error flags", "error_flags", "264 (bits 3, 8)"),
    ("02418830", "battery nearly empty", "battery", "lasts for 21 days only"),
    ("10604417", "clock a year off", "clock", "days off"),
    ("53100672", "answer of the maker only", "makers_own", "its maker's own kind (CI B7)"),
    ("10255317", "read-out credit used up", "no_telegram", "allow a limited number of read-outs a day"),
    ("08804215", "telegram without a header", "header", "names neither the meter nor what it measures"),
    ("23450920", "fixed structure", "gateway", "no DIB and VIB"),
    ("69204481", "encrypted, no key", "encrypted_reading", "its key is not known"),
    ("85246798", "another number on the label", "serial", "67211183, but on the bus it answers as 85246798"),
    ("11400926", "index ambiguous", "ambiguous", "Several records have DIB 0C and VIB 0E"),
]  # fmt: skip


def read_all(
    meters: Sequence[SimulatedMeter], address: Callable[[SimulatedMeter], SecondaryAddress]
) -> Answers:
    """What each meter answers, read one after the other through a real port."""
    bus = PracticeBus(Building(list(meters)), baud=BAUD)
    url = bus.start()

    async def run() -> Answers:
        found: Answers = {}
        async with BusMaster(url, LineSettings(baud=BAUD)) as master:
            for meter in meters:
                number = meter.address.identification
                try:
                    found[number] = await master.read_secondary(address(meter))
                except BusError as error:
                    found[number] = error
        return found

    try:
        return asyncio.run(run())
    finally:
        bus.stop()


@pytest.fixture(scope="module")
def answers() -> Answers:
    """Of the meters with a planted fault, asked by their number as an installer asks."""
    return read_all(
        [FAULTY.building.meter(number) for number in PLANTED],
        lambda meter: SecondaryAddress(meter.address.identification),
    )


def checked(telegram: Telegram, **decided: object) -> tuple[Check, ...]:
    return checks_of(telegram, read_at=datetime.now().astimezone(), **decided)


def first_energy(telegram: Telegram, meter_type: MeterType) -> Selection:
    """The tick of somebody who takes the first energy for what the type counts, whatever is proposed."""
    draft = new_draft("0", telegram, VOCABULARY, Preferences(), baudrate=2400, meter_type=meter_type)
    energy = next(
        each for each in registers_for(draft, telegram, VOCABULARY) if each.record.description == "ENERGY"
    )
    return Selection((Tick(energy.key, VOCABULARY.types[meter_type].index, Decimal("0.001")),))


def found_in(planted: PlantedFault, answer: Readout | BusError) -> list[tuple[str, str]]:
    """Every look and every refusal, with its code."""
    if isinstance(answer, BusError):
        said = explain(answer)
        return [(said.code, f"{said.what} {said.next_step}")]
    ticked = first_energy(answer.telegram, planted.taken_as) if planted.taken_as is not None else None
    checks = checked(
        answer.telegram,
        label=planted.label,
        dial=planted.dial,
        meter_type=planted.taken_as,
        selection=ticked,
    )
    found = [(check.code, str(check.reason)) for check in checks if check.code in looks((check,))]
    try:
        commission(
            SerialNumber.parse(planted.number),
            answer,
            VOCABULARY,
            Preferences(),
            place="",
            gateway_id="g",
            useful=True,
            read_at=datetime.now().astimezone(),
        )
    except DomainError as error:
        found.append((explain(error).code, str(error)))
    return found


@pytest.mark.parametrize(("number", "fault", "code", "words"), NAMED, ids=[row[1] for row in NAMED])
def test_a_planted_fault_is_named(answers: Answers, number: str, fault: str, code: str, words: str) -> None:
    planted = PLANTED[number]
    found = found_in(planted, answers[number])
    assert planted.found_by == code
    assert [said for by, said in found if by == code and words in said], f"{fault}: found only {found}"


def test_there_are_twenty_and_each_has_a_meter_of_its_own() -> None:
    assert len(PLANTED) == len(FAULTY.planted) == 20
    assert {row[0] for row in NAMED} == set(PLANTED)
    meters = FAULTY.building.meters
    assert len({meter.primary for meter in meters}) == len(meters)
    assert len({meter.address for meter in meters}) == len(meters)


def test_a_fault_brings_no_looks_that_it_does_not_explain(answers: Answers) -> None:
    """One fault, one look; what a dead sensor or a missing header makes impossible is no second fault."""
    together = {"sensors": {"status"}, "combined": {"index"}, "makers_own": {"answer"}}
    together |= {"encrypted_reading": {"answer", "gateway"}, "gateway": {"no_index"}}
    for number, planted in PLANTED.items():
        codes = {code for code, _ in found_in(planted, answers[number])}
        assert codes <= {planted.found_by} | together.get(planted.found_by, set()), number


def sound_meters() -> list[SimulatedMeter]:
    """Every meter of the sound building, and the sound ones of the other."""
    first = practice_building().meters
    known = {meter.address for meter in first} | {FAULTY.building.meter(number).address for number in PLANTED}
    return [*first, *(meter for meter in FAULTY.building.meters if meter.address not in known)]


def test_no_sound_meter_gets_a_look() -> None:
    """A building of false alarms teaches people to click them away."""
    meters = sound_meters()
    found = {}
    for number, answer in read_all(meters, lambda meter: meter.address).items():
        assert isinstance(answer, Readout), number
        types = (None, *further_types(answer.telegram, VOCABULARY))
        for meter_type in types:
            seen = looks(checked(answer.telegram, label=number, meter_type=meter_type))
            if seen:
                found[number, meter_type] = seen
    assert found == {}


def test_the_sound_meters_are_of_all_kinds_that_alarmed_once() -> None:
    odd = {
        "71204877": "idle in summer",
        "48120650": "combined, cools",
        "69108842": "combined, heats",
        "48093317": "whole degrees",
        "61133402": "power in kW",
        "21300462": "REAL32",
        "08812260": "joules",
        "71503344": "cooling",
        "66100915": "several telegrams",
    }
    meters = sound_meters()
    assert set(odd) <= {meter.address.identification for meter in meters}
    assert {meter.address.medium for meter in meters} == {0x04, 0x06, 0x07, 0x0A, 0x0D, 0x16}
