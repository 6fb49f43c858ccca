"""What the meters with planted faults say, each as its maker's meters say it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from app.mbus.encode import RecordToSend, encode_header, make_header
from app.mbus.frames import LongFrame
from app.mbus.requests import RSP_UD
from app.mbus.security import cbc_encrypt, initial_vector
from app.practice.content import Clock, record
from app.practice.meters import SimulatedMeter

_KEY: Final = bytes.fromhex("5B1E93A07C44D2E86F0A31B9C75D2811")


def flow_sensor_backwards(clock: Clock) -> Sequence[RecordToSend]:
    """Flow and power are negative, and fit the difference."""
    return [
        record("0C", "78", 71204901),
        record("04", "06", 12_418_000),
        record("04", "13", Decimal("588.214")),
        record("04", "2B", -3183),
        record("04", "3B", Decimal("-0.152")),
        record("02", "5A", Decimal("61.4")),
        record("02", "5E", Decimal("43.3")),
        record("02", "61", Decimal("18.05")),
        record("04", "6D", clock()),
        record("01", "FD17", 0),
    ]


def sensors_swapped(clock: Clock) -> Sequence[RecordToSend]:
    """The flow is colder than the return, and no heat is counted."""
    return [
        record("0C", "78", 76120418),
        record("04", "06", 8_231_000),
        record("04", "14", Decimal("402.11")),
        record("02", "59", Decimal("38.12")),
        record("02", "5D", Decimal("57.46")),
        record("02", "61", Decimal("-19.34")),
        record("04", "2D", 0),
        record("04", "3B", Decimal("0.214")),
        record("04", "6D", clock()),
    ]


def flow_temperature_sensor_broken(clock: Clock) -> Sequence[RecordToSend]:
    """180 °C: the end of what this meter can measure."""
    return [
        record("0C", "06", 21_904_000),
        record("0C", "13", Decimal("1203.882")),
        record("0B", "3B", 0),
        record("0C", "2B", 0),
        record("0A", "5A", Decimal("180.0")),
        record("0A", "5E", Decimal("41.2")),
        record("04", "6D", clock()),
    ]


def both_temperature_sensors_dead(clock: Clock) -> Sequence[RecordToSend]:
    """Both at 25 °C, while water flows."""
    return [
        record("04", "06", 5_120_000),
        record("04", "13", Decimal("311.402")),
        record("04", "2B", 0),
        record("04", "3B", Decimal("0.180")),
        record("02", "5B", 25),
        record("02", "5F", 25),
        record("02", "61", Decimal("0.00")),
        record("04", "6D", clock()),
    ]


def water_meter_backwards(clock: Clock) -> Sequence[RecordToSend]:
    """129 litres ran backwards since the counter stood at zero."""
    return [
        record("0C", "78", 30422190),
        record("0C", "13", Decimal("99999.871")),
        record("04", "6D", clock()),
        record("01", "FD17", 0),
    ]


def never_counted(clock: Clock) -> Sequence[RecordToSend]:
    """Index 0."""
    return [
        record("0C", "78", 20140033),
        record("0C", "13", Decimal(0)),
        record("02", "FD17", 0),
        record("04", "6D", clock()),
    ]


def pulse_value_ten_times_off(clock: Clock) -> Sequence[RecordToSend]:
    """An adapter for pulses that takes each for 100 litres, where it is 10."""
    return [record("0C", "14", Decimal("1284.30")), record("04", "6D", clock())]


def dial_in_another_unit(clock: Clock) -> Sequence[RecordToSend]:
    """24 512 kWh; the dial counts MJ."""
    return [
        record("0C", "06", 24_512_000),
        record("0C", "14", Decimal("1408.33")),
        record("0B", "2D", 4300),
        record("0B", "3B", Decimal("0.214")),
        record("0A", "5A", Decimal("58.3")),
        record("0A", "5E", Decimal("41.0")),
        record("0A", "62", Decimal("17.3")),
        record("04", "6D", clock()),
    ]


def combined(clock: Clock) -> Sequence[RecordToSend]:
    """Heat in the plain record, cold with VIFE 3C."""
    return [
        record("0C", "78", 81420077),
        record("04", "06", 15_411_000),
        record("04", "863C", 2_096_000),
        record("04", "14", Decimal("901.44")),
        record("02", "59", Decimal("52.10")),
        record("02", "5D", Decimal("38.64")),
        record("02", "61", Decimal("13.46")),
        record("04", "2D", 4500),
        record("04", "3B", Decimal("0.288")),
        record("04", "6D", clock()),
    ]


def wrong_medium(clock: Clock) -> Sequence[RecordToSend]:
    """A volume."""
    return [record("0C", "13", Decimal("418.226")), record("04", "6D", clock())]


def error_flags(clock: Clock) -> Sequence[RecordToSend]:
    """Two bits."""
    return [
        record("0C", "06", 33_018_000),
        record("0C", "13", Decimal("2210.507")),
        record("0B", "3B", Decimal("0.244")),
        record("0C", "2B", 5915),
        record("0A", "5A", Decimal("63.1")),
        record("0A", "5E", Decimal("42.2")),
        record("0B", "61", Decimal("20.90")),
        record("02", "FD17", 0x0108),
        record("04", "6D", clock()),
    ]


def battery_empty(clock: Clock) -> Sequence[RecordToSend]:
    """21 days."""
    return [
        record("04", "13", Decimal("211.903")),
        record("02", "3B", Decimal("0.000")),
        record("02", "FD74", 21),
        record("04", "FD17", 0),
        record("04", "6D", clock()),
    ]


def clock_a_year_off(clock: Clock) -> Sequence[RecordToSend]:
    """Everything but its year is right."""
    return [
        record("0C", "06", 9_118_000),
        record("0C", "14", Decimal("518.40")),
        record("0A", "5A", Decimal("55.8")),
        record("0A", "5E", Decimal("40.1")),
        record("0B", "61", Decimal("15.71")),
        record("04", "6D", _years_before(clock(), 1)),
    ]


def _years_before(moment: datetime, years: int) -> datetime:
    """The same day of an earlier year; the day before where that year has none."""
    try:
        return moment.replace(year=moment.year - years)
    except ValueError:
        return (moment - timedelta(days=1)).replace(year=moment.year - years)


def other_number_on_the_label(clock: Clock) -> Sequence[RecordToSend]:
    """The fabrication number is that of the label; on the bus answers the customer number."""
    return [
        record("0C", "78", 67211183),
        record("04", "06", 3_392_000),
        record("04", "13", Decimal("187.002")),
        record("02", "59", Decimal("54.02")),
        record("02", "5D", Decimal("46.72")),
        record("02", "61", Decimal("7.30")),
        record("04", "2D", 1800),
        record("04", "3B", Decimal("0.215")),
        record("04", "6D", clock()),
    ]


def index_twice(clock: Clock) -> Sequence[RecordToSend]:
    """Heat and cold told apart by their order only."""
    return [
        record("0C", "0E", 16_059_000_000),
        record("0C", "13", Decimal("402.118")),
        record("0C", "0E", 1_204_000_000),
        record("0C", "13", Decimal("81.402")),
        record("0A", "5A", Decimal("38.5")),
        record("0A", "5E", Decimal("31.2")),
        record("04", "6D", clock()),
    ]


def makers_own(meter: SimulatedMeter, _access_number: int) -> tuple[bytes, ...]:
    """CI B7, and nothing that the standard knows."""
    return (LongFrame(RSP_UD, meter.primary, 0xB7, bytes.fromhex("01020304")).to_bytes(),)


def without_header(meter: SimulatedMeter, _access_number: int) -> tuple[bytes, ...]:
    """CI 78: records only."""
    records = (record("04", "06", 7_211_000), record("04", "13", Decimal("377.004")))
    return (LongFrame(RSP_UD, meter.primary, 0x78, b"".join(each.to_bytes() for each in records)).to_bytes(),)


def fixed_structure(meter: SimulatedMeter, access_number: int) -> tuple[bytes, ...]:
    """Energy in kWh and volume in litres, in BCD, as meters answered before the variable structure."""
    number = bytes.fromhex(meter.address.identification)[::-1]
    counters = bytes.fromhex("31650000 23910600".replace(" ", ""))
    body = number + bytes((access_number, 0x00)) + b"\x05\x69" + counters
    return (LongFrame(RSP_UD, meter.primary, 0x73, body).to_bytes(),)


def encrypted(meter: SimulatedMeter, access_number: int) -> tuple[bytes, ...]:
    """Security mode 5."""
    header = make_header(meter.address, access_number=access_number, signature=b"\x10\x05")
    plain = b"\x2f\x2f" + record("04", "13", Decimal("73.418")).to_bytes() + b"\x2f" * 8
    secret = cbc_encrypt(_KEY, initial_vector(header), plain)
    return (LongFrame(RSP_UD, meter.primary, 0x72, encode_header(header) + secret).to_bytes(),)
