"""A meter being commissioned: what the installer decided about a reading, and the entry made of both."""

from dataclasses import dataclass, field, replace

from app.domain.meter import MeterType
from app.domain.naming import clean_text, meter_name
from app.domain.payload import MeterEntry, format_reg
from app.domain.portal_units import Vocabulary
from app.domain.registers import Register, Role, registers_of
from app.domain.selection import Preferences, Selection, tick_roles
from app.mbus.addresses import SecondaryAddress
from app.mbus.records import Telegram


@dataclass(frozen=True, slots=True)
class MeterDraft:
    """What the installer decided about one meter; saved at every change.

    Attributes:
        serial: eight digits.
        type: the portal's type.
        selection: the ticked registers.
        place: where it hangs, as the person says it, e.g. ``Apartment 203``.
        name: typed by hand; empty when it follows the pattern.
        gateway_id: the portal's id of the gateway; empty until chosen.
        baudrate: as read; the portal's field. 0 in a draft that was made before the meter was read, of which
            only the words count.
        dial: the reading on the dial, as typed for the check; empty when not typed.
    """

    serial: str
    type: MeterType
    selection: Selection = field(default_factory=Selection)
    place: str = ""
    name: str = ""
    gateway_id: str = ""
    baudrate: int = 2400
    dial: str = ""


def registers_for(draft: MeterDraft, telegram: Telegram, vocabulary: Vocabulary) -> tuple[Register, ...]:
    """The telegram's registers for the draft's meter type."""
    return registers_of(telegram, vocabulary.types[draft.type], vocabulary)


def new_draft(
    serial: str,
    telegram: Telegram,
    vocabulary: Vocabulary,
    preferences: Preferences,
    *,
    baudrate: int,
    meter_type: MeterType | None = None,
) -> MeterDraft:
    """The draft of a meter just read: its type from its medium, its index ticked.

    A medium the portal has no type for becomes plain water or heating by what the telegram counts.
    """
    if meter_type is None:
        meter_type = guess_type(telegram, vocabulary)
    profile = vocabulary.types[meter_type]
    registers = registers_of(telegram, profile, vocabulary)
    selection = tick_roles(Selection(), registers, frozenset({Role.INDEX}), profile, preferences)
    return MeterDraft(serial=serial, type=meter_type, selection=selection, baudrate=baudrate)


def unread_draft(serial: str) -> MeterDraft:
    """What can be decided about a meter before it was read: words; its type and ticks follow its reading."""
    return MeterDraft(serial, MeterType.HEATING, baudrate=0)


def with_type(
    draft: MeterDraft,
    meter_type: MeterType,
    telegram: Telegram,
    vocabulary: Vocabulary,
    preferences: Preferences,
) -> MeterDraft:
    """The draft for another portal type: index and useful registers are given as that type has them.

    Registers ticked beyond those keep what they are given as; if any useful one was ticked, all are again.
    """
    before = registers_for(draft, telegram, vocabulary)
    profile = vocabulary.types[meter_type]
    after = registers_of(telegram, profile, vocabulary)
    roles_before = {register.role for register in before if draft.selection.tick_of(register)}
    roles = frozenset(roles_before - {Role.PLAIN} | {Role.INDEX})
    selection = tick_roles(Selection(), after, roles, profile, preferences)
    for register in before:
        tick = draft.selection.tick_of(register)
        if register.role is Role.PLAIN and tick is not None and not selection.has_unit(tick.unit, tick.key):
            selection = selection.with_tick(tick)
    return replace(draft, type=meter_type, selection=selection)


def guess_type(telegram: Telegram, vocabulary: Vocabulary) -> MeterType:
    """The portal type that fits the medium, else what the telegram counts."""
    if telegram.header is not None:
        known = vocabulary.type_of_medium(telegram.header.medium)
        if known is not None:
            return known
    counts_energy = any(record.description == "ENERGY" for record in telegram.records)
    return MeterType.HEATING if counts_energy else MeterType.WATER


def draft_name(draft: MeterDraft, vocabulary: Vocabulary, pattern: str | None = None) -> str:
    """The name on the portal: typed by hand, or from the pattern (the documentation's when None)."""
    return clean_text(draft.name) or meter_name(
        pattern or vocabulary.defaults.name_pattern,
        prefix=vocabulary.types[draft.type].prefix,
        serial=draft.serial,
        place=draft.place,
    )


def portal_entry(
    draft: MeterDraft,
    registers: tuple[Register, ...],
    vocabulary: Vocabulary,
    pattern: str | None = None,
    *,
    address: SecondaryAddress | None = None,
) -> MeterEntry:
    """The portal's form, filled.

    Args:
        draft: what the installer decided.
        registers: of its telegram.
        vocabulary: the portal's.
        pattern: of the name; the documentation's when None.
        address: what the gateway is to select; by default the number alone.
    """
    defaults = vocabulary.defaults
    return MeterEntry(
        name=draft_name(draft, vocabulary, pattern),
        type=draft.type,
        prim_ad=defaults.prim_ad,
        gateway_id=draft.gateway_id,
        model=defaults.model,
        protocol=defaults.protocol,
        baudrate=draft.baudrate,
        mode=defaults.mode,
        secondary_ad=(address or SecondaryAddress(draft.serial)).text,
        reg=format_reg(draft.selection.entries(registers)),
    )
