"""A row that goes on in the next line where long words or a small screen leave too little room."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class FlowLayout(QLayout):
    """Left to right, then down; every part keeps the size it asks for.

    Args:
        spacing: between parts and between lines, in pixels.
        right: so many of the last parts stand at the right edge where all fit on one line.
    """

    def __init__(self, spacing: int, *, right: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._right = right
        self.setSpacing(spacing)
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        """Qt's override."""
        self._items.append(item)

    def count(self) -> int:
        """Qt's override."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """Qt's override."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Qt's override."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """Qt's override: takes no more than it needs."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """Qt's override."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Qt's override."""
        return self._place(QRect(0, 0, width, 0), move=False)

    def sizeHint(self) -> QSize:
        """Qt's override: all on one line."""
        sizes = [item.sizeHint() for item in self._shown()]
        width = sum(size.width() for size in sizes) + self.spacing() * max(0, len(sizes) - 1)
        return QSize(width, max((size.height() for size in sizes), default=0))

    def minimumSize(self) -> QSize:
        """Qt's override: the widest part alone."""
        sizes = [item.sizeHint() for item in self._shown()]
        return QSize(
            max((size.width() for size in sizes), default=0),
            max((size.height() for size in sizes), default=0),
        )

    def setGeometry(self, rect: QRect) -> None:
        """Qt's override."""
        super().setGeometry(rect)
        self._place(rect, move=True)

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _place(self, rect: QRect, *, move: bool) -> int:
        items = self._shown()
        spare = rect.width() - self.sizeHint().width()
        first_right = len(items) - self._right
        x, y, line = rect.left(), rect.top(), list[tuple[QLayoutItem, int]]()
        for at, item in enumerate(items):
            width = item.sizeHint().width()
            if self._right and at == first_right and spare > 0:
                x += spare
            if x > rect.left() and x + width > rect.left() + rect.width():
                y += _finish(line, y, move=move) + self.spacing()
                x, line = rect.left(), []
            line.append((item, x))
            x += width + self.spacing()
        return y + _finish(line, y, move=move) - rect.top()


def _finish(line: list[tuple[QLayoutItem, int]], y: int, *, move: bool) -> int:
    """Puts the parts of a line on one middle line; returns its height."""
    height = max((item.sizeHint().height() for item, _ in line), default=0)
    if move:
        for item, x in line:
            size = item.sizeHint()
            item.setGeometry(QRect(QPoint(x, y + (height - size.height()) // 2), size))
    return height
