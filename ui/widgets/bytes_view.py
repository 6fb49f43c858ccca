"""The bytes of the telegram, coloured as the records above them; a click on a byte selects its record."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from ui.colours import mix
from ui.fonts import bytes_font
from ui.i18n import tr
from ui.theme import Theme, Tone
from ui.widgets.basics import em

_ADDRESS_DIGITS = 3
_SHOWN_LINES = 7


class BytesView(QAbstractScrollArea):
    """Hex bytes in as many columns as fit; the selected span is lit.

    Spans are ``(first byte, length, tone)``; bytes outside of them are plain.
    """

    byte_clicked = Signal(object)
    """Offset of the byte within the telegram."""
    step_asked = Signal(object)
    """Left or right arrow: -1 or +1 record."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("bytes_view")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFont(bytes_font(self.font()))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.theme = theme
        self._raw = b""
        self._tones: list[Tone] = []
        self._spans: list[tuple[int, int, Tone]] = []
        self._all_spans: list[tuple[int, int, Tone]] = []
        self._lit: tuple[int, int] | None = None
        self._measure()

    def set_bytes(self, raw: bytes, spans: list[tuple[int, int, Tone]]) -> None:
        """Shows other bytes; the same ones stay as they are."""
        if raw == self._raw and spans == self._all_spans:
            return
        self._raw, self._all_spans = raw, spans
        self._spans = [span for span in spans if span[2] is not Tone.PLAIN]
        self._tones = [Tone.PLAIN] * len(raw)
        for start, length, tone in spans:
            for at in range(start, min(start + length, len(raw))):
                self._tones[at] = tone
        self._lit = None
        self._update_range()
        self.viewport().update()

    def light(self, span: tuple[int, int] | None) -> None:
        """Lights the bytes of a record and brings them into sight."""
        self._lit = span
        if span is not None:
            line = span[0] // self._columns
            bar, height = self.verticalScrollBar(), self._line_height
            if not bar.value() <= line * height <= bar.value() + self.viewport().height() - height:
                bar.setValue(round(line * height))
        self.viewport().update()

    @property
    def lit(self) -> tuple[int, int] | None:
        """First byte and length of what is lit."""
        return self._lit

    def tone_at(self, offset: int) -> Tone:
        """The tone a byte is painted in."""
        return self._tones[offset]

    def byte_rect(self, offset: int) -> QRectF:
        """Where a byte stands, in the viewport."""
        line, column = divmod(offset, self._columns)
        width, height = self._cell_width, self._line_height
        top = line * height - self.verticalScrollBar().value()
        return QRectF(self._left + column * width, top, width, height)

    def sizeHint(self) -> QSize:
        """Qt's override: all lines of a usual telegram."""
        return QSize(em(self) * 30, round(self._line_height * self._wanted_lines()) + em(self) // 2)

    def minimumSizeHint(self) -> QSize:
        """Qt's override: two lines at least."""
        return QSize(em(self) * 12, round(self._line_height * 2) + em(self) // 2)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt's override."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self.font())
        view = QRectF(self.viewport().rect())
        for start, length, tone in self._spans:
            self._paint_span(painter, start, length, self.theme.tones[tone].tint, tone)
        if self._lit is not None:
            self._paint_lit(painter, *self._lit)
        for offset, byte in enumerate(self._raw):
            rect = self.byte_rect(offset)
            if rect.intersects(view):
                if offset % self._columns == 0:
                    self._paint_address(painter, offset, rect)
                painter.setPen(self._ink(offset))
                painter.drawText(rect, int(Qt.AlignmentFlag.AlignCenter), f"{byte:02X}")
        if self.hasFocus():
            painter.setPen(QPen(self.theme.accent, max(2.0, em(self) / 9)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(view.adjusted(1, 1, -1, -1), 3, 3)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's override: other columns, other lines."""
        super().resizeEvent(event)
        self._measure()
        self._update_range()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt's override: a byte selects its record."""
        offset = self._offset_at(event.position())
        if offset is not None:
            self.byte_clicked.emit(offset)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Qt's override: the press was ours, so is its end."""
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's override: arrows go from record to record, Ctrl+C copies the lit bytes, or all."""
        if event.matches(QKeySequence.StandardKey.Copy):
            start, length = self._lit or (0, len(self._raw))
            QGuiApplication.clipboard().setText(self._raw[start : start + length].hex(" ").upper())
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.step_asked.emit(-1 if event.key() == Qt.Key.Key_Left else 1)
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Qt's override: another font has other cells."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._measure()

    def retranslate(self) -> None:
        """Says its name in the language of now."""
        self.setAccessibleName(tr("Bytes of the telegram"))

    def _ink(self, offset: int) -> QColor:
        tone = self._tones[offset]
        if self._lit is not None and self._lit[0] <= offset < sum(self._lit):
            return self.theme.text
        return self.theme.muted if tone is Tone.PLAIN else self.theme.text

    def _paint_address(self, painter: QPainter, offset: int, rect: QRectF) -> None:
        painter.setPen(mix(self.theme.muted, self.theme.card, 0.25))
        box = QRectF(em(self) * 0.4, rect.top(), self._left - em(self), rect.height())
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter), f"{offset:0{_ADDRESS_DIGITS}d}")

    def _paint_span(self, painter: QPainter, start: int, length: int, colour: QColor, tone: Tone) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        for rect in self._line_rects(start, length):
            painter.setBrush(colour)
            painter.drawRoundedRect(rect, 3, 3)
            painter.fillRect(
                QRectF(rect.left() + 2, rect.bottom() - 2, rect.width() - 4, 2),
                self.theme.tones[tone].stripe,
            )

    def _paint_lit(self, painter: QPainter, start: int, length: int) -> None:
        painter.setPen(QPen(self.theme.accent, max(1.5, em(self) / 11)))
        painter.setBrush(mix(self.theme.card, self.theme.accent, 0.24))
        for rect in self._line_rects(start, length):
            painter.drawRoundedRect(rect, 3, 3)

    def _line_rects(self, start: int, length: int) -> list[QRectF]:
        """One rectangle for each line that a span lies on."""
        columns, rects, at, end = self._columns, [], start, min(start + length, len(self._raw))
        while at < end:
            last = min(end, (at // columns + 1) * columns) - 1
            rects.append(self.byte_rect(at).united(self.byte_rect(last)).adjusted(1, 1, -1, -1))
            at = last + 1
        return rects

    def _offset_at(self, position: QPointF) -> int | None:
        column = int((position.x() - self._left) // self._cell_width)
        line = int((position.y() + self.verticalScrollBar().value()) // self._line_height)
        offset = line * self._columns + column
        return offset if 0 <= column < self._columns and 0 <= offset < len(self._raw) else None

    def _measure(self) -> None:
        """Sizes of a cell and how many fit; kept, because a paint asks for them for every byte."""
        metrics = QFontMetricsF(self.font())
        self._cell_width = metrics.horizontalAdvance("00") * 1.42
        self._line_height = metrics.height() * 1.32
        self._left = metrics.horizontalAdvance("0" * (_ADDRESS_DIGITS + 2))
        room = self.viewport().width() - self._left - em(self) * 0.4
        # Whole groups of four keep counting easy.
        self._columns = max(4, int(room // self._cell_width) // 4 * 4)

    def _wanted_lines(self) -> int:
        lines = -(-len(self._raw) // self._columns) if self._raw else 2
        return max(2, min(_SHOWN_LINES, lines))

    def _update_range(self) -> None:
        lines = -(-len(self._raw) // self._columns)
        height = self._line_height
        bar = self.verticalScrollBar()
        bar.setSingleStep(round(height))
        bar.setPageStep(self.viewport().height())
        bar.setRange(0, max(0, round(lines * height) - self.viewport().height()))
        self.updateGeometry()
