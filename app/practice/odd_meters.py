"""Sound meters that look odd: whoever checks them must find nothing."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

from app.mbus.encode import RecordToSend
from app.practice.content import Clock, content, record, simulated_meter
from app.practice.meters import SimulatedMeter

_HEAT: Final = 0x04
_HEAT_AND_COOLING: Final = 0x0D

Records = Callable[[Clock], Sequence[RecordToSend]]


def odd_meters(clock: Clock, *, first_primary: int) -> list[SimulatedMeter]:
    """One meter of each kind of :data:`_ROWS`, with primary addresses one after the other."""
    return [
        simulated_meter(
            number, maker, version, medium, content(_bound(said, clock)), primary=first_primary + at
        )
        for at, (number, maker, version, medium, said) in enumerate(_ROWS)
    ]


def _bound(said: Records, clock: Clock) -> Callable[[], Sequence[RecordToSend]]:
    return lambda: said(clock)


def _idle_in_summer(clock: Clock) -> Sequence[RecordToSend]:
    """Nothing flows, and the boiler room is warmer than the pipe."""
    return [
        record("0C", "78", 71204877),
        record("0C", "06", 12_311_000),
        record("0C", "14", Decimal("588.21")),
        record("0B", "2D", 0),
        record("0B", "3B", 0),
        record("0A", "5A", Decimal("26.1")),
        record("0A", "5E", Decimal("27.0")),
        record("0B", "61", Decimal("-0.93")),
        record("04", "6D", clock()),
        record("01", "FD17", 0),
    ]


def _combined_that_cools(clock: Clock) -> Sequence[RecordToSend]:
    """Flow colder than return; this maker's power counts heat only."""
    return [
        record("04", "06", 3_204_000),
        record("8410", "06", 1_377_000),
        record("04", "13", Decimal("1604.118")),
        record("04", "3B", Decimal("0.500")),
        record("04", "2B", 0),
        record("02", "5B", 12),
        record("02", "5F", 18),
        record("02", "61", Decimal("-6.10")),
        record("04", "6D", clock()),
        record("01", "FD17", 0),
    ]


def _combined_that_heats(clock: Clock) -> Sequence[RecordToSend]:
    return [
        record("04", "06", 517_000),
        record("8410", "06", 6_042_000),
        record("04", "13", Decimal("3042.924")),
        record("04", "3B", Decimal("0.412")),
        record("04", "2D", 5900),
        record("02", "59", Decimal("43.97")),
        record("02", "5D", Decimal("31.52")),
        record("04", "6D", clock()),
        record("02", "FD17", 0),
    ]


def _whole_degrees(clock: Clock) -> Sequence[RecordToSend]:
    """42 °C and 36 °C, though the difference is 6.70 K."""
    return [
        record("04", "06", 8_412_000),
        record("04", "13", Decimal("402.117")),
        record("04", "2B", 2332),
        record("04", "3B", Decimal("0.300")),
        record("02", "5B", 42),
        record("02", "5F", 36),
        record("02", "61", Decimal("6.70")),
        record("04", "6D", clock()),
        record("01", "FD17", 0),
    ]


def _power_in_kilowatts(clock: Clock) -> Sequence[RecordToSend]:
    """737 W, shown in whole kilowatts."""
    return [
        record("0C", "78", 61133402),
        record("04", "06", 22_845_000),
        record("04", "14", Decimal("1932.07")),
        record("02", "59", Decimal("54.02")),
        record("02", "5D", Decimal("46.72")),
        record("02", "61", Decimal("7.30")),
        record("04", "2E", 1000),
        record("04", "3B", Decimal("0.087")),
        record("04", "6D", clock()),
    ]


def _binary_numbers(clock: Clock) -> Sequence[RecordToSend]:
    """Every momentary value as REAL32."""
    return [
        record("04", "863B", 39_831_000),
        record("04", "863C", 0),
        record("04", "13", Decimal("4211.640")),
        record("05", "2B", Decimal("5204.7")),
        record("05", "3B", Decimal("0.7731")),
        record("05", "5B", Decimal("41.211051940")),
        record("05", "5F", Decimal("35.385593414")),
        record("05", "63", Decimal("5.825458526")),
        record("04", "6D", clock()),
    ]


_ROWS: Final[tuple[tuple[str, str, int, int, Records], ...]] = (
    ("71204877", "LUG", 4, _HEAT, _idle_in_summer),
    ("48120650", "EFE", 0, _HEAT_AND_COOLING, _combined_that_cools),
    ("69108842", "ZRI", 136, _HEAT_AND_COOLING, _combined_that_heats),
    ("48093317", "EFE", 0, _HEAT, _whole_degrees),
    ("61133402", "KAM", 8, _HEAT, _power_in_kilowatts),
    ("21300462", "SEN", 6, _HEAT_AND_COOLING, _binary_numbers),
)
