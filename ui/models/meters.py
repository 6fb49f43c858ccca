"""The meters of the site as a list: one row changes when one meter changes."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QModelIndex, QObject, Qt

from app.domain.progress import Progress, state_word
from ui.i18n import tr, tr_message
from ui.models.table import CellRole, Column, TableModel

PROGRESS_ICONS: Final[Mapping[Progress, str]] = {
    Progress.ON_LIST: "known",
    Progress.NO_READING: "look",
    Progress.LOCKED: "key",
    Progress.READ: "current",
    Progress.DECIDED: "current",
    Progress.WAITING: "waiting",
    Progress.BY_HAND: "look",
    Progress.CHANGED_THERE: "look",
    Progress.FAILED: "failed",
    Progress.ON_PORTAL: "uploaded",
    Progress.LOOK: "look",
    Progress.VERIFIED_OPEN: "open",
    Progress.VERIFIED: "ok",
    Progress.CHANGED_SINCE: "look",
}
"""The shape that says how far a meter is; the word stands in the tool tip and for screen readers."""


@dataclass(frozen=True, slots=True)
class MeterLine:
    """One meter.

    Attributes:
        meter_id: the program's own id.
        serial: eight digits.
        label: what the person calls it.
        progress: how far it is.
        facts: what it is, in words.
    """

    meter_id: str
    serial: str
    label: str
    progress: Progress
    facts: str = ""


def _state_more(line: MeterLine, role: int) -> object:
    if role == CellRole.ICON:
        return PROGRESS_ICONS[line.progress]
    if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
        return tr_message(state_word(line.progress))
    return None


_COLUMNS: tuple[Column[MeterLine], ...] = (
    Column("state", lambda: "", lambda _line: "", more=_state_more),
    Column("serial", lambda: tr("Serial number"), lambda line: line.serial, mono=True),
    Column("label", lambda: tr("Place"), lambda line: line.label or line.facts),
)


class MetersTableModel(TableModel[MeterLine]):
    """The site's meters in the order of their serial numbers, those with one number as they came."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(_COLUMNS, parent)
        self._keys: list[tuple[str, int]] = []
        self._key_of: dict[str, tuple[str, int]] = {}
        self._arrived = 0
        self._progress: Counter[Progress] = Counter()

    @property
    def progress(self) -> Mapping[Progress, int]:
        """How many meters are how far."""
        return self._progress

    def show(self, lines: Iterable[MeterLine]) -> None:
        """Shows another list."""
        self.beginResetModel()
        wanted = list(lines)
        self._key_of = {line.meter_id: (line.serial, at) for at, line in enumerate(wanted)}
        self._arrived = len(wanted)
        self._rows = sorted(wanted, key=lambda line: self._key_of[line.meter_id])
        self._keys = [self._key_of[line.meter_id] for line in self._rows]
        self._progress = Counter(line.progress for line in wanted)
        self.endResetModel()

    def put(self, line: MeterLine) -> None:
        """Shows a meter as it is now, at its place if it is new."""
        at = self.row_of(line.meter_id)
        if at is None:
            key = self._key_of[line.meter_id] = (line.serial, self._arrived)
            self._arrived += 1
            at = bisect_left(self._keys, key)
            self.beginInsertRows(QModelIndex(), at, at)
            self._keys.insert(at, key)
            self._rows.insert(at, line)
            self._progress[line.progress] += 1
            self.endInsertRows()
            return
        before = self._rows[at]
        if line != before:
            self._rows[at] = line
            self._progress[before.progress] -= 1
            self._progress[line.progress] += 1
            self.dataChanged.emit(self.index(at, 0), self.index(at, len(_COLUMNS) - 1))

    def take_off(self, meter_id: str) -> None:
        """Shows a meter no longer."""
        at = self.row_of(meter_id)
        if at is not None:
            self.beginRemoveRows(QModelIndex(), at, at)
            self._progress[self._rows[at].progress] -= 1
            del self._key_of[meter_id], self._keys[at], self._rows[at]
            self.endRemoveRows()

    def row_data(self, row: MeterLine, role: int) -> object:
        """Everything about a meter in one sentence, for tool tips and screen readers."""
        if role == Qt.ItemDataRole.ToolTipRole:
            words = " · ".join(part for part in (row.serial, row.label, row.facts) if part)
            return f"{words}: {tr_message(state_word(row.progress))}"
        if role == CellRole.STATE:
            return row.progress
        return None

    def line(self, row: int) -> MeterLine:
        """The meter in a row."""
        return self._rows[row]

    def row_of(self, meter_id: str) -> int | None:
        """Where a meter stands in the list; None where it is not in it."""
        key = self._key_of.get(meter_id)
        return None if key is None else bisect_left(self._keys, key)

    def row_of_serial(self, serial: str) -> int | None:
        """Where the first meter with a number stands."""
        at = bisect_left(self._keys, (serial, -1))
        return at if at < len(self._keys) and self._keys[at][0] == serial else None
