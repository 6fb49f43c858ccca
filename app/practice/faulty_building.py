"""The second practice building: twenty meters with one fault each, among sound ones.

Each fault is one that installers really meet; the telegrams are as the named makers send them, and everything
but the fault is as it should be. Three faults show only to whoever looks at the meter itself: what stands on
its label and on its dial is given here, as is the type that a hasty installer would choose.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from app.domain.meter import MeterType
from app.mbus.encode import RecordToSend
from app.message import Message
from app.practice import planted_telegrams as telegrams
from app.practice.building import Building, practice_building
from app.practice.content import Clock, Moment, clock_of, content, simulated_meter
from app.practice.meters import Content, Quirks, SimulatedMeter
from app.practice.odd_meters import odd_meters

_HEAT: Final = 0x04
_ELECTRICITY: Final = 0x02
_HOT_WATER: Final = 0x06
_WATER: Final = 0x07
_HEAT_AND_COOLING: Final = 0x0D
_COLD_WATER: Final = 0x16
_PERMANENT_ERROR: Final = 0x08
_FIRST_PRIMARY: Final = 101
_FIRST_ODD_PRIMARY: Final = 131
_SOUND_NUMBERS: Final = ("94158192", "08812260", "71503344", "66100915", "55120011", "30417501", "30422076")

_ORDINARY: Final = Quirks()

Said = Callable[[Clock], Sequence[RecordToSend]]


@dataclass(frozen=True, slots=True)
class PlantedFault:
    """One meter with one fault.

    Attributes:
        number: on the bus.
        words: what is wrong.
        found_by: code of the check that is to find it, or of the error where the meter cannot be read at all.
        label: the serial number on the label.
        dial: the reading on the dial; empty where the fault shows without it.
        taken_as: the type a hasty installer chooses; None for what the telegram suggests.
    """

    number: str
    words: Message
    found_by: str
    label: str
    dial: str = ""
    taken_as: MeterType | None = None

    def as_fields(self) -> dict[str, str | None]:
        """By name, for whoever trains with the building."""
        return {
            "serial": self.number,
            "label": self.label,
            "dial": self.dial or None,
            "taken_as": self.taken_as.value if self.taken_as is not None else None,
            "fault": str(self.words),
            "found_by": self.found_by,
        }


@dataclass(frozen=True, slots=True)
class FaultyBuilding:
    """The building, and what is wrong in it.

    Attributes:
        building: all meters.
        planted: the faults, one a meter; every other meter is sound.
    """

    building: Building
    planted: tuple[PlantedFault, ...]


def faulty_building(*, seed: int = 1, now: Moment | None = None) -> FaultyBuilding:
    """Makes the building.

    Args:
        seed: decides the readings of the ordinary sound meters.
        now: the meters' clock: a moment, or what tells it; None for the clock of this machine.
    """
    clock = clock_of(now)
    ordinary = practice_building(seed=seed, now=now)
    meters = [_meter(row, _FIRST_PRIMARY + at, clock) for at, row in enumerate(_ROWS)]
    meters += odd_meters(clock, first_primary=_FIRST_ODD_PRIMARY)
    meters += [ordinary.meter(number) for number in _SOUND_NUMBERS]
    return FaultyBuilding(Building(meters), tuple(row.planted for row in _ROWS))


@dataclass(frozen=True, slots=True)
class _Row:
    """A planted fault and the meter that has it.

    Attributes:
        planted: the fault.
        maker: three letters.
        version: the maker's.
        medium: device type.
        said: its records; None where its telegrams are made by ``frames``.
        status: status byte.
        frames: makes its telegrams where they are no ordinary ones.
        quirks: of its link layer.
    """

    planted: PlantedFault
    maker: str
    version: int
    medium: int
    said: Said | None = None
    status: int = 0
    frames: Content | None = None
    quirks: Quirks = _ORDINARY


def _meter(row: _Row, primary: int, clock: Clock) -> SimulatedMeter:
    said = row.said
    frames = row.frames
    if said is not None:
        frames = content(lambda: said(clock), status=row.status)
    meter = simulated_meter(
        row.planted.number, row.maker, row.version, row.medium, frames or _silent, primary=primary
    )
    return replace(meter, quirks=row.quirks, fabrication_number=row.planted.label)


def _silent(_meter: SimulatedMeter, _access_number: int) -> tuple[bytes, ...]:
    return ()


def _fault(number: str, words: str, found_by: str, **more: object) -> PlantedFault:
    known = {"label": number, **more}
    return PlantedFault(number, Message(words), found_by, **known)  # type: ignore[arg-type]


_ROWS: Final = (
    _Row(
        _fault("71204901", "The flow sensor sits backwards.", "direction"),
        "LUG", 4, _HEAT, telegrams.flow_sensor_backwards,
    ),
    _Row(
        _fault("76120418", "The temperature sensors are swapped.", "temperatures"),
        "KAM", 52, _HEAT, telegrams.sensors_swapped,
    ),
    _Row(
        _fault("43117206", "The flow temperature sensor is broken.", "sensors"),
        "HYD", 32, _HEAT, telegrams.flow_temperature_sensor_broken,
    ),
    _Row(
        _fault("48031194", "Both temperature sensors are dead.", "sensors"),
        "EFE", 0, _HEAT, telegrams.both_temperature_sensors_dead, _PERMANENT_ERROR,
    ),
    _Row(
        _fault("30422190", "The water meter was built in backwards.", "counter"),
        "ZRI", 32, _COLD_WATER, telegrams.water_meter_backwards,
    ),
    _Row(
        _fault("20140033", "The meter has never counted.", "counter"),
        "BMT", 21, _HOT_WATER, telegrams.never_counted,
    ),
    _Row(
        _fault("15022718", "The pulse value is ten times too high.", "dial", dial="128,437"),
        "REL", 64, _COLD_WATER, telegrams.pulse_value_ten_times_off,
    ),
    _Row(
        _fault("65911208", "The dial counts in MJ, the telegram in kWh.", "dial", dial="88243"),
        "LUG", 7, _HEAT, telegrams.dial_in_another_unit,
    ),
    _Row(
        _fault(
            "81420077", "The heat of a combined meter is taken as cold.", "combined",
            taken_as=MeterType.COOLING,
        ),
        "KAM", 64, _HEAT_AND_COOLING, telegrams.combined,
    ),
    _Row(
        _fault("15022733", "A water meter's pulse adapter says that it measures electricity.", "medium"),
        "REL", 64, _ELECTRICITY, telegrams.wrong_medium,
    ),
    _Row(
        _fault("43221980", "The meter's error flags are set.", "error_flags"),
        "DME", 64, _HEAT, telegrams.error_flags,
    ),
    _Row(
        _fault("02418830", "The battery is nearly empty.", "battery"),
        "AXI", 16, _WATER, telegrams.battery_empty,
    ),
    _Row(
        _fault("10604417", "The meter's clock is a year behind.", "clock"),
        "ACW", 9, _HEAT, telegrams.clock_a_year_off,
    ),
    _Row(
        _fault("53100672", "The meter answers with its maker's own telegram only.", "makers_own"),
        "SON", 13, _HEAT, frames=telegrams.makers_own,
    ),
    _Row(
        _fault("10255317", "The meter's read-outs of today are used up.", "no_telegram"),
        "MAD", 0, _HEAT, quirks=Quirks(mute=True),
    ),
    _Row(
        _fault("08804215", "The telegram does not say whose it is.", "header"),
        "SVM", 8, _HEAT, frames=telegrams.without_header,
    ),
    _Row(
        _fault("23450920", "The meter answers in the old fixed structure.", "gateway"),
        "SEN", 1, _HEAT, frames=telegrams.fixed_structure,
    ),
    _Row(
        _fault("69204481", "The meter answers encrypted, and its key is missing.", "encrypted_reading"),
        "ZRI", 22, _COLD_WATER, frames=telegrams.encrypted,
    ),
    _Row(
        _fault("85246798", "The label bears another number than the bus.", "serial", label="67211183"),
        "KAM", 48, _HEAT, telegrams.other_number_on_the_label,
    ),
    _Row(
        _fault("11400926", "Two records of the index have the same DIB and VIB.", "ambiguous"),
        "BMT", 11, _HEAT_AND_COOLING, telegrams.index_twice,
    ),
)  # fmt: skip
