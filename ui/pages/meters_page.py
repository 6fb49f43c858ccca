"""The left: the serial field, and the meters of the site with how far each is."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QFontMetrics, QIcon, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QMenu,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.domain.meter import SERIAL_DIGITS
from app.domain.progress import Progress
from app.services.jobs.read import ReadJob, typed_serial
from ui.delegates.meters import MetersDelegate
from ui.fonts import bytes_font, strong
from ui.i18n import tr, tr_message
from ui.icons import icon
from ui.models.meters import MetersTableModel
from ui.theme import Theme
from ui.widgets.basics import button, em, label, set_state, title
from ui.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable


class MetersPage(QFrame):
    """A barcode scanner types into the field and ends with Return: that reads."""

    meter_opened = Signal(str)
    """Own id of a meter that was chosen from the list."""
    removal_asked = Signal(object)
    """Own ids of the meters that are to go off the list."""
    move_asked = Signal(object)
    """Own ids of the meters that are of another building."""
    undo_asked = Signal()
    redo_asked = Signal()
    building_asked = Signal()
    """Another building is to be opened, or a new one made."""

    def __init__(
        self, reading: ReadJob, model: MetersTableModel, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("meters_card")
        self.setProperty("card", True)  # noqa: FBT003 - Qt's own signature
        self._words = Words()
        self._reading = reading
        self._model = model
        self._title = title("meters_title")
        self._words.say(self._title.setText, "Meters")
        self._count = label("meters_count", quiet=True)
        self.serial_field = QLineEdit()
        self.serial_field.setObjectName("serial_field")
        self.serial_field.setFont(strong(self.serial_field.font(), 1.15))
        self._words.say(self.serial_field.setPlaceholderText, "Serial number")
        self._words.say(self.serial_field.setAccessibleName, "Serial number on the meter's label")
        self.read_button = button("read_button")
        self.read_button.setProperty("dense", True)  # noqa: FBT003 - Qt's own signature
        self.address = label("secondary_address", quiet=True, mono=True)
        self.note = label("serial_note", quiet=True, wrap=True)
        self.list = QTableView()
        self._delegate = MetersDelegate(theme, self)
        self._buttons = QHBoxLayout()
        self._column = QVBoxLayout(self)
        self._parts: list[QWidget] = []
        self._shown = self._undo = self._redo = ""
        self._theme = theme
        self._prepare_list()
        self._lay_out()
        self._connect()
        self.apply_theme(theme)
        self.retranslate()

    def add_action(self, name: str, text: str) -> QPushButton:
        """Adds a button below the list, e.g. to scan the bus; the caller connects it."""
        push = button(name)
        push.setProperty("dense", True)  # noqa: FBT003 - Qt's own signature
        self._words.say(push.setText, text)
        self._buttons.addWidget(push)
        return push

    def add_beside_actions(self, part: QWidget) -> None:
        """Puts a small part beside the buttons below the list; as ``TelegramPage.add_page``."""
        self._buttons.addWidget(part)
        self._parts.append(part)

    def add_above_actions(self, part: QWidget) -> None:
        """Puts a part between the list and the buttons, e.g. the progress of a scan."""
        self._column.insertWidget(self._column.count() - 1, part)
        self._parts.append(part)

    def take_serial(self, text: str) -> None:
        """Puts a serial number into the field, ready for Return."""
        self.serial_field.setText(text)
        self.serial_field.setModified(True)
        self.serial_field.setFocus()

    def read_scanned(self, text: str) -> None:
        """A scan that fell elsewhere: as if it had been typed here, Return included."""
        self.take_serial(text)
        self.read_typed()

    def read_typed(self) -> bool:
        """Reads what stands in the field; says whether it can be read and nothing else ran."""
        field = self.serial_field
        if not self._reading.read(field.text(), typed=field.isModified()):
            return False
        # The next scan replaces it without a hand on the mouse.
        field.setModified(False)
        field.selectAll()
        return True

    @property
    def typing(self) -> bool:
        """Whether a person is typing a number of another meter than the one that is open."""
        field = self.serial_field
        return field.hasFocus() and field.isModified() and typed_serial(field.text()).valid

    def show_serial(self, serial: str) -> None:
        """Puts the meter that is open into the field, unless the next number is being typed."""
        if serial and not (self.serial_field.hasFocus() and self.serial_field.isModified()):
            self.serial_field.setText(serial)
            self.serial_field.selectAll()

    def select_meter(self, meter_id: str) -> None:
        """Marks the meter that is open."""
        self._shown = meter_id
        at = self._model.row_of(meter_id)
        if at is None:
            self.list.selectionModel().clear()
        elif meter_id not in self.chosen:
            self.list.selectRow(at)

    @property
    def chosen(self) -> tuple[str, ...]:
        """Own ids of the meters that are marked."""
        rows = self.list.selectionModel().selectedRows()
        return tuple(self._model.rows[index.row()].meter_id for index in rows)

    def show_steps(self, undo: str, redo: str) -> None:
        """What the menu offers to take back, and to do again; empty for nothing."""
        self._undo, self._redo = undo, redo

    def apply_theme(self, theme: Theme) -> None:
        """Paints in the colours of now."""
        self._theme = theme
        self._delegate.theme = theme
        self._on_busy()
        self.list.viewport().update()
        for part in self._parts:
            if hasattr(part, "apply_theme"):
                part.apply_theme(theme)

    def retranslate(self) -> None:
        """Says everything in the language of now."""
        self._words.refresh()
        self._model.retranslate()
        self._on_typed(self.serial_field.text())
        self._on_busy()
        self._fit_columns()
        self._say_count()
        for part in self._parts:
            if hasattr(part, "retranslate"):
                part.retranslate()

    def _prepare_list(self) -> None:
        table = self.list
        table.setObjectName("meters_list")
        self._words.say(table.setAccessibleName, "Meters of the site")
        table.setModel(self._model)
        table.setItemDelegate(self._delegate)
        table.setShowGrid(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setTabKeyNavigation(False)
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(round(em(self) * 1.8))
        header = table.horizontalHeader()
        header.hide()
        header.setMinimumSectionSize(em(self))
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)

    def _lay_out(self) -> None:
        gap = em(self) // 2
        heading = QHBoxLayout()
        heading.addWidget(self._title)
        heading.addStretch(1)
        heading.addWidget(self._count)
        field = QHBoxLayout()
        field.setSpacing(gap // 2)
        field.addWidget(self.serial_field, 1)
        field.addWidget(self.read_button)
        column = self._column
        column.setContentsMargins(gap * 2, gap, gap * 2, gap)
        column.setSpacing(gap)
        column.addLayout(heading)
        column.addLayout(field)
        column.addWidget(self.address)
        column.addWidget(self.note)
        column.addWidget(self.list, 1)
        column.addLayout(self._buttons)

    def _connect(self) -> None:
        self.serial_field.textChanged.connect(self._on_typed)
        self.serial_field.returnPressed.connect(self._on_return)
        self.read_button.clicked.connect(self._on_read_button)
        self._reading.busy_changed.whenever(self._on_busy)
        self.list.activated.connect(self._on_activated)
        self.list.selectionModel().currentRowChanged.connect(self._on_current)
        self.list.customContextMenuRequested.connect(lambda at: self.menu().popup(self._in_list(at)))
        delete = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self.list)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(lambda: self.removal_asked.emit(self.chosen))
        for changed in (self._model.modelReset, self._model.rowsInserted, self._model.rowsRemoved):
            changed.connect(self._say_count)
        self._model.dataChanged.connect(self._say_count)

    def _on_typed(self, text: str) -> None:
        typed = typed_serial(text)
        self.address.setText(typed.address)
        self.address.setVisible(bool(typed.address))
        if not text.strip():
            self.note.setText(tr("Type or scan it as it stands on the label, then press Return to read."))
        else:
            self.note.setText(tr_message(typed.note) if typed.note else "")
        self.note.setVisible(bool(self.note.text()))
        set_state(self.note, "bad" if text.strip() and not typed.valid else "")

    def _on_return(self) -> None:
        self.read_typed()

    def _on_read_button(self) -> None:
        if self._reading.busy:
            self._reading.stop()
        else:
            self._on_return()

    def _on_busy(self) -> None:
        busy = self._reading.busy
        self.read_button.setText(tr("Stop") if busy else tr("Read"))
        self.read_button.setToolTip(tr("Stop (Esc)") if busy else tr("Read the meter (F5)"))
        self.read_button.setIcon(icon("stop", self._theme.accent) if busy else QIcon())

    def _on_activated(self, index: QModelIndex) -> None:
        line = self._model.line(index.row())
        self.serial_field.setText(line.serial)
        self.meter_opened.emit(line.meter_id)

    def _on_current(self, current: QModelIndex, _before: QModelIndex) -> None:
        """The line that is marked is the meter that is shown, whatever moved the mark."""
        chosen = current.isValid() and self.list.hasFocus()
        if chosen and self._model.line(current.row()).meter_id != self._shown:
            self._on_activated(current)

    def menu(self) -> QMenu:
        """What can be done with the meters that are marked; goes when it is closed."""
        menu = QMenu(self)
        menu.setObjectName("meters_menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        chosen = self.chosen
        wishes: tuple[tuple[str, str, bool, Callable[[], object]], ...] = (
            (
                "menu_move",
                tr("Move to another building …"),
                bool(chosen),
                lambda: self.move_asked.emit(chosen),
            ),
            ("menu_remove", tr("Take off the list"), bool(chosen), lambda: self.removal_asked.emit(chosen)),
            ("menu_undo", _step(tr("Undo"), self._undo), bool(self._undo), self.undo_asked.emit),
            ("menu_redo", _step(tr("Redo"), self._redo), bool(self._redo), self.redo_asked.emit),
            ("menu_building", tr("Open another building …"), True, self.building_asked.emit),
        )
        for name, words, possible, wish in wishes:
            action = menu.addAction(words.replace("&", "&&"))
            action.setObjectName(name)
            action.setEnabled(possible)
            action.triggered.connect(lambda _checked=False, wish=wish: wish())
        return menu

    def _in_list(self, at: QPoint) -> QPoint:
        return self.list.viewport().mapToGlobal(at)

    def _fit_columns(self) -> None:
        """State and serial number are as wide as any of them; the place gets the rest."""
        unit = em(self)
        digits = QFontMetrics(bytes_font(self.list.font())).horizontalAdvance("0" * SERIAL_DIGITS)
        self.list.setColumnWidth(0, round(unit * 1.9))
        self.list.setColumnWidth(1, digits + unit)

    def _say_count(self) -> None:
        count, verified = self._model.rowCount(), self._model.progress.get(Progress.VERIFIED, 0)
        text = tr("{verified} of {all} verified", verified=verified, all=count) if count else ""
        if text != self._count.text():
            self._count.setText(text)


def _step(words: str, step: str) -> str:
    return f"{words}: {step}" if step else words
