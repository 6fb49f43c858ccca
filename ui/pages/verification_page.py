"""The verification: the gateway's READ beside the laptop's values, equal or the difference named."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QSizePolicy, QTableView, QVBoxLayout, QWidget

from app.domain.checks import Check
from app.domain.portal_habit import PortalHabit
from app.domain.verification import Verification, VerificationState
from ui.delegates.verification import VerificationDelegate
from ui.i18n import tr, tr_message
from ui.models.verification import VerificationTableModel
from ui.theme import Theme
from ui.widgets.basics import button, em, label, set_state, title
from ui.words import Words


def _local(moment: str) -> object:
    """The gateway's words for a moment as local time; its own words where they are no moment."""
    try:
        return datetime.fromisoformat(moment).astimezone()
    except ValueError:
        return moment


_SUMMARIES = {
    VerificationState.VERIFIED: ("Verified: the portal shows what the meter says", "ok"),
    VerificationState.OPEN: ("Every value is equal, but checks are open", "look"),
    VerificationState.LOOK: ("The portal does not show what the meter says", "look"),
    VerificationState.UPLOADED: ("Not proved yet: read the meter again and verify at once", ""),
}


class VerificationPage(QWidget):
    """Says first what follows, then shows every register; a wrong factor is put right here."""

    correction_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("verification_page")
        self._words = Words()
        self._verification: Verification | None = None
        self._open_points: Sequence[Check] = ()
        self._habit: PortalHabit | None = None
        self.model = VerificationTableModel(self)
        self._delegate = VerificationDelegate(theme, self)
        self.summary = title("verification_summary")
        self.summary.setWordWrap(True)
        self.note = label("verification_note", quiet=True, wrap=True)
        self.correct = button("correct_factors", primary=True)
        self.correct.clicked.connect(self.correction_asked)
        self.table = QTableView()
        self._prepare()
        column = QVBoxLayout(self)
        gap = em(self)
        column.setContentsMargins(gap, gap, gap, 0)
        column.addWidget(self.summary)
        column.addWidget(self.note)
        column.addWidget(self.correct, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.table, 1)
        # Where there is no table, title and text stay together at the top.
        column.addStretch(0)
        for text in (self.summary, self.note):
            text.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.clear()

    def show_verification(
        self,
        verification: Verification,
        open_points: Sequence[Check] = (),
        habit: PortalHabit | None = None,
    ) -> None:
        """Shows an outcome, which checks it leaves open, and what is proved about the portal."""
        self._verification, self._open_points, self._habit = verification, open_points, habit
        self.model.set_rows(verification.registers)
        self._say()
        for at in range(self.model.columnCount() - 1):
            header = self.table.horizontalHeader()
            self.table.setColumnWidth(at, max(self.table.sizeHintForColumn(at), header.sectionSizeHint(at)))
        self.table.resizeRowsToContents()

    def clear(self) -> None:
        """Shows that nothing was verified yet."""
        self._verification = None
        self.model.set_rows(())
        self._say()

    def apply_theme(self, theme: Theme) -> None:
        """Paints in the colours of now."""
        self._delegate.theme = theme
        self.table.viewport().update()

    def retranslate(self) -> None:
        """Says everything in the language of now."""
        self._words.refresh()
        self.model.retranslate()
        self._say()

    def _say(self) -> None:
        verification = self._verification
        self.table.setVisible(verification is not None)
        wrong = [each for each in verification.registers if each.right_factor] if verification else []
        self.correct.setVisible(bool(wrong))
        if verification is None:
            self.summary.setText(tr("Not verified yet"))
            self.note.setText(
                tr("Verify lets the gateway read the meter and puts its values beside what the meter says.")
            )
            set_state(self.summary, "")
            return
        state = verification.state(len(self._open_points))
        words, colour = _SUMMARIES[state]
        self.summary.setText(tr(words))
        set_state(self.summary, colour)
        self.correct.setText(tr("Set the right factor, upload and verify again"))
        self.note.setText(self._note(verification))

    def _note(self, verification: Verification) -> str:
        if verification.problem is not None:
            return tr_message(verification.problem)
        read_at = tr("The gateway read the meter at {at}.", at=_local(verification.read_at))
        reasons = [tr_message(check.reason) for check in self._open_points] if verification.equal else []
        habit = [tr_message(self._habit.sentence)] if self._habit is not None else []
        return "\n".join((read_at, *habit, *reasons))

    def _prepare(self) -> None:
        table = self.table
        table.setObjectName("verification_table")
        self._words.say(table.setAccessibleName, "The gateway's values beside this computer's")
        table.setModel(self.model)
        table.setItemDelegate(self._delegate)
        table.setShowGrid(False)
        table.setWordWrap(True)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(self.model.column_of("reason"), QHeaderView.ResizeMode.Stretch)
