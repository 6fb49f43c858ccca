"""The meters of the site as a list: what is known of each and how far it is."""

from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QObject, Qt

from ui.i18n import tr
from ui.models.table import CellRole, Column, TableModel


class MeterState(Enum):
    """How far a meter is; the values are names of icons."""

    KNOWN = "known"
    READ = "current"
    WAITING = "waiting"
    UPLOADED = "uploaded"
    VERIFIED = "ok"
    LOOK = "look"


_STATE_WORDS = {
    MeterState.KNOWN: "not read yet",
    MeterState.READ: "read",
    MeterState.WAITING: "waiting to be sent",
    MeterState.UPLOADED: "on the portal",
    MeterState.VERIFIED: "verified",
    MeterState.LOOK: "needs a look",
}


@dataclass(frozen=True, slots=True)
class MeterLine:
    """One meter: serial number, what the person calls it, how far it is."""

    serial: str
    label: str
    state: MeterState


def state_word(state: MeterState) -> str:
    """How far a meter is, in words."""
    return tr(_STATE_WORDS[state])


def _state_more(line: MeterLine, role: int) -> object:
    if role == CellRole.ICON:
        return line.state.value
    if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
        return state_word(line.state)
    return None


_COLUMNS: tuple[Column[MeterLine], ...] = (
    Column("state", lambda: "", lambda _line: "", more=_state_more),
    Column("serial", lambda: tr("Serial number"), lambda line: line.serial, mono=True),
    Column("label", lambda: tr("Place"), lambda line: line.label),
)


class MetersTableModel(TableModel[MeterLine]):
    """The site's meters in the order of their serial numbers."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(_COLUMNS, parent)

    def row_data(self, row: MeterLine, role: int) -> object:
        """Everything about a meter in one sentence, for tool tips and screen readers."""
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{row.serial} {row.label}: {state_word(row.state)}"
        if role == CellRole.STATE:
            return row.state
        return None

    def row_of_serial(self, serial: str) -> int | None:
        """Where a meter stands in the list."""
        return next((at for at, line in enumerate(self.rows) if line.serial == serial), None)
