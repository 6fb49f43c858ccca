"""The verification: the gateway's READ beside the laptop's values, equal or the difference named."""

from datetime import datetime

from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QSizePolicy, QTableView, QVBoxLayout, QWidget

from app.services.verification import Verification
from ui.delegates.verification import VerificationDelegate
from ui.i18n import tr, tr_message
from ui.models.verification import VerificationTableModel
from ui.theme import Theme
from ui.widgets.basics import em, label, set_state, title
from ui.words import Words


def _local(moment: str) -> object:
    """The gateway's words for a moment as local time; its own words where they are no moment."""
    try:
        return datetime.fromisoformat(moment).astimezone()
    except ValueError:
        return moment


class VerificationPage(QWidget):
    """Says first what follows, then shows every register."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("verification_page")
        self._words = Words()
        self._verification: Verification | None = None
        self.model = VerificationTableModel(self)
        self._delegate = VerificationDelegate(theme, self)
        self.summary = title("verification_summary")
        self.summary.setWordWrap(True)
        self.note = label("verification_note", quiet=True, wrap=True)
        self.table = QTableView()
        self._prepare()
        column = QVBoxLayout(self)
        gap = em(self)
        column.setContentsMargins(gap, gap, gap, 0)
        column.addWidget(self.summary)
        column.addWidget(self.note)
        column.addWidget(self.table, 1)
        # Where there is no table, title and text stay together at the top.
        column.addStretch(0)
        for text in (self.summary, self.note):
            text.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.clear()

    def show_verification(self, verification: Verification) -> None:
        """Shows an outcome."""
        self._verification = verification
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
        if verification is None:
            self.summary.setText(tr("Not verified yet"))
            self.note.setText(
                tr("Verify lets the gateway read the meter and puts its values beside this computer's.")
            )
            set_state(self.summary, "")
            return
        count = len(verification.registers)
        if verification.equal and count == 1:
            text = tr("The value is equal")
        elif verification.equal:
            text = tr("All {count} values are equal", count=count)
        elif verification.ok:
            text = tr("All {count} values fit; some moved on between the two readings", count=count)
        else:
            text = tr("Some values differ: see the reasons")
        self.summary.setText(text)
        set_state(self.summary, "ok" if verification.ok else "look")
        problem = tr_message(verification.problem) if verification.problem is not None else ""
        self.note.setText(
            problem or tr("The gateway read the meter at {at}.", at=_local(verification.read_at))
        )

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
