"""Temperature sensors: a dead one is never "nothing flows", a sound one never an alarm."""

from decimal import Decimal

import pytest

from app.domain.checks import CheckState
from app.domain.meter import MeterType
from tests.fakes.checked import checks_of, heat, looks, outcome, said

OK, LOOK, UNKNOWN = CheckState.OK, CheckState.LOOK, CheckState.NOT_AVAILABLE
COMBINED = 0x0D
COOLING = 0x0A


def of(code, *records, meter_type=None, **header):
    return outcome(checks_of(said(*records, **header), meter_type=meter_type), code)


@pytest.mark.parametrize(
    ("warm", "cold", "medium", "state"),
    [
        pytest.param("52.4", "41.9", 4, OK, id="running"),
        pytest.param("150.0", "0.0", 4, OK, id="both ends of what heat can be"),
        pytest.param("150.1", "41.9", 4, LOOK, id="above what heat can be"),
        pytest.param("52.4", "-0.1", 4, LOOK, id="below what heat can be"),
        pytest.param("180.0", "180.0", 4, LOOK, id="both sensors open"),
        pytest.param("180.0", "41.2", 4, LOOK, id="one sensor open"),
        pytest.param("52.4", "-273.1", 4, LOOK, id="one sensor shorted"),
        pytest.param("0.0", "0.0", 4, LOOK, id="both unplugged"),
        pytest.param("-30.0", "-24.0", COOLING, OK, id="brine"),
        pytest.param("-30.1", "-24.0", COOLING, LOOK, id="colder than brine"),
        pytest.param("6.0", "180.1", COOLING, LOOK, id="cooling, one sensor open"),
        pytest.param("-5.0", "1.0", COMBINED, OK, id="combined with brine"),
        pytest.param("180.0", "180.0", COMBINED, LOOK, id="combined, both open"),
    ],
)
def test_a_temperature_that_cannot_be_is_a_dead_sensor(warm, cold, medium, state):
    readings = heat(warm=Decimal(warm), cold=Decimal(cold), difference=None, power=None)
    assert of("sensors", *readings, medium=medium)[0] is state


@pytest.mark.parametrize(
    ("sensor", "what"),
    [
        pytest.param(("02 5A", "0080"), "no valid flow temperature", id="integer without a value"),
        pytest.param(("0A 5A", "EEEE"), "no valid flow temperature", id="BCD without a value"),
        pytest.param(("05 5B", "0000C07F"), "no valid flow temperature", id="REAL32 that is no number"),
        pytest.param(("02 DA15", "0000"), "no valid flow temperature", id="VIFE: no data available"),
        pytest.param(("32 5A", "0C02"), "no valid flow temperature", id="value during an error"),
        pytest.param(("02 5A", "FF7F"), "cannot be", id="highest number"),
        pytest.param(("02 59", "FFFF"), "cannot be", id="all bits"),
        pytest.param(("0A 5A", "9999"), "cannot be", id="all nines"),
    ],
)
@pytest.mark.parametrize("medium", [4, COOLING, COMBINED])
def test_what_makers_send_for_a_missing_sensor_is_told_as_one(sensor, what, medium):
    state, sentence = of("sensors", *heat(warm=sensor), medium=medium)
    assert state is LOOK
    assert what in sentence


def test_two_equal_temperatures_are_dead_sensors_only_with_an_error():
    equal = heat(warm=Decimal("25.0"), cold=Decimal("25.0"), difference=Decimal(0))
    assert of("sensors", *equal)[0] is OK
    assert of("sensors", *equal, status=0x08)[0] is LOOK
    assert of("sensors", *equal, ("01 FD17", "04"))[0] is LOOK
    assert of("sensors", *equal, status=0x04)[0] is OK, "a low battery kills no sensor"


def test_with_a_dead_sensor_nothing_else_about_temperatures_is_said_to_be_right():
    checks = checks_of(said(*heat(warm=Decimal("180.0"))))
    assert set(looks(checks)) == {"sensors"}
    for code in ("temperatures", "difference", "power"):
        assert outcome(checks, code)[0] is UNKNOWN


@pytest.mark.parametrize(
    ("changes", "medium", "state", "sentence"),
    [
        pytest.param({}, 4, OK, "fit", id="heat"),
        pytest.param({"warm": "38.1", "cold": "57.5"}, 4, LOOK, "look swapped", id="swapped"),
        pytest.param({"warm": "8.0", "cold": "14.0"}, COOLING, OK, "fit", id="cooling"),
        pytest.param({"warm": "14.0", "cold": "8.0"}, COOLING, LOOK, "look swapped", id="cooling, swapped"),
        pytest.param({"warm": "8.0", "cold": "14.0"}, COMBINED, OK, "cools now", id="combined cools"),
        pytest.param({"warm": "52.0", "cold": "40.0"}, COMBINED, OK, "heats now", id="combined heats"),
        pytest.param({"warm": "41.9", "cold": "41.9"}, 4, UNKNOWN, "too close", id="equal"),
        pytest.param({"warm": "41.0", "cold": "42.0"}, 4, UNKNOWN, "too close", id="one kelvin"),
        pytest.param({"warm": "40.8", "cold": "42.0"}, 4, LOOK, "swapped", id="more than one kelvin"),
        pytest.param({"warm": "26.1", "cold": "29.0", "flow": 0}, 4, UNKNOWN, "nothing flows", id="idle"),
    ],
)
def test_each_sensor_is_in_its_pipe(changes, medium, state, sentence):
    changed = {name: Decimal(value) for name, value in changes.items()}
    found = of("temperatures", *heat(**changed, difference=None, power=None), medium=medium)
    assert found[0] is state
    assert sentence in found[1]


def test_without_temperatures_nothing_is_said_to_fit():
    assert of("temperatures", *heat(warm=None))[0] is UNKNOWN
    assert of("temperatures", *heat(warm=None, cold=None, difference=None))[0] is UNKNOWN
    assert of("sensors", *heat(warm=None, cold=None))[0] is None


def test_a_combined_meter_that_contradicts_itself_is_not_said_to_cool():
    readings = heat(warm=Decimal("12.0"), cold=Decimal("18.0"), difference=Decimal("6.10"))
    assert of("temperatures", *readings, medium=COMBINED)[0] is UNKNOWN


def test_a_heat_meter_with_a_cold_register_that_never_counted_is_a_heat_meter():
    swapped = heat(warm=Decimal("38.1"), cold=Decimal("57.5"), difference=None)
    assert of("temperatures", *swapped, ("04 863C", 0), maker="KAM", version=64)[0] is LOOK
    assert of("temperatures", *swapped, ("04 863C", 465_000), maker="EDC", version=2)[0] is OK


@pytest.mark.parametrize(
    ("warm", "cold", "difference", "state"),
    [
        pytest.param(("02 5B", 42), ("02 5F", 36), ("02 61", "6.70"), OK, id="whole degrees"),
        pytest.param(("02 5B", 42), ("02 5F", 36), ("02 61", "7.95"), OK, id="whole degrees, both cut"),
        pytest.param(("02 5B", 42), ("02 5F", 36), ("02 61", "8.50"), LOOK, id="beyond whole degrees"),
        pytest.param(("02 59", "54.02"), ("02 5D", "46.72"), ("02 61", "7.30"), OK, id="hundredths"),
        pytest.param(("02 59", "54.02"), ("02 5D", "46.72"), ("02 61", "7.70"), LOOK, id="0.4 off"),
        pytest.param(("0A 5A", "20.5"), ("0A 5E", "20.6"), ("0B 61", "0.09"), OK, id="tenths, idle"),
        pytest.param(("02 5B", 42), ("02 5F", 36), ("02 61", "-6.00"), LOOK, id="the other sign"),
        pytest.param(("02 5B", 36), ("02 5F", 42), ("02 61", "0.00"), UNKNOWN, id="counts no negative one"),
        pytest.param(("05 5B", "22.108932"), ("05 5F", "23.714248"), ("05 63", "-1.605316"), OK, id="REAL32"),
        pytest.param(("05 5B", "22.108932"), ("05 5F", "23.714248"), ("05 63", "-2.6"), LOOK, id="off"),
    ],
)  # fmt: skip
def test_the_difference_is_compared_as_finely_as_its_records_are(warm, cold, difference, state):
    readings = (
        (head, Decimal(value) if isinstance(value, str) else value)
        for head, value in (warm, cold, difference)
    )
    assert of("difference", ("04 06", 1000), *readings)[0] is state


@pytest.mark.parametrize("difference", ["-6.10", "6.10"])
def test_a_combined_meter_may_tell_its_difference_with_or_without_a_sign_while_it_cools(difference):
    readings = heat(warm=("02 5B", 12), cold=("02 5F", 18), difference=Decimal(difference))
    assert of("difference", *readings, medium=COMBINED)[0] is OK


def test_temperatures_of_a_water_meter_are_nobodys_sensors():
    readings = (("0C 13", Decimal("12.345")), ("02 5B", 180))
    codes = {check.code for check in checks_of(said(*readings, medium=7), meter_type=MeterType.WATER)}
    assert not codes & {"sensors", "temperatures", "difference", "power"}


def test_sentences_have_the_digits_a_sensor_is_good_for():
    readings = heat(
        warm=("05 5B", Decimal("22.10893249")),
        cold=("05 5F", Decimal("23.71424865")),
        flow=0,
        difference=None,
    )
    assert "Flow 22.1 °C and return 23.7 °C" in of("temperatures", *readings)[1]
