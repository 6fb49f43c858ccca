"""The checks before an upload: each says ok, look or not available, with the reason a person can act on."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.checks import CheckState, Subject, parse_reading, run_checks
from app.domain.draft import new_draft, registers_for
from app.domain.meter import MeterType
from app.domain.registers import Role
from app.domain.selection import Preferences, Selection, tick_roles
from app.mbus.records import Number
from tests.fakes.telegrams import heat_telegram, record, telegram, vocabulary

VOCABULARY = vocabulary()
READ_AT = datetime(2026, 11, 22, 10, 14)  # noqa: DTZ001 - a meter's clock has no zone


def checks(reading, *, useful=False, meter_type=None, namesakes=(), label_typed=True, **changes):
    draft = new_draft("94158192", reading, VOCABULARY, Preferences(), baudrate=2400, meter_type=meter_type)
    registers = registers_for(draft, reading, VOCABULARY)
    if useful:
        roles = frozenset({Role.INDEX, Role.USEFUL})
        profile = VOCABULARY.types[draft.type]
        draft = replace(
            draft, selection=tick_roles(draft.selection, registers, roles, profile, Preferences())
        )
    draft = replace(draft, **changes)
    subject = Subject(draft, reading, registers, VOCABULARY, READ_AT, namesakes, label_typed)
    return {check.code: (check.state, str(check.reason)) for check in run_checks(subject)}


def test_a_meter_that_announced_more_than_was_read_is_worth_a_look():
    assert "complete" not in checks(heat_telegram())
    state, reason = checks(replace(heat_telegram(), more_records_follow=True))["complete"]
    assert state is CheckState.LOOK
    assert "registers may be missing" in reason


def with_records(*more, **header):
    plain = heat_telegram(**header)
    return telegram(
        *(*plain.records, *more),
        identification=plain.header.identification,
        medium=plain.header.medium,
        status=plain.header.status,
    )


def changed(reading, description, value):
    records = tuple(
        replace(item, value=value) if item.description == description and not item.storage else item
        for item in reading.records
    )
    return replace(reading, records=records)


def test_a_meter_in_order_has_nothing_to_look_at():
    states = {state for state, _ in checks(heat_telegram()).values()}
    assert states == {CheckState.OK}


def test_all_useful_of_the_documented_list_names_the_missing_power_factor_and_nothing_else():
    found = {code: said for code, said in checks(heat_telegram(), useful=True).items() if "factor" in code}
    assert found == {
        "factor:3": (
            CheckState.LOOK,
            (
                "power_kw: The portal will read 2150 kW where the meter says 2.15 kW, "
                "unless it converts W itself."
            ),
        )
    }


@pytest.mark.parametrize(
    ("reading", "code", "said"),
    [
        (
            heat_telegram(identification="94158193"),
            "serial",
            "on the bus it answers as 94158193",
        ),
        (heat_telegram(medium=0x07), "medium", "but the portal type is"),
        (heat_telegram(status=0x04), "status", "The meter reports"),
        (
            with_records(record("02", "FD17", "ERROR_FLAGS", Number(8))),
            "error_flags",
            "error flags are not zero: 8 (bit 3)",
        ),
        (changed(heat_telegram(), "FLOW_TEMPERATURE", Number(300, -1)), "temperatures", "look swapped"),
        (changed(heat_telegram(), "TEMPERATURE_DIFFERENCE", Number(20)), "difference", "difference of 20 K"),
        (
            changed(heat_telegram(), "POWER", Number(9000)),
            "power",
            "9.00 kW, flow and temperatures make 2.14 kW",
        ),
        (changed(heat_telegram(), "ENERGY", None), "invalid", "no valid value for ENERGY (04 06)"),
        (
            with_records(record("04", "6D", "DATE_TIME", datetime(2026, 11, 20, 10, 0))),  # noqa: DTZ001
            "clock",
            "2 days off",
        ),
        (with_records(record("04", "6D", "DATE_TIME", None)), "clock", "not set"),
        (
            with_records(record("02", "FD74", "REMAINING_BATTERY_LIFE_TIME", Number(90), "d")),
            "battery",
            "90 days only",
        ),
        (with_records(record("04", "06", "ENERGY", Number(1), "Wh")), "ambiguous", "DIB 04 and VIB 06"),
    ],
)
def test_what_is_not_as_it_should_be_is_named(reading, code, said):
    meter_type = MeterType.HEATING
    state, reason = checks(reading, meter_type=meter_type)[code]
    assert state is CheckState.LOOK
    assert said in reason


@pytest.mark.parametrize(
    ("reading", "code"),
    [
        (with_records(record("04", "6D", "DATE_TIME", datetime(2026, 11, 22, 9, 13))), "clock"),  # noqa: DTZ001
        (
            with_records(record("02", "FD74", "REMAINING_BATTERY_LIFE_TIME", Number(3285), "d")),
            "battery",
        ),
    ],
)
def test_what_only_looks_odd_is_ok(reading, code):
    assert checks(reading)[code][0] is CheckState.OK


def test_a_cooling_meter_is_colder_in_its_flow():
    reading = changed(heat_telegram(medium=0x0A), "FLOW_TEMPERATURE", Number(314, -1))
    found = checks(reading)
    assert found["temperatures"][0] is CheckState.OK
    assert found["difference"][0] is CheckState.OK


@pytest.mark.parametrize(
    ("typed", "state"),
    [
        ("37351", CheckState.OK),
        ("37 351,0", CheckState.OK),
        ("37'350", CheckState.OK),
        ("37341", CheckState.LOOK),
        ("what", CheckState.LOOK),
    ],
)
def test_the_dial_is_compared_at_its_own_resolution(typed, state):
    assert checks(heat_telegram(), dial=typed)["dial"][0] is state


def test_a_dial_without_an_index_is_not_compared():
    assert checks(heat_telegram(), dial="1", selection=Selection())["dial"][0] is CheckState.NOT_AVAILABLE


def test_an_index_that_is_not_ticked_or_missing_is_named():
    assert "not ticked" in checks(heat_telegram(), selection=Selection())["index"][1]
    assert "sends no energy at all" in checks(telegram(record("04", "6D", "DATE_TIME", None)))["index"][1]


def test_a_telegram_without_header_says_what_cannot_be_checked():
    found = checks(replace(heat_telegram(), header=None))
    assert {found[code][0] for code in ("medium", "status")} == {CheckState.NOT_AVAILABLE}
    assert found["header"][0] is CheckState.LOOK
    # Its fabrication number is that of the label all the same.
    assert found["serial"][0] is CheckState.OK


def test_a_heat_meter_without_temperatures_says_so():
    found = checks(telegram(record("04", "06", "ENERGY", Number(1), "Wh")))
    assert found["temperatures"][0] is CheckState.NOT_AVAILABLE
    assert "power" not in found


def test_a_serial_number_nobody_typed_is_compared_with_nothing():
    state, reason = checks(heat_telegram(), label_typed=False)["serial"]
    assert state is CheckState.NOT_AVAILABLE
    assert "94158192" in reason


def test_the_same_meter_twice_is_named_with_its_place():
    assert (
        "CH - 94158192 - Cellar" in checks(heat_telegram(), namesakes=("CH - 94158192 - Cellar",))["twice"][1]
    )


@pytest.mark.parametrize(
    ("typed", "value"), [("12'345.6", "12345.6"), ("1 2", "12"), ("nan", None), ("", None)]
)
def test_readings_are_taken_as_people_type_them(typed, value):
    assert parse_reading(typed) == (None if value is None else Decimal(value))


_VALUES = st.one_of(
    st.none(),
    st.builds(Number, st.integers(-(2**128), 2**128), st.integers(-60, 45)),
    st.text(max_size=5),
    st.binary(max_size=5),
    st.datetimes(),
    st.dates(),
)
_QUANTITIES = (
    ("ENERGY", "Wh"),
    ("ENERGY", "J"),
    ("VOLUME", "m³"),
    ("POWER", "W"),
    ("VOLUME_FLOW", "m³/h"),
    ("FLOW_TEMPERATURE", "°C"),
    ("RETURN_TEMPERATURE", "°C"),
    ("TEMPERATURE_DIFFERENCE", "K"),
    ("DATE_TIME", None),
    ("ERROR_FLAGS", None),
    ("REMAINING_BATTERY_LIFE_TIME", "d"),
)


@given(
    content=st.lists(st.tuples(st.sampled_from(_QUANTITIES), _VALUES), max_size=12),
    medium=st.integers(0, 255),
    dial=st.text("0123456789.,'- eE", max_size=12),
)
def test_whatever_a_meter_says_the_checks_end_in_sentences(content, medium, dial):
    records = [
        record("04", f"{i:02X}", *quantity[:1], value, quantity[1])
        for i, (quantity, value) in enumerate(content)
    ]
    found = checks(telegram(*records, medium=medium), useful=True, dial=dial)
    assert all(reason for _, reason in found.values())
