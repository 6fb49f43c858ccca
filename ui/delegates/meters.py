"""Paints a line of the meter list: state icon, serial number, place."""

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.domain.progress import Progress
from ui.fonts import bytes_font
from ui.icons import paint_icon
from ui.models.table import CellRole
from ui.theme import Theme

Index = QModelIndex | QPersistentModelIndex

_COLOURS: Final[Mapping[Progress, str]] = {
    Progress.ON_LIST: "muted",
    Progress.NO_READING: "look",
    Progress.LOCKED: "look",
    Progress.READ: "accent",
    Progress.DECIDED: "accent",
    Progress.WAITING: "look",
    Progress.BY_HAND: "look",
    Progress.CHANGED_THERE: "look",
    Progress.FAILED: "bad",
    Progress.ON_PORTAL: "ok",
    Progress.LOOK: "look",
    Progress.VERIFIED_OPEN: "look",
    Progress.VERIFIED: "ok",
    Progress.CHANGED_SINCE: "look",
}
"""Names of the theme's colours."""


class MetersDelegate(QStyledItemDelegate):
    """Colour and shape say how far a meter is."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Qt's override: a finger's height."""
        metrics = QFontMetrics(self._font(option, index))
        em = QFontMetrics(option.font).height()
        width = metrics.horizontalAdvance(str(index.data() or "")) + round(em * 0.7)
        return QSize(round(em * 1.9) if index.column() == 0 else width, round(em * 1.8))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Qt's override."""
        rect, em = QRectF(option.rect), QFontMetrics(option.font).height()
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, self.theme.accent_tint)
        if index.column() == 0:
            side = em * 0.95
            box = QRectF(0, 0, side, side)
            box.moveCenter(rect.center())
            paint_icon(painter, str(index.data(CellRole.ICON)), self._colour(index), box)
        else:
            font = self._font(option, index)
            inner = rect.adjusted(em * 0.25, 0, -em * 0.25, 0)
            painter.setFont(font)
            painter.setPen(self.theme.text if index.column() == 1 else self.theme.muted)
            text = QFontMetrics(font).elidedText(
                str(index.data() or ""), Qt.TextElideMode.ElideMiddle, round(inner.width()) + 1
            )
            painter.drawText(inner, int(Qt.AlignmentFlag.AlignVCenter), text)
        painter.restore()

    def _font(self, option: QStyleOptionViewItem, index: Index) -> QFont:
        return bytes_font(option.font) if index.data(CellRole.BYTES) else QFont(option.font)

    def _colour(self, index: Index) -> QColor:
        return QColor(getattr(self.theme, _COLOURS[index.data(CellRole.STATE)]))
