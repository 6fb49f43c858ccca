"""The records of a telegram as a table."""

from datetime import date, datetime, time
from decimal import Decimal

from PySide6.QtCore import QObject, Qt

from app.domain.selection import portal_value
from app.mbus.dif import DataField
from app.mbus.records import Number, Record
from ui.i18n import REAL32_DIGITS, decimal_text, moment_text, quantity_text, shortened, tr, tr_message
from ui.models.table import CellRole, Column, Index, TableModel
from ui.viewmodels.meter import MeterViewModel, RegisterRow
from ui.words import TONE_OF_ROLE, flag_words, is_identification, quantity_word, role_word

_FURTHER_PLACES = 3
"""What the portal gets is shown with so many places more than the meter sends; the tool tip has them all."""


def value_text(record: Record) -> str:
    """What the meter says, in the unit and at the resolution of its dial."""
    value = record.value
    if isinstance(value, Number):
        if is_identification(record):
            return str(value)
        if record.dib and record.dib[0] & 0x0F == DataField.REAL32.value:
            value = shortened(value, REAL32_DIGITS)
        return quantity_text(value, record.unit)
    if isinstance(value, datetime | date | time):
        return moment_text(value)
    if isinstance(value, bytes):
        return value.hex(" ").upper()
    if value is None:
        words = tr_message(record.words) if record.words is not None else ""
        return words or flag_words(record).partition(", ")[0] or tr("no value")
    return f"{value} {record.unit}" if record.unit else value


def portal_text(row: RegisterRow) -> str:
    """What the portal will show, in its unit; empty where the register is not ticked."""
    if row.tick is None:
        return ""
    value, offer = portal_value(row.register, row.tick), row.register.offer(row.tick.unit)
    if value is None or offer is None:
        return tr("no value")
    return f"{decimal_text(_for_the_eye(row, value))}\N{NO-BREAK SPACE}{offer.unit.symbol}"


def _for_the_eye(row: RegisterRow, value: Decimal) -> Decimal:
    """A product without end, cut some places behind the meter's own resolution."""
    exponent, number = value.as_tuple().exponent, row.register.record.value
    if not isinstance(exponent, int) or not isinstance(number, Number):
        return value
    most = max(0, -number.exponent) + _FURTHER_PLACES
    return round(value, most) if -exponent > most and value.adjusted() >= 0 else value


def place_text(record: Record) -> str:
    """Storage, tariff and subunit where they are not zero: ``1``, ``1 T2``, ``0 T1 U3``."""
    if not (record.storage or record.tariff or record.subunit):
        return ""
    tariff = f" T{record.tariff}" if record.tariff else ""
    subunit = f" U{record.subunit}" if record.subunit else ""
    return f"{record.storage}{tariff}{subunit}"


def _tick_more(row: RegisterRow, role: int) -> object:
    if role == Qt.ItemDataRole.CheckStateRole and row.register.offers:
        return Qt.CheckState.Checked if row.tick is not None else Qt.CheckState.Unchecked
    if role == Qt.ItemDataRole.AccessibleTextRole:
        return tr("ticked") if row.tick is not None else tr("not ticked")
    return None


def _role_more(row: RegisterRow, role: int) -> object:
    if role == CellRole.ICON:
        return TONE_OF_ROLE[row.register.role].value
    if role == CellRole.STRONG:
        return True
    return None


def _description_more(row: RegisterRow, role: int) -> object:
    if role == Qt.ItemDataRole.ToolTipRole:
        return row.register.record.gateway_text
    return None


def _value_more(row: RegisterRow, role: int) -> object:
    if role == CellRole.STRONG:
        return TONE_OF_ROLE[row.register.role].value == "index"
    if role == CellRole.STATE and row.register.record.value is None and row.register.record.text is None:
        return "look"
    if role == Qt.ItemDataRole.ToolTipRole:
        return flag_words(row.register.record) or None
    return None


def _portal_more(row: RegisterRow, role: int) -> object:
    if row.warning is None:
        value = portal_value(row.register, row.tick) if row.tick is not None else None
        return str(value) if role == Qt.ItemDataRole.ToolTipRole and value is not None else None
    if role == CellRole.STATE:
        return "look"
    if role == CellRole.ICON:
        return "warning"
    if role == Qt.ItemDataRole.ToolTipRole:
        return tr_message(row.warning)
    return None


_COLUMNS: tuple[Column[RegisterRow], ...] = (
    Column("tick", lambda: "", lambda _row: "", more=_tick_more),
    Column("role", lambda: tr("Role"), lambda row: role_word(row.register.role), more=_role_more),
    Column(
        "description",
        lambda: tr("Register"),
        lambda row: quantity_word(row.register.record),
        more=_description_more,
    ),
    Column(
        "value",
        lambda: tr("Value"),
        lambda row: value_text(row.register.record),
        right=True,
        more=_value_more,
    ),
    Column("portal", lambda: tr("Portal gets"), portal_text, right=True, more=_portal_more),
    Column("function", lambda: tr("Function"), lambda row: row.register.record.function.value, mono=True),
    Column("storage", lambda: tr("Storage"), lambda row: place_text(row.register.record), mono=True),
    Column("dib", lambda: "DIB", lambda row: row.register.record.dib_hex, mono=True),
    Column("vib", lambda: "VIB", lambda row: row.register.record.vib_hex, mono=True),
)


class RecordsTableModel(TableModel[RegisterRow]):
    """Follows the meter on screen; a click or Space on a row ticks it."""

    def __init__(self, meter: MeterViewModel, parent: QObject | None = None) -> None:
        super().__init__(_COLUMNS, parent)
        self._meter = meter
        meter.rows_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Takes the meter's rows."""
        self.set_rows(self._meter.rows)

    def row_data(self, row: RegisterRow, role: int) -> object:
        """The tone of the row; why it cannot be ticked."""
        if role == CellRole.TONE:
            return TONE_OF_ROLE[row.register.role]
        if role == Qt.ItemDataRole.ToolTipRole and row.refusal is not None:
            return tr_message(row.refusal)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Qt's override: a row that can be ticked says so."""
        flags = super().flags(index)
        if index.isValid() and self.rows[index.row()].register.offers:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Qt's override: a tick changes the meter, and the meter the table."""
        if role != Qt.ItemDataRole.CheckStateRole or not index.isValid():
            return False
        row = self.rows[index.row()]
        if (value == Qt.CheckState.Checked.value) is not (row.tick is not None):
            self._meter.toggle(row.register.record.index)
        return True
