"""Paints a record's row: tint, stripe, icon and word together, never colour alone."""

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ui.colours import mix
from ui.fonts import bytes_font, strong
from ui.icons import paint_icon
from ui.models.table import CellRole
from ui.theme import Theme, Tone

Index = QModelIndex | QPersistentModelIndex


class RecordsDelegate(QStyledItemDelegate):
    """Turns the named roles of a cell into paint; asks the theme of the moment for every colour."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._base: QFont | None = None
        self._height = 0
        self._faces: dict[tuple[bool, bool], tuple[QFont, QFontMetrics]] = {}

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Qt's override: as wide as text, icon and margins; rows keep a finger's height."""
        _font, metrics = self._face(option, index)
        em = self._em(option)
        text = str(index.data() or "")
        width = metrics.horizontalAdvance(text) + round(em * 0.85)
        if index.data(CellRole.ICON):
            width += round(em * 1.3)
        if index.column() == 0:
            width = round(em * 2.2)
        return QSize(width, round(em * 1.85))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Qt's override."""
        rect = QRectF(option.rect)
        em = self._em(option)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        tone = index.data(CellRole.TONE) or Tone.PLAIN
        colours = self.theme.tones[tone]
        painter.save()
        # Without smoothing: at 125 or 150 % it would leave a seam between two cells.
        painter.fillRect(option.rect, self._background(tone, selected=selected))
        painter.fillRect(
            QRectF(rect.left(), rect.bottom() - 1, rect.width(), 1), mix(colours.tint, self.theme.text, 0.08)
        )
        if index.column() == 0:
            width = em * (0.36 if tone is Tone.INDEX else 0.22 if tone is Tone.AUXILIARY else 0.12)
            painter.fillRect(QRectF(rect.left(), rect.top(), width, rect.height()), colours.stripe)
            self._paint_tick(painter, rect, em, index)
        else:
            self._paint_words(painter, option, rect, em, index)
        if selected:
            height = max(2, round(em / 8))
            painter.fillRect(
                QRect(option.rect.left(), option.rect.top(), option.rect.width(), height), self.theme.accent
            )
            bottom = option.rect.bottom() + 1 - height
            painter.fillRect(
                QRect(option.rect.left(), bottom, option.rect.width(), height), self.theme.accent
            )
        painter.restore()

    def editorEvent(self, event: QEvent, model: object, option: QStyleOptionViewItem, index: Index) -> bool:
        """Qt's override: a click anywhere in the tick's cell ticks, big enough for a glove."""
        del model, option
        clicked = (
            isinstance(event, QMouseEvent)
            and event.type() == QEvent.Type.MouseButtonRelease
            and event.button() == Qt.MouseButton.LeftButton
        )
        pressed = (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() == Qt.Key.Key_Space
        )
        if index.column() == 0 and (clicked or pressed):
            return toggle(index)
        return False

    def _background(self, tone: Tone, *, selected: bool) -> QColor:
        # A coloured row keeps its colour when selected: the lines above and below say it.
        return self.theme.accent_tint if selected and tone is Tone.PLAIN else self.theme.tones[tone].tint

    def _em(self, option: QStyleOptionViewItem) -> int:
        if self._base is None or option.font != self._base:
            # Fonts and their measures are asked for by every cell: made once for a font.
            self._base, self._height = QFont(option.font), QFontMetrics(option.font).height()
            self._faces.clear()
        return self._height

    def _face(self, option: QStyleOptionViewItem, index: Index) -> tuple[QFont, QFontMetrics]:
        self._em(option)
        key = bool(index.data(CellRole.BYTES)), bool(index.data(CellRole.STRONG))
        if key not in self._faces:
            font = bytes_font(option.font) if key[0] else QFont(option.font)
            font = strong(font) if key[1] else font
            self._faces[key] = font, QFontMetrics(font)
        return self._faces[key]

    def _colour(self, index: Index, tone: Tone) -> QColor:
        if index.data(CellRole.STATE) == "look":
            return self.theme.look
        if index.data(CellRole.ICON) or (index.data(CellRole.STRONG) and tone is not Tone.INDEX):
            return self.theme.tones[tone].text
        return self.theme.text

    def _paint_tick(self, painter: QPainter, rect: QRectF, em: int, index: Index) -> None:
        state = index.data(Qt.ItemDataRole.CheckStateRole)
        if state is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = em * 0.95
        box = QRectF(0, 0, side, side)
        box.moveCenter(rect.center())
        box.translate(em * 0.12, 0)
        checked = Qt.CheckState(state) is Qt.CheckState.Checked
        painter.setPen(QPen(self.theme.accent if checked else self.theme.muted, max(1.0, em / 14)))
        painter.setBrush(self.theme.accent if checked else self.theme.card)
        painter.drawRoundedRect(box, side * 0.2, side * 0.2)
        if checked:
            paint_icon(painter, "check", self.theme.on_accent, box.adjusted(1, 1, -1, -1))

    def _paint_words(
        self, painter: QPainter, option: QStyleOptionViewItem, rect: QRectF, em: int, index: Index
    ) -> None:
        tone = index.data(CellRole.TONE) or Tone.PLAIN
        colour = self._colour(index, tone)
        inner = rect.adjusted(em * 0.4, 0, -em * 0.4, 0)
        drawing = index.data(CellRole.ICON)
        alignment = Qt.AlignmentFlag(index.data(Qt.ItemDataRole.TextAlignmentRole))
        if drawing and str(index.data() or "") + ("" if tone is Tone.PLAIN else drawing):
            side = em * 0.85
            at_right = bool(alignment & Qt.AlignmentFlag.AlignRight)
            left = inner.right() - side if at_right else inner.left()
            box = QRectF(left, rect.center().y() - side / 2, side, side)
            if drawing != Tone.PLAIN.value:
                paint_icon(painter, drawing, colour, box)
            inner = inner.adjusted(0, 0, -em * 1.2, 0) if at_right else inner.adjusted(em * 1.2, 0, 0, 0)
        font, metrics = self._face(option, index)
        painter.setFont(font)
        painter.setPen(colour)
        text = metrics.elidedText(
            str(index.data() or ""), Qt.TextElideMode.ElideRight, round(inner.width()) + 1
        )
        painter.drawText(inner, int(alignment), text)


def toggle(index: Index) -> bool:
    """Ticks a row or takes its tick away; says whether it could."""
    state = index.data(Qt.ItemDataRole.CheckStateRole)
    if state is None:
        return False
    checked = Qt.CheckState(state) is Qt.CheckState.Checked
    wanted = Qt.CheckState.Unchecked if checked else Qt.CheckState.Checked
    model = index.model()
    return bool(model.setData(index, wanted.value, Qt.ItemDataRole.CheckStateRole))
