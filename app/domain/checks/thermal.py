"""The temperature sensors of a heat or cooling meter: alive, in the right pipe, agreed on the difference."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from app.domain.checks import measured as what
from app.domain.checks.measured import Measured, Sent, sent
from app.domain.checks.outcome import Check
from app.domain.checks.state import has_error
from app.domain.checks.subject import THERMAL, Subject, look, ok, unknown
from app.domain.exact import rounded
from app.domain.meter import MeterType
from app.mbus.dif import DataField
from app.mbus.records import Record
from app.message import Message

_HEAT_RANGE_C: Final = (0, 150)
_COOLING_RANGE_C: Final = (-30, 180)
_COMBINED_RANGE_C: Final = (-30, 150)
SENSOR_PAIR_K: Final = Fraction(1, 10)
"""What two sound sensors and the moments of their readings may differ by, beside their records' steps."""
LEAST_DIFFERENCE_K: Final = Fraction(1)
"""Below this, flow and return tell nothing about which sensor sits in which pipe."""

_BCD: Final = frozenset({DataField.BCD4.value, DataField.BCD6.value, DataField.BCD8.value})
_BINARY: Final = frozenset({DataField.INT16.value, DataField.INT24.value, DataField.INT32.value})

_FLOW: Final = Message("flow temperature")
_RETURN: Final = Message("return temperature")


@dataclass(frozen=True, slots=True)
class Pair:
    """Flow and return as two sound sensors say them."""

    flow: Measured
    back: Measured

    @property
    def difference(self) -> Fraction:
        """Flow minus return, in K."""
        return self.flow.value - self.back.value

    @property
    def tolerance(self) -> Fraction:
        """What this difference is good for: each temperature is rounded or cut to its step."""
        return self.flow.step + self.back.step + SENSOR_PAIR_K

    @property
    def is_close(self) -> bool:
        """Whether the two are too near to one another to say which is the warmer."""
        return abs(self.difference) <= max(self.tolerance, LEAST_DIFFERENCE_K)

    @property
    def values(self) -> dict[str, object]:
        """Both for a sentence."""
        return {"flow": self.flow.shown, "back": self.back.shown}


def pair_of(subject: Subject) -> Pair | None:
    """Flow and return; None where one is missing or a sensor is dead."""
    flow = sent(subject.telegram, what.FLOW_TEMPERATURE)
    back = sent(subject.telegram, what.RETURN_TEMPERATURE)
    if flow is None or back is None or flow.number is None or back.number is None:
        return None
    return None if check_sensors_dead(subject) else Pair(flow.number, back.number)


def check_sensors(subject: Subject) -> list[Check]:
    """Are both temperature sensors alive?"""
    if subject.draft.type not in THERMAL:
        return []
    dead = check_sensors_dead(subject)
    if dead or pair_of(subject) is None:
        return dead
    return ok("sensors", "Both temperature sensors show sensible values.")


def check_sensors_dead(subject: Subject) -> list[Check]:
    """The looks at dead sensors; none where both live, or where the meter does not send temperatures."""
    flow = sent(subject.telegram, what.FLOW_TEMPERATURE)
    back = sent(subject.telegram, what.RETURN_TEMPERATURE)
    dead = [
        check
        for sensor, place in ((flow, _FLOW), (back, _RETURN))
        if sensor is not None
        for check in _dead(subject, sensor, place)
    ]
    if dead or flow is None or back is None or flow.number is None or back.number is None:
        return dead
    if flow.number.value != back.number.value:
        return []
    values = {"both": flow.number.shown}
    if flow.number.value == 0:
        return look(
            "sensors",
            "both zero",
            "Flow and return are both exactly {both} °C: the sensors look unplugged. Check their cables.",
            **values,
        )
    if has_error(subject):
        return look(
            "sensors",
            "both equal",
            "Flow and return are both {both} °C, and the meter reports an error: the sensors look dead. "
            "Check their cables.",
            **values,
        )
    return []


def _dead(subject: Subject, sensor: Sent, place: Message) -> list[Check]:
    number = sensor.number
    if number is None:
        return look(
            "sensors",
            f"{place.template}: none",
            "The meter sends no valid {place}: the sensor is broken, or its cable is.",
            place=place,
        )
    lowest, highest = _range(subject)
    if lowest <= number.value <= highest and not _stands_for_nothing(number.record):
        return []
    return look(
        "sensors",
        f"{place.template}: impossible",
        "A {place} of {value} °C cannot be: the sensor is broken, or its cable is.",
        place=place,
        value=number.shown,
    )


def _range(subject: Subject) -> tuple[int, int]:
    if subject.is_combined:
        return _COMBINED_RANGE_C
    return _COOLING_RANGE_C if subject.only_cools else _HEAT_RANGE_C


def _stands_for_nothing(record: Record) -> bool:
    """Whether the data is what makers fill in for a missing sensor: all bits, the highest number, nines."""
    field = record.dib[0] & 0x0F if record.dib else None
    if field in _BCD:
        return set(record.data.hex()) == {"9"}
    return field in _BINARY and set(record.data[:-1]) == {0xFF} and record.data[-1] in (0x7F, 0xFF)


def check_temperatures(subject: Subject) -> list[Check]:
    """Is each sensor in its pipe?"""
    if subject.draft.type not in THERMAL:
        return []
    if check_sensors_dead(subject):
        return unknown("temperatures", "Flow and return cannot be compared while a sensor is dead.")
    pair = pair_of(subject)
    if pair is None:
        return unknown("temperatures", "The meter sends no flow and return temperature.")
    if pair.is_close:
        return _close(subject, pair)
    if subject.is_combined:
        return _combined(subject, pair)
    if (pair.difference < 0) is subject.only_cools:
        return ok("temperatures", "Flow {flow} °C and return {back} °C fit.", **pair.values)
    if flows(subject) is False:
        return unknown(
            "temperatures",
            "Flow {flow} °C and return {back} °C, but nothing flows now: whether the sensors are swapped "
            "shows while water flows.",
            **pair.values,
        )
    return look(
        "temperatures",
        "swapped",
        "Flow {flow} °C and return {back} °C look swapped: check which sensor sits in which pipe.",
        **pair.values,
    )


def _close(subject: Subject, pair: Pair) -> list[Check]:
    if flows(subject) is False:
        return unknown(
            "temperatures",
            "Flow {flow} °C and return {back} °C: nothing flows now, so swapped sensors would not show.",
            **pair.values,
        )
    return unknown(
        "temperatures",
        "Flow {flow} °C and return {back} °C are too close to say which is which. Read again while it runs.",
        **pair.values,
    )


def _combined(subject: Subject, pair: Pair) -> list[Check]:
    if pair.difference > 0:
        return ok("temperatures", "Flow {flow} °C and return {back} °C: the meter heats now.", **pair.values)
    said = sent(subject.telegram, what.TEMPERATURE_DIFFERENCE)
    if said is not None and said.number is not None and said.number.value > said.number.step:
        return unknown(
            "temperatures",
            "Flow {flow} °C and return {back} °C, but the meter's own difference is not negative: whether it "
            "cools or its sensors are swapped cannot be told.",
            **pair.values,
        )
    return ok(
        "temperatures",
        "Flow {flow} °C and return {back} °C: the meter cools now. If it should heat, the sensors are "
        "swapped.",
        **pair.values,
    )


def flows(subject: Subject) -> bool | None:
    """Whether water flows through the meter now; None where it does not say."""
    flow = sent(subject.telegram, what.VOLUME_FLOW)
    if flow is not None and flow.number is not None:
        return flow.number.value != 0
    power = sent(subject.telegram, what.POWER)
    if power is not None and power.number is not None and power.number.value:
        return True
    return None


def check_difference(subject: Subject) -> list[Check]:
    """The meter's own difference against flow minus return, as finely as the records tell them."""
    said = sent(subject.telegram, what.TEMPERATURE_DIFFERENCE)
    if subject.draft.type not in THERMAL or said is None:
        return []
    pair = pair_of(subject)
    if pair is None or said.number is None:
        return unknown("difference", "The temperature difference cannot be compared with flow and return.")
    number = said.number
    expected, tolerance = pair.difference, pair.tolerance + number.step
    if subject.draft.type is MeterType.HEATING and expected < 0 and number.value == 0:
        return unknown(
            "difference", "The meter gives no difference while its return is warmer than its flow."
        )
    values: dict[str, object] = {
        "difference": number.shown,
        "expected": rounded(expected, max(pair.flow.places, pair.back.places)),
    }
    if min(_deviations(subject, number.value, expected)) <= tolerance:
        return ok(
            "difference", "The temperature difference of {difference} K fits flow and return.", **values
        )
    return look(
        "difference",
        "differs",
        "The meter says a difference of {difference} K, flow minus return is {expected} K. "
        "Read again; if it stays, check the sensors.",
        **values,
    )


def _deviations(subject: Subject, said: Fraction, expected: Fraction) -> tuple[Fraction, ...]:
    """Cooling is told with a minus sign by some makers and without it by others; heating is not."""
    if expected > 0 and not subject.only_cools:
        return (abs(said - expected),)
    return abs(said - expected), abs(said + expected)
