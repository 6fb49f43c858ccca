"""The exact strings of the portal's documentation; a letter off and the gateway reads nothing."""

import ast
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.domain.draft import new_draft, portal_entry, registers_for, with_type
from app.domain.meter import MeterType
from app.domain.payload import RegEntry, format_reg, parse_reg
from app.domain.registers import Role
from app.domain.selection import (
    Preferences,
    Selection,
    consequence,
    default_tick,
    other_index_unit,
    portal_value,
    tick_roles,
    with_unit,
)
from app.mbus.records import Number
from tests.fakes.telegrams import heat_telegram, record, telegram, vocabulary

INDEX_ALONE = "[{'unit': 'heat_energy_kwh', 'factor': 0.001, 'dib': '04', 'vib': '06'}]"
ALL_SEVEN = (
    "[{'unit': 'heat_energy_kwh', 'factor': 0.001, 'dib': '04', 'vib': '06'}, "
    "{'unit': 'vol_m3', 'dib': '04', 'vib': '13'}, "
    "{'unit': 'power_kw', 'dib': '04', 'vib': '2B'}, "
    "{'unit': 'vol_flow_m3_h', 'dib': '04', 'vib': '3B'}, "
    "{'unit': 'flow_temp', 'dib': '02', 'vib': '5B'}, "
    "{'unit': 'return_temp', 'dib': '02', 'vib': '5F'}, "
    "{'unit': 'diff_temp', 'dib': '02', 'vib': '61'}]"
)
BOTH_ROLES = frozenset({Role.INDEX, Role.USEFUL})
VOCABULARY = vocabulary()


def all_useful(reading, preferences=Preferences()):  # noqa: B008 - frozen
    draft = new_draft("94158192", reading, VOCABULARY, preferences, baudrate=2400)
    registers = registers_for(draft, reading, VOCABULARY)
    profile = VOCABULARY.types[draft.type]
    return registers, tick_roles(draft.selection, registers, BOTH_ROLES, profile, preferences), draft


def test_the_index_alone_is_the_documented_smallest_list():
    reading = heat_telegram()
    draft = new_draft("94158192", reading, VOCABULARY, Preferences(), baudrate=2400)
    entry = portal_entry(draft, registers_for(draft, reading, VOCABULARY), VOCABULARY)
    assert entry.reg == INDEX_ALONE
    assert entry.secondary_ad == "92811594FFFFFFFF"
    assert (entry.prim_ad, entry.model, entry.protocol, entry.baudrate, entry.mode) == (
        "",
        "generic_mbus",
        "mbus",
        2400,
        "consumption",
    )


def test_all_useful_gives_the_documented_seven_in_order():
    registers, selection, _ = all_useful(heat_telegram())
    assert format_reg(selection.entries(registers)) == ALL_SEVEN


def test_the_power_without_factor_says_what_the_portal_will_read():
    registers, selection, _ = all_useful(heat_telegram())
    power = next(register for register in registers if register.record.description == "POWER")
    tick = selection.tick_of(power)
    assert portal_value(power, tick) == Decimal(2150)
    assert str(consequence(power, tick)) == (
        "The portal will read 2150 kW where the meter says 2.15 kW, unless it converts W itself."
    )
    assert consequence(power, with_unit(tick, power, "power_kw", Preferences(convert_always=True))) is None


def test_a_person_who_prefers_conversion_gets_the_power_factor():
    registers, selection, _ = all_useful(heat_telegram(), Preferences(convert_always=True))
    assert "{'unit': 'power_kw', 'factor': 0.001, 'dib': '04', 'vib': '2B'}" in format_reg(
        selection.entries(registers)
    )


def test_a_meter_that_counts_in_joule_gets_a_factor_that_makes_kwh_of_it():
    reading = telegram(record("04", "0E", "ENERGY", Number(1234, 6), "J"))
    registers, selection, _ = all_useful(reading)
    (entry,) = selection.entries(registers)
    assert entry.unit == "heat_energy_kwh"
    assert abs(entry.factor * 3_600_000 - 1) < Decimal("1e-14")
    assert format_reg([entry]) == (
        "[{'unit': 'heat_energy_kwh', 'factor': 2.77777777777778e-07, 'dib': '04', 'vib': '0E'}]"
    )
    assert consequence(registers[0], selection.tick_of(registers[0])) is None


def test_a_flow_per_minute_is_multiplied_by_sixty():
    reading = telegram(
        record("04", "06", "ENERGY", Number(1, 3), "Wh"),
        record("02", "43", "VOLUME_FLOW_EXT", Number(5, -3), "m³/min"),
    )
    registers, selection, _ = all_useful(reading)
    assert "{'unit': 'vol_flow_m3_h', 'factor': 60, 'dib': '02', 'vib': '43'}" in format_reg(
        selection.entries(registers)
    )


def test_water_is_given_as_the_meters_type_and_as_volume_on_wish():
    hot = telegram(record("0C", "13", "VOLUME", Number(812430, -3), "m³"), medium=0x06)
    registers, selection, draft = all_useful(hot)
    assert draft.type is MeterType.HOT_WATER
    assert format_reg(selection.entries(registers)) == "[{'unit': 'hot_water', 'dib': '0C', 'vib': '13'}]"
    registers, selection, _ = all_useful(hot, Preferences(water_as_volume=True))
    assert format_reg(selection.entries(registers)) == "[{'unit': 'vol_m3', 'dib': '0C', 'vib': '13'}]"


def test_the_other_unit_of_a_water_index_is_offered_both_ways():
    hot = telegram(record("0C", "13", "VOLUME", Number(812430, -3), "m³"), medium=0x06)
    registers, selection, draft = all_useful(hot)
    profile = VOCABULARY.types[draft.type]
    tick = selection.tick_of(registers[0])
    assert other_index_unit(registers[0], tick, profile) == "vol_m3"
    volume = with_unit(tick, registers[0], "vol_m3", Preferences())
    assert other_index_unit(registers[0], volume, profile) == "hot_water"
    cold = with_unit(tick, registers[0], "cold_water", Preferences())
    assert other_index_unit(registers[0], cold, profile) is None
    heat = heat_telegram()
    registers, selection, draft = all_useful(heat)
    ticks = [(register, selection.tick_of(register)) for register in registers[1:8]]
    profile = VOCABULARY.types[draft.type]
    assert all(other_index_unit(register, tick, profile) is None for register, tick in ticks)


def test_another_type_gives_index_and_useful_registers_as_that_type_has_them():
    reading = heat_telegram()
    registers, selection, draft = all_useful(reading)
    plain = registers[8]
    ticked = selection.with_tick(default_tick(plain, VOCABULARY.types[draft.type], Preferences()))
    heating = type(draft)(serial=draft.serial, type=draft.type, selection=ticked)
    cooling = with_type(heating, MeterType.COOLING, reading, VOCABULARY, Preferences())
    entries = cooling.selection.entries(registers_for(cooling, reading, VOCABULARY))
    assert [entry.unit for entry in entries] == [
        "cold_energy_kwh",
        "vol_m3",
        "power_kw",
        "vol_flow_m3_h",
        "flow_temp",
        "return_temp",
        "diff_temp",
        "heat_energy_kwh",
    ]


def test_records_the_list_cannot_tell_apart_are_named_and_only_the_first_can_be_ticked():
    reading = telegram(
        record("04", "06", "ENERGY", Number(1, 3), "Wh"), record("04", "06", "ENERGY", Number(2, 3), "Wh")
    )
    registers, selection, _ = all_useful(reading)
    assert [register.ambiguous for register in registers] == [True, True]
    assert registers[1].offers == ()
    assert "Record 1 has the same DIB 04 and VIB 06" in str(registers[1].refusal)
    assert len(selection.entries(registers)) == 1


def test_what_the_portal_has_no_unit_for_is_refused_with_the_reason():
    reading = telegram(
        record("04", "6D", "DATE_TIME", None),
        record("0D", "FD11", "CUSTOMER", "Dupont"),
        record("04", "FB01", "ENERGY", Number(1), "VAh"),
        record("0D", "06", "ENERGY", "12345", "Wh"),
    )
    registers, selection, _ = all_useful(reading)
    assert selection.entries(registers) == ()
    assert [str(register.refusal) for register in registers] == [
        "The portal has no unit for this quantity.",
        "The portal takes numbers only, and this register is none.",
        "The portal has no unit that VAh can be converted to for this quantity.",
        "The portal takes numbers only, and this register is none.",
    ]


_CANDIDATES = (
    record("04", "06", "ENERGY", Number(37351, 3), "Wh"),
    record("44", "06", "ENERGY", Number(36902, 3), "Wh", storage=1),
    record("04", "0E", "ENERGY", Number(3, 6), "J"),
    record("04", "13", "VOLUME", Number(812430, -3), "m³"),
    record("04", "2B", "POWER", Number(2150), "W"),
    record("02", "3E", "VOLUME_FLOW", None, "m³/h", flags=("no_data",)),
    record("8C10", "13", "VOLUME", Number(5), "m³", tariff=1),
    record("04", "6D", "DATE_TIME", None),
)
_FACTORS = st.none() | st.decimals(
    min_value="0.0000001", max_value="100000", allow_nan=False, allow_infinity=False, places=7
).filter(lambda factor: 0 < len(factor.normalize().as_tuple().digits) <= 15)


@given(
    records=st.lists(st.sampled_from(_CANDIDATES), min_size=1, max_size=12),
    ticks=st.lists(st.tuples(st.integers(0, 11), _FACTORS), max_size=12),
)
def test_whatever_is_ticked_the_text_is_a_python_literal_of_exactly_that(records, ticks):
    reading = telegram(*records)
    draft = new_draft("94158192", reading, VOCABULARY, Preferences(), baudrate=2400)
    registers = registers_for(draft, reading, VOCABULARY)
    selection = Selection()
    expected = {}
    for position, factor in ticks:
        if position < len(registers) and registers[position].offers:
            register = registers[position]
            unit = register.offers[-1].unit.key
            tick = type(default_tick(register, VOCABULARY.types[draft.type], Preferences()))(
                register.key, unit, factor
            )
            selection = selection.with_tick(tick)
            expected[position] = tick
    text = format_reg(selection.entries(registers))
    wanted = [
        {"unit": tick.unit}
        | ({} if tick.factor is None else {"factor": float(tick.factor)})
        | {"dib": tick.key.dib, "vib": tick.key.vib}
        for _, tick in sorted(expected.items())
    ]
    literal = ast.literal_eval(text)
    assert literal == wanted, "the gateway would read something else than was ticked"
    assert [list(item) for item in literal] == [list(item) for item in wanted], "the order of the keys"
    assert parse_reg(text) == selection.entries(registers)


def test_a_factor_keeps_its_digits_there_and_back():
    entry = RegEntry("heat_energy_kwh", Decimal("0.000277777777777778"), "04", "0E")
    assert parse_reg(format_reg([entry])) == (entry,)
