"""The telegram as the gateway prints it, with a button that copies all of it."""

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.i18n import tr
from ui.theme import Theme, Tone
from ui.viewmodels.meter import MeterViewModel
from ui.widgets.basics import button, em, label
from ui.widgets.gateway_text import GatewayTextView
from ui.words import TONE_OF_ROLE, Words


class GatewayTextPage(QWidget):
    """Follows the meter on screen."""

    def __init__(self, meter: MeterViewModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("gateway_page")
        self._meter = meter
        self._words = Words()
        self.view = GatewayTextView(theme)
        self._words.say(self.view.setAccessibleName, "The telegram as the gateway prints it")
        copy = button("copy_gateway_text")
        self._words.say(copy.setText, "Copy all")
        copy.clicked.connect(self.copy_all)
        hint = label(quiet=True)
        self._words.say(hint.setText, "As the gateway prints it; compare it line by line.")
        row = QHBoxLayout()
        row.setContentsMargins(em(self) // 2, em(self) // 3, em(self) // 2, em(self) // 3)
        row.addWidget(hint, 1)
        row.addWidget(copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.view, 1)
        meter.rows_changed.connect(self.refresh)
        meter.record_selected.connect(self.view.light)
        self.view.record_clicked.connect(meter.select)

    @property
    def text(self) -> str:
        """All lines."""
        return "\n".join(line for line, _tone, _record in self._lines())

    def copy_all(self) -> None:
        """Puts the whole text on the clipboard."""
        QGuiApplication.clipboard().setText(self.text)

    def refresh(self) -> None:
        """Takes the meter's lines."""
        self.view.set_lines(self._lines())

    def apply_theme(self, theme: Theme) -> None:
        """Colours in the theme of now."""
        self.view.apply_theme(theme)

    def retranslate(self) -> None:
        """Says its words in the language of now; the gateway's text is never translated."""
        self._words.refresh()

    def _lines(self) -> list[tuple[str, Tone, int | None]]:
        telegram = self._meter.telegram
        if telegram is None:
            return []
        lines: list[tuple[str, Tone, int | None]] = []
        if telegram.header is not None and telegram.header.identification:
            lines.append((telegram.header.identification, Tone.SERIAL, None))
        tones = {each.record.index: TONE_OF_ROLE[each.role] for each in self._meter.registers}
        lines.extend(
            (record.gateway_text, tones.get(record.index, Tone.PLAIN), record.index)
            for record in telegram.records
        )
        return lines or [(tr("There is nothing the gateway could print."), Tone.PLAIN, None)]
