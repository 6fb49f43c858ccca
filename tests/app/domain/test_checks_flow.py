"""The flow sensor and the power: with their signs, as finely as the records tell them."""

from decimal import Decimal

import pytest

from app.domain.checks import CheckState
from app.domain.meter import MeterType
from tests.fakes.checked import checks_of, heat, looks, outcome, said

OK, LOOK, UNKNOWN = CheckState.OK, CheckState.LOOK, CheckState.NOT_AVAILABLE
COMBINED = 0x0D
COOLING = 0x0A
COLD = {"warm": Decimal("8.0"), "cold": Decimal("14.0"), "difference": Decimal("-6.00")}


def of(code, *records, **header):
    return outcome(checks_of(said(*records, **header)), code)


@pytest.mark.parametrize(
    ("changes", "medium", "state"),
    [
        pytest.param({}, 4, OK, id="forwards"),
        pytest.param({"flow": Decimal("-0.176"), "power": -2150}, 4, LOOK, id="backwards, and all fits"),
        pytest.param({"flow": Decimal("-0.176")}, 4, LOOK, id="flow negative"),
        pytest.param({"power": -2150}, 4, LOOK, id="power negative"),
        pytest.param({"flow": Decimal("-0.001"), "power": 0}, 4, LOOK, id="one step"),
        pytest.param({"flow": None, "power": -2150}, 4, LOOK, id="power negative, no flow"),
        pytest.param({"flow": None, "power": 2150}, 4, OK, id="power only"),
        pytest.param({"flow": 0, "power": 0}, 4, UNKNOWN, id="nothing flows"),
        pytest.param({"flow": None, "power": None}, 4, UNKNOWN, id="told neither"),
        pytest.param({"flow": ("02 BB15", "0000"), "power": None}, 4, UNKNOWN, id="no valid flow"),
        pytest.param({**COLD, "power": -1225}, COOLING, OK, id="cooling power with a minus"),
        pytest.param({**COLD, "power": -1225}, COMBINED, OK, id="combined cools"),
        pytest.param({"power": -2150}, COMBINED, LOOK, id="combined heats, power negative"),
        pytest.param({**COLD, "flow": Decimal("-0.176")}, COMBINED, LOOK, id="combined cools, flow negative"),
    ],
)
def test_a_flow_sensor_that_sits_backwards_is_found(changes, medium, state):
    found, sentence = of("direction", *heat(**changes), medium=medium)
    assert found is state
    assert (state is LOOK) is ("wrong way round" in sentence)


def test_a_negative_flow_in_other_units_is_found_too():
    for flow in (("04 41", "FFFFFFFF"), ("04 4A", "FEFFFFFF"), ("0B 3B", "2100F0"), ("05 3E", "000080BF")):
        assert of("direction", *heat(flow=flow))[0] is LOOK, flow


def test_water_that_runs_back_is_found_on_a_water_meter_too():
    water = (("0C 13", Decimal("12.345")), ("02 3B", Decimal("-0.020")))
    assert of("direction", *water, medium=7)[0] is LOOK
    assert of("direction", ("0C 13", Decimal("12.345")), ("02 3B", 0), medium=7)[0] is None


@pytest.mark.parametrize(
    ("changes", "medium", "state"),
    [
        pytest.param({}, 4, OK, id="as it should be"),
        pytest.param({"power": 9000}, 4, LOOK, id="too much"),
        pytest.param({"power": 215}, 4, LOOK, id="ten times too little"),
        pytest.param({"power": 0}, 4, LOOK, id="nothing while water flows"),
        pytest.param({"power": -2150}, 4, LOOK, id="the right amount with the wrong sign"),
        pytest.param({"power": ("04 2E", 2000)}, 4, OK, id="in kW, cut"),
        pytest.param({"power": ("04 2E", 3000)}, 4, OK, id="in kW, rounded"),
        pytest.param({"power": ("04 2E", 7000)}, 4, LOOK, id="in kW, too much"),
        pytest.param({"power": ("04 2E", 0), "flow": Decimal("0.050")}, 4, OK, id="in kW, below one"),
        pytest.param({"power": ("05 2B", Decimal("2143.7"))}, 4, OK, id="REAL32"),
        pytest.param({"power": ("04 33", 7_740_000)}, 4, OK, id="in J/h"),
        pytest.param({"power": ("04 33", 77_400_000)}, 4, LOOK, id="in J/h, ten times"),
        pytest.param({"flow": 0, "power": 0}, 4, UNKNOWN, id="0 and 0 prove nothing"),
        pytest.param({"flow": Decimal("-0.176"), "power": -2150}, 4, UNKNOWN, id="not while it is backwards"),
        pytest.param({"difference": None}, 4, OK, id="from flow and return"),
        pytest.param({"difference": None, "cold": None}, 4, UNKNOWN, id="without a difference"),
        pytest.param({"flow": ("02 BB15", "0000")}, 4, None, id="without a valid flow"),
        pytest.param({**COLD, "power": -1225}, COOLING, OK, id="cooling, minus"),
        pytest.param({**COLD, "power": 1225}, COOLING, OK, id="cooling, plus"),
        pytest.param({**COLD, "power": 0}, COMBINED, UNKNOWN, id="combined, whose power is heat only"),
        pytest.param({**COLD, "power": 9000}, COMBINED, LOOK, id="combined, too much"),
        pytest.param({"flow": 0, "power": 5900}, 4, LOOK, id="power without flow"),
    ],
)
def test_the_power_fits_what_flows(changes, medium, state):
    assert of("power", *heat(**changes), medium=medium)[0] is state


def test_whole_degrees_and_a_small_difference_prove_no_power_wrong():
    readings = heat(warm=("02 5B", 42), cold=("02 5F", 41), difference=None, power=700)
    assert of("power", *readings)[0] is UNKNOWN


@pytest.mark.parametrize("power", [("04 2D", 18_000), ("05 2E", Decimal(18_000)), ("04 2B", 18_000)])
def test_power_is_told_without_an_exponent(power):
    sentence = looks(checks_of(said(*heat(power=power))))["power"]
    assert "18.00 kW" in sentence
    assert "E+" not in sentence


def test_a_small_power_is_not_told_as_none():
    assert "-0.004 kW" in of("direction", *heat(power=-4, flow=0))[1]


def test_power_of_a_water_meter_means_nothing():
    water = (("0C 13", Decimal("12.345")), ("04 2B", -5))
    assert "direction" not in {
        each.code for each in checks_of(said(*water, medium=7), meter_type=MeterType.WATER)
    }
