"""The flow sensor of a meter: the right way round, and agreed with the power on what flows."""

from decimal import Decimal
from fractions import Fraction
from typing import Final

from app.domain.checks import measured as what
from app.domain.checks.measured import Measured, sent
from app.domain.checks.outcome import Check
from app.domain.checks.subject import THERMAL, Subject, look, ok, unknown
from app.domain.checks.thermal import Pair, check_sensors_dead, pair_of
from app.domain.exact import rounded

HEAT_PER_M3_AND_KELVIN_WH: Final = 1160
"""Heat that a cubic metre of water carries for each kelvin, in Wh, near 20 °C; less when hot."""
POWER_TOLERANCE: Final = Fraction(15, 100)
_LEAST_DIFFERENCE_K: Final = 3
"""Heat meters need not count below (EN 1434)."""
_FLOW_PLACES: Final = 3
_POWER_PLACES: Final = 2


def check_direction(subject: Subject) -> list[Check]:
    """Does the flow sensor sit the right way round?"""
    flow, power = _number(subject, what.VOLUME_FLOW), _number(subject, what.POWER)
    if flow is not None and flow.value < 0:
        return look(
            "direction",
            "flow negative",
            "The flow is {flow} m³/h: water runs backwards through the meter, or the flow sensor sits the "
            "wrong way round. Compare the arrow on it with the pipe.",
            flow=rounded(flow.value, _FLOW_PLACES),
        )
    if subject.draft.type not in THERMAL:
        return []
    if power is not None and power.value < 0 and _should_be_positive(subject):
        return look(
            "direction",
            "power negative",
            "The power is {power} kW: the flow sensor sits the wrong way round, or the temperature sensors "
            "are swapped. Check both.",
            power=_kilowatts(power.value),
        )
    if flow is None and power is None:
        return unknown("direction", "The meter sends no flow: compare the arrow on its flow sensor yourself.")
    if (flow is not None and flow.value > 0) or (flow is None and power is not None and power.value > 0):
        return ok("direction", "The water flows in the direction of the meter.")
    return unknown(
        "direction",
        "Nothing flows now: whether the flow sensor sits the right way round shows only while water flows.",
    )


def _should_be_positive(subject: Subject) -> bool:
    """Whether a negative power is no cooling: swapped sensors have a check of their own."""
    pair = pair_of(subject)
    if subject.only_cools or subject.is_combined:
        return pair is not None and pair.difference > 0 and not pair.is_close
    return True


def check_power(subject: Subject) -> list[Check]:
    """Power against flow times difference, with their signs, as finely as the records tell them."""
    power, flow = _number(subject, what.POWER), _number(subject, what.VOLUME_FLOW)
    if subject.draft.type not in THERMAL or power is None or flow is None:
        return []
    difference = _difference(subject)
    if difference is None:
        return unknown("power", "The power cannot be compared: the meter does not tell the difference.")
    if flow.value < 0:
        return unknown("power", "The power cannot be compared while the flow is negative.")
    if not flow.value and not power.value:
        return unknown("power", "Nothing flows now, so the power cannot be compared.")
    if not power.value and _counts_nothing(subject, difference.value):
        return unknown(
            "power",
            "The meter gives no power at this difference of {difference} K.",
            difference=difference.shown,
        )
    expected_w, unsure_w = _expected(flow, difference)
    most_w = abs(expected_w) + unsure_w
    allowed_w = unsure_w + power.step + most_w * POWER_TOLERANCE
    if expected_w and unsure_w >= abs(expected_w) and abs(power.value - expected_w) <= allowed_w:
        return unknown("power", "The power is too small to be compared with flow and temperatures.")
    values = {"power": _kilowatts(power.value), "expected": _kilowatts(expected_w)}
    if min(_deviations(subject, power.value, expected_w)) <= allowed_w:
        return ok("power", "Power of {power} kW fits flow and temperatures.", **values)
    return look(
        "power",
        "differs",
        "The meter says {power} kW, flow and temperatures make {expected} kW. "
        "Read again; if it stays, check sensors and pulse value.",
        **values,
    )


def _number(subject: Subject, quantity: str) -> Measured | None:
    found = sent(subject.telegram, quantity)
    return None if found is None else found.number


def _difference(subject: Subject) -> Measured | None:
    """The meter's own difference, else flow minus return; None while a sensor is dead."""
    if check_sensors_dead(subject):
        return None
    said, pair = _number(subject, what.TEMPERATURE_DIFFERENCE), pair_of(subject)
    if said is not None and (said.value or pair is None or pair.is_close):
        return said
    return None if pair is None else _from_pair(pair)


def _from_pair(pair: Pair) -> Measured:
    places = max(pair.flow.places, pair.back.places)
    return Measured(pair.flow.record, pair.difference, pair.tolerance, places)


def _counts_nothing(subject: Subject, difference: Fraction) -> bool:
    """Whether no power is right: too little difference, or the wrong sign of it for what the meter counts."""
    if abs(difference) < _LEAST_DIFFERENCE_K:
        return True
    return difference < 0 and not subject.only_cools


def _expected(flow: Measured, difference: Measured) -> tuple[Fraction, Fraction]:
    """Power in W, and by how much it is unsure for the steps of both."""
    unsure = (
        abs(flow.value) * difference.step + abs(difference.value) * flow.step + flow.step * difference.step
    )
    return (
        flow.value * difference.value * HEAT_PER_M3_AND_KELVIN_WH,
        unsure * HEAT_PER_M3_AND_KELVIN_WH,
    )


def _deviations(subject: Subject, said: Fraction, expected: Fraction) -> tuple[Fraction, ...]:
    """Cooling power is told with a minus sign by some makers and without it by others."""
    if subject.only_cools or (subject.is_combined and expected < 0):
        return abs(said - expected), abs(said + expected)
    return (abs(said - expected),)


def _kilowatts(watts: Fraction) -> Decimal:
    return rounded(watts / 1000, _POWER_PLACES)
