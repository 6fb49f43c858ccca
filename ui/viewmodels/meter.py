"""The meter on screen: what the service has of it, as the panels show it, and what the person does to it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal

from PySide6.QtCore import QObject, Signal

from app.domain.checks import Check
from app.domain.commissioned import CommissionedMeter, commission
from app.domain.draft import MeterDraft, draft_name, with_type
from app.domain.meter import MeterType
from app.domain.payload import MeterEntry, format_reg, format_reg_entry
from app.domain.portal_units import TypeProfile, Vocabulary
from app.domain.registers import Register, Role
from app.domain.selection import (
    NOTHING_TICKED,
    Preferences,
    Selection,
    Tick,
    consequence,
    default_tick,
    tick_refusal,
    tick_roles,
    with_unit,
)
from app.mbus.data_header import secondary_address
from app.mbus.records import Telegram
from app.message import Message
from app.services.site import Site


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One line of the records table.

    Attributes:
        register: of the telegram.
        tick: as what it is given; None where it is not ticked.
        warning: what the tick does wrong, or what is open about it; None where all is well.
        refusal: why it cannot be ticked now; None where it can, or is.
    """

    register: Register
    tick: Tick | None
    warning: Message | None
    refusal: Message | None = None


class MeterViewModel(QObject):
    """Everything the panels show about the meter that is open; what is done to it is done by the site.

    A telegram that names nobody is of no meter of the site: it is shown, and kept by nobody.

    Args:
        site: holds the meters.
    """

    meter_opened = Signal()
    """Another telegram is on screen."""
    rows_changed = Signal()
    """What the panels show of the meter is to be shown again."""
    record_selected = Signal(object)
    """Index of the record that is selected, None for none."""

    def __init__(self, site: Site, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._site = site
        self._meter_id = ""
        self._meter: CommissionedMeter | None = None
        self._selected: int | None = None
        site.changed.subscribe(self._on_changed)
        site.removed.subscribe(self._on_removed)
        site.ruled.subscribe(self._on_rules)
        site.opened.subscribe(self._on_site)

    # What is on screen -----------------------------------------------------------------------------------

    @property
    def vocabulary(self) -> Vocabulary:
        """The portal's."""
        return self._site.rules.vocabulary

    @property
    def meter_id(self) -> str:
        """The program's own id; empty where nothing is open, or what is open is of no meter of the site."""
        return self._meter_id

    @property
    def meter(self) -> CommissionedMeter | None:
        """All that is known of it; None where none is open."""
        return self._meter

    @property
    def telegram(self) -> Telegram | None:
        """The telegram on screen; None without one."""
        reading = self._meter.reading if self._meter is not None else None
        return reading.telegram if reading is not None else None

    @property
    def draft(self) -> MeterDraft | None:
        """What is decided; None where the telegram does not say whose it is, or says nothing."""
        return self._meter.draft if self._meter is not None and self.telegram is not None else None

    @property
    def registers(self) -> tuple[Register, ...]:
        """The telegram's registers for the meter's type."""
        return self._meter.registers if self._meter is not None else ()

    @property
    def read_at(self) -> datetime:
        """Local time of the reading."""
        reading = self._meter.reading if self._meter is not None else None
        return reading.read_at if reading is not None else datetime.min.replace(tzinfo=UTC)

    @property
    def profile(self) -> TypeProfile | None:
        """What commissioning a meter of this type means."""
        draft = self.draft
        return self.vocabulary.types[draft.type] if draft is not None else None

    @property
    def rows(self) -> tuple[RegisterRow, ...]:
        """The records table."""
        return tuple(self._row(register) for register in self.registers)

    @property
    def selected(self) -> int | None:
        """Index of the selected record."""
        return self._selected

    @property
    def checks(self) -> tuple[Check, ...]:
        """What can be checked before an upload."""
        return self._meter.checks if self._meter is not None else ()

    @property
    def name(self) -> str:
        """The name on the portal."""
        return self._name_of(self.draft)

    @property
    def pattern_name(self) -> str:
        """The name the pattern makes, whatever was typed by hand."""
        draft = self.draft
        return self._name_of(None if draft is None else replace(draft, name=""))

    @property
    def reg_text(self) -> str:
        """The portal's ``reg``, exactly; ``[]`` when nothing is ticked."""
        entry = self.entry
        return format_reg(()) if entry is None else entry.reg

    @property
    def reg_parts(self) -> tuple[tuple[int, str], ...]:
        """The dicts of ``reg`` in its order, each with the index of its record."""
        draft = self.draft
        if draft is None:
            return ()
        selection = draft.selection
        return tuple(
            (register.record.index, format_reg_entry(selection.entries((register,))[0]))
            for register in self.registers
            if selection.tick_of(register) is not None
        )

    @property
    def entry(self) -> MeterEntry | None:
        """The portal's form, filled; None without a meter."""
        return self._meter.entry if self._meter is not None else None

    @property
    def number(self) -> str:
        """How to ask it on the bus: by its number, or by its full address where others share that."""
        if self._meter is None or self.draft is None:
            return ""
        telegram = self.telegram
        header = telegram.header if telegram is not None else None
        if self._meter.neighbours.addresses and header is not None:
            address = secondary_address(header)
            if address.is_exact:
                return address.text
        return self.draft.serial

    # Opening ---------------------------------------------------------------------------------------------

    def show(self, meter_id: str) -> None:
        """Shows a meter of the site."""
        meter = self._site.meter(meter_id)
        if meter_id == self._meter_id and meter is self._meter:
            return
        self._show(meter_id, meter)

    def show_stranger(self, meter: CommissionedMeter) -> None:
        """Shows what is of no meter of the site."""
        self._show("", meter)

    def close(self) -> None:
        """Shows no meter."""
        if self._meter is not None:
            self._show("", None)

    def use_preferences(self, preferences: Preferences, name_pattern: str | None) -> None:
        """New defaults: for the ticks that come and for the name; what is ticked stays as it is."""
        self._site.use_rules(replace(self._site.rules, preferences=preferences, name_pattern=name_pattern))

    # What the person does --------------------------------------------------------------------------------

    def select(self, record_index: int | None) -> None:
        """Selects a record; table, bytes, gateway text and register list light it."""
        if record_index != self._selected:
            self._selected = record_index
            self.record_selected.emit(record_index)

    def select_byte(self, offset: int) -> None:
        """Selects the record that a byte of the telegram belongs to."""
        if self.telegram is not None:
            for record in self.telegram.records:
                if record.offset <= offset < record.offset + record.length:
                    self.select(record.index)
                    return

    def row_of(self, record_index: int | None) -> RegisterRow | None:
        """The row of a record."""
        register = next((each for each in self.registers if each.record.index == record_index), None)
        return self._row(register) if register is not None else None

    def toggle(self, record_index: int) -> None:
        """Ticks a register, or takes its tick away; one that cannot be ticked stays as it is."""
        row, profile = self.row_of(record_index), self.profile
        draft = self.draft
        if row is None or profile is None or draft is None:
            return
        if row.tick is not None:
            self._select(draft.selection.without(row.register.key))
            return
        tick = default_tick(row.register, profile, self._site.rules.preferences, draft.selection)
        if tick is not None:
            self._select(draft.selection.with_tick(tick))

    def tick_all_useful(self) -> None:
        """Ticks the index and every auxiliary register the portal knows."""
        draft, profile = self.draft, self.profile
        if draft is not None and profile is not None:
            roles = frozenset({Role.INDEX, Role.USEFUL})
            preferences = self._site.rules.preferences
            self._select(tick_roles(draft.selection, self.registers, roles, profile, preferences))

    def set_unit(self, record_index: int, unit: str) -> None:
        """Gives a ticked register as another unit of the portal."""
        selection, preferences = self._selection, self._site.rules.preferences
        self._change_tick(
            record_index, lambda register, tick: with_unit(tick, register, unit, preferences, selection)
        )

    def set_factor(self, record_index: int, factor: Decimal | None) -> None:
        """Sets the factor of a ticked register; None for none."""
        self._change_tick(record_index, lambda _register, tick: replace(tick, factor=factor))

    def convert(self, record_index: int) -> None:
        """Sets the factor that makes the portal's value right: the one click of the consequence."""

        def converting(register: Register, tick: Tick) -> Tick:
            offer = register.offer(tick.unit)
            return tick if offer is None else replace(tick, factor=offer.converting_factor)

        self._change_tick(record_index, converting)

    def set_type(self, meter_type: MeterType) -> None:
        """Makes it a meter of another portal type."""
        telegram, draft = self.telegram, self.draft
        if draft is None or telegram is None or meter_type is draft.type:
            return
        vocabulary, preferences = self.vocabulary, self._site.rules.preferences
        self._change(lambda draft: with_type(draft, meter_type, telegram, vocabulary, preferences))

    def set_place(self, place: str) -> None:
        """Where it hangs."""
        self._change(lambda draft: replace(draft, place=place), "place")

    def set_name(self, name: str) -> None:
        """The name as typed; what the pattern makes, or nothing, lets it follow the pattern again."""
        kept = "" if name.strip() == self.pattern_name else name
        self._change(lambda draft: replace(draft, name=kept), "name")

    def set_gateway(self, gateway_id: str) -> None:
        """The gateway it hangs on."""
        self._change(lambda draft: replace(draft, gateway_id=gateway_id))

    def set_dial(self, dial: str) -> None:
        """The reading on the dial, for the check."""
        self._change(lambda draft: replace(draft, dial=dial), "dial")

    # Inside ----------------------------------------------------------------------------------------------

    def _show(self, meter_id: str, meter: CommissionedMeter | None) -> None:
        self._meter_id, self._meter, self._selected = meter_id, meter, None
        self.meter_opened.emit()
        self.rows_changed.emit()
        self.record_selected.emit(None)

    def _on_site(self, _site_id: str) -> None:
        if self._meter_id in self._site:
            self._on_changed(self._meter_id)
        else:
            self.close()

    def _on_changed(self, meter_id: str) -> None:
        if meter_id != self._meter_id or not meter_id:
            return
        before, self._meter = self._meter, self._site.meter(meter_id)
        if before is None or self._meter.reading is not before.reading:
            self._show(meter_id, self._meter)
        elif self._meter is not before:
            self.rows_changed.emit()

    def _on_rules(self, _rules: None) -> None:
        if self._meter_id:
            self._meter = self._site.meter(self._meter_id)
        self.rows_changed.emit()

    def _on_removed(self, meter_id: str) -> None:
        if meter_id == self._meter_id:
            self.close()

    def _name_of(self, draft: MeterDraft | None) -> str:
        return "" if draft is None else draft_name(draft, self.vocabulary, self._site.rules.name_pattern)

    @property
    def _selection(self) -> Selection:
        return NOTHING_TICKED if self.draft is None else self.draft.selection

    def _row(self, register: Register) -> RegisterRow:
        selection = self._selection
        tick = selection.tick_of(register)
        if tick is None:
            return RegisterRow(register, None, None, tick_refusal(register, selection))
        questions = register.open_questions(tick.unit)
        return RegisterRow(register, tick, consequence(register, tick) or next(iter(questions), None))

    def _change_tick(self, record_index: int, change: Callable[[Register, Tick], Tick]) -> None:
        row = self.row_of(record_index)
        if row is not None and row.tick is not None:
            self._select(self._selection.with_tick(change(row.register, row.tick)))

    def _select(self, selection: Selection) -> None:
        self._change(lambda draft: replace(draft, selection=selection))

    def _change(self, change: Callable[[MeterDraft], MeterDraft], group: str = "") -> None:
        """Shows at once what the person did; everybody else is told when it is on disk."""
        before = self._meter
        if before is None or before.draft is None or self.telegram is None:
            return
        if self._meter_id:
            self._site.change([self._meter_id], change, group)
            self._meter = self._site.meter(self._meter_id)
        elif (changed := change(before.draft)) != before.draft:
            facts = replace(before.facts, draft=changed, decided=True)
            self._meter = commission(facts, self._site.rules, before=before)
        if self._meter is not before:
            self.rows_changed.emit()
