"""Words of the window for codes of the core: quantities, roles, types, states; translated when asked for."""

from collections.abc import Callable, Mapping

from app.domain.meter import MeterType
from app.domain.models import NO_MODELS, Models
from app.domain.registers import Role
from app.mbus.manufacturer import manufacturer_name, medium_name
from app.mbus.records import Header, Record
from app.message import Message
from ui.i18n import tr, tr_message
from ui.theme import Tone


class Words:
    """Texts that follow the language: each setter is told its text now and again after a switch."""

    def __init__(self) -> None:
        self._bound: list[tuple[Callable[[str], object], str]] = []

    def say(self, setter: Callable[[str], object], text: str) -> None:
        """Binds a setter (``label.setText``) to a text of the window."""
        self._bound.append((setter, text))
        setter(tr(text))

    def refresh(self) -> None:
        """Says everything again, in the language of now."""
        for setter, text in self._bound:
            setter(tr(text))


TONE_OF_ROLE: Mapping[Role, Tone] = {
    Role.INDEX: Tone.INDEX,
    Role.USEFUL: Tone.AUXILIARY,
    Role.PLAIN: Tone.PLAIN,
}

_ROLE_WORDS: Mapping[Role, str] = {Role.INDEX: "INDEX", Role.USEFUL: "auxiliary", Role.PLAIN: ""}

_TYPE_WORDS: Mapping[MeterType, str] = {
    MeterType.HEATING: "Heat meter",
    MeterType.COOLING: "Cooling meter",
    MeterType.HOT_WATER: "Hot water meter",
    MeterType.COLD_WATER: "Cold water meter",
    MeterType.WATER: "Water meter",
}

_QUANTITY_WORDS: Mapping[str, str] = {
    "ENERGY": "Energy",
    "VOLUME": "Volume",
    "MASS": "Mass",
    "POWER": "Power",
    "VOLUME_FLOW": "Volume flow",
    "VOLUME_FLOW_EXT": "Volume flow",
    "MASS_FLOW": "Mass flow",
    "FLOW_TEMPERATURE": "Flow temperature",
    "RETURN_TEMPERATURE": "Return temperature",
    "TEMPERATURE_DIFFERENCE": "Temperature difference",
    "EXTERNAL_TEMPERATURE": "External temperature",
    "PRESSURE": "Pressure",
    "DATE": "Date",
    "DATE_TIME": "Date and time",
    "ON_TIME": "On time",
    "OPERATING_TIME": "Operating time",
    "AVERAGING_DURATION": "Averaging duration",
    "ACTUALITY_DURATION": "Actuality duration",
    "FABRICATION_NO": "Fabrication number",
    "ERROR_FLAGS": "Error flags",
    "ERROR_MASK": "Error mask",
    "MODEL_VERSION": "Model version",
    "EXTENDED_IDENTIFICATION": "Extended identification",
    "PARAMETER_SET_ID": "Parameter set",
    "HARDWARE_VERSION": "Hardware version",
    "FIRMWARE_VERSION": "Firmware version",
    "OTHER_SOFTWARE_VERSION": "Software version",
    "CUSTOMER_LOCATION": "Location",
    "CUSTOMER": "Customer",
    "MANUFACTURER_SPECIFIC": "Manufacturer's own",
    "REMAINING_BATTERY_LIFE_TIME": "Battery life left",
    "H_C_A": "Heat cost units",
}


def role_word(role: Role) -> str:
    """The word beside the colour; none for a plain register."""
    word = _ROLE_WORDS[role]
    return tr(word) if word else ""


def type_word(meter_type: MeterType) -> str:
    """What a person calls a meter of a portal type."""
    return tr(_TYPE_WORDS[meter_type])


def quantity_word(record: Record) -> str:
    """What a record measures, with its extensions: ``Volume flow, maximum``."""
    name = _QUANTITY_WORDS.get(record.description)
    plain = tr(name) if name else record.description.replace("_", " ").capitalize()
    return ", ".join((plain, *(tr_message(Message(word)) for word in record.extensions)))


_FLAG_WORDS: Mapping[str, str] = {
    "no_data": "no data",
    "bcd_error": "digits that are none",
    "invalid_date": "no valid date",
    "nan": "not a number",
    "overflow": "too large",
    "underflow": "too small",
    "error_state": "value during an error",
    "periodic": "comes again",
    "summer_time": "summer time",
    "unsupported": "not understood",
    "gateway_differs": "the gateway shows it otherwise",
}


def flag_words(record: Record) -> str:
    """What qualifies a value, in words; empty when nothing does."""
    return ", ".join(
        tr(_FLAG_WORDS[flag]) if flag in _FLAG_WORDS else flag.replace("_", " ") for flag in record.flags
    )


_IDENTIFICATIONS = frozenset(
    {
        "FABRICATION_NO",
        "EXTENDED_IDENTIFICATION",
        "ADDRESS",
        "PARAMETER_SET_ID",
        "MODEL_VERSION",
        "HARDWARE_VERSION",
        "FIRMWARE_VERSION",
        "OTHER_SOFTWARE_VERSION",
        "CUSTOMER_LOCATION",
        "CUSTOMER",
        "ACCESS_CODE_USER",
        "ACCESS_CODE_OPERATOR",
        "ACCESS_CODE_SYSTEM_OPERATOR",
        "ACCESS_CODE_SYSTEM_DEVELOPER",
        "PASSWORD",
        "ERROR_FLAGS",
        "ERROR_MASK",
    }
)


def is_identification(record: Record) -> bool:
    """Whether the digits name something instead of counting it: they are shown in one piece, as on labels."""
    return record.unit is None and record.description in _IDENTIFICATIONS


def medium_word(header: Header) -> str:
    """What a meter measures, as its header says: ``Heat``."""
    medium = tr_message(Message(medium_name(header.medium), context="medium"))
    return medium[:1].upper() + medium[1:]


def meter_facts(header: Header | None, models: Models = NO_MODELS) -> str:
    """What a meter is, from the head of its telegram: ``Heat · Kamstrup MULTICAL 302``, or nothing."""
    if header is None or not header.identification:
        return ""
    model = models.of(header)
    maker = manufacturer_name(header.manufacturer) or header.manufacturer
    name = maker if model is None else tr_message(model.shown)
    return " · ".join(filter(None, (medium_word(header), name)))
