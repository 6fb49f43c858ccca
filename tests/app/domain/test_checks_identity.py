"""The right meter, and what it says it is."""

from dataclasses import replace
from decimal import Decimal

import pytest

from app.domain.checks import CheckState
from app.domain.meter import MeterType
from app.mbus.frames import LongFrame
from app.mbus.response import decode
from tests.fakes.checked import NUMBER, checks_of, heat, looks, outcome, said

OK, LOOK, UNKNOWN = CheckState.OK, CheckState.LOOK, CheckState.NOT_AVAILABLE
WATER = (("0C 13", Decimal("812.430")),)


def headerless(*hexes: str, ci: int = 0x78):
    return decode(LongFrame(8, 0, ci, bytes.fromhex("".join(hexes))).to_bytes())


@pytest.mark.parametrize(
    ("label", "made_as", "state", "sentence"),
    [
        pytest.param(NUMBER, None, OK, "agree", id="the number on the bus"),
        pytest.param(NUMBER, 67211183, OK, "agree", id="the number on the bus, another fabrication number"),
        pytest.param(
            "67211183", 67211183, LOOK, "on the bus it answers as 94158192", id="fabrication number"
        ),
        pytest.param("00000042", 42, LOOK, "on the bus it answers as 94158192", id="with leading zeros"),
        pytest.param("11111111", 67211183, LOOK, "(67211183)", id="neither"),
        pytest.param("11111111", None, LOOK, "search the bus", id="another, no fabrication number"),
    ],
)
def test_the_label_is_compared_with_all_numbers_that_the_meter_tells(label, made_as, state, sentence):
    records = heat() if made_as is None else (("0C 78", made_as), *heat())
    found = outcome(checks_of(said(*records), label=label), "serial")
    assert found[0] is state
    assert sentence in found[1]


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(("0C 79", 67211183), id="enhanced identification"),
        pytest.param(("0E FD11", 900067211183), id="customer number, longer than the bus takes"),
        pytest.param(("0D FD11", "083338313131323736"), id="customer number as text"),
        pytest.param(("0C FD10", 67211183), id="customer's place"),
    ],
)
def test_any_number_of_the_meter_may_stand_on_its_label(record):
    state, sentence = outcome(checks_of(said(*heat(), record), label="67211183"), "serial")
    assert state is LOOK
    assert "This is the meter with the label 67211183" in sentence


def test_a_number_that_nobody_typed_agrees_with_nothing():
    state, sentence = outcome(checks_of(said(*heat()), label_typed=False), "serial")
    assert state is UNKNOWN
    assert NUMBER in sentence


@pytest.mark.parametrize(
    ("telegram", "state"),
    [
        pytest.param(headerless("0406 67910000", "0C78 92811594"), OK, id="CI 78, the label's number inside"),
        pytest.param(headerless("0406 67910000", "0C78 11111111"), LOOK, id="CI 78, another number inside"),
        pytest.param(headerless("0406 67910000"), UNKNOWN, id="CI 78"),
        pytest.param(headerless("01 00 0000", "0406 67910000", ci=0x7A), UNKNOWN, id="CI 7A"),
    ],
)
def test_a_telegram_without_a_number_proves_nothing_by_itself(telegram, state):
    checks = checks_of(telegram)
    assert outcome(checks, "serial")[0] is state
    assert outcome(checks, "header")[0] is LOOK
    assert outcome(checks, "medium")[0] is UNKNOWN
    assert outcome(checks_of(telegram, label_typed=False), "serial")[0] is UNKNOWN


@pytest.mark.parametrize(
    ("medium", "meter_type", "state"),
    [
        pytest.param(0x04, MeterType.HEATING, OK, id="heat"),
        pytest.param(0x0D, MeterType.HEATING, OK, id="combined as heat"),
        pytest.param(0x0D, MeterType.COOLING, OK, id="combined as cold"),
        pytest.param(0x0A, MeterType.COOLING, OK, id="cooling"),
        pytest.param(0x04, MeterType.COOLING, LOOK, id="heat as cooling"),
        pytest.param(0x0C, MeterType.COOLING, LOOK, id="heat at the inlet as cooling"),
        pytest.param(0x0A, MeterType.HEATING, LOOK, id="cooling as heat"),
        pytest.param(0x16, MeterType.HOT_WATER, LOOK, id="cold water as hot"),
        pytest.param(0x02, MeterType.WATER, LOOK, id="electricity as water"),
        pytest.param(0x08, MeterType.HEATING, LOOK, id="heat cost allocator"),
        pytest.param(0x00, MeterType.WATER, UNKNOWN, id="other"),
        pytest.param(0x0F, MeterType.WATER, UNKNOWN, id="unknown"),
    ],
)
def test_what_the_meter_says_it_measures_fits_the_type(medium, meter_type, state):
    telegram = said(*(heat() if meter_type.value in ("heating", "cooling") else WATER), medium=medium)
    assert outcome(checks_of(telegram, meter_type=meter_type), "medium")[0] is state


def test_a_heat_meter_that_also_sends_cold_may_be_taken_as_cooling():
    telegram = said(*heat(), ("04 863C", 465_000), maker="EDC", version=2)
    checks = checks_of(telegram, meter_type=MeterType.COOLING)
    assert outcome(checks, "medium")[0] is OK
    assert "combined" not in looks(checks)


def test_the_same_meter_twice_is_named_with_its_places():
    names = ("CH - 94158192 - Cellar", "CH - 94158192 - Attic")
    sentence = looks(checks_of(said(*heat()), namesakes=names))["twice"]
    assert all(name in sentence for name in names)
    assert "twice" not in looks(checks_of(said(*heat())))


def test_a_telegram_with_letters_in_its_number_is_compared_like_any_other():
    telegram = said(*heat())
    odd = replace(telegram, header=replace(telegram.header, identification="9415819A"))
    assert outcome(checks_of(odd), "serial")[0] is LOOK
