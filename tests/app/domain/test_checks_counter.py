"""The index counts forwards, has counted, is valid, and agrees with the dial."""

from decimal import Decimal

import pytest

from app.domain.checks import CheckState
from app.domain.meter import MeterType
from tests.fakes.checked import checks_of, heat, looks, outcome, said

OK, LOOK, UNKNOWN = CheckState.OK, CheckState.LOOK, CheckState.NOT_AVAILABLE
COLD_WATER = 0x16


def water(code, *records, dial="", medium=COLD_WATER):
    return outcome(checks_of(said(*records, medium=medium, maker="ZRI"), dial=dial), code)


@pytest.mark.parametrize(
    ("index", "state", "sentence"),
    [
        pytest.param(("0C 13", Decimal("812.430")), OK, "812.430 m³", id="counts"),
        pytest.param(("0C 13", Decimal("99999.871")), LOOK, "backwards", id="below zero"),
        pytest.param(("0C 13", Decimal("99000.000")), OK, "counted", id="99 % of its digits"),
        pytest.param(("0C 13", Decimal("99000.001")), LOOK, "backwards", id="above 99 %"),
        pytest.param(("0B 13", Decimal("999.871")), LOOK, "backwards", id="six digits"),
        pytest.param(("0C 14", Decimal("999998.71")), LOOK, "backwards", id="hundredths"),
        pytest.param(("0E 13", Decimal("999999999.871")), LOOK, "backwards", id="twelve digits"),
        pytest.param(("0E 13", Decimal("99999.871")), OK, "counted", id="twelve digits, far from full"),
        pytest.param(("04 13", Decimal("-0.129")), LOOK, "backwards", id="binary, negative"),
        pytest.param(("0C 13", "290100F0"), LOOK, "backwards", id="BCD, negative"),
        pytest.param(("04 13", Decimal("99999.871")), OK, "counted", id="binary has no such end"),
        pytest.param(("0C 13", Decimal(0)), LOOK, "Draw water and read it again", id="never counted"),
        pytest.param(("05 16", Decimal(0)), LOOK, "never counted", id="never counted, REAL32"),
        pytest.param(("0C 13", Decimal("0.001")), OK, "counted", id="a first litre"),
        pytest.param(("0C 13", "EEEEEEEE"), None, "", id="no valid index is told as that"),
    ],
)
def test_a_counter_counts_forwards_and_has_counted(index, state, sentence):
    found = water("counter", index)
    assert found[0] is state
    assert sentence in found[1]


def test_a_heat_meter_that_never_counted_is_told_what_to_do():
    checks = checks_of(said(*heat(energy=0)))
    assert "until heat flows" in looks(checks)["counter"]


@pytest.mark.parametrize(
    ("records", "medium", "meter_type", "state"),
    [
        pytest.param((("04 06", 0),), 0x0A, MeterType.COOLING, LOOK, id="cooling"),
        pytest.param((("04 06", 5000), ("04 863C", 0)), 0x0D, MeterType.COOLING, UNKNOWN, id="cold of both"),
        pytest.param((("04 06", 0), ("04 863C", 5000)), 0x0D, MeterType.HEATING, UNKNOWN, id="heat of both"),
        pytest.param((("04 06", 0), ("04 863C", 0)), 0x04, MeterType.HEATING, LOOK, id="heat alone"),
        pytest.param((("04 06", 0), ("04 863C", 0)), 0x0D, MeterType.HEATING, LOOK, id="neither of both"),
    ],
)
def test_one_energy_of_a_combined_meter_may_be_waiting_for_its_season(records, medium, meter_type, state):
    telegram = said(*records, medium=medium, maker="KAM", version=64)
    assert outcome(checks_of(telegram, meter_type=meter_type), "counter")[0] is state


def test_an_energy_index_runs_backwards_too():
    for energy in (("0C 06", 99_999_871_000), ("04 06", -12_000), ("0C 0E", 99_999_871_000_000)):
        assert outcome(checks_of(said(*heat(energy=energy))), "counter")[0] is LOOK, energy


@pytest.mark.parametrize(
    ("dial", "state"),
    [
        ("99999,871", LOOK),
        ("99 999.871", LOOK),
        ("99998", LOOK),
        ("9998", OK),
        ("00997,512", OK),
        ("99000,000", OK),
    ],
)
def test_the_dial_with_all_its_digits_shows_a_roll_over_that_a_binary_index_hides(dial, state):
    assert water("counter", ("04 13", Decimal("99999.871")), dial=dial)[0] is state


def test_the_dial_of_a_heat_meter_shows_fewer_digits_than_it_has():
    checks = checks_of(said(*heat(energy=99_512_000)), dial="99512")
    assert outcome(checks, "counter")[0] is OK


@pytest.mark.parametrize(
    ("stored", "state"),
    [
        pytest.param(("4C 13", Decimal("830.000")), LOOK, id="above the index"),
        pytest.param(("4C 13", Decimal("812.430")), OK, id="equal"),
        pytest.param(("4C 13", "FFFFFFFF"), OK, id="none yet"),
        pytest.param(("5C 13", Decimal("830.000")), OK, id="a stored maximum"),
        pytest.param(("CC10 13", Decimal("830.000")), OK, id="of a tariff"),
        pytest.param(("4C 933C", Decimal("830.000")), OK, id="what ran back"),
    ],
)
def test_an_index_below_what_was_stored_ran_backwards(stored, state):
    assert water("counter", ("0C 13", Decimal("812.430")), stored)[0] is state


@pytest.mark.parametrize(
    ("energy", "words"),
    [
        pytest.param(("0C 06", "1234567A"), "its digits are none", id="BCD with letters"),
        pytest.param(("04 06", "00000080"), "it says that it has none", id="lowest integer"),
        pytest.param(("05 06", "0000C07F"), "it is no number", id="not a number"),
        pytest.param(("05 06", "0000807F"), "it is too large", id="infinite"),
    ],
)
def test_an_index_without_a_valid_value_is_never_ok(energy, words):
    checks = checks_of(said(*heat(energy=energy)), dial="37351")
    assert words in looks(checks)["invalid"]
    assert outcome(checks, "counter")[0] is None
    assert outcome(checks, "dial")[0] is UNKNOWN


def test_a_record_that_bears_an_error_is_no_index_and_its_fault_is_named():
    checks = checks_of(said(*heat(energy=("0C 8615", "00000000"))))
    assert "0C 8615: the meter marks it as faulty" in looks(checks)["index"]


def test_a_useful_register_without_a_value_is_named_with_its_codes():
    checks = checks_of(said(*heat(volume=("04 13", "00000080"))))
    assert "(04 13)" in looks(checks)["invalid"]


# Dial ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("energy", "dial", "state"),
    [
        pytest.param(("04 06", 37_351_000), "37351", OK, id="equal"),
        pytest.param(("04 06", 37_351_000), "37 351,0", OK, id="with a comma"),
        pytest.param(("04 06", 37_351_000), "37'350", OK, id="one step off"),
        pytest.param(("04 06", 37_351_000), "37349", LOOK, id="two steps off"),
        pytest.param(("04 05", 37_351_900), "37351", OK, id="the dial cuts"),
        pytest.param(("04 07", 37_350_000), "37358", OK, id="the telegram cuts"),
        pytest.param(("04 07", 37_350_000), "37361", LOOK, id="beyond the telegram's step"),
        pytest.param(("0C 0E", 134_464_000_000), "37351", OK, id="joules"),
        pytest.param(("05 06", Decimal(37_351_000)), "37351", OK, id="REAL32"),
        pytest.param(("04 06", 37_351_000), "abc", LOOK, id="no number"),
        pytest.param(("04 06", 37_351_000), "4E4", LOOK, id="an exponent is none"),
        pytest.param(("04 06", 37_351_000), "", None, id="not typed"),
    ],
)
def test_the_dial_is_compared_at_the_coarser_step(energy, dial, state):
    assert outcome(checks_of(said(*heat(energy=energy)), dial=dial), "dial")[0] is state


@pytest.mark.parametrize(
    ("dial", "named"),
    [
        pytest.param("134464", "counts in MJ", id="3.6"),
        pytest.param("134,46", "counts in GJ", id="3.6 / 1000"),
        pytest.param("37,351", "counts in MWh", id="1 / 1000"),
        pytest.param("37351000", "counts in Wh", id="1000"),
        pytest.param("32,116", "counts in Gcal", id="1 / 1163"),
        pytest.param("373510", "10 times less", id="10"),
        pytest.param("3735,1", "10 times more", id="1 / 10"),
        pytest.param("373,51", "100 times more", id="1 / 100"),
        pytest.param("10375", "sends MJ and calls them kWh", id="1 / 3.6"),
        pytest.param("20000", "Read both again", id="no known ratio"),
        pytest.param("4", "Read both again", id="too coarse for a ratio"),
    ],
)
def test_the_dial_of_a_heat_meter_in_another_unit_is_named(dial, named):
    state, sentence = outcome(checks_of(said(*heat()), dial=dial), "dial")
    assert state is LOOK
    assert named in sentence


@pytest.mark.parametrize(
    ("dial", "named"),
    [
        pytest.param("81,243", "10 times too high", id="pulse value ten times"),
        pytest.param("81,9", "10 times too high", id="ten times, not begun together"),
        pytest.param("8,1243", "100 times too high", id="a hundred times"),
        pytest.param("8124,3", "10 times too low", id="a tenth"),
        pytest.param("81243", "100 times too low", id="a hundredth"),
        pytest.param("812430", "counts in litres", id="litres"),
        pytest.param("0,81243", "1000 times too high", id="a litre taken for a m³"),
        pytest.param("612,4", "Read both again", id="another meter"),
    ],
)
def test_a_wrong_pulse_value_of_a_water_meter_is_named(dial, named):
    state, sentence = water("dial", ("0C 13", Decimal("812.430")), dial=dial)
    assert state is LOOK
    assert named in sentence


def test_a_dial_at_zero_proves_no_ratio():
    assert water("dial", ("0C 13", Decimal("812.430")), dial="0")[0] is LOOK
    assert water("dial", ("0C 13", Decimal(0)), dial="0")[0] is OK
    assert "Read both" in water("dial", ("0C 13", Decimal(0)), dial="12")[1]


def test_the_dial_is_compared_in_the_unit_that_the_index_is_given_as():
    checks = checks_of(said(*heat(), medium=0x0A), meter_type=MeterType.COOLING, dial="37351")
    assert "37351 kWh" in outcome(checks, "dial")[1]
