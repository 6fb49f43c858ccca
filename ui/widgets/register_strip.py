"""The selected register: as what the portal gets it, with which factor, and what that leads to."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.domain.errors import FactorError
from app.domain.payload import format_factor, parse_factor
from app.domain.selection import Tick, converts_rightly, other_index_unit
from ui.i18n import tr, tr_message
from ui.models.records import portal_text, value_text
from ui.viewmodels.meter import MeterViewModel, RegisterRow
from ui.widgets.basics import button, em, label, set_state
from ui.words import Words, quantity_word


class RegisterStrip(QFrame):
    """Unit, factor and consequence of one ticked register; one click makes the factor right."""

    def __init__(self, meter: MeterViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("register_strip")
        self._meter = meter
        self._words = Words()
        self._what = label("strip_register")
        self._unit_label, self._factor_label = label(quiet=True), label(quiet=True)
        self._words.say(self._unit_label.setText, "as")
        self._words.say(self._factor_label.setText, "factor")
        self._unit = QComboBox()
        self._unit.setObjectName("unit_choice")
        self._words.say(self._unit.setAccessibleName, "Unit of the register on the portal")
        self._unit.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._unit.activated.connect(self._on_unit)
        self._factor = QLineEdit()
        self._factor.setObjectName("factor_field")
        self._words.say(self._factor.setAccessibleName, "Factor of the register")
        self._words.say(self._factor.setPlaceholderText, "none")
        self._factor.setMaximumWidth(em(self) * 8)
        self._factor.editingFinished.connect(self._on_factor)
        self._result = label("strip_result", wrap=True)
        self._fix = button("fix_factor", link=True)
        self._fix.clicked.connect(self._on_fix)
        self._row_now: RegisterRow | None = None
        self._mend: Callable[[], None] | None = None
        self._lay_out()
        meter.record_selected.connect(self.refresh)
        meter.rows_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Shows the register that is selected now."""
        row = self._meter.row_of(self._meter.selected)
        self._row_now = row
        ticked = row is not None and row.tick is not None
        for widget in (self._unit_label, self._unit, self._factor_label, self._factor):
            widget.setVisible(ticked)
        self._fix.hide()
        set_state(self._result, "")
        if row is None:
            self._what.setText("")
            self._result.setText(tr("Select a register to see what the portal makes of it."))
        elif row.tick is None:
            self._what.setText(quantity_word(row.register.record))
            self._result.setText(
                tr_message(row.refusal)
                if row.refusal
                else tr("Not ticked: Space or a click on its box gives it to the portal.")
            )
        else:
            self._show_tick(row)

    def retranslate(self) -> None:
        """Says everything in the language of now."""
        self._words.refresh()
        self.refresh()

    def _show_tick(self, row: RegisterRow) -> None:
        tick = row.tick
        if tick is None:
            return
        self._what.setText(quantity_word(row.register.record))
        keys = [offer.unit.key for offer in row.register.offers]
        if keys != [self._unit.itemText(at) for at in range(self._unit.count())]:
            self._unit.clear()
            self._unit.addItems(keys)
        self._unit.setCurrentIndex(self._unit.findText(tick.unit))
        self._unit.setEnabled(len(keys) > 1)
        if not self._factor.hasFocus() or not self._factor.isModified():
            self._factor.setText("" if tick.factor is None else format_factor(tick.factor))
        if row.warning is None:
            self._show_right(row, tick)
            return
        set_state(self._result, "look")
        self._result.setText(tr_message(row.warning))
        offer = row.register.offer(tick.unit)
        if offer is not None and not converts_rightly(row.register, tick):
            right = offer.converting_factor
            self._fix.setText(
                tr("Use no factor") if right is None else tr("Use {factor}", factor=format_factor(right))
            )
            self._offer_fix(lambda: self._meter.convert(row.register.record.index))

    def _show_right(self, row: RegisterRow, tick: Tick) -> None:
        """What the portal gets; for the index of a water meter also the other unit in use, one click away."""
        record = row.register.record
        told = tr(
            "The meter says {value}; the portal gets {portal}.",
            value=value_text(record),
            portal=portal_text(row),
        )
        profile = self._meter.profile
        other = other_index_unit(row.register, tick, profile) if profile else None
        if other is None or profile is None:
            self._result.setText(told)
            return
        documented = (
            tr("{unit} is the unit as documented, the meter's type.", unit=tick.unit)
            if tick.unit == profile.index
            else tr("The documentation writes {unit} here, the meter's type.", unit=profile.index)
        )
        self._result.setText(f"{told} {documented}")
        self._fix.setText(tr("Use {unit}", unit=other))
        self._offer_fix(lambda: self._meter.set_unit(record.index, other))

    def _offer_fix(self, mend: Callable[[], None]) -> None:
        self._mend = mend
        self._fix.show()

    def _on_unit(self, _at: int) -> None:
        if self._row_now is not None:
            self._meter.set_unit(self._row_now.register.record.index, self._unit.currentText())

    def _on_factor(self) -> None:
        row = self._row_now
        if row is None or row.tick is None or not self._factor.isModified():
            return
        try:
            factor = parse_factor(self._factor.text())
        except FactorError as error:
            set_state(self._result, "bad")
            self._result.setText(tr_message(error.message))
            return
        self._factor.setModified(False)
        self._meter.set_factor(row.register.record.index, factor)
        self.refresh()

    def _on_fix(self) -> None:
        if self._mend is not None:
            self._mend()

    def _lay_out(self) -> None:
        gap = em(self) // 2
        fields = QHBoxLayout()
        fields.setSpacing(gap)
        for widget in (self._what, self._unit_label, self._unit, self._factor_label, self._factor):
            fields.addWidget(widget)
        fields.addWidget(self._fix)
        fields.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(gap * 2, gap // 2, gap, gap // 2)
        column.setSpacing(gap // 2)
        # The bytes below must not jump when the selection goes from a ticked register to another.
        fields.addStrut(max(self._unit.sizeHint().height(), self._factor.sizeHint().height()))
        self._result.setMinimumHeight(self._result.fontMetrics().lineSpacing() * 2)
        self._result.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        column.addLayout(fields)
        column.addWidget(self._result)
