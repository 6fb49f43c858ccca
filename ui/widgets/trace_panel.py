"""The trace with its filter and what can be done with it: follow, copy, export, empty."""

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from ui.delegates.trace import TraceDelegate
from ui.models.trace import TraceTableModel
from ui.theme import Theme
from ui.viewmodels.trace import TraceKind, TraceRow, TraceViewModel
from ui.widgets.basics import button, copy_text, em
from ui.widgets.flow import FlowLayout
from ui.words import Words

_FILTER_MAX = 80
_FILTER_WIDTH = 15
_MEANING_WIDTH = 18.5
_BYTES_WIDTH = 4
_TABLE_LINES = 4


class TraceTableView(QTableView):
    """Ctrl+C copies the selected rows."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's override: on a small screen the meaning leaves some room to the bytes."""
        super().resizeEvent(event)
        unit, taken = em(self), self.columnWidth(0) + self.columnWidth(1)
        room = self.viewport().width() - taken
        meaning = max(unit * _BYTES_WIDTH, min(round(unit * _MEANING_WIDTH), room - unit * _BYTES_WIDTH))
        self.setColumnWidth(2, meaning)
        self.setColumnWidth(3, max(unit * _BYTES_WIDTH, room - meaning))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's override."""
        model = self.model()
        if event.matches(QKeySequence.StandardKey.Copy) and isinstance(model, TraceTableModel):
            rows = sorted(index.row() for index in self.selectionModel().selectedRows())
            copy_text(model.text_of([model.rows[row] for row in rows]))
        else:
            super().keyPressEvent(event)


class TracePanel(QWidget):
    """Follows the newest row as long as the person wants it."""

    export_asked = Signal()
    telegram_chosen = Signal(bytes)
    """An answer of a meter was double-clicked: to be opened as if it had been read."""

    def __init__(self, trace: TraceViewModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("trace_panel")
        self._trace = trace
        self._words = Words()
        self.model = TraceTableModel(trace, self)
        self._delegate = TraceDelegate(theme, self)
        self.filter = QLineEdit()
        self.filter.setObjectName("trace_filter")
        self.filter.setMaxLength(_FILTER_MAX)
        self.filter.setClearButtonEnabled(True)
        self._words.say(self.filter.setPlaceholderText, "Filter: serial number, word or bytes")
        self._words.say(self.filter.setAccessibleName, "Filter of the trace")
        self.follow = button("trace_follow", tab=True)
        self.follow.setCheckable(True)
        self.follow.setChecked(True)
        self._words.say(self.follow.setText, "Follow")
        self._words.say(self.follow.setToolTip, "Keeps the newest line in sight")
        self.copy = button("trace_copy")
        self._words.say(self.copy.setText, "Copy")
        self._words.say(self.copy.setToolTip, "Copies the selected rows, or all that are shown")
        self.export = button("trace_export")
        self._words.say(self.export.setText, "Export…")
        self._words.say(self.export.setToolTip, "As a file that can be replayed at a desk")
        self.clear = button("trace_clear")
        self._words.say(self.clear.setText, "Empty")
        self.table = TraceTableView()
        self._prepare_table()
        self._lay_out()
        self._connect()

    def apply_theme(self, theme: Theme) -> None:
        """Paints in the colours of now."""
        self._delegate.theme = theme
        self.table.viewport().update()

    def retranslate(self) -> None:
        """Says everything in the language of now."""
        self._words.refresh()
        self.model.retranslate()

    def hasHeightForWidth(self) -> bool:
        """Qt's override: the table gives way, so that what stands above it stays readable."""
        return False

    def copy_rows(self) -> None:
        """Copies the selected rows, or all that are shown."""
        chosen = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        rows: list[TraceRow] = [self.model.rows[row] for row in chosen] or list(self.model.rows)
        copy_text(self.model.text_of(rows))

    def _prepare_table(self) -> None:
        table = self.table
        table.setObjectName("trace_table")
        self._words.say(table.setAccessibleName, "Line trace")
        table.setModel(self.model)
        table.setItemDelegate(self._delegate)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.verticalHeader().setDefaultSectionSize(round(em(self) * 1.5))
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        unit = em(self)
        header.setMinimumSectionSize(unit)
        table.setMinimumHeight(unit * _TABLE_LINES)
        for key, width in (("time", 4.6), ("kind", 6.2), ("meaning", _MEANING_WIDTH)):
            table.setColumnWidth(self.model.column_of(key), round(unit * width))

    def _lay_out(self) -> None:
        gap = em(self) // 2
        row = FlowLayout(gap, right=4)
        row.setContentsMargins(0, 0, 0, 0)
        self.filter.setFixedWidth(em(self) * _FILTER_WIDTH)
        for part in (self.filter, self.follow, self.copy, self.export, self.clear):
            row.addWidget(part)
        head = QVBoxLayout()
        head.setContentsMargins(gap, 0, gap, 0)
        head.addLayout(row)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(gap // 2)
        column.addLayout(head)
        column.addWidget(self.table, 1)

    def _connect(self) -> None:
        self.filter.textChanged.connect(self.model.set_filter)
        self.follow.toggled.connect(self._on_moved)
        self.copy.clicked.connect(self.copy_rows)
        self.export.clicked.connect(self.export_asked)
        self.clear.clicked.connect(self._trace.clear)
        self.model.rowsInserted.connect(self._on_moved)
        self.model.modelReset.connect(self._on_moved)
        self.table.activated.connect(self._on_chosen)

    def _on_moved(self) -> None:
        if self.follow.isChecked():
            self.table.scrollToBottom()

    def _on_chosen(self, index: QModelIndex) -> None:
        row = self.model.rows[index.row()]
        if row.kind in (TraceKind.RECEIVED, TraceKind.SPOILT) and len(row.data) > 1:
            self.telegram_chosen.emit(row.data)
