"""The meters of the site as a list: what is known of each and how far it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QModelIndex, QObject, Qt

from ui.i18n import tr
from ui.models.table import CellRole, Column, TableModel


class MeterState(Enum):
    """How far a meter is; the values are names of icons."""

    KNOWN = "known"
    READ = "current"
    WAITING = "waiting"
    UPLOADED = "uploaded"
    VERIFIED = "ok"
    OPEN = "open"
    LOOK = "look"


_STATE_WORDS = {
    MeterState.KNOWN: "not read yet",
    MeterState.READ: "read",
    MeterState.WAITING: "waiting to be sent",
    MeterState.UPLOADED: "on the portal",
    MeterState.VERIFIED: "verified",
    MeterState.OPEN: "on the portal, with open points",
    MeterState.LOOK: "needs a look",
}


@dataclass(frozen=True, slots=True)
class MeterLine:
    """One meter: serial number, what the person calls it, how far it is, and what it is."""

    serial: str
    label: str
    state: MeterState
    facts: str = ""


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
    Column("label", lambda: tr("Place"), lambda line: line.label or line.facts),
)


class MetersTableModel(TableModel[MeterLine]):
    """The site's meters in the order of their serial numbers."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(_COLUMNS, parent)

    def set_rows(self, rows: Sequence[MeterLine]) -> None:
        """Shows other rows; lines that stay keep their place and selection while a scan adds to them."""
        wanted, at = list(rows), 0
        kept = {line.serial for line in wanted} & {line.serial for line in self._rows}
        if 2 * len(kept) < len(self._rows):
            # Another site: there is no place to keep.
            super().set_rows(wanted)
            return
        while at < max(len(wanted), len(self._rows)):
            serial = wanted[at].serial if at < len(wanted) else None
            if at < len(self._rows) and self._rows[at].serial == serial:
                at += 1
            elif serial is None or self.row_of_serial(serial) is not None:
                self.beginRemoveRows(QModelIndex(), at, at)
                del self._rows[at]
                self.endRemoveRows()
            else:
                self.beginInsertRows(QModelIndex(), at, at)
                self._rows.insert(at, wanted[at])
                self.endInsertRows()
                at += 1
        super().set_rows(wanted)

    def row_data(self, row: MeterLine, role: int) -> object:
        """Everything about a meter in one sentence, for tool tips and screen readers."""
        if role == Qt.ItemDataRole.ToolTipRole:
            words = " · ".join(part for part in (row.serial, row.label, row.facts) if part)
            return f"{words}: {state_word(row.state)}"
        if role == CellRole.STATE:
            return row.state
        return None

    def row_of_serial(self, serial: str) -> int | None:
        """Where a meter stands in the list."""
        return next((at for at, line in enumerate(self.rows) if line.serial == serial), None)
