"""The key of an encrypted meter: typed once, tried on the telegram that was just read, kept on wish."""

from collections.abc import Callable

from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.domain.errors import MeterKeyError
from ui.i18n import tr, tr_message
from ui.widgets.basics import em, label, set_state


class KeyDialog(QDialog):
    """Asks; only a key that opens the telegram is taken.

    Args:
        serial: of the meter.
        judge: makes the key of what was typed; raises ``MeterKeyError``.
    """

    def __init__(self, serial: str, judge: Callable[[str], bytes], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("key_dialog")
        self.setWindowTitle(tr("Key of meter {serial}", serial=serial))
        self._judge = judge
        self._key: bytes | None = None
        self._note = label("key_note", wrap=True)
        self._note.setText(tr("This meter encrypts what it sends. Its supplier has the key: 32 hex digits."))
        self._field = QLineEdit()
        self._field.setObjectName("key_field")
        self._field.setAccessibleName(tr("Key"))
        self._field.setEchoMode(QLineEdit.EchoMode.PasswordEchoOnEdit)
        self._remember = QCheckBox(tr("Remember it in this computer's keyring"))
        self._remember.setObjectName("key_remember_box")
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        ok = buttons.button(QDialogButtonBox.StandardButton.Ok)
        ok.setText(tr("Open the telegram"))
        ok.setObjectName("key_ok")
        ok.setProperty("primary", True)  # noqa: FBT003 - Qt's own signature
        ok.setEnabled(False)
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(tr("Cancel"))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self._field.textChanged.connect(lambda text: ok.setEnabled(bool(text.strip())))
        form = QFormLayout()
        form.addRow(tr("Key"), self._field)
        form.addRow("", self._remember)
        gap = em(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(gap, gap, gap, gap)
        column.setSpacing(gap)
        column.addWidget(self._note)
        column.addLayout(form)
        column.addWidget(buttons)
        self.setMinimumWidth(em(self) * 30)
        self._field.setFocus()

    @property
    def key(self) -> bytes | None:
        """The key that fits; None before one was accepted."""
        return self._key

    @property
    def remember(self) -> bool:
        """Whether the keyring may keep it."""
        return self._remember.isChecked()

    def accept(self) -> None:
        """Qt's override: what does not open the telegram is said here, and can be corrected."""
        try:
            self._key = self._judge(self._field.text())
        except MeterKeyError as error:
            self._note.setText(tr_message(error.message))
            set_state(self._note, "bad")
            self._field.setFocus()
            return
        super().accept()
