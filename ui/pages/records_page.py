"""The records of the telegram with their bytes beneath, linked both ways."""

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QSplitter, QTableView, QVBoxLayout, QWidget

from app.domain.payload import format_reg_entry
from ui.delegates.records import RecordsDelegate, toggle
from ui.models.records import RecordsTableModel, value_text
from ui.theme import Theme, Tone
from ui.viewmodels.meter import MeterViewModel
from ui.widgets.basics import copy_text, em
from ui.widgets.bytes_view import BytesView
from ui.widgets.register_strip import RegisterStrip
from ui.words import TONE_OF_ROLE, Words

_SERIAL_OFFSET, _SERIAL_LENGTH = 7, 4
_GIVE_WAY = ("function", "storage", "dib", "vib")
_LEAST_DESCRIPTION_EM, _LEAST_ROWS = 7, 5


class RecordsTableView(QTableView):
    """Space ticks the row wherever the cursor stands; Ctrl+C copies the row as the portal wants it."""

    resized = Signal()

    def __init__(self, meter: MeterViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._meter = meter

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's override: another width may have room for other columns."""
        super().resizeEvent(event)
        self.resized.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Qt's override: the keyboard begins at the first row, so that one sees where it is."""
        super().focusInEvent(event)
        if event.reason() is not Qt.FocusReason.MouseFocusReason and not self.currentIndex().isValid():
            self.selectRow(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's override."""
        index = self.currentIndex()
        if event.key() == Qt.Key.Key_Space and index.isValid():
            toggle(index.siblingAtColumn(0))
        elif event.matches(QKeySequence.StandardKey.Copy) and index.isValid():
            row = self._meter.rows[index.row()]
            if row.tick is not None and self._meter.draft is not None:
                entry = self._meter.draft.selection.entries((row.register,))[0]
                copy_text(format_reg_entry(entry))
            else:
                copy_text(value_text(row.register.record))
        else:
            super().keyPressEvent(event)


class RecordsPage(QSplitter):
    """Table above, the selected register and the bytes below."""

    def __init__(self, meter: MeterViewModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self.setObjectName("records_page")
        self.setChildrenCollapsible(False)
        self._meter = meter
        self._words = Words()
        self.model = RecordsTableModel(meter, self)
        self._delegate = RecordsDelegate(theme, self)
        self.table = RecordsTableView(meter)
        self.table.setObjectName("records_table")
        self._words.say(self.table.setAccessibleName, "Records of the telegram")
        self.strip = RegisterStrip(meter)
        self.bytes = BytesView(theme)
        self.bytes.retranslate()
        self._prepare_table()
        below = QWidget()
        column = QVBoxLayout(below)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.strip)
        column.addWidget(self.bytes, 1)
        self.addWidget(self.table)
        self.addWidget(below)
        self.setStretchFactor(0, 1)
        self.setStretchFactor(1, 0)
        self._connect()

    def apply_theme(self, theme: Theme) -> None:
        """Paints in the colours of now."""
        self._delegate.theme = theme
        self.bytes.theme = theme
        self.table.viewport().update()
        self.bytes.viewport().update()

    def retranslate(self) -> None:
        """Says everything in the language of now."""
        self._words.refresh()
        self.model.retranslate()
        self.strip.retranslate()
        self.bytes.retranslate()
        self._fit_columns()

    def _prepare_table(self) -> None:
        table = self.table
        table.setModel(self.model)
        table.setItemDelegate(self._delegate)
        table.setShowGrid(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setTabKeyNavigation(False)
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.verticalHeader().setDefaultSectionSize(round(em(self) * 1.85))
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(em(self))
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(self.model.column_of("description"), QHeaderView.ResizeMode.Stretch)

    def _connect(self) -> None:
        meter = self._meter
        meter.meter_opened.connect(self._on_opened)
        meter.rows_changed.connect(self._show_bytes)
        meter.record_selected.connect(self._on_selected)
        self.table.selectionModel().currentRowChanged.connect(self._on_current_row)
        # However many changes come at once, the columns are measured once.
        self._fitting = QTimer(self)
        self._fitting.setSingleShot(True)
        self._fitting.setInterval(0)
        self._fitting.timeout.connect(self._fit_columns)
        for changed in (self.model.modelReset, self.model.dataChanged, self.table.resized):
            changed.connect(self._fitting.start)
        self.bytes.byte_clicked.connect(meter.select_byte)
        self.bytes.step_asked.connect(self._step)

    def _fit_columns(self) -> None:
        """Every column as wide as what stands in it; the description takes what is left.

        Where that is too little, columns that the gateway text has too give way, the least needed first.
        """
        table, header = self.table, self.table.horizontalHeader()
        widths = {
            column.key: max(table.sizeHintForColumn(at), header.sectionSizeHint(at))
            for at, column in enumerate(self.model.columns)
        }
        room = table.viewport().width() - sum(widths.values())
        hidden = set()
        for key in _GIVE_WAY:
            if key == "dib":
                # What the register is called is cut before its codes go.
                room += max(0, widths["description"] - _LEAST_DESCRIPTION_EM * em(self))
            if room < 0:
                hidden.add(key)
                room += widths[key]
        for at, column in enumerate(self.model.columns):
            table.setColumnHidden(at, column.key in hidden)
            if column.key != "description":
                table.setColumnWidth(at, widths[column.key])

    def _on_opened(self) -> None:
        self.model.refresh()
        self._show_bytes()
        rows = round(em(self) * 1.85 * _LEAST_ROWS) + self.table.horizontalHeader().height()
        wanted = self.bytes.sizeHint().height() + self.strip.sizeHint().height()
        height = max(self.strip.sizeHint().height(), min(wanted, self.height() - rows))
        self.setSizes([max(1, self.height() - height), height])

    def _show_bytes(self) -> None:
        telegram = self._meter.telegram
        if telegram is None:
            self.bytes.set_bytes(b"", [])
            return
        spans = [
            (each.record.offset, each.record.length, TONE_OF_ROLE[each.role])
            for each in self._meter.registers
        ]
        if telegram.header is not None and telegram.frame == "long":
            spans.append((_SERIAL_OFFSET, _SERIAL_LENGTH, Tone.SERIAL))
        self.bytes.set_bytes(telegram.raw, spans)
        self._light_bytes(self._meter.selected)

    def _light_bytes(self, record_index: int | None) -> None:
        row = self._meter.row_of(record_index)
        self.bytes.light((row.register.record.offset, row.register.record.length) if row else None)

    def _on_current_row(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if current.isValid():
            self._meter.select(self.model.rows[current.row()].register.record.index)

    def _on_selected(self, record_index: int | None) -> None:
        self._light_bytes(record_index)
        at = next(
            (n for n, row in enumerate(self.model.rows) if row.register.record.index == record_index), None
        )
        selection = self.table.selectionModel()
        if at is None:
            selection.clear()
        elif self.table.currentIndex().row() != at:
            index = self.model.index(at, self.model.column_of("description"))
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            selection.setCurrentIndex(index, flags)
            self.table.scrollTo(index)

    def _step(self, by: int) -> None:
        rows = self.model.rows
        if rows:
            at = self.table.currentIndex().row()
            self._meter.select(rows[max(0, min(len(rows) - 1, at + by))].register.record.index)
