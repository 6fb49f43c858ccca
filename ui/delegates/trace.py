"""Paints a row of the trace: direction by icon and word, what needs a look in its colour."""

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ui.fonts import bytes_font
from ui.icons import paint_icon
from ui.models.table import CellRole
from ui.theme import Theme
from ui.viewmodels.trace import TraceKind

Index = QModelIndex | QPersistentModelIndex


class TraceDelegate(QStyledItemDelegate):
    """Asks the theme of the moment for every colour."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._bytes_fonts: dict[str, QFont] = {}

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Qt's override."""
        em = QFontMetrics(option.font).height()
        width = QFontMetrics(self._font(option, index)).horizontalAdvance(str(index.data() or "")) + em
        return QSize(width + (em if index.data(CellRole.ICON) else 0), round(em * 1.5))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Qt's override."""
        rect, em = QRectF(option.rect), QFontMetrics(option.font).height()
        painter.save()
        kind = index.data(CellRole.STATE)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, self.theme.accent_tint)
        elif kind is TraceKind.SPOILT:
            painter.fillRect(rect, self.theme.look_tint)
        colour = self._colour(kind, index)
        inner = rect.adjusted(em * 0.35, 0, -em * 0.35, 0)
        drawing = index.data(CellRole.ICON)
        if drawing:
            side = em * 0.85
            paint_icon(
                painter, drawing, colour, QRectF(inner.left(), rect.center().y() - side / 2, side, side)
            )
            inner.adjust(em * 1.15, 0, 0, 0)
        font = self._font(option, index)
        painter.setFont(font)
        painter.setPen(colour)
        text = QFontMetrics(font).elidedText(
            str(index.data() or ""), Qt.TextElideMode.ElideRight, round(inner.width()) + 1
        )
        alignment = Qt.AlignmentFlag(index.data(Qt.ItemDataRole.TextAlignmentRole))
        painter.drawText(inner, int(alignment), text)
        painter.restore()

    def _colour(self, kind: TraceKind, index: Index) -> QColor:
        theme = self.theme
        if kind is TraceKind.SPOILT:
            return theme.look
        if kind in (TraceKind.NOTE, TraceKind.ECHO) or index.data(CellRole.BYTES):
            return theme.muted
        if index.data(CellRole.ICON):
            return theme.accent if kind is TraceKind.SENT else theme.ok
        return theme.text

    def _font(self, option: QStyleOptionViewItem, index: Index) -> QFont:
        if not index.data(CellRole.BYTES):
            return option.font
        key = option.font.key()
        if key not in self._bytes_fonts:
            # Made once: a table of thousands of rows is scrolled while the line talks.
            self._bytes_fonts[key] = bytes_font(option.font)
        return self._bytes_fonts[key]
