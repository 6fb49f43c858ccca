"""The practice building: what hangs on its bus, and what each meter says."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from app.mbus.encode import RecordToSend
from app.practice.content import Moment, clock_of, content, record, simulated_meter
from app.practice.meters import SimulatedMeter

FIRST_HEAT_METER: Final = 94158186
DOCUMENTED_METER: Final = "94158192"
"""The heat meter of the portal's own documentation."""

_BATCH: Final = 12
_HEAT: Final = 0x04
_COOLING: Final = 0x0A
_HOT_WATER: Final = 0x06
_COLD_WATER: Final = 0x16
_WATER: Final = 0x07

_WATTS_PER_M3_H_AND_KELVIN: Final = 1160
_WH_PER_KWH: Final = 1000
_J_PER_MJ: Final = 1_000_000


@dataclass(slots=True)
class Building:
    """The meters on one bus; tests and trainers may add to them before a bus serves them."""

    meters: list[SimulatedMeter]

    def meter(self, identification: str) -> SimulatedMeter:
        """The first meter with that number.

        Raises:
            KeyError: there is none.
        """
        for meter in self.meters:
            if meter.address.identification == identification:
                return meter
        raise KeyError(identification)


@dataclass(frozen=True, slots=True)
class _Thermal:
    """What a heat or cooling meter measures now, consistent in itself.

    Attributes:
        energy: total, in kWh or MJ.
        volume_l: total.
        flow_l_h: volume flow.
        warm_c: temperature of the warmer pipe.
        cold_c: temperature of the colder pipe.
        difference: in hundredths of a kelvin.
    """

    energy: int
    volume_l: int
    flow_l_h: int
    warm_c: int
    cold_c: int
    difference: int

    @property
    def power_w(self) -> int:
        """Power = flow * difference * 1.16 kWh per cubic metre and kelvin."""
        return round(self.flow_l_h * self.difference * _WATTS_PER_M3_H_AND_KELVIN / 100_000)


def practice_building(*, seed: int = 1, now: Moment | None = None) -> Building:
    """Makes the building: heat, hot and cold water meters of 12 flats, and a few central ones.

    Args:
        seed: decides the readings; those of 94158192 are always the same.
        now: the meters' clock: a moment, or what tells it; None for the clock of this machine.
    """
    random = Random(seed)  # noqa: S311 - readings of meters that do not exist are no secret
    clock = clock_of(now)
    meters = [
        _heat_meter(f"{FIRST_HEAT_METER + flat:08d}", random, clock, primary=flat + 1)
        for flat in range(_BATCH)
    ]
    meters += [
        _water_meter(f"{30417501 + flat:08d}", _HOT_WATER, random, clock, primary=21 + flat)
        for flat in range(_BATCH)
    ]
    meters += [
        _water_meter(f"{30422076 + flat:08d}", _COLD_WATER, random, clock, primary=41 + flat)
        for flat in range(_BATCH)
    ]
    meters += [
        _cooling_meter("71503344", clock, primary=61),
        _megajoule_meter("08812260", random, clock, primary=62),
        _long_meter("66100915", random, clock, primary=63),
        _water_meter("55120011", _WATER, random, clock, primary=64),
    ]
    return Building(meters)


def _heat_meter(
    number: str, random: Random, clock: Callable[[], datetime], *, primary: int
) -> SimulatedMeter:
    values = _thermal(random)
    if number == DOCUMENTED_METER:
        values = _Thermal(37_351, 812_430, 84, 67, 45, 2206)

    def records() -> Sequence[RecordToSend]:
        return [
            _fabrication_number(number),
            *_documented_list("06", values, _WH_PER_KWH, flow_c=values.warm_c, return_c=values.cold_c),
            *_service_records(clock()),
            *_months("06", values.energy, _WH_PER_KWH, clock(), count=3),
        ]

    return simulated_meter(number, "LUG", 4, _HEAT, content(records), primary=primary)


def _megajoule_meter(
    number: str, random: Random, clock: Callable[[], datetime], *, primary: int
) -> SimulatedMeter:
    values = _thermal(random)

    def records() -> Sequence[RecordToSend]:
        return [
            _fabrication_number(number),
            *_documented_list("0E", values, _J_PER_MJ, flow_c=values.warm_c, return_c=values.cold_c),
            *_service_records(clock()),
            *_months("0E", values.energy, _J_PER_MJ, clock(), count=2),
        ]

    return simulated_meter(number, "HYD", 11, _HEAT, content(records), primary=primary)


def _cooling_meter(number: str, clock: Callable[[], datetime], *, primary: int) -> SimulatedMeter:
    values = _Thermal(9_214, 1_502_118, 412, 14, 8, 600)

    def records() -> Sequence[RecordToSend]:
        return [
            _fabrication_number(number),
            *_documented_list("06", values, _WH_PER_KWH, flow_c=values.cold_c, return_c=values.warm_c),
            *_service_records(clock()),
            *_months("06", values.energy, _WH_PER_KWH, clock(), count=2),
        ]

    return simulated_meter(number, "LUG", 7, _COOLING, content(records), primary=primary)


def _long_meter(
    number: str, random: Random, clock: Callable[[], datetime], *, primary: int
) -> SimulatedMeter:
    """Eighteen months and three peaks: more than one telegram holds."""
    values = _thermal(random)

    def records() -> Sequence[RecordToSend]:
        return [
            _fabrication_number(number),
            *_documented_list("06", values, _WH_PER_KWH, flow_c=values.warm_c, return_c=values.cold_c),
            *_service_records(clock()),
            *_months("06", values.energy, _WH_PER_KWH, clock(), count=18),
            record("14", "2B", values.power_w * 3),
            record("14", "3B", Decimal(values.flow_l_h * 2).scaleb(-3)),
            record("12", "5B", values.warm_c + 11),
        ]

    return simulated_meter(number, "KAM", 53, _HEAT, content(records), primary=primary)


def _water_meter(
    number: str, medium: int, random: Random, clock: Callable[[], datetime], *, primary: int
) -> SimulatedMeter:
    litres = random.randrange(20_000, 400_000)
    at_set_day = litres - random.randrange(5_000, 15_000)

    def records() -> Sequence[RecordToSend]:
        now = clock()
        return [
            record("0C", "78", int(number)),
            record("0C", "13", Decimal(litres).scaleb(-3)),
            record("04", "6D", now),
            record("01", "FD17", 0),
            record("4C", "13", Decimal(at_set_day).scaleb(-3)),
            record("42", "6C", _month_end(now, 1)),
        ]

    return simulated_meter(number, "ZRI", 32, medium, content(records), primary=primary)


def _thermal(random: Random) -> _Thermal:
    warm = random.randrange(58, 72)
    cold = warm - random.randrange(14, 26)
    energy = random.randrange(18_000, 52_000)
    return _Thermal(
        energy=energy,
        volume_l=energy * random.randrange(21, 27),
        flow_l_h=random.randrange(40, 180),
        warm_c=warm,
        cold_c=cold,
        difference=(warm - cold) * 100 + random.randrange(-20, 21),
    )


def _fabrication_number(number: str) -> RecordToSend:
    return record("0C", "78", int(number))


def _documented_list(
    energy_vib: str, values: _Thermal, base: int, *, flow_c: int, return_c: int
) -> list[RecordToSend]:
    """The registers of the documentation, in its order."""
    return [
        record("04", energy_vib, values.energy * base),
        record("04", "13", Decimal(values.volume_l).scaleb(-3)),
        record("04", "2B", values.power_w),
        record("04", "3B", Decimal(values.flow_l_h).scaleb(-3)),
        record("02", "5B", flow_c),
        record("02", "5F", return_c),
        record("02", "61", Decimal(values.difference).scaleb(-2)),
    ]


def _service_records(now: datetime) -> list[RecordToSend]:
    """Operating time in days, error flags, date and time."""
    since = datetime(2021, 3, 1, tzinfo=now.tzinfo)
    return [
        record("02", "23", (now - since).days),
        record("01", "FD17", 0),
        record("04", "6D", now.replace(second=0, microsecond=0)),
    ]


def _months(energy_vib: str, energy: int, base: int, now: datetime, *, count: int) -> list[RecordToSend]:
    """The readings at the last ends of month, the latest as storage 1, each with its date."""
    records = []
    for storage in range(1, count + 1):
        reading = energy * (1000 - 23 * storage) // 1000
        records += [
            RecordToSend(_dib(0x04, storage), bytes.fromhex(energy_vib), reading * base),
            RecordToSend(_dib(0x02, storage), b"\x6c", _month_end(now, storage)),
        ]
    return records


def _dib(data_field: int, storage: int) -> bytes:
    """DIF and, from storage 2 on, one DIFE (EN 13757-3: the lowest bit of the number stands in the DIF)."""
    dif = data_field | (storage & 1) << 6
    return bytes((dif | 0x80, storage >> 1)) if storage > 1 else bytes((dif,))


def _month_end(now: datetime, months_ago: int) -> date:
    day = now.date().replace(day=1)
    for _ in range(months_ago - 1):
        day = (day - timedelta(days=1)).replace(day=1)
    return day - timedelta(days=1)
