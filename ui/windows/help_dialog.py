"""Help: the way of a meter in four lines, and every key."""

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QVBoxLayout, QWidget

from ui.i18n import tr
from ui.widgets.basics import em, label, title

_STEPS = (
    "Type or scan the serial number and press Return: the meter is read.",
    "The index is ticked. Tick further registers, or all auxiliary ones with F6.",
    "Check place, name and gateway on the right, then upload.",
    "Verify lets the gateway read the meter and compares the values.",
    "Many meters: Scan bus finds them all, Read all reads the list, Bus tells what is wrong with the line.",
)
_KEYS = (
    ("Return", "read the meter whose serial number is typed"),
    ("F5", "read again"),
    ("F6", "tick the index and every auxiliary register"),
    ("Space", "tick the selected register, or take its tick away"),
    ("Ctrl+Return", "upload"),
    ("Ctrl+C", "copy what is selected as the portal wants it"),
    ("Ctrl+V", "open a raw telegram"),
    ("Ctrl+L", "back to the serial number"),
    ("Esc", "stop, or close the message"),
    ("F1", "this help"),
)


class HelpDialog(QDialog):
    """One page, no more."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("help_dialog")
        self.setWindowTitle(tr("Help"))
        column = QVBoxLayout(self)
        gap = em(self)
        column.setContentsMargins(gap, gap, gap, gap)
        column.setSpacing(gap // 2)
        heading = title("help_title")
        heading.setText(tr("From the meter to the portal"))
        column.addWidget(heading)
        for number, text in enumerate(_STEPS, start=1):
            step = label(wrap=True)
            step.setText(f"{number}.  {tr(text)}")
            column.addWidget(step)
        keys_heading = title("help_keys")
        keys_heading.setText(tr("Keys"))
        column.addSpacing(gap // 2)
        column.addWidget(keys_heading)
        grid = QGridLayout()
        grid.setHorizontalSpacing(gap)
        grid.setColumnStretch(1, 1)
        for line, (key, text) in enumerate(_KEYS):
            name, words = label(mono=True), label(wrap=True)
            name.setText(key)
            words.setText(tr(text))
            grid.addWidget(name, line, 0)
            grid.addWidget(words, line, 1)
        column.addLayout(grid)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setText(tr("Close"))
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)
        self.setMinimumWidth(em(self) * 30)
