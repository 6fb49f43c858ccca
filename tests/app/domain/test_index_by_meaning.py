"""The index is found by what records mean, or refused with the true reason: kinds, field cases, telegrams."""

import json
from pathlib import Path

import pytest

from app.domain.index_register import other_candidates, why_no_index
from app.domain.meter import MeterType
from app.domain.registers import Role, registers_of
from app.domain.selection import Preferences, Selection, default_tick, tick_refusal, tick_roles
from app.mbus.response import decode
from app.services.commissioning import load_vocabulary
from tests.fakes.built_telegrams import built
from tests.fakes.field_cases import field_cases, telegrams_of
from tests.fakes.shared_vectors import telegrams

VOCABULARY = load_vocabulary()
METERS = Path(__file__).resolve().parents[4] / "shared" / "data" / "meters.json"


def registers(reading, meter_type=MeterType.HEATING):
    return registers_of(reading, VOCABULARY.types[meter_type], VOCABULARY)


def index(reading, meter_type=MeterType.HEATING):
    return next((each for each in registers(reading, meter_type) if each.role is Role.INDEX), None)


def reason(reading, meter_type=MeterType.HEATING):
    return str(why_no_index(reading, VOCABULARY.types[meter_type], VOCABULARY))


@pytest.mark.parametrize(
    ("records", "taken"),
    [
        ([("04", "863B"), ("04", "06")], ("04", "06")),
        ([("04", "863B"), ("04", "863C")], ("04", "863B")),
        ([("44", "06"), ("14", "06"), ("8410", "06"), ("04", "867D")], ("04", "867D")),
        ([("04", "FB09"), ("04", "06")], ("04", "06")),
        ([("04", "FB0D")], ("04", "FB0D")),
        ([("04", "06"), ("0C", "05")], ("04", "06")),
        ([("04", "8615"), ("04", "0E")], ("04", "0E")),
        ([("8400", "06")], ("8400", "06")),
        ([("8480808000", "8600")], ("8480808000", "8600")),
    ],
)
def test_heat_is_taken_by_its_meaning(records, taken):
    key = index(built(*records)).key
    assert (key.dib, key.vib) == taken


@pytest.mark.parametrize(
    ("records", "taken"),
    [
        ([("04", "933C"), ("04", "933B"), ("04", "13")], "13"),
        ([("04", "933C"), ("04", "933B")], "933B"),
        ([("04", "937F"), ("04", "9370")], "9370"),
        ([("04", "9028"), ("04", "10")], "10"),
        ([("8440", "13"), ("44", "13"), ("04", "FB10")], "FB10"),
    ],
)
@pytest.mark.parametrize("meter_type", [MeterType.WATER, MeterType.HOT_WATER, MeterType.COLD_WATER])
def test_water_is_what_ran_forward(records, taken, meter_type):
    assert index(built(*records, medium=0x07), meter_type).key.vib == taken


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ([("04", "863C")], "04 863C: counts cold"),
        ([("44", "06")], "44 06: a stored value"),
        ([("04", "8615")], "04 8615: the meter marks it as faulty"),
        ([("8410", "06")], "8410 06: a tariff's"),
        ([("04", "86FF7E")], "marked in a way of the maker's own"),
        ([("04", "13")], "sends no energy at all"),
    ],
)
def test_where_none_is_taken_each_that_could_be_is_named_with_its_reason(records, said):
    reading = built(*records)
    assert index(reading) is None
    assert said in reason(reading)


def test_reverse_flow_alone_is_no_index():
    reading = built(("04", "933C"), medium=0x07)
    assert index(reading, MeterType.WATER) is None
    assert "counts what ran back" in reason(reading, MeterType.WATER)


def test_a_telegram_cut_off_is_the_reason_itself():
    whole = built(("04", "06"))
    assert "Read the meter again" in reason(decode(whole.raw[:21]))


def test_which_of_several_was_taken_is_told():
    several = other_candidates(
        built(("04", "06"), ("04", "FB09")), VOCABULARY.types[MeterType.HEATING], VOCABULARY
    )
    assert "04 06 was taken, not 04 FB09" in str(several)
    one = built(("04", "06"), ("04", "863C"))
    assert other_candidates(one, VOCABULARY.types[MeterType.HEATING], VOCABULARY) is None


def test_calories_become_kilowatt_hours():
    (offer, _) = index(built(("04", "FB0D"))).offers
    assert offer.conversion * 10**9 == 1163, "1 Gcal is 1163 kWh"


@pytest.mark.parametrize("vib", ["06", "13"])
def test_the_fixed_structure_is_refused_as_such(vib):
    reading = decode(bytes.fromhex("6813136808057320094523010005693165000023910600D016"))
    assert all(each.offers == () for each in registers(reading))
    assert "old fixed structure" in reason(reading)


def test_the_other_byte_order_is_refused_before_the_upload():
    reading = built(("04", "06"), ci=0x76)
    assert all("CI 76" in str(each.refusal) for each in registers(reading))


def test_a_record_the_gateway_drops_the_telegram_for_refuses_all():
    reading = built(("04", "06"), ("04", "7D"))
    assert all("DIB 04 and VIB 7D" in str(each.refusal) for each in registers(reading))


def test_a_faulty_record_is_never_put_into_a_list():
    (register,) = registers(built(("04", "8615")))
    assert "another VIB" in str(register.refusal)


def test_a_unit_stands_once_in_a_list():
    profile, preferences = VOCABULARY.types[MeterType.HEATING], Preferences()
    found = registers(built(("04", "06"), ("8410", "06"), ("04", "13"), ("8440", "13"), ("04", "14")))
    selection = tick_roles(Selection(), found, frozenset(Role), profile, preferences)
    units = [entry.unit for entry in selection.entries(found)]
    assert units == ["heat_energy_kwh", "vol_m3"]
    for register in found[1::2]:
        assert default_tick(register, profile, preferences, selection) is None
        assert "is in the list already" in str(tick_refusal(register, selection))
    assert all(tick_refusal(register, selection) is None for register in found[0:4:2])


def test_a_second_energy_goes_under_the_unit_it_is():
    profile, preferences = VOCABULARY.types[MeterType.HEATING], Preferences()
    found = registers(built(("04", "06"), ("04", "863C")))
    selection = tick_roles(Selection(), found, frozenset({Role.INDEX}), profile, preferences)
    assert default_tick(found[1], profile, preferences, selection).unit == "cold_energy_kwh"


FOUND = {
    "heat and cooling meter, energy only as 04 8E3B / 04 8E3C (MJ)": ("04", "8E3B"),
    "energy as 8400 863B with empty DIFE": ("8400", "863B"),
    "energy with correction factor 1000 (VIFE 7D)": ("0C", "877D"),
    "cooling energy of tariff 1 is given as heat": ("0C", "06"),
    "mostly cooling meter: 517 kWh heat, 6042 kWh cold in 8410 06": ("04", "06"),
    "cooling energy as 04 86FF02 (maker's VIFE)": ("04", "06"),
}


@pytest.mark.parametrize(
    "case", field_cases("the dial register has a VIFE, so there is no index", "combined heat/cooling meters")
)
def test_the_index_of_every_field_case_is_found(case):
    (raw,) = telegrams_of(case)
    key = index(decode(raw)).key
    assert (key.dib, key.vib) == FOUND[case["name"]]


@pytest.mark.parametrize("case", field_cases("registers the gateway can never find"))
def test_what_the_gateway_can_never_find_is_refused(case):
    (raw,) = telegrams_of(case)
    found = registers(decode(raw))
    assert found
    assert all(each.refusal is not None and not each.offers for each in found)


@pytest.mark.parametrize("vector", telegrams())
def test_every_public_telegram_with_a_portal_type_has_its_index_or_the_reason(vector):
    reading = decode(bytes.fromhex(vector["hex"]))
    meter_type = VOCABULARY.type_of_medium(reading.header.medium) if reading.header else None
    if meter_type is None:
        return
    found = index(reading, meter_type)
    if found is None:
        assert reading.error is not None or reading.ci == 0x73, reason(reading, meter_type)
        assert any(said in reason(reading, meter_type) for said in ("fixed structure", "cannot be taken"))
    else:
        assert not found.open_questions(found.offers[0].unit.key)
        assert found.key.dib


def known_meters():
    """One parameter a model, medium and index that the shared table tells."""
    if not METERS.is_file():
        return [pytest.param(None, None, None, marks=pytest.mark.skip(reason="no table of meters"))]
    types = {"heating": "04", "cooling": "0D", "water": "07", "hot_water": "06", "cold_water": "16"}
    return [
        pytest.param(row, each, medium, id=f"{row['manufacturer']} {row['version']} {medium} {each['vib']}")
        for row in json.loads(METERS.read_text(encoding="utf-8"))
        for each in row.get("index", ())
        if each["quantity"] == "ENERGY" or each["for"] not in ("heating", "cooling")
        for medium in each.get("only_media") or row.get("media") or [types[each["for"]]]
        if "dib" in each and each["vib"] != "00" and row["version"] is not None
    ]


@pytest.mark.parametrize(("row", "fact", "medium"), known_meters())
def test_the_index_of_every_known_model_is_found(row, fact, medium):
    meter_type = VOCABULARY.type_of_medium(int(medium, 16)) or MeterType.HEATING
    if fact["for"] in ("heating", "cooling"):
        meter_type = MeterType(fact["for"])
    elif meter_type in (MeterType.HEATING, MeterType.COOLING):
        meter_type = MeterType.WATER
    found = [("0C", "78"), ("44", fact["vib"]), (fact["dib"], fact["vib"]), ("8420", fact["vib"])]
    if row["manufacturer"] == "BMT" and row["version"] == 11 and fact["for"] == "cooling":
        found.insert(1, found[2])
    reading = built(*found, maker=row["manufacturer"], version=row["version"], medium=int(medium, 16))
    taken = index(reading, meter_type)
    if row["manufacturer"] == "BMT" and row["version"] == 11 and fact["for"] == "cooling":
        assert taken is None, "the second of two with the same DIB and VIB cannot be reached"
    else:
        assert (taken.key.dib, taken.key.vib) == (fact["dib"], fact["vib"])
