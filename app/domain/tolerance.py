"""How far two readings of one register may lie apart: by the record's resolution and the time between."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final

from app.domain.named_ratio import NAMED_RATIOS, is_power_of_ten, named_ratio, ratios_of
from app.domain.portal_units import PortalUnit
from app.mbus.dif import DataField
from app.mbus.records import Number, Record, Telegram

_COUNTERS: Final = frozenset({"ENERGY", "VOLUME", "MASS"})
"""Quantities that only grow."""

_ONE: Final = Fraction(1)

_FLOAT_NOISE: Final = Decimal("1e-9")
"""A portal that computes in doubles is off by less than this, relative to the value."""
_REAL32_NOISE: Final = Decimal("1e-6")
"""A REAL32 carries about seven digits; whoever prints it shows some of them."""

_PER_HOUR: Final = {
    "W": ("Wh", Decimal(1)),
    "J/h": ("J", Decimal(1)),
    "m³/h": ("m³", Decimal(1)),
    "m³/min": ("m³", Decimal(60)),
    "m³/s": ("m³", Decimal(3600)),
}
"""What a power or a flow of 1 counts in an hour, in the counter's base unit."""

_FASTEST_PER_HOUR: Final = {"Wh": Decimal(100_000), "J": Decimal(360_000_000), "m³": Decimal(10)}
"""100 kW and 10 m³/h: for a meter whose telegram does not say how fast it counts."""
_FLOOR: Final = Decimal("0.1")
"""Of the fastest: 10 kW and 1 m³/h; a meter that stood still at the reading may have begun to count."""
_FASTER: Final = Decimal(3)
"""So many times the telegram's own power or flow, which was that of a moment."""

_FRESH: Final = timedelta(minutes=15)
"""Longer between two readings, and a counter's growth no longer tells this meter from another."""
_AT_ONCE: Final = timedelta(minutes=2)
"""Within this, a living value does not become another one altogether."""

_TEMPERATURES: Final = frozenset({"°C", "K"})
_TEMPERATURE_PER_MINUTE: Final = Decimal(1)
_TEMPERATURE_MOST: Final = Decimal(3)
_LIVING_PER_MINUTE: Final = Decimal("0.2")
_LIVING_MOST: Final = Decimal("0.3")
"""Shares of the value: power and flow."""
_FACTOR_PLAY: Final = Decimal("0.05")
"""A power of ten is still recognised when a value has moved by this share meanwhile."""
_NARROW_FACTOR_PLAY: Final = Decimal("0.02")
"""Other ratios lie nearer to one another, and to what another register may show."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far the portal's value may lie from the meter's, in the portal's unit.

    Attributes:
        noise: relative; what computing costs.
        step: the record's own resolution; None for a REAL32, which has none.
        down: how much lower it may be.
        up: how much higher.
        ratios: what the quantity can be off by.
        fresh: whether the two readings lie near enough for the play to prove anything.
        living: a power, flow or temperature, which may be anything after a while.
        at_once: whether not even a living value can have become another altogether.
    """

    noise: Decimal
    step: Decimal | None
    down: Decimal
    up: Decimal
    ratios: frozenset[Fraction]
    fresh: bool
    living: bool
    at_once: bool

    def same(self, meter: Decimal, portal: Decimal, ratio: Fraction = _ONE) -> bool:
        """Whether the portal's value is the meter's times a ratio, as far as it can be written."""
        return abs(_divided(portal, ratio) - meter) <= self._written(meter, portal, ratio)

    def _written(self, meter: Decimal, portal: Decimal, ratio: Fraction) -> Decimal:
        """What computing costs, and rounding to the digits shown; never as much as tells two values apart."""
        exponent = portal.as_tuple().exponent
        if self.step is None or not isinstance(exponent, int):
            return abs(meter) * self.noise
        rounding = _divided(Decimal(5).scaleb(exponent - 1), ratio)
        return max(abs(meter) * self.noise, min(rounding, self.step / 2))

    def _can_be_sent(self, meter: Decimal, portal: Decimal, ratio: Fraction) -> bool:
        """Whether the meter could say the portal's value divided by a ratio, given its resolution."""
        if self.step is None:
            return True
        there = _divided(portal, ratio)
        nearest = (there / self.step).to_integral_value() * self.step
        return abs(there - nearest) <= self._written(max(abs(meter), abs(there)), portal, ratio)

    def allows(self, meter: Decimal, portal: Decimal) -> bool:
        """Whether the meter may have gone there in the time between."""
        return -self.down <= portal - meter <= self.up

    def ratio(self, meter: Decimal, portal: Decimal) -> Fraction | None:
        """The ratio that explains the portal's value, but for what the meter may have moved; both not 0."""
        return named_ratio(lambda each: self._nearly(meter, portal, each), self.ratios)

    def _nearly(self, meter: Decimal, portal: Decimal, ratio: Fraction) -> bool:
        if self.same(meter, portal, ratio):
            return True
        share = _FACTOR_PLAY if is_power_of_ten(ratio) else _NARROW_FACTOR_PLAY
        play, moved = abs(meter) * share, _divided(portal, ratio) - meter
        within = -min(self.down, play) <= moved <= min(self.up, play)
        return within and self._can_be_sent(meter, portal, ratio)

    def may_be_off(self, meter: Decimal, portal: Decimal) -> bool:
        """Whether a wrong factor explains the portal's value with less movement than a right one does."""
        moved = abs(portal - meter)
        return any(
            abs(_divided(portal, ratio) - meter) <= moved
            and (self.same(meter, portal, ratio) or self.allows(meter, _divided(portal, ratio)))
            and self._can_be_sent(meter, portal, ratio)
            for ratio in (self.ratios if self.living else NAMED_RATIOS)
        )

    def may_have_moved(self, meter: Decimal, portal: Decimal) -> bool:
        """Whether nothing can be said, because the meter had the time to become that."""
        if self.living:
            # A valve that opens or closes makes something of nothing at once.
            return not self.at_once or 0 in (meter, portal)
        return portal >= meter and (not self.fresh or (meter == 0 and self.allows(meter, portal)))


def tolerance_of(
    record: Record, physical: Decimal, telegram: Telegram, unit: PortalUnit, age: timedelta
) -> Tolerance:
    """The tolerance for one register.

    Args:
        record: of this computer's reading.
        physical: its value in the portal's unit.
        telegram: the whole reading; its power and flow say how fast its counters run.
        unit: the portal's.
        age: between the two readings.
    """
    conversion = unit.factors[record.unit or ""]
    real = record.dib[0] & 0x0F == DataField.REAL32.value
    noise = _REAL32_NOISE if real else _FLOAT_NOISE
    exponent = record.value.exponent if isinstance(record.value, Number) and not real else None
    resolution = _times(Decimal(1).scaleb(exponent), conversion) if exponent is not None else None
    step = abs(physical) * noise if resolution is None else resolution
    ratios = ratios_of(record.unit or "")
    minutes = Decimal(int(age.total_seconds())) / 60
    fresh, at_once = age <= _FRESH, age <= _AT_ONCE
    if record.description in _COUNTERS:
        grown = _times(_per_hour(record, telegram) * max(minutes, Decimal(1)) / 60, conversion)
        return Tolerance(
            noise, resolution, Decimal(0), grown + step, ratios, fresh, living=False, at_once=at_once
        )
    if record.unit in _TEMPERATURES:
        play = min(_TEMPERATURE_PER_MINUTE * minutes, _TEMPERATURE_MOST)
    else:
        play = abs(physical) * min(_LIVING_PER_MINUTE * minutes, _LIVING_MOST)
    return Tolerance(noise, resolution, play + step, play + step, ratios, fresh, living=True, at_once=at_once)


def _times(value: Decimal, factor: Fraction) -> Decimal:
    return value * factor.numerator / factor.denominator


def _divided(value: Decimal, ratio: Fraction) -> Decimal:
    return _times(value, 1 / ratio)


def _per_hour(record: Record, telegram: Telegram) -> Decimal:
    """How much a counter can count in an hour, in its base unit."""
    fastest = _FASTEST_PER_HOUR.get(record.unit or "", Decimal(0))
    told = [
        abs(each.value.to_decimal()) * _PER_HOUR[each.unit][1]
        for each in telegram.records
        if each.unit in _PER_HOUR and isinstance(each.value, Number)
        if _PER_HOUR[each.unit][0] == record.unit and each.storage == 0
    ]
    return max(_FASTER * max(told), _FLOOR * fastest) if told else fastest
