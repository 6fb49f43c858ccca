"""A long work in a few lines: what is found so far, a bar, the time left, and one button to stop it."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent, QTextCursor
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QProgressBar, QVBoxLayout, QWidget

from app.services.jobs.job import Job, JobState, JobStatus
from ui.fonts import strong
from ui.i18n import tr, tr_message
from ui.theme import Theme
from ui.widgets.basics import IconButton, button, copy_text, em, label, set_state

_BAR_STEPS = 1000
_DETAIL_LINES = 5


class WorkStrip(QFrame):
    """Shows whichever of several works is under way, or ended last; hidden while there is none.

    Args:
        name: object name; parts are called ``<name>_title`` and so on.
        works: of which one runs at a time.
    """

    def __init__(self, name: str, works: Sequence[Job], theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setProperty("banner", "info")
        self._works = tuple(works)
        self._work: Job | None = None
        self._title = label(f"{name}_title", wrap=True)
        self._title.setFont(strong(self._title.font()))
        self._lines = label(f"{name}_lines", wrap=True)
        self._bar = QProgressBar()
        self._bar.setObjectName(f"{name}_bar")
        self._bar.setTextVisible(False)
        self._bar.setRange(0, _BAR_STEPS)
        self._bar.setFixedHeight(max(4, round(em(self) * 0.3)))
        self._details = QPlainTextEdit()
        self._details.setObjectName(f"{name}_details")
        self._details.setReadOnly(True)
        self._stop = button(f"{name}_stop")
        self._act = button(f"{name}_act")
        self._copy = button(f"{name}_copy", link=True)
        self._fold = button(f"{name}_fold", link=True)
        self._fold.clicked.connect(self._on_fold)
        self._close = IconButton(f"{name}_close", "close")
        self._stop.clicked.connect(self.stop)
        self._act.clicked.connect(self._on_act)
        self._copy.clicked.connect(lambda: copy_text(self.text))
        self._close.clicked.connect(self._on_close)
        self._lay_out()
        for work in self._works:
            work.changed.subscribe(self._on_changed)
        self.apply_theme(theme)
        self.hide()

    @property
    def text(self) -> str:
        """All that is said, for the clipboard and for tests."""
        parts = (self._title.text(), self._lines.text(), self._details.toPlainText())
        return "\n".join(part for part in parts if part)

    def stop(self) -> None:
        """Stops what is under way."""
        for work in self._works:
            work.stop()

    def apply_theme(self, theme: Theme) -> None:
        """Paints in the colours of now."""
        self._close.apply_theme(theme)
        radius = self._bar.height() // 2
        self._bar.setStyleSheet(
            f"QProgressBar {{ background: {theme.border.name()}; border: 0; border-radius: {radius}px; }}"
            f"QProgressBar::chunk {{ background: {theme.accent.name()}; border-radius: {radius}px; }}"
        )

    def retranslate(self) -> None:
        """Says everything in the language of now."""
        if self._work is not None:
            self._show(self._work)

    def _lay_out(self) -> None:
        gap = em(self) // 2
        heading = QHBoxLayout()
        heading.addWidget(self._title, 1)
        heading.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        row = QHBoxLayout()
        row.addWidget(self._fold)
        row.addWidget(self._copy)
        row.addStretch(1)
        row.addWidget(self._act)
        row.addWidget(self._stop)
        column = QVBoxLayout(self)
        column.setContentsMargins(gap, gap, gap, gap)
        column.setSpacing(gap // 2)
        column.addLayout(heading)
        column.addWidget(self._bar)
        column.addWidget(self._lines)
        column.addWidget(self._details)
        column.addLayout(row)

    def _on_changed(self, work: Job) -> None:
        if work.state is not JobState.IDLE:
            self._work = work
            self._show(work)
        elif work is self._work:
            self._work = None
            self.hide()

    def _show(self, work: Job) -> None:
        status = work.status
        if status is None:
            self.hide()
            return
        running = work.running
        self._say(status)
        self._stop.setVisible(running)
        self._act.setVisible(status.action is not None)
        self._close.setVisible(not running)
        self._copy.setVisible(bool(status.details))
        self._bar.setVisible(running and status.fraction is not None)
        self._bar.setValue(round((status.fraction or 0.0) * _BAR_STEPS))
        kind = "look" if status.look else "info"
        if self.property("banner") != kind:
            self.setProperty("banner", kind)
            self.style().unpolish(self)
            self.style().polish(self)
        self.show()

    def _say(self, status: JobStatus) -> None:
        self._title.setText(tr_message(status.title))
        set_state(self._title, "look" if status.look else "")
        lines = "\n".join(map(tr_message, status.lines))
        self._lines.setText(lines)
        self._lines.setVisible(bool(lines))
        details = "\n".join(map(tr_message, status.details))
        if self._details.toPlainText() != details:
            self._details.setPlainText(details)
            self._details.moveCursor(QTextCursor.MoveOperation.Start)
        self._fold.setVisible(status.folded and bool(details))
        self._details.setVisible(bool(details) and not status.folded)
        self._say_fold()
        self._fit_details()
        self._details.setAccessibleName(tr("Details"))
        self._bar.setAccessibleName(tr("Progress"))
        self._stop.setText(tr("Stop"))
        self._stop.setToolTip(tr("Stop (Esc)"))
        self._act.setText(tr_message(status.action) if status.action is not None else "")
        self._copy.setText(tr("Copy"))
        self._close.set_words(tr("Close this message"))
        self.setAccessibleName(f"{self._title.text()} {lines}")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's override: the details wrap anew."""
        super().resizeEvent(event)
        self._fit_details()

    def _fit_details(self) -> None:
        """As high as its lines, up to a point; from there on it scrolls."""
        metrics, unit = self._details.fontMetrics(), em(self)
        width = max(unit, self.width() - 4 * unit)
        lines = self._details.toPlainText().splitlines()
        count = sum(1 + round(1.2 * metrics.horizontalAdvance(line)) // width for line in lines)
        self._details.setFixedHeight(round((min(count, _DETAIL_LINES) + 1.2) * metrics.lineSpacing()))

    def _on_fold(self) -> None:
        self._details.setVisible(self._details.isHidden())
        self._say_fold()

    def _say_fold(self) -> None:
        self._fold.setText(tr("Show details") if self._details.isHidden() else tr("Hide details"))

    def _on_act(self) -> None:
        if self._work is not None:
            self._work.act()

    def _on_close(self) -> None:
        if self._work is not None:
            self._work.dismiss()
