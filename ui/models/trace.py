"""The trace as a table: grows by exact inserts, drops its oldest rows, can be filtered."""

import itertools
from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QObject, Qt

from ui.i18n import tr, tr_message
from ui.models.table import CellRole, Column, TableModel
from ui.viewmodels.trace import TraceKind, TraceRow, TraceViewModel

_KIND_WORDS = {
    TraceKind.SENT: "sent",
    TraceKind.RECEIVED: "received",
    TraceKind.ECHO: "echo",
    TraceKind.SPOILT: "spoilt",
    TraceKind.NOTE: "note",
}
_BYTES_SHOWN = 48


def kind_word(kind: TraceKind) -> str:
    """Which way, in a word."""
    return tr(_KIND_WORDS[kind])


def bytes_text(row: TraceRow) -> str:
    """All bytes, in hex with blanks."""
    return row.data.hex(" ").upper()


def meaning_text(row: TraceRow) -> str:
    """What it means, in the language of now."""
    meaning = tr_message(row.meaning)
    return tr("{what} (again)", what=meaning) if row.repeated else meaning


def _short_bytes(row: TraceRow) -> str:
    text = row.data[:_BYTES_SHOWN].hex(" ").upper()
    return f"{text} …" if len(row.data) > _BYTES_SHOWN else text


def _kind_more(row: TraceRow, role: int) -> object:
    if role == CellRole.ICON:
        return row.kind.value
    return None


def _bytes_more(row: TraceRow, role: int) -> object:
    return bytes_text(row) if role == Qt.ItemDataRole.ToolTipRole else None


def _meaning_more(row: TraceRow, role: int) -> object:
    return meaning_text(row) if role == Qt.ItemDataRole.ToolTipRole else None


class TraceTableModel(TableModel[TraceRow]):
    """Follows the trace; times count from the first row.

    Args:
        view_model: what is shown.
    """

    def __init__(self, view_model: TraceViewModel, parent: QObject | None = None) -> None:
        columns: tuple[Column[TraceRow], ...] = (
            Column("time", lambda: tr("Time"), self._time, right=True, mono=True),
            Column("kind", lambda: tr("Way"), lambda row: kind_word(row.kind), more=_kind_more),
            Column("meaning", lambda: tr("Meaning"), meaning_text, more=_meaning_more),
            Column("bytes", lambda: tr("Bytes"), _short_bytes, mono=True, more=_bytes_more),
        )
        super().__init__(columns, parent)
        self._view_model = view_model
        self._filter = ""
        self._zero_s: float | None = None
        view_model.rows_added.connect(self._on_added)
        view_model.rows_reset.connect(self.refresh)
        self.refresh()

    @property
    def filter_text(self) -> str:
        """What is looked for; empty for all."""
        return self._filter

    def set_filter(self, text: str) -> None:
        """Shows only rows whose meaning or bytes have a text in them; blanks in bytes do not matter."""
        self._filter = text.strip().casefold()
        self.refresh()

    def refresh(self) -> None:
        """Shows what is kept, filtered."""
        rows = self._view_model.rows
        if not rows:
            self._zero_s = None
        elif self._zero_s is None:
            self._zero_s = rows[0].time_s
        self.beginResetModel()
        self._rows = [row for row in rows if self._fits(row)]
        self.endResetModel()

    def row_data(self, row: TraceRow, role: int) -> object:
        """Whether the row needs a look."""
        if role == CellRole.STATE:
            return row.kind
        return None

    def text_of(self, rows: Sequence[TraceRow]) -> str:
        """Rows as lines of text, for the clipboard."""
        return "\n".join(
            "\t".join((self._time(row), kind_word(row.kind), meaning_text(row), bytes_text(row)))
            for row in rows
        )

    def _time(self, row: TraceRow) -> str:
        return f"{row.time_s - (self._zero_s or 0.0):.3f}"

    def _fits(self, row: TraceRow) -> bool:
        wanted = self._filter
        if not wanted:
            return True
        if wanted in meaning_text(row).casefold() or wanted in kind_word(row.kind).casefold():
            return True
        return wanted.replace(" ", "") in row.data.hex()

    def _on_added(self, added: list[TraceRow], dropped: list[TraceRow]) -> None:
        if self._zero_s is None:
            self._zero_s = added[0].time_s
        fitting = [row for row in added if self._fits(row)]
        if fitting:
            first = len(self._rows)
            self.beginInsertRows(QModelIndex(), first, first + len(fitting) - 1)
            self._rows += fitting
            self.endInsertRows()
        gone = {id(row) for row in dropped}
        count = sum(1 for _row in itertools.takewhile(lambda row: id(row) in gone, self._rows))
        if count:
            self.beginRemoveRows(QModelIndex(), 0, count - 1)
            del self._rows[:count]
            self.endRemoveRows()
