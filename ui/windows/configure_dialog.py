"""Asks before a setting inside a meter is changed, and says what cannot be undone."""

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.services.jobs.configure import PRIMARY_ADDRESSES, RATES, MeterSetting, SettingKind
from ui.i18n import tr, tr_message
from ui.widgets.basics import em, label, title

_TITLES = {
    SettingKind.PRIMARY_ADDRESS: "Set the primary address",
    SettingKind.BAUD_RATE: "Set the baud rate",
    SettingKind.APPLICATION_RESET: "Application reset",
}
_ACTIONS = {
    SettingKind.PRIMARY_ADDRESS: "Set the address",
    SettingKind.BAUD_RATE: "Set the rate",
    SettingKind.APPLICATION_RESET: "Reset",
}


class ConfigureDialog(QDialog):
    """Cancel is what Return presses; :attr:`wish` is the person's after it was accepted.

    Args:
        wish: what is asked, with the value to begin with.
        present: what the meter has now, None where nobody knows; it cannot be chosen again.
    """

    def __init__(self, wish: MeterSetting, present: int | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("configure_dialog")
        self.setWindowTitle(tr(_TITLES[wish.kind]))
        self._wish, self._present, self._valid = wish, present, True
        self.field = QLineEdit()
        self.field.setObjectName("new_primary_address")
        self.field.setValidator(QIntValidator(PRIMARY_ADDRESSES.start, PRIMARY_ADDRESSES.stop - 1, self))
        self.rates = QComboBox()
        self.rates.setObjectName("new_baud_rate")
        for baud in RATES:
            self.rates.addItem(tr("{baud} Bd", baud=baud), baud)
        self.question = label("configure_question", wrap=True)
        self.buttons = QDialogButtonBox()
        self.accept_button = QPushButton(tr(_ACTIONS[wish.kind]))
        self.accept_button.setObjectName("configure_accept")
        self.cancel_button = QPushButton(tr("Cancel"))
        self.cancel_button.setObjectName("configure_cancel")
        self._lay_out()
        self._fill()
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.field.textChanged.connect(self._on_text)
        self.rates.currentIndexChanged.connect(self._on_rate)
        self._say()

    @property
    def wish(self) -> MeterSetting:
        """The wish with the value that stands in the dialog."""
        return self._wish

    def _fill(self) -> None:
        wish = self._wish
        if wish.kind is SettingKind.PRIMARY_ADDRESS:
            self.field.setText(str(wish.value))
            self.field.selectAll()
        elif wish.kind is SettingKind.BAUD_RATE:
            self.rates.setCurrentIndex(self.rates.findData(wish.value))

    def _lay_out(self) -> None:
        unit = em(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(unit, unit, unit, unit)
        column.setSpacing(unit)
        heading = title("configure_title", 1.15)
        heading.setText(tr(_TITLES[self._wish.kind]))
        column.addWidget(heading)
        form = QFormLayout()
        form.addRow(tr("Meter"), _plain(self._wish.address.text, mono=True))
        self._add_value(form)
        column.addLayout(form)
        warning = QFrame()
        warning.setProperty("banner", "look")
        row = QHBoxLayout(warning)
        row.addWidget(self.question)
        column.addWidget(warning)
        self.buttons.addButton(self.accept_button, QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.addButton(self.cancel_button, QDialogButtonBox.ButtonRole.RejectRole)
        # A stray Return must change nothing inside a meter.
        self.accept_button.setAutoDefault(False)
        self.cancel_button.setDefault(True)
        column.addWidget(self.buttons)
        self.setMinimumWidth(unit * 28)

    def _add_value(self, form: QFormLayout) -> None:
        if self._wish.kind is SettingKind.PRIMARY_ADDRESS:
            if self._present is not None:
                form.addRow(tr("Address now"), _plain(str(self._present)))
            form.addRow(tr("New address"), self.field)
            self.field.setAccessibleName(tr("New primary address, 0 to 250"))
        elif self._wish.kind is SettingKind.BAUD_RATE:
            if self._present is not None:
                form.addRow(tr("Rate now"), _plain(tr("{baud} Bd", baud=self._present)))
            form.addRow(tr("New rate"), self.rates)
            self.rates.setAccessibleName(tr("New baud rate"))

    def _on_text(self, text: str) -> None:
        self._valid = self.field.hasAcceptableInput()
        if self._valid:
            self._wish = replace(self._wish, value=int(text))
        self._say()

    def _on_rate(self, at: int) -> None:
        self._wish = replace(self._wish, value=int(self.rates.itemData(at)))
        self._say()

    def _say(self) -> None:
        resets = self._wish.kind is SettingKind.APPLICATION_RESET
        same = not resets and self._wish.value == self._present
        words = tr_message(self._wish.question)
        if not self._valid:
            words = tr("A primary address is a number from 0 to 250.")
        elif same:
            words = tr("The meter has this already. Choose another value.")
        self.question.setText(words)
        self.setAccessibleDescription(words)
        self.accept_button.setEnabled(self._valid and not same)


def _plain(text: str, *, mono: bool = False) -> QWidget:
    value = label(mono=mono)
    value.setText(text)
    value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return value
