"""The telegram as the gateway prints it, line by line, coloured as the records; copyable."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QTextCursor, QTextFormat
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from ui.colours import mix
from ui.fonts import bytes_font
from ui.theme import Theme, Tone


class GatewayTextView(QPlainTextEdit):
    """One line for the serial number, one for each record; a click selects the record."""

    record_clicked = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("gateway_text")
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setFont(bytes_font(self.font(), 0.9))
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        # Read-only text takes no focus by itself; the keyboard must get there to copy.
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.theme = theme
        self._lines: list[tuple[str, Tone, int | None]] = []
        self._lit: int | None = None

    def set_lines(self, lines: list[tuple[str, Tone, int | None]]) -> None:
        """Shows other lines: text, tone, and the index of its record."""
        if [line[0] for line in lines] != [line[0] for line in self._lines]:
            self.setPlainText("\n".join(text for text, _tone, _record in lines))
        self._lines = lines
        self._colour()

    def light(self, record_index: int | None) -> None:
        """Lights the line of a record."""
        self._lit = record_index
        self._colour()

    def apply_theme(self, theme: Theme) -> None:
        """Colours in the theme of now."""
        self.theme = theme
        self._colour()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Qt's override: a click, not a selection of text, selects the record."""
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and not self.textCursor().hasSelection():
            line = self.cursorForPosition(event.position().toPoint()).blockNumber()
            if line < len(self._lines) and self._lines[line][2] is not None:
                self.record_clicked.emit(self._lines[line][2])

    def _colour(self) -> None:
        self.setExtraSelections(
            [
                self._selection(line, tone, lit=record is not None and record == self._lit)
                for line, (_text, tone, record) in enumerate(self._lines)
                if tone is not Tone.PLAIN or record == self._lit
            ]
        )

    def _selection(self, line: int, tone: Tone, *, lit: bool) -> QTextEdit.ExtraSelection:
        tint: QColor = self.theme.tones[tone].tint
        selection = QTextEdit.ExtraSelection()
        selection.format.setBackground(mix(tint, self.theme.accent, 0.22) if lit else tint)
        selection.format.setProperty(
            QTextFormat.Property.FullWidthSelection,
            True,  # noqa: FBT003 - Qt's own signature
        )
        selection.cursor = QTextCursor(self.document().findBlockByNumber(line))
        return selection
