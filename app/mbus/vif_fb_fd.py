"""What the codes behind VIF FB and FD mean: the extension tables of EN 13757-3."""

from typing import Final

from app.mbus import units
from app.mbus.vif import TIME_UNITS, Coding, Row, table

_LONG_TIME_UNITS: Final = (units.HOUR, units.DAY, units.MONTH, units.YEAR)
_FAHRENHEIT: Final = units.DEGREE_FAHRENHEIT

EXTENDED_FB: Final = table(
    {
        0x00: Row("energy", "ENERGY", units.WATT_HOUR, 5, 2, unit_exponent=6),
        0x02: Row("reactive energy", "REACTIVE_ENERGY", units.VAR_HOUR, 3, 2, unit_exponent=3),
        0x04: Row("apparent energy", "APPARENT_ENERGY", units.VOLT_AMPERE_HOUR, 3, 2, unit_exponent=3),
        0x08: Row("energy", "ENERGY", units.JOULE, 8, 2, unit_exponent=9),
        0x0C: Row(
            "energy", "ENERGY", units.CALORIE, 5, 4, unit_exponent=6, gateway_unit=units.CALORIFIC_VALUE
        ),
        0x10: Row("volume", "VOLUME", units.CUBIC_METRE, 2, 2),
        0x14: Row("reactive power", "REACTIVE_POWER", units.VAR, 0, 4, unit_exponent=3),
        0x18: Row("mass", "MASS", units.KILOGRAM, 5, 2, unit_exponent=3),
        0x1A: Row("relative humidity", "REL_HUMIDITY", units.PERCENTAGE, -1, 2),
        0x20: Row("volume", "VOLUME", units.CUBIC_FEET),
        0x21: Row("volume", "VOLUME", units.CUBIC_FEET, -1),
        0x22: Row("volume", "VOLUME", units.US_GALLON, -1, 2),
        0x24: Row("volume flow", "VOLUME_FLOW", units.US_GALLON_PER_MINUTE, -3),
        0x25: Row("volume flow", "VOLUME_FLOW", units.US_GALLON_PER_MINUTE),
        0x26: Row("volume flow", "VOLUME_FLOW", units.US_GALLON_PER_HOUR),
        0x28: Row("power", "POWER", units.WATT, 5, 2, unit_exponent=6),
        0x2A: Row("phase U-U", "PHASE", units.DEGREE, -1),
        0x2B: Row("phase U-I", unit=units.DEGREE, exponent=-1, unknown_to_gateway=True),
        0x2C: Row("frequency", "FREQUENCY", units.HERTZ, -3, 4),
        0x30: Row("power", "POWER", units.JOULE_PER_HOUR, 8, 2, unit_exponent=9),
        0x34: Row("apparent power", "APPARENT_ENERGY", units.VOLT_AMPERE, 0, 4, unit_exponent=3),
        0x58: Row("flow temperature", "FLOW_TEMPERATURE", _FAHRENHEIT, -3, 4),
        0x5C: Row("return temperature", "RETURN_TEMPERATURE", _FAHRENHEIT, -3, 4),
        0x60: Row("temperature difference", "TEMPERATURE_DIFFERENCE", _FAHRENHEIT, -3, 4),
        0x64: Row("external temperature", "FLOW_TEMPERATURE", _FAHRENHEIT, -3, 4),
        0x68: Row("resulting rating factor K", halvings=12),
        0x69: Row("thermal output rating factor Kq", unit=units.WATT, unknown_to_gateway=True),
        0x6A: Row("thermal coupling rating factor overall Kc", halvings=12),
        0x6B: Row("thermal coupling rating factor room side Kcr", halvings=12),
        0x6C: Row("thermal coupling rating factor heater side Kch", halvings=12),
        0x6D: Row("low temperature rating factor Kt", halvings=12),
        0x6E: Row("display output scaling factor KD", halvings=12),
        0x70: Row("cold or warm temperature limit", "TEMPERATURE_LIMIT", _FAHRENHEIT, -3, 4),
        0x74: Row("cold or warm temperature limit", "TEMPERATURE_LIMIT", units.DEGREE_CELSIUS, -3, 4),
        0x78: Row("cumulative count, maximum power", "MAX_POWER", units.WATT, -3, 8),
    }
)

EXTENDED_FD: Final = table(
    {
        0x00: Row("credit", unit=units.CURRENCY, exponent=-3, codes=4, unknown_to_gateway=True),
        0x04: Row("debit", unit=units.CURRENCY, exponent=-3, codes=4, unknown_to_gateway=True),
        0x08: Row("access number", coding=Coding.UNSIGNED),
        0x09: Row("device type", coding=Coding.UNSIGNED),
        0x0A: Row("manufacturer", coding=Coding.UNSIGNED),
        0x0B: Row("parameter set identification", "PARAMETER_SET_ID", coding=Coding.COUNTER),
        0x0C: Row("model or version", "MODEL_VERSION", coding=Coding.COUNTER),
        0x0D: Row("hardware version", "HARDWARE_VERSION", coding=Coding.COUNTER),
        0x0E: Row("metrology (firmware) version", "FIRMWARE_VERSION", coding=Coding.COUNTER),
        0x0F: Row("other software version", "OTHER_SOFTWARE_VERSION", coding=Coding.COUNTER),
        0x10: Row("customer location", "CUSTOMER_LOCATION", coding=Coding.COUNTER),
        0x11: Row("customer", "CUSTOMER", coding=Coding.COUNTER),
        0x12: Row("access code user", "ACCESS_CODE_USER", coding=Coding.COUNTER),
        0x13: Row("access code operator", "ACCESS_CODE_OPERATOR", coding=Coding.COUNTER),
        0x14: Row("access code system operator", "ACCESS_CODE_SYSTEM_OPERATOR", coding=Coding.COUNTER),
        0x15: Row("access code developer", "ACCESS_CODE_SYSTEM_DEVELOPER", coding=Coding.COUNTER),
        0x16: Row("password", "PASSWORD", coding=Coding.COUNTER),
        0x17: Row("error flags", "ERROR_FLAGS", coding=Coding.UNSIGNED),
        0x18: Row("error mask", "ERROR_MASK", coding=Coding.UNSIGNED),
        0x19: Row("security key", "SECURITY_KEY", coding=Coding.BYTES),
        0x1A: Row("digital output", "DIGITAL_OUTPUT", coding=Coding.UNSIGNED),
        0x1B: Row("digital input", "DIGITAL_INPUT", coding=Coding.UNSIGNED),
        0x1C: Row("baud rate", "BAUDRATE", coding=Coding.COUNTER),
        0x1D: Row("response delay time in bit times", "RESPONSE_DELAY_TIME"),
        0x1E: Row("retry", "RETRY"),
        0x1F: Row("remote control", "REMOTE_CONTROL", coding=Coding.UNSIGNED),
        0x20: Row(
            "first storage number for cyclic storage", "FIRST_STORAGE_NUMBER_CYCLIC", coding=Coding.COUNTER
        ),
        0x21: Row(
            "last storage number for cyclic storage", "LAST_STORAGE_NUMBER_CYCLIC", coding=Coding.COUNTER
        ),
        0x22: Row("size of storage block", "SIZE_STORAGE_BLOCK", coding=Coding.COUNTER),
        0x23: Row("descriptor for tariff and subunit", "RESERVED"),
        0x24: Row("storage interval", "STORAGE_INTERVALL", (*TIME_UNITS, units.MONTH, units.YEAR), codes=6),
        0x2A: Row("operator specific data", "OPERATOR_SPECIFIC_DATA"),
        0x2B: Row("time point, second", "TIME_POINT", units.SECOND),
        0x2C: Row("duration since last readout", "DURATION_LAST_READOUT", TIME_UNITS, codes=4),
        0x30: Row("start of tariff", "TARIF_DURATION", coding=Coding.MOMENT, gateway_unit=units.SECOND),
        0x31: Row("duration of tariff", "TARIF_DURATION", TIME_UNITS[1:], codes=3),
        0x34: Row("period of tariff", "TARIF_PERIOD", (*TIME_UNITS, units.MONTH, units.YEAR), codes=6),
        0x3A: Row("dimensionless"),
        0x3B: Row("data container for wireless M-Bus protocol", coding=Coding.BYTES),
        0x3C: Row("period of nominal data transmissions", unit=TIME_UNITS, codes=4, unknown_to_gateway=True),
        0x40: Row("voltage", "VOLTAGE", units.VOLT, -9, 16),
        0x50: Row("current", "CURRENT", units.AMPERE, -12, 16),
        0x60: Row("reset counter", "RESET_COUNTER", coding=Coding.COUNTER),
        0x61: Row("cumulation counter", "CUMULATION_COUNTER", coding=Coding.COUNTER),
        0x62: Row("control signal", "CONTROL_SIGNAL"),
        0x63: Row("day of week", "DAY_OF_WEEK"),
        0x64: Row("week number", "WEEK_NUMBER"),
        0x65: Row("time point of day change", "TIME_POINT_DAY_CHANGE", coding=Coding.MOMENT),
        0x66: Row("state of parameter activation", "PARAMETER_ACTIVATION_STATE", coding=Coding.COUNTER),
        0x67: Row("special supplier information", "SPECIAL_SUPPLIER_INFORMATION", coding=Coding.COUNTER),
        0x68: Row("duration since last cumulation", "LAST_CUMULATION_DURATION", _LONG_TIME_UNITS, codes=4),
        0x6C: Row("operating time of battery", "OPERATING_TIME_BATTERY", _LONG_TIME_UNITS, codes=4),
        0x70: Row("date and time of battery change", coding=Coding.MOMENT),
        0x71: Row("reception level", "RF_LEVEL", units.SIGNAL_STRENGTH),
        0x72: Row("daylight saving", coding=Coding.STRUCTURE),
        0x73: Row("listening window management", coding=Coding.STRUCTURE),
        0x74: Row("remaining battery life time", "REMAINING_BATTERY_LIFE_TIME", units.DAY),
        0x75: Row("number of times the meter was stopped", "NUMBER_STOPS", coding=Coding.COUNTER),
        0x76: Row(
            "data container for manufacturer specific protocol",
            "MANUFACTURER_SPECIFIC",
            coding=Coding.BYTES,
        ),
    },
    {range(0x77, 0x80): "RESERVED"},
)

EXTENDED_FD_FD: Final = table(
    {
        0x00: Row("currently selected application"),
        0x02: Row("remaining battery life time", "REMAINING_BATTERY_LIFE_TIME", units.MONTH),
        0x03: Row("remaining battery life time", unit=units.YEAR, unknown_to_gateway=True),
    }
)
