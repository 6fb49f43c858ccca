"""The units a value is told in, by the gateway's names and symbols: a table, one row a unit."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Unit:
    """A base unit: the name and symbol the gateway prints; a symbol may be empty."""

    name: str
    symbol: str


YEAR: Final = Unit("YEAR", "a")
MONTH: Final = Unit("MONTH", "mo")
DAY: Final = Unit("DAY", "d")
HOUR: Final = Unit("HOUR", "h")
MINUTE: Final = Unit("MIN", "min")
SECOND: Final = Unit("SECOND", "s")
DEGREE: Final = Unit("DEGREE", "°")
DEGREE_CELSIUS: Final = Unit("DEGREE_CELSIUS", "°C")
DEGREE_FAHRENHEIT: Final = Unit("DEGREE_FAHRENHEIT", "°F")
KELVIN: Final = Unit("KELVIN", "K")
CURRENCY: Final = Unit("CURRENCY", "")
CUBIC_METRE: Final = Unit("CUBIC_METRE", "m³")
CUBIC_METRE_PER_HOUR: Final = Unit("CUBIC_METRE_PER_HOUR", "m³/h")
CUBIC_METRE_PER_MINUTE: Final = Unit("CUBIC_METRE_PER_MINUTE", "m³/min")
CUBIC_METRE_PER_SECOND: Final = Unit("CUBIC_METRE_PER_SECOND", "m³/s")
CUBIC_FEET: Final = Unit("CUBIC_FEET", "cft")
US_GALLON: Final = Unit("US_GALLON", "Impl. gal.")
US_GALLON_PER_MINUTE: Final = Unit("US_GALLON_PER_MINUTE", "Impl. gal./min")
US_GALLON_PER_HOUR: Final = Unit("US_GALLON_PER_HOUR", "Impl. gal./h")
KILOGRAM: Final = Unit("KILOGRAM", "kg")
KILOGRAM_PER_HOUR: Final = Unit("KILOGRAM_PER_HOUR", "kg/h")
BAR: Final = Unit("BAR", "bar")
JOULE: Final = Unit("JOULE", "J")
JOULE_PER_HOUR: Final = Unit("JOULE_PER_HOUR", "J/h")
WATT: Final = Unit("WATT", "W")
WATT_HOUR: Final = Unit("WATT_HOUR", "Wh")
VOLT_AMPERE: Final = Unit("VOLT_AMPERE", "VA")
VOLT_AMPERE_HOUR: Final = Unit("VOLT_AMPERE_HOUR", "VAh")
VAR: Final = Unit("VAR", "var")
VAR_HOUR: Final = Unit("VAR_HOUR", "varh")
AMPERE: Final = Unit("AMPERE", "A")
VOLT: Final = Unit("VOLT", "V")
HERTZ: Final = Unit("HERTZ", "Hz")
PERCENTAGE: Final = Unit("PERCENTAGE", "%")
SIGNAL_STRENGTH: Final = Unit("SIGNAL_STRENGTH", "dBm")
CALORIFIC_VALUE: Final = Unit("CALORIFIC_VALUE", "J/m³")
RESERVED: Final = Unit("RESERVED", "")
CALORIE: Final = Unit("CALORIE", "cal")
"""Not among the gateway's units: it prints energies in calories as calorific values."""
