"""The base of all tables: frozen rows, columns as data, named roles."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

Row = TypeVar("Row")
Index = QModelIndex | QPersistentModelIndex


class CellRole(IntEnum):
    """What a cell can be asked beside its text."""

    ITEM = Qt.ItemDataRole.UserRole + 1
    SORT = Qt.ItemDataRole.UserRole + 2
    TONE = Qt.ItemDataRole.UserRole + 3
    ICON = Qt.ItemDataRole.UserRole + 4
    STATE = Qt.ItemDataRole.UserRole + 5
    STRONG = Qt.ItemDataRole.UserRole + 6
    BYTES = Qt.ItemDataRole.UserRole + 7


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """One column of a table, as data.

    Attributes:
        key: stable name, for tests and saved widths.
        title: what stands above it, called at each painting so that the language can change.
        text: what a cell shows.
        right: numbers stand at the right edge.
        mono: bytes and keys are set in the font of bytes.
        more: what a cell answers to further roles.
    """

    key: str
    title: Callable[[], str]
    text: Callable[[Row], str]
    right: bool = False
    mono: bool = False
    more: Callable[[Row, int], object] | None = None


class TableModel(QAbstractTableModel, Generic[Row]):
    """A table over frozen rows; subclasses hold only their column table and what can be edited."""

    def __init__(self, columns: Sequence[Column[Row]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self._rows: list[Row] = []

    @property
    def rows(self) -> tuple[Row, ...]:
        """All rows, top to bottom."""
        return tuple(self._rows)

    @property
    def columns(self) -> tuple[Column[Row], ...]:
        """The column table."""
        return self._columns

    def column_of(self, key: str) -> int:
        """Position of a column by its name."""
        return next(at for at, column in enumerate(self._columns) if column.key == key)

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Shows other rows; where their number stays, only changed ones are told: the selection stays."""
        if len(rows) != len(self._rows):
            self.beginResetModel()
            self._rows = list(rows)
            self.endResetModel()
            return
        changed = [at for at, (old, new) in enumerate(zip(self._rows, rows, strict=True)) if old != new]
        self._rows = list(rows)
        last = len(self._columns) - 1
        for at in changed:
            self.dataChanged.emit(self.index(at, 0), self.index(at, last))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Qt's override."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Qt's override."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Qt's override: the column table answers, then the row."""
        if not index.isValid():
            return None
        column, row = self._columns[index.column()], self._rows[index.row()]
        if role == CellRole.ITEM:
            return row
        if role == CellRole.BYTES:
            return column.mono
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if column.more is not None and (answer := column.more(row, role)) is not None:
            return answer
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(row)
        return self.row_data(row, role)

    def row_data(self, row: Row, role: int) -> object:
        """What every cell of a row answers to a role; None where nothing."""
        del row, role
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Qt's override: titles, aligned as their column."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section].title()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if self._columns[section].right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def retranslate(self) -> None:
        """Asks the views to fetch every text again, after the language changed."""
        if self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, len(self._columns) - 1))
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self._columns) - 1)
