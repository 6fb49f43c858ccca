"""The gateway's READ beside the laptop's values as a table."""

from decimal import Decimal

from PySide6.QtCore import QObject, Qt

from app.services.verification import RegisterComparison, Verdict
from ui.i18n import decimal_text, tr, tr_message
from ui.models.table import CellRole, Column, TableModel

_WORDS = {
    Verdict.EQUAL: ("equal", "ok"),
    Verdict.GROWN: ("counted on", "ok"),
    Verdict.MOVED: ("moved", "ok"),
    Verdict.DIFFERENT: ("different", "look"),
    Verdict.NOT_ON_PORTAL: ("not in READ", "look"),
    Verdict.NOT_ON_METER: ("not on the meter", "look"),
}


def verdict_word(verdict: Verdict) -> str:
    """The verdict in words."""
    return tr(_WORDS[verdict][0])


def _value(value: Decimal | None) -> str:
    return "–" if value is None else decimal_text(value)


def _verdict_more(row: RegisterComparison, role: int) -> object:
    if role == CellRole.ICON:
        return _WORDS[row.verdict][1]
    if role == CellRole.STRONG:
        return True
    return None


def _reason(row: RegisterComparison) -> str:
    return tr_message(row.reason) if row.reason is not None else ""


_COLUMNS: tuple[Column[RegisterComparison], ...] = (
    Column("verdict", lambda: tr("Verdict"), lambda row: verdict_word(row.verdict), more=_verdict_more),
    Column("unit", lambda: tr("Register"), lambda row: row.entry.unit, mono=True),
    Column("laptop", lambda: tr("This computer"), lambda row: _value(row.laptop), right=True),
    Column("portal", lambda: tr("Gateway's READ"), lambda row: _value(row.portal), right=True),
    Column("reason", lambda: tr("Reason"), _reason),
)


class VerificationTableModel(TableModel[RegisterComparison]):
    """One row a register of the list, in its order."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(_COLUMNS, parent)

    def row_data(self, row: RegisterComparison, role: int) -> object:
        """The state of the row, and its reason for the mouse."""
        if role == CellRole.STATE:
            return _WORDS[row.verdict][1]
        if role == Qt.ItemDataRole.ToolTipRole:
            return _reason(row) or None
        return None
