"""The main window: top bar, three panels, status line; it arranges and passes wishes on, nothing else."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QMainWindow,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from app.services.adapter import Adapter
from app.services.jobs.read import ReadJob
from ui.i18n import again
from ui.icons import app_icon
from ui.models.meters import MetersTableModel
from ui.pages.entry_page import EntryPage
from ui.pages.meters_page import MetersPage
from ui.pages.telegram_page import TelegramPage
from ui.pages.top_bar import TopBar
from ui.paste import find_telegram
from ui.theme import Theme, ThemeKeeper
from ui.viewmodels.meter import MeterViewModel
from ui.viewmodels.portal import PortalViewModel
from ui.widgets.banner import Banner
from ui.widgets.basics import em, label
from ui.widgets.practice_strip import PracticeStrip
from ui.widgets.unsaved_strip import UnsavedStrip

_RECORDS_EM = 38
"""The width that the records need, in heights of the font."""
_SIDES = ((2, 17.0), (0, 12.5))
"""Which panels give way to them, and down to which width."""


class MainWindow(QMainWindow):
    """Built once from its view models; ``middle.add_page`` and ``left.add_action`` take further parts."""

    close_asked = Signal()
    text_pasted = Signal(str)
    stop_asked = Signal()

    def __init__(
        self,
        *,
        adapter: Adapter,
        reading: ReadJob,
        meter: MeterViewModel,
        portal: PortalViewModel,
        meters: MetersTableModel,
        themes: ThemeKeeper,
    ) -> None:
        super().__init__()
        self.setObjectName("main_window")
        self.setWindowTitle("M-Bus Commissioner")
        self.setWindowIcon(app_icon())
        theme = themes.theme
        self._reading, self._meter = reading, meter
        self._may_close = False
        self.top = TopBar(adapter, portal, theme)
        self.practice_strip = PracticeStrip(theme)
        self.unsaved_strip = UnsavedStrip(theme)
        self.banner = Banner("banner", theme)
        self.left = MetersPage(reading, meters, theme)
        self.middle = TelegramPage(meter, theme)
        self.right = EntryPage(meter, portal, theme)
        self.panels = QSplitter(Qt.Orientation.Horizontal)
        self.panels.setObjectName("panels")
        self.happened = label("status_happened", quiet=True)
        self.next_step = label("status_next", quiet=True)
        self._said: tuple[str, str] = ("", "")
        self._parts = (self.top, self.practice_strip, self.unsaved_strip, self.left, self.middle, self.right)
        self._lay_out()
        self._make_shortcuts()
        themes.theme_changed.connect(self.apply_theme)
        self.left.serial_field.setFocus()

    @property
    def splitters(self) -> list[QSplitter]:
        """All whose state is restored."""
        return [self.panels]

    def fitting(self, wanted: QSize) -> QSize:
        """A size no larger than what the screen has room for, the window's own frame included."""
        frame = self.frameGeometry().size() - self.geometry().size()
        return wanted.boundedTo(self.screen().availableGeometry().size() - frame)

    def fit_screen(self) -> None:
        """Back onto the screen, where another one, or another scale, would put the window beyond its edge."""
        room = self.screen().availableGeometry()
        self.resize(self.fitting(self.size()))
        frame = self.frameGeometry()
        self.move(
            max(room.left(), min(frame.left(), room.right() + 1 - frame.width())),
            max(room.top(), min(frame.top(), room.bottom() + 1 - frame.height())),
        )

    def say(self, happened: str, next_step: str | None = None) -> None:
        """The status line: what happened, and what to do next (kept when None)."""
        self._said = (happened, self._said[1] if next_step is None else next_step)
        self._say_again()

    def show_next(self, next_step: str) -> None:
        """What is next by now; what was said of it before is over."""
        self._said = (self._said[0], next_step)
        self._say_again()

    def _say_again(self) -> None:
        happened, next_step = (again(text) for text in self._said)
        self.happened.setText(happened)
        self.happened.setToolTip(happened)
        self.next_step.setText(next_step)

    def await_serial(self) -> None:
        """Ready for the next scan, which takes the place of the number that stands there."""
        self.left.serial_field.setFocus()
        self.left.serial_field.selectAll()

    def come_forward(self) -> None:
        """In front of all others; where the system does not allow that, it asks for a look."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()
        QApplication.alert(self)

    def show_title(self, serial: str) -> None:
        """The meter on screen stands in the task bar too."""
        self.setWindowTitle(f"{serial} – M-Bus Commissioner" if serial else "M-Bus Commissioner")

    def show_practice(self) -> None:
        """Says clearly, and for as long as it lasts, that this is practice."""
        self.practice_strip.show()
        self.middle.empty.set_practice_possible(possible=False)

    def apply_theme(self, theme: Theme) -> None:
        """Paints in the colours of now."""
        for part in (*self._parts, self.banner):
            part.apply_theme(theme)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's override: on a small screen the panels at the sides give way before the records do."""
        super().resizeEvent(event)
        unit, sizes = em(self), self.panels.sizes()
        if len(sizes) != len(_SIDES) + 1 or not sizes[1]:
            return
        for at, least in _SIDES:
            lack = unit * _RECORDS_EM - sizes[1]
            given = max(0, min(lack, sizes[at] - round(unit * least)))
            sizes[at], sizes[1] = sizes[at] - given, sizes[1] + given
        if sizes != self.panels.sizes():
            self.panels.setSizes(sizes)

    def changeEvent(self, event: QEvent) -> None:
        """Qt's override: another language is shown without a restart."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            for part in (*self._parts, self.banner):
                part.retranslate()
            self._say_again()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Qt's override: only asks; the application cleans up while the loop lives, then closes."""
        if self._may_close:
            event.accept()
        else:
            event.ignore()
            self.close_asked.emit()

    def close_for_good(self) -> None:
        """Closes without asking back."""
        self._may_close = True
        self.close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt's override: a field lets go of Ctrl+V when a telegram is pasted: it opens instead."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.matches(QKeySequence.StandardKey.Paste)
            and find_telegram(QGuiApplication.clipboard().text()) is not None
        ):
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def _lay_out(self) -> None:
        gap = em(self) // 2
        for panel, stretch in ((self.left, 0), (self.middle, 1), (self.right, 0)):
            self.panels.addWidget(panel)
            self.panels.setStretchFactor(self.panels.count() - 1, stretch)
        self.panels.setChildrenCollapsible(False)
        self.panels.setHandleWidth(max(4, gap))
        unit = em(self)
        self.panels.setSizes([round(unit * 16.5), round(unit * 47), round(unit * 25)])
        self.middle.setMinimumWidth(unit * 20)
        self.right.setMinimumWidth(unit * 16)
        status = QHBoxLayout()
        status.addWidget(self.happened, 1)
        status.addWidget(self.next_step)
        column = QVBoxLayout()
        column.setContentsMargins(gap, gap, gap, gap)
        column.setSpacing(gap)
        column.addWidget(self.top)
        column.addWidget(self.practice_strip)
        column.addWidget(self.unsaved_strip)
        column.addWidget(self.banner)
        column.addWidget(self.panels, 1)
        column.addLayout(status)
        central = QWidget()
        central.setLayout(column)
        self.setCentralWidget(central)
        self.resize(self.fitting(QSize(unit * 90, unit * 48)))

    def _make_shortcuts(self) -> None:
        wishes = (
            ("F5", self._read_or_again),
            ("F6", self._meter.tick_all_useful),
            ("Ctrl+Return", self.right.upload.click),
            ("Ctrl+Enter", self.right.upload.click),
            ("Esc", self._on_escape),
            ("F1", self.top.help_asked.emit),
            ("Ctrl+L", self.await_serial),
            ("Ctrl+Z", self.left.undo_asked.emit),
            ("Ctrl+Shift+Z", self.left.redo_asked.emit),
            ("Ctrl+Y", self.left.redo_asked.emit),
        )
        for keys, wish in wishes:
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.activated.connect(wish)
        # An editable list has the focus itself and only hands keys on to its field.
        for field in (*self.findChildren(QLineEdit), *self.findChildren(QComboBox)):
            field.installEventFilter(self)
        paste = QShortcut(QKeySequence(QKeySequence.StandardKey.Paste), self)
        paste.setContext(Qt.ShortcutContext.WindowShortcut)
        paste.activated.connect(self._on_paste)

    def _read_or_again(self) -> None:
        draft = self._meter.draft
        if draft is None or self.left.typing:
            if not self.left.read_typed():
                self._reading.read_again()
        else:
            self._reading.read(self._meter.number, typed=False)

    def _on_escape(self) -> None:
        if self._reading.busy:
            self._reading.stop()
        elif not self.banner.isHidden():
            self.banner.dismiss()
        self.stop_asked.emit()

    def _on_paste(self) -> None:
        # A field that can take the text has taken it: see eventFilter.
        self.text_pasted.emit(QGuiApplication.clipboard().text())
