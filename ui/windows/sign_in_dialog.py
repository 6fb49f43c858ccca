"""Signing in to the portal: address, user name, password, and whether the keyring may keep it."""

from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.portal.address import normal_base_url
from app.portal.credentials import Account
from app.portal.errors import PortalAddressError
from ui.i18n import tr, tr_message
from ui.widgets.basics import em, label, set_state


class SignInDialog(QDialog):
    """Asks; what was typed is read from it afterwards. The password is never shown nor kept here.

    Args:
        portal: address to begin with.
        username: to begin with.
        refused: the portal refused the last login.
        fixed: ask for the password alone, the account stands.
    """

    def __init__(
        self,
        portal: str,
        username: str,
        *,
        refused: bool = False,
        fixed: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("sign_in_dialog")
        self.setWindowTitle(tr("Sign in to the portal"))
        self.portal = self._line("portal_field", tr("Address of the portal"), portal)
        self.username = self._line("username_field", tr("User name"), username)
        self.password = self._line("password_field", tr("Password"), "")
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.remember = QCheckBox(tr("Remember it in this computer's keyring"))
        self.remember.setObjectName("remember_box")
        self.portal.setReadOnly(fixed)
        self.username.setReadOnly(fixed)
        note = self._note = label("sign_in_note", wrap=True)
        note.setText(_note(refused=refused, fixed=fixed))
        set_state(note, "bad" if refused else "")
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self._ok = buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._ok.setText(tr("Sign in"))
        self._ok.setObjectName("sign_in_ok")
        self._ok.setProperty("primary", True)  # noqa: FBT003 - Qt's own signature
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(tr("Cancel"))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form = QFormLayout()
        form.addRow(tr("Portal"), self.portal)
        form.addRow(tr("User name"), self.username)
        form.addRow(tr("Password"), self.password)
        form.addRow("", self.remember)
        column = QVBoxLayout(self)
        gap = em(self)
        column.setContentsMargins(gap, gap, gap, gap)
        column.setSpacing(gap)
        column.addWidget(note)
        column.addLayout(form)
        column.addWidget(buttons)
        self.setMinimumWidth(em(self) * 30)
        for field in (self.portal, self.username, self.password):
            field.textChanged.connect(self._judge)
        self._judge()
        (self.password if username else self.username).setFocus()

    @property
    def account(self) -> Account:
        """The account as typed."""
        return Account(self.portal.text().strip().rstrip("/"), self.username.text().strip())

    def accept(self) -> None:
        """Qt's override: an address that no password may be sent to is said here, and nothing is kept."""
        try:
            normal_base_url(self.portal.text())
        except PortalAddressError as error:
            self._note.setText(tr_message(error.message))
            set_state(self._note, "bad")
            self.portal.setFocus()
            return
        super().accept()

    def _line(self, name: str, words: str, text: str) -> QLineEdit:
        field = QLineEdit(text)
        field.setObjectName(name)
        field.setAccessibleName(words)
        return field

    def _judge(self) -> None:
        fields = (self.portal, self.username, self.password)
        self._ok.setEnabled(all(field.text().strip() for field in fields))


def _note(*, refused: bool, fixed: bool) -> str:
    if refused and fixed:
        return tr(
            "The portal refused the user name or the password. Type the password again; "
            "for another user name, cancel and sign in with that one."
        )
    if refused:
        return tr("The portal refused the user name or the password. Type them again.")
    return tr("The account of the portal's interface, which may differ from your portal login.")
