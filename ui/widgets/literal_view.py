"""The portal's ``reg`` as a person can read it, a dict a line; copied, it is the literal to the letter."""

from PySide6.QtCore import QMimeData, QSize, Qt
from PySide6.QtGui import QResizeEvent, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy, QTextEdit, QWidget

from ui.fonts import bytes_font
from ui.theme import Theme
from ui.widgets.basics import em

_JOINT, _SHOWN_JOINT = "}, {", "},\n {"


class LiteralView(QPlainTextEdit):
    """Read-only; lights the dict of the selected record, asks for as much height as its text needs."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("reg_view")
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setFont(bytes_font(self.font(), 0.86))
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        # Read-only text takes no focus by itself; the keyboard must get there to copy.
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.theme = theme
        self._literal = ""
        self._lit: int | None = None
        self.document().documentLayout().documentSizeChanged.connect(self._fit)

    @property
    def literal(self) -> str:
        """The exact one-line text that the portal gets."""
        return self._literal

    @property
    def lit_line(self) -> int | None:
        """Which dict is lit, from 0."""
        return self._lit

    def set_literal(self, literal: str) -> None:
        """Shows another list."""
        if literal != self._literal:
            self._literal = literal
            self.setPlainText(literal.replace(_JOINT, _SHOWN_JOINT))
            self.light(None)

    def light(self, line: int | None) -> None:
        """Lights one dict, None for none."""
        self._lit = line
        block = self.document().findBlockByNumber(line if line is not None else -1)
        if not block.isValid():
            self.setExtraSelections([])
            return
        selection = QTextEdit.ExtraSelection()
        selection.format.setBackground(self.theme.accent_tint)
        selection.format.setForeground(self.theme.accent)
        cursor = QTextCursor(block)
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
        selection.cursor = cursor
        self.setExtraSelections([selection])

    def createMimeDataFromSelection(self) -> QMimeData:
        """Qt's override: copies as the portal wants it; with nothing selected, all of it."""
        chosen = self.textCursor().selectedText().replace("\N{PARAGRAPH SEPARATOR}", "\n")
        mime = QMimeData()
        mime.setText(chosen.replace(_SHOWN_JOINT, _JOINT) or self._literal)
        return mime

    def sizeHint(self) -> QSize:
        """Qt's override: the height of all its lines."""
        return QSize(em(self) * 16, self._wanted_height())

    def minimumSizeHint(self) -> QSize:
        """Qt's override: all lines; the page around it scrolls."""
        return QSize(em(self) * 8, self._wanted_height())

    def apply_theme(self, theme: Theme) -> None:
        """Lights in the colours of now."""
        self.theme = theme
        self.light(self._lit)

    def _wanted_height(self) -> int:
        # Asked block by block: the document's own size counts a block not yet seen as one line.
        layout, block, height = self.document().documentLayout(), self.document().firstBlock(), 0.0
        while block.isValid():
            height += layout.blockBoundingRect(block).height()
            block = block.next()
        return round(height) + round(em(self) * 1.3)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's override: another width wraps into another height."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def _fit(self) -> None:
        self.updateGeometry()
