"""What can be checked before a meter goes to the portal: each ok, worth a look, or not available, and why."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation, localcontext

from app.domain.checks.outcome import Check, CheckState
from app.domain.draft import MeterDraft
from app.domain.meter import MeterType
from app.domain.portal_units import Vocabulary
from app.domain.registers import Register, Role
from app.domain.selection import consequence, right_value
from app.mbus.manufacturer import medium_name, status_words
from app.mbus.records import Flag, Function, Number, Record, Telegram
from app.message import Message

HEAT_PER_M3_AND_KELVIN_KWH = Decimal("1.16")
"""Heat that a cubic metre of water carries for each kelvin, in kWh, near 20 °C."""

POWER_TOLERANCE = Decimal("0.15")
DIFFERENCE_TOLERANCE_K = Decimal("0.5")
CLOCK_TOLERANCE = timedelta(minutes=5)
LOW_BATTERY_DAYS = 365

_EXACT_DIGITS = 200

_THERMAL = frozenset({MeterType.HEATING, MeterType.COOLING})
_DAYS_IN = {
    "d": Decimal(1),
    "mo": Decimal("30.4"),
    "a": Decimal(365),
    "h": Decimal(1) / 24,
    "s": Decimal(1) / 86400,
}


@dataclass(frozen=True, slots=True)
class Subject:
    """Everything a check may look at.

    Attributes:
        draft: what the installer decided.
        telegram: the reading.
        registers: the telegram's registers for the draft's type.
        vocabulary: the portal's.
        read_at: local time of the reading at the meter.
        namesakes: where the same serial number stands already, e.g. names of other meters of the site.
        label_typed: whether a person took the draft's serial number from the label; a pasted telegram or one
            found by a scan brings its own, and agreeing with itself proves nothing.
    """

    draft: MeterDraft
    telegram: Telegram
    registers: Sequence[Register]
    vocabulary: Vocabulary
    read_at: datetime
    namesakes: Sequence[str] = ()
    label_typed: bool = True

    def current(self, description: str) -> Record | None:
        """The record that says what the meter shows now for a quantity; None where it has none."""
        return next(
            (
                record
                for record in self.telegram.records
                if record.description == description
                and record.function is Function.INSTANTANEOUS
                and not (record.storage or record.tariff or record.subunit or record.extensions)
            ),
            None,
        )

    def number(self, *descriptions: str) -> Decimal | None:
        """The current value of the first of these quantities the meter sends, in its base unit."""
        for description in descriptions:
            record = self.current(description)
            if record is not None and isinstance(record.value, Number):
                return record.value.to_decimal()
        return None


def run_checks(subject: Subject) -> tuple[Check, ...]:
    """Runs every check that means something for the meter's type, in the order a person would."""
    return tuple(check for run in _CHECKS for check in run(subject))


def _ok(code: str, template: str, **values: object) -> list[Check]:
    return [Check(code, CheckState.OK, Message(template, values))]


def _look(code: str, template: str, **values: object) -> list[Check]:
    return [Check(code, CheckState.LOOK, Message(template, values))]


def _unknown(code: str, template: str, **values: object) -> list[Check]:
    return [Check(code, CheckState.NOT_AVAILABLE, Message(template, values))]


def _serial(subject: Subject) -> list[Check]:
    header = subject.telegram.header
    if header is None:
        return _unknown("serial", "The telegram does not say its serial number.")
    if not subject.label_typed:
        return _unknown(
            "serial",
            "Nobody typed the label's serial number: compare {telegram} with the label.",
            telegram=header.identification,
        )
    if header.identification == subject.draft.serial:
        return _ok("serial", "Serial number on the label and in the telegram agree.")
    return _look(
        "serial",
        "The label says {label}, the telegram says {telegram}: is this the right meter?",
        label=subject.draft.serial,
        telegram=header.identification,
    )


def _complete(subject: Subject) -> list[Check]:
    if not subject.telegram.more_records_follow:
        return []
    return _look(
        "complete", "The meter announced further telegrams that were not read: registers may be missing."
    )


def _medium(subject: Subject) -> list[Check]:
    header = subject.telegram.header
    if header is None:
        return _unknown("medium", "The telegram does not say what the meter measures.")
    medium = medium_name(header.medium)
    if header.medium in subject.vocabulary.types[subject.draft.type].media:
        return _ok("medium", "The meter says “{medium}”, which fits the portal type.", medium=medium)
    return _look(
        "medium",
        "The meter says “{medium}”, but the portal type is {type}.",
        medium=medium,
        type=subject.draft.type.value,
    )


def _status(subject: Subject) -> list[Check]:
    header = subject.telegram.header
    flags = subject.number("ERROR_FLAGS")
    if header is None:
        return _unknown("status", "The telegram has no status byte.")
    if header.status:
        words = ", ".join(status_words(header.status, header.manufacturer))
        return _look("status", "The meter reports: {words}.", words=words)
    if flags:
        return _look("status", "The meter's error flags are not zero: {flags}.", flags=flags)
    return _ok("status", "The meter reports no error.")


def _index(subject: Subject) -> list[Check]:
    index = next((register for register in subject.registers if register.role is Role.INDEX), None)
    if index is None:
        return _look("index", "The telegram has no register that the portal could take as the index.")
    if subject.draft.selection.tick_of(index) is None:
        return _look("index", "The index is not ticked; the portal would not get the value on the dial.")
    return []


def _temperatures(subject: Subject) -> list[Check]:
    flow, back = subject.number("FLOW_TEMPERATURE"), subject.number("RETURN_TEMPERATURE")
    if subject.draft.type not in _THERMAL:
        return []
    if flow is None or back is None:
        return _unknown("temperatures", "The meter sends no flow and return temperature.")
    cooling = subject.draft.type is MeterType.COOLING
    values = {"flow": flow, "back": back}
    if flow == back:
        return _ok("temperatures", "Flow and return are both at {flow} °C: nothing flows now.", **values)
    if (flow < back) is cooling:
        return _ok("temperatures", "Flow {flow} °C and return {back} °C fit.", **values)
    return _look(
        "temperatures",
        "Flow {flow} °C and return {back} °C look swapped: check which sensor sits in which pipe.",
        **values,
    )


def _difference(subject: Subject) -> list[Check]:
    flow, back = subject.number("FLOW_TEMPERATURE"), subject.number("RETURN_TEMPERATURE")
    difference = subject.number("TEMPERATURE_DIFFERENCE")
    if subject.draft.type not in _THERMAL or flow is None or back is None or difference is None:
        return []
    values = {"difference": difference, "expected": flow - back}
    if abs(abs(difference) - abs(flow - back)) <= DIFFERENCE_TOLERANCE_K:
        return _ok(
            "difference", "The temperature difference of {difference} K fits flow and return.", **values
        )
    return _look(
        "difference",
        "The meter says a difference of {difference} K, flow minus return is {expected} K.",
        **values,
    )


def _power(subject: Subject) -> list[Check]:
    if subject.draft.type not in _THERMAL:
        return []
    record, flow = subject.current("POWER"), subject.number("VOLUME_FLOW")
    power, difference = subject.number("POWER"), subject.number("TEMPERATURE_DIFFERENCE")
    if record is None or record.unit != "W" or power is None or flow is None or difference is None:
        return []
    expected_w = abs(flow * difference) * HEAT_PER_M3_AND_KELVIN_KWH * 1000
    values = {"power": _kilo(abs(power)), "expected": _kilo(expected_w)}
    # One step of the meter's display is no fault, however small the power is.
    if abs(abs(power) - expected_w) <= max(expected_w * POWER_TOLERANCE, Decimal(100)):
        return _ok("power", "Power of {power} kW fits flow and temperatures.", **values)
    return _look("power", "The meter says {power} kW, flow and temperatures make {expected} kW.", **values)


def _kilo(watts: Decimal) -> Decimal:
    with localcontext() as context:
        # A REAL32 may say anything up to 10**38, and the person is told what it says.
        context.prec = _EXACT_DIGITS
        return (watts / 1000).quantize(Decimal("0.01"))


def _clock(subject: Subject) -> list[Check]:
    record = subject.current("DATE_TIME")
    if record is None:
        return []
    if not isinstance(record.value, datetime):
        return _look("clock", "The meter's clock is not set.")
    moment = record.value.replace(tzinfo=None)
    off = subject.read_at.replace(tzinfo=None) - moment
    # A meter's clock runs on winter time all year; an hour behind in summer is how it should be.
    if min(abs(off), abs(off - timedelta(hours=1))) <= CLOCK_TOLERANCE:
        return _ok("clock", "The meter's clock is right.")
    return _look("clock", "The meter's clock says {moment}, {off} off.", moment=moment, off=_span(abs(off)))


def _span(span: timedelta) -> Message:
    minutes = int(span.total_seconds() // 60)
    for size, template in ((1440, "{count} days"), (60, "{count} h")):
        if minutes >= 2 * size:
            return Message(template, {"count": minutes // size})
    return Message("{count} min", {"count": minutes})


def _battery(subject: Subject) -> list[Check]:
    record = subject.current("REMAINING_BATTERY_LIFE_TIME")
    if record is None or not isinstance(record.value, Number) or record.unit not in _DAYS_IN:
        return []
    days = int(record.value.to_decimal() * _DAYS_IN[record.unit])
    if days > LOW_BATTERY_DAYS:
        return _ok("battery", "The battery lasts for another {days} days.", days=days)
    return _look("battery", "The battery lasts for {days} days only.", days=days)


def _invalid_values(subject: Subject) -> list[Check]:
    ticked = [register for register in subject.registers if subject.draft.selection.tick_of(register)]
    invalid = [register.record for register in ticked if not isinstance(register.record.value, Number)]
    failed = [
        register.record
        for register in ticked
        if Flag.ERROR_STATE in register.record.flags or register.record.function is Function.ERROR
    ]
    bad = {record.index: record for record in (*invalid, *failed)}
    if not bad:
        return []
    names = ", ".join(f"{record.description} ({record.dib_hex} {record.vib_hex})" for record in bad.values())
    return _look("invalid", "The meter sent no valid value for {names}.", names=names)


def _dial(subject: Subject) -> list[Check]:
    index = next((register for register in subject.registers if register.role is Role.INDEX), None)
    if index is None or not subject.draft.dial.strip():
        return []
    tick = subject.draft.selection.tick_of(index)
    value = right_value(index, tick) if tick else None
    typed = parse_reading(subject.draft.dial)
    if typed is None:
        return _look("dial", "The dial reading “{text}” is no number.", text=subject.draft.dial.strip()[:40])
    if tick is None or value is None:
        return _unknown("dial", "There is no index to compare the dial with.")
    values = {"typed": typed, "value": value, "unit": index.offers[0].unit.symbol}
    # The dial shows fewer digits than the telegram, and may be rounded or cut.
    step = Decimal(1).scaleb(int(typed.as_tuple().exponent))
    if abs(typed - value) <= step:
        return _ok("dial", "The dial and the telegram agree: {typed} {unit}.", **values)
    return _look("dial", "The dial says {typed} {unit}, the telegram {value} {unit}.", **values)


def parse_reading(text: str) -> Decimal | None:
    """Reads what stands on a dial as a person types it: blanks and apostrophes group, comma or point."""
    compact = "".join(text.split()).replace("'", "").replace("’", "").replace(",", ".")
    try:
        reading = Decimal(compact)
    except InvalidOperation:
        return None
    return reading if reading.is_finite() and abs(reading.adjusted()) < 20 else None


def _ambiguous(subject: Subject) -> list[Check]:
    return [
        Check(
            "ambiguous",
            CheckState.LOOK,
            Message(
                "Several records have DIB {dib} and VIB {vib}; the portal may read another than you ticked.",
                {"dib": register.key.dib, "vib": register.key.vib},
            ),
        )
        for register in subject.registers
        if register.ambiguous and subject.draft.selection.tick_of(register)
    ]


def _factors(subject: Subject) -> list[Check]:
    checks = []
    for register in subject.registers:
        tick = subject.draft.selection.tick_of(register)
        sentence = consequence(register, tick) if tick else None
        if tick is not None and sentence is not None:
            reason = Message("{unit}: {sentence}", {"unit": tick.unit, "sentence": sentence})
            checks.append(Check(f"factor:{register.record.index}", CheckState.LOOK, reason))
    return checks


def _twice(subject: Subject) -> list[Check]:
    if not subject.namesakes:
        return []
    return _look(
        "twice",
        "The same serial number is on this site already: {names}.",
        names=", ".join(subject.namesakes),
    )


_CHECKS: tuple[Callable[[Subject], list[Check]], ...] = (
    _serial,
    _complete,
    _medium,
    _status,
    _index,
    _temperatures,
    _difference,
    _power,
    _clock,
    _battery,
    _invalid_values,
    _dial,
    _ambiguous,
    _factors,
    _twice,
)
