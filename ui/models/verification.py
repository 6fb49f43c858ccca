"""The gateway's READ beside the laptop's values as a table."""

from decimal import Decimal

from PySide6.QtCore import QObject, Qt

from app.domain.verification import RegisterComparison, Verdict, trimmed
from ui.i18n import decimal_text, tr, tr_message
from ui.models.table import CellRole, Column, TableModel

_WORDS = {
    Verdict.EQUAL: ("equal", "ok", "ok"),
    Verdict.FACTOR: ("wrong factor", "look", "look"),
    Verdict.DIFFERS: ("other value", "look", "look"),
    Verdict.MISSING: ("not in READ", "look", "look"),
    Verdict.NOT_COMPARABLE_YET: ("not proved yet", "", "unavailable"),
}
"""The verdict in words, the state of its row, and its icon."""


def verdict_word(verdict: Verdict) -> str:
    """The verdict in words."""
    return tr(_WORDS[verdict][0])


def _value(value: Decimal | None, symbol: str) -> str:
    """A value with its unit, without the zeros that only computing brought."""
    if value is None:
        return "–"
    return f"{decimal_text(trimmed(value))}\N{NO-BREAK SPACE}{symbol}".rstrip()


def _verdict_more(row: RegisterComparison, role: int) -> object:
    if role == CellRole.ICON:
        return _WORDS[row.verdict][2]
    if role == CellRole.STRONG:
        return True
    return None


def _reason(row: RegisterComparison) -> str:
    return tr_message(row.reason) if row.reason is not None else ""


_COLUMNS: tuple[Column[RegisterComparison], ...] = (
    Column("verdict", lambda: tr("Verdict"), lambda row: verdict_word(row.verdict), more=_verdict_more),
    Column("unit", lambda: tr("Register"), lambda row: row.entry.unit, mono=True),
    Column("meter", lambda: tr("The meter says"), lambda row: _value(row.meter, row.symbol), right=True),
    Column("portal", lambda: tr("The portal shows"), lambda row: _value(row.portal, row.symbol), right=True),
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
