"""The program's SVG icons, painted in the colour of the moment at any size and screen scale."""

from functools import lru_cache

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from app.resources import resource_path

_INK = b"#000"


class _SvgIconEngine(QIconEngine):
    def __init__(self, renderer: QSvgRenderer) -> None:
        super().__init__()
        self._renderer = renderer

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, _state: QIcon.State) -> None:
        painter.save()
        if mode is QIcon.Mode.Disabled:
            painter.setOpacity(painter.opacity() * 0.4)
        self._renderer.render(painter, QRectF(rect))
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        return _SvgIconEngine(self._renderer)


@lru_cache(maxsize=256)
def _renderer(name: str, colour: str) -> QSvgRenderer:
    drawing = resource_path("icons", f"{name}.svg").read_bytes()
    return QSvgRenderer(QByteArray(drawing.replace(_INK, colour.encode())))


def icon(name: str, colour: QColor) -> QIcon:
    """The icon ``resources/icons/<name>.svg`` drawn in one colour."""
    return QIcon(_SvgIconEngine(_renderer(name, colour.name())))


def paint_icon(painter: QPainter, name: str, colour: QColor, rect: QRectF) -> None:
    """Draws an icon straight into a cell."""
    _renderer(name, colour.name()).render(painter, rect)


def app_icon() -> QIcon:
    """The program's own icon, in its own colours."""
    return QIcon(str(resource_path("icons", "app.svg")))
