"""The meter on screen: its telegram, what is ticked, what the portal would get; one truth for all panels."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal

from PySide6.QtCore import QObject, Signal

from app.domain.checks import Check, Subject, run_checks
from app.domain.draft import (
    MeterDraft,
    draft_name,
    new_draft,
    portal_entry,
    registers_for,
    with_type,
)
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
from app.mbus.records import Telegram
from app.message import Message


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
    """Everything the panels show about the meter that is open; every change gives a new draft.

    Args:
        vocabulary: the portal's.
        preferences: where the documentation is odd, what the person prefers.
        name_pattern: of new names; None for the documentation's.
    """

    meter_opened = Signal()
    """Another telegram is on screen."""
    draft_changed = Signal(object)
    """Ticks, names or type changed by the person: the new :class:`MeterDraft`, to be saved."""
    rows_changed = Signal()
    """What the panels show of the draft is to be shown again."""
    record_selected = Signal(object)
    """Index of the record that is selected, None for none."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        preferences: Preferences | None = None,
        name_pattern: str | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.vocabulary = vocabulary
        self._preferences = preferences or Preferences()
        self._name_pattern = name_pattern
        self._telegram: Telegram | None = None
        self._draft: MeterDraft | None = None
        self._registers: tuple[Register, ...] = ()
        self._read_at = datetime.min.replace(tzinfo=UTC)
        self._namesakes: Sequence[str] = ()
        self._label_typed = True
        self._selected: int | None = None

    # What is on screen -----------------------------------------------------------------------------------

    @property
    def telegram(self) -> Telegram | None:
        """The telegram on screen; None before the first."""
        return self._telegram

    @property
    def draft(self) -> MeterDraft | None:
        """What the person decided; None where the telegram does not say whose it is."""
        return self._draft

    @property
    def registers(self) -> tuple[Register, ...]:
        """The telegram's registers for the meter's type."""
        return self._registers

    @property
    def read_at(self) -> datetime:
        """Local time of the reading."""
        return self._read_at

    @property
    def profile(self) -> TypeProfile | None:
        """What commissioning a meter of this type means."""
        return self.vocabulary.types[self._draft.type] if self._draft else None

    @property
    def rows(self) -> tuple[RegisterRow, ...]:
        """The records table."""
        return tuple(self._row(register) for register in self._registers)

    @property
    def selected(self) -> int | None:
        """Index of the selected record."""
        return self._selected

    @property
    def checks(self) -> tuple[Check, ...]:
        """What can be checked before an upload."""
        if self._draft is None or self._telegram is None:
            return ()
        return run_checks(
            Subject(
                draft=self._draft,
                telegram=self._telegram,
                registers=self._registers,
                vocabulary=self.vocabulary,
                read_at=self._read_at,
                namesakes=self._namesakes,
                label_typed=self._label_typed,
            )
        )

    @property
    def name(self) -> str:
        """The name on the portal."""
        return draft_name(self._draft, self.vocabulary, self._name_pattern) if self._draft else ""

    @property
    def pattern_name(self) -> str:
        """The name the pattern makes, whatever was typed by hand."""
        if self._draft is None:
            return ""
        return draft_name(replace(self._draft, name=""), self.vocabulary, self._name_pattern)

    @property
    def reg_text(self) -> str:
        """The portal's ``reg``, exactly; ``[]`` when nothing is ticked."""
        return format_reg(self._draft.selection.entries(self._registers) if self._draft else ())

    @property
    def reg_parts(self) -> tuple[tuple[int, str], ...]:
        """The dicts of ``reg`` in its order, each with the index of its record."""
        if self._draft is None:
            return ()
        selection = self._draft.selection
        return tuple(
            (register.record.index, format_reg_entry(selection.entries((register,))[0]))
            for register in self._registers
            if selection.tick_of(register) is not None
        )

    @property
    def entry(self) -> MeterEntry | None:
        """The portal's form, filled; None without a meter."""
        if self._draft is None:
            return None
        return portal_entry(self._draft, self._registers, self.vocabulary, self._name_pattern)

    # Opening ---------------------------------------------------------------------------------------------

    def open_reading(
        self,
        telegram: Telegram,
        read_at: datetime,
        *,
        draft: MeterDraft | None = None,
        serial: str | None = None,
        baudrate: int | None = None,
        namesakes: Sequence[str] = (),
        label_typed: bool = True,
    ) -> None:
        """Shows a telegram: with the draft of before, or with a new one that has the index ticked.

        Args:
            telegram: what the meter said.
            read_at: local time of the reading.
            draft: as restored from the store.
            serial: on the label; by default what the telegram says.
            baudrate: at which it was read.
            namesakes: where the same serial stands on the site already.
            label_typed: whether a person typed or scanned the serial from a label.
        """
        # Some headers name nobody: without a number there is nothing to commission.
        serial = serial or (telegram.header.identification if telegram.header else "") or None
        self._telegram, self._read_at, self._namesakes = telegram, read_at, namesakes
        self._selected, self._label_typed = None, label_typed
        is_new = draft is None
        if draft is None and serial is not None and telegram.records:
            draft = new_draft(
                serial,
                telegram,
                self.vocabulary,
                self._preferences,
                baudrate=baudrate or self.vocabulary.defaults.baudrate,
            )
        self._draft = draft
        self._registers = registers_for(draft, telegram, self.vocabulary) if draft else ()
        self.meter_opened.emit()
        self.rows_changed.emit()
        self.record_selected.emit(None)
        if is_new and draft is not None:
            self.draft_changed.emit(draft)

    def set_namesakes(self, namesakes: Sequence[str]) -> None:
        """Where the same serial number stands on the site already."""
        if tuple(namesakes) != tuple(self._namesakes):
            self._namesakes = tuple(namesakes)
            self.rows_changed.emit()

    def close(self) -> None:
        """Shows no meter."""
        self._telegram = self._draft = self._selected = None
        self._registers = ()
        self.meter_opened.emit()
        self.rows_changed.emit()

    def use_preferences(self, preferences: Preferences, name_pattern: str | None) -> None:
        """New defaults: for the ticks that come and for the name; what is ticked stays as it is."""
        self._preferences, self._name_pattern = preferences, name_pattern
        self.rows_changed.emit()

    # What the person does --------------------------------------------------------------------------------

    def select(self, record_index: int | None) -> None:
        """Selects a record; table, bytes, gateway text and register list light it."""
        if record_index != self._selected:
            self._selected = record_index
            self.record_selected.emit(record_index)

    def select_byte(self, offset: int) -> None:
        """Selects the record that a byte of the telegram belongs to."""
        if self._telegram is not None:
            for record in self._telegram.records:
                if record.offset <= offset < record.offset + record.length:
                    self.select(record.index)
                    return

    def row_of(self, record_index: int | None) -> RegisterRow | None:
        """The row of a record."""
        register = next((each for each in self._registers if each.record.index == record_index), None)
        return self._row(register) if register is not None else None

    def toggle(self, record_index: int) -> None:
        """Ticks a register, or takes its tick away; one that cannot be ticked stays as it is."""
        row, profile = self.row_of(record_index), self.profile
        if row is None or profile is None or self._draft is None:
            return
        if row.tick is not None:
            self._select(self._draft.selection.without(row.register.key))
            return
        tick = default_tick(row.register, profile, self._preferences, self._draft.selection)
        if tick is not None:
            self._select(self._draft.selection.with_tick(tick))

    def tick_all_useful(self) -> None:
        """Ticks the index and every auxiliary register the portal knows."""
        if self._draft is not None and (profile := self.profile) is not None:
            roles = frozenset({Role.INDEX, Role.USEFUL})
            self._select(
                tick_roles(self._draft.selection, self._registers, roles, profile, self._preferences)
            )

    def set_unit(self, record_index: int, unit: str) -> None:
        """Gives a ticked register as another unit of the portal."""
        selection = self._draft.selection if self._draft is not None else NOTHING_TICKED
        self._change_tick(
            record_index, lambda register, tick: with_unit(tick, register, unit, self._preferences, selection)
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
        if self._draft is None or self._telegram is None or meter_type is self._draft.type:
            return
        self._draft = with_type(self._draft, meter_type, self._telegram, self.vocabulary, self._preferences)
        self._registers = registers_for(self._draft, self._telegram, self.vocabulary)
        self._tell()

    def set_place(self, place: str) -> None:
        """Where it hangs."""
        self._replace(lambda draft: replace(draft, place=place))

    def set_name(self, name: str) -> None:
        """The name as typed; what the pattern makes, or nothing, lets it follow the pattern again."""
        kept = "" if name.strip() == self.pattern_name else name
        self._replace(lambda draft: replace(draft, name=kept))

    def set_gateway(self, gateway_id: str) -> None:
        """The gateway it hangs on."""
        self._replace(lambda draft: replace(draft, gateway_id=gateway_id))

    def set_dial(self, dial: str) -> None:
        """The reading on the dial, for the check."""
        self._replace(lambda draft: replace(draft, dial=dial))

    # Inside ----------------------------------------------------------------------------------------------

    def _row(self, register: Register) -> RegisterRow:
        tick = self._draft.selection.tick_of(register) if self._draft else None
        if tick is None:
            selection = self._draft.selection if self._draft is not None else NOTHING_TICKED
            return RegisterRow(register, None, None, tick_refusal(register, selection))
        questions = register.open_questions(tick.unit)
        return RegisterRow(register, tick, consequence(register, tick) or next(iter(questions), None))

    def _change_tick(self, record_index: int, change: Callable[[Register, Tick], Tick]) -> None:
        row = self.row_of(record_index)
        if row is not None and row.tick is not None and self._draft is not None:
            self._select(self._draft.selection.with_tick(change(row.register, row.tick)))

    def _select(self, selection: Selection) -> None:
        self._replace(lambda draft: replace(draft, selection=selection))

    def _replace(self, change: Callable[[MeterDraft], MeterDraft]) -> None:
        if self._draft is None:
            return
        changed = change(self._draft)
        if changed != self._draft:
            self._draft = changed
            self._tell()

    def _tell(self) -> None:
        self.rows_changed.emit()
        self.draft_changed.emit(self._draft)
