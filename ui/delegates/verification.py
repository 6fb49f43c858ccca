"""Paints a row of the verification: an icon and a word in the colour of its state, numbers in columns."""

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ui.colours import mix
from ui.fonts import bytes_font, strong
from ui.icons import paint_icon
from ui.models.table import CellRole
from ui.theme import Theme

Index = QModelIndex | QPersistentModelIndex


class VerificationDelegate(QStyledItemDelegate):
    """Rows grow with the reason that stands in them."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Qt's override: the reason wraps within its column."""
        em = QFontMetrics(option.font).height()
        metrics = QFontMetrics(self._font(option, index))
        text = str(index.data() or "")
        if index.column() == index.model().columnCount() - 1 and option.rect.width() > 0:
            room = QRectF(0, 0, max(em, option.rect.width() - em), 10_000).toRect()
            height = metrics.boundingRect(room, int(Qt.TextFlag.TextWordWrap), text).height()
            return QSize(em * 8, max(round(em * 1.9), height + em // 2))
        icon_room = round(em * 1.3) if index.data(CellRole.ICON) else 0
        return QSize(metrics.horizontalAdvance(text) + em + icon_room, round(em * 1.9))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Qt's override."""
        rect, em = QRectF(option.rect), QFontMetrics(option.font).height()
        theme = self.theme
        look = index.data(CellRole.STATE) == "look"
        painter.save()
        if look or option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, theme.look_tint if look else theme.accent_tint)
        painter.fillRect(
            QRectF(rect.left(), rect.bottom() - 1, rect.width(), 1), mix(theme.card, theme.text, 0.1)
        )
        inner = rect.adjusted(em * 0.5, 0, -em * 0.5, 0)
        colour = theme.text
        drawing = index.data(CellRole.ICON)
        if drawing:
            colour = theme.look if look else theme.ok
            side = em * 0.95
            paint_icon(
                painter, drawing, colour, QRectF(inner.left(), inner.center().y() - side / 2, side, side)
            )
            inner.adjust(em * 1.3, 0, 0, 0)
        painter.setFont(self._font(option, index))
        painter.setPen(colour)
        alignment = Qt.AlignmentFlag(index.data(Qt.ItemDataRole.TextAlignmentRole))
        painter.drawText(inner, int(alignment | Qt.TextFlag.TextWordWrap), str(index.data() or ""))
        painter.restore()

    def _font(self, option: QStyleOptionViewItem, index: Index) -> QFont:
        font = bytes_font(option.font) if index.data(CellRole.BYTES) else QFont(option.font)
        return strong(font) if index.data(CellRole.STRONG) else font
