"""Questions about buildings: a new one in two fields, which one of several, and which meter of two."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.domain.building import Site
from ui.i18n import tr
from ui.models.meters import MeterLine
from ui.widgets.basics import em, label

_LONGEST = 200


def _buttons(dialog: QDialog, name: str, words: str) -> QDialogButtonBox:
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
    ok = buttons.button(QDialogButtonBox.StandardButton.Ok)
    ok.setText(words)
    ok.setObjectName(name)
    ok.setProperty("primary", True)  # noqa: FBT003 - Qt's own signature
    ok.setEnabled(False)
    buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(tr("Cancel"))
    buttons.accepted.connect(dialog.accept)
    buttons.rejected.connect(dialog.reject)
    return buttons


class BuildingDialog(QDialog):
    """A building made by hand: name and address, one of them is enough; no account is needed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("building_dialog")
        self.setWindowTitle(tr("New building"))
        self._name = self._line("building_name", tr("Name"), tr("e.g. Rue du Lac 12"))
        self._address = self._line("building_address", tr("Address"), tr("street and place"))
        note = label("building_note", quiet=True, wrap=True)
        note.setText(tr("It can be linked to a site of the portal later."))
        buttons = _buttons(self, "building_ok", tr("Make it"))
        ok = buttons.button(QDialogButtonBox.StandardButton.Ok)
        for field in (self._name, self._address):
            field.textChanged.connect(lambda _text: ok.setEnabled(bool(self.name or self.address)))
        form = QFormLayout()
        form.addRow(tr("Name"), self._name)
        form.addRow(tr("Address"), self._address)
        gap = em(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(gap, gap, gap, gap)
        column.setSpacing(gap)
        column.addLayout(form)
        column.addWidget(note)
        column.addWidget(buttons)
        self.setMinimumWidth(em(self) * 26)
        self._name.setFocus()

    @property
    def name(self) -> str:
        """As typed, without blanks around it."""
        return self._name.text().strip()

    @property
    def address(self) -> str:
        """As :attr:`name`."""
        return self._address.text().strip()

    def _line(self, name: str, words: str, placeholder: str) -> QLineEdit:
        field = QLineEdit()
        field.setObjectName(name)
        field.setMaxLength(_LONGEST)
        field.setAccessibleName(words)
        field.setPlaceholderText(placeholder)
        return field


class _Choice(QDialog):
    """One of several, chosen by keys or a click; nothing is chosen beforehand."""

    def __init__(self, name: str, title: str, question: str, ok: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setWindowTitle(title)
        text = label(f"{name}_question", wrap=True)
        text.setText(question)
        self.list = QListWidget()
        self.list.setObjectName(f"{name}_list")
        self.list.setAccessibleName(title)
        self.list.itemActivated.connect(lambda _item: self.accept())
        buttons = _buttons(self, f"{name}_ok", ok)
        push = buttons.button(QDialogButtonBox.StandardButton.Ok)
        self.list.itemSelectionChanged.connect(lambda: push.setEnabled(bool(self.list.selectedItems())))
        gap = em(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(gap, gap, gap, gap)
        column.setSpacing(gap)
        column.addWidget(text)
        column.addWidget(self.list, 1)
        column.addWidget(buttons)
        self.setMinimumWidth(em(self) * 28)

    def add(self, words: str, key: str | None) -> None:
        """Adds a line; what names come from elsewhere is plain text in a list anyway."""
        item = QListWidgetItem(words)
        item.setData(Qt.ItemDataRole.UserRole, key)
        self.list.addItem(item)

    @property
    def key(self) -> str | None:
        """Of the line that was chosen."""
        # A list that gets the focus makes its first line the current one, but selects none.
        chosen = self.list.selectedItems()
        key = chosen[0].data(Qt.ItemDataRole.UserRole) if chosen else None
        return None if key is None else str(key)


NEW_BUILDING = "new"
"""The key of the line that makes another building; ids of buildings are 32 digits."""


class ChooseBuildingDialog(_Choice):
    """Which building, or a new one."""

    def __init__(self, question: str, buildings: Sequence[Site], parent: QWidget | None = None) -> None:
        super().__init__("choose_building", tr("Which building?"), question, tr("Choose"), parent)
        for building in buildings:
            address = building.address if building.address != building.label else ""
            self.add(" · ".join(filter(None, (building.label, address))), building.site_id)
        self.add(tr("New building …"), NEW_BUILDING)


class WhichMeterDialog(_Choice):
    """Which of several meters with one number was read."""

    def __init__(self, serial: str, lines: Sequence[MeterLine], parent: QWidget | None = None) -> None:
        super().__init__(
            "which_meter",
            tr("Which meter?"),
            tr(
                "Several meters of the list bear the number {serial}, and what it sent does not tell which "
                "one it is. The reading is kept already.",
                serial=serial,
            ),
            tr("This one"),
            parent,
        )
        for line in lines:
            self.add(" · ".join(filter(None, (line.serial, line.label, line.facts))), line.meter_id)
        self.add(tr("None of them: another meter"), None)
