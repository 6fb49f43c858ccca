"""Cold energy by its makers' ways: found where it is known, asked where it may be, never taken from heat."""

import json

import pytest

from app.domain.energy import Side, energy_uses
from app.domain.meter import MeterType
from app.domain.proposals import both_energies_in_one, proposals
from app.domain.registers import Role, registers_of
from app.domain.selection import Preferences
from app.mbus.manufacturer import letters_to_code
from app.resources import resource_path
from app.services.commissioning import load_vocabulary
from tests.fakes.built_telegrams import built

VOCABULARY = load_vocabulary()
FACTS = json.loads(resource_path("meters", "cold.json").read_text(encoding="utf-8"))
COLD, HEAT = "cold_energy_kwh", "heat_energy_kwh"


def named(row):
    return f"{row['maker']} {row['version']} {row['medium']}"


def of_row(row, *records):
    return built(*records, maker=row["maker"], version=row["version"], medium=int(row["medium"], 16))


def index(reading, meter_type):
    registers = registers_of(reading, VOCABULARY.types[meter_type], VOCABULARY)
    return next((each for each in registers if each.role is Role.INDEX), None)


@pytest.mark.parametrize("row", FACTS["ways"], ids=named)
def test_each_makers_way_gives_heat_and_cold_each_its_register(row):
    records = [tuple(each) for each in (row["heat"], row["cold"]) if each is not None]
    reading = of_row(row, *records)
    heat, cold = index(reading, MeterType.HEATING), index(reading, MeterType.COOLING)
    if row["heat"] is not None:
        assert [heat.key.dib, heat.key.vib] == row["heat"]
        assert heat.offers[0].unit.key == HEAT
    if row["cold"] is None:
        assert cold is None
    elif row["cold"] == row["heat"]:
        assert cold is None, "no register list reaches it"
        assert "no register list" in str(proposals(reading, VOCABULARY)[1].question)
    else:
        assert [cold.key.dib, cold.key.vib] == row["cold"]
        assert cold.offers[0].unit.key == COLD
        assert not cold.open_questions(COLD)


IN_COMBINED_METERS_TOO = [
    row | {"medium": "0D"}
    for row in FACTS["look_alikes"]
    if row["maker"] in ("KAM", "LUG") and row["quantity"] == "ENERGY"
]


@pytest.mark.parametrize("row", [*FACTS["look_alikes"], *IN_COMBINED_METERS_TOO], ids=named)
def test_what_only_looks_like_cold_is_never_cold(row):
    reading = of_row(row, ("04", "06"), tuple(row["record"]))
    assert energy_uses(reading, VOCABULARY.cold).get(1) is None or (
        energy_uses(reading, VOCABULARY.cold)[1].side is not Side.COLD
    )
    for meter_type in MeterType:
        registers = registers_of(reading, VOCABULARY.types[meter_type], VOCABULARY)
        assert registers[1].role is Role.PLAIN, meter_type
        if registers[1].offer(COLD):
            assert registers[1].open_questions(COLD)


@pytest.mark.parametrize("medium", [0x0C, 0x0D])
@pytest.mark.parametrize("maker", ["LUG", "KAM", "XYZ"])
def test_the_plain_energy_of_a_combined_meter_is_heat_and_asked_as_cold(medium, maker):
    reading = built(("04", "06"), maker=maker, medium=medium)
    assert index(reading, MeterType.COOLING) is None
    register = index(reading, MeterType.HEATING)
    assert not register.open_questions(HEAT)
    assert register.open_questions(COLD)


def test_a_cooling_meters_plain_energy_is_its_cold():
    reading = built(("04", "0E"), maker="KAM", version=52, medium=0x0A)
    assert [each.type for each in proposals(reading, VOCABULARY)] == [MeterType.COOLING]
    assert index(reading, MeterType.COOLING).key.vib == "0E"


@pytest.mark.parametrize(
    ("maker", "medium", "record"),
    [("XYZ", 0x0D, ("8410", "06")), ("XYZ", 0x0C, ("8440", "06")), ("KAM", 0x04, ("04", "86FF02"))],
)
def test_where_nobody_knows_the_cold_is_asked_and_not_ticked(maker, medium, record):
    reading = built(("04", "06"), record, maker=maker, version=48, medium=medium)
    register = registers_of(reading, VOCABULARY.types[MeterType.HEATING], VOCABULARY)[1]
    assert (register.role, register.offers[0].unit.key) == (Role.PLAIN, COLD)
    assert register.open_questions(COLD)
    heat, cold = proposals(reading, VOCABULARY)[:2]
    assert (heat.is_certain, cold.is_certain) == (True, False)
    assert (cold.type, cold.index.key) == (MeterType.COOLING, register.key)


def test_a_meter_for_both_without_a_known_cold_says_so():
    _, cold = proposals(built(("04", "863B"), maker="SEN", version=6, medium=0x0D), VOCABULARY)
    assert (cold.type, cold.index) == (MeterType.COOLING, None)
    assert "no register that is known as its cold" in str(cold.question)


def test_both_energies_fit_into_one_list_for_a_portal_with_one_entry_an_address():
    reading = built(("0C", "06"), ("8C10", "06"), ("0C", "13"), maker="DME", version=65, medium=0x0D)
    registers, selection = both_energies_in_one(reading, VOCABULARY, Preferences())
    entries = selection.entries(registers)
    assert [(each.unit, each.dib) for each in entries] == [(HEAT, "0C"), (COLD, "8C10")]


def test_the_volume_of_the_cold_goes_with_the_cold():
    reading = built(
        ("0C", "06"), ("8C40", "06"), ("0C", "13"), ("8C40", "13"), maker="APA", version=66, medium=0x0D
    )
    for meter_type, dib in ((MeterType.HEATING, "0C"), (MeterType.COOLING, "8C40")):
        registers = registers_of(reading, VOCABULARY.types[meter_type], VOCABULARY)
        volume = next(
            each for each in registers if each.role is Role.USEFUL and each.record.description == "VOLUME"
        )
        assert volume.key.dib == dib


def test_every_rule_names_makers_by_their_letters_and_known_senses():
    assert len(VOCABULARY.cold.rules) == len(FACTS["rules"])
    for rule in FACTS["rules"]:
        assert all(letters_to_code(letters) for letters in rule["makers"])
    assert all(row["sources"] for row in (*FACTS["ways"], *FACTS["look_alikes"]))
