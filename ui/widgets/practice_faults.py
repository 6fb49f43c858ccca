"""A menu that spoils the practice bus on purpose, to train on; seen in practice mode only."""

from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from ui.i18n import tr, tr_message
from ui.icons import icon
from ui.theme import Theme
from ui.viewmodels.practice_faults import PracticeFaultsViewModel
from ui.widgets.basics import button


class PracticeFaultsMenu(QMenu):
    """Every fault with a tick; the first line mends all."""

    def __init__(self, faults: PracticeFaultsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("practice_faults_menu")
        self._faults = faults
        self.aboutToShow.connect(self.refresh)

    def refresh(self) -> None:
        """Lists the faults as they are now."""
        self.clear()
        on = self._faults.on
        mend = self.addAction(tr("All well again"))
        mend.setObjectName("fault_none")
        mend.setEnabled(bool(on))
        mend.triggered.connect(self._faults.clear)
        self.addSeparator()
        for switch in self._faults.switches:
            action = self.addAction(tr_message(switch.words))
            action.setObjectName(f"fault_{switch.key}")
            action.setCheckable(True)
            action.setChecked(switch.key in on)
            action.toggled.connect(lambda now, key=switch.key: self._faults.switch(key, on=now))


class PracticeFaultsButton:
    """The button with the menu, and how many faults are on.

    Args:
        faults: what can be switched.
        theme: the colours of now.
    """

    def __init__(self, faults: PracticeFaultsViewModel, theme: Theme) -> None:
        self._faults, self._theme = faults, theme
        self.button: QPushButton = button("practice_faults_button")
        self.menu = PracticeFaultsMenu(faults, self.button)
        self.button.setMenu(self.menu)
        faults.changed.connect(self.refresh)
        self.refresh()

    def apply_theme(self, theme: Theme) -> None:
        """Paints in the colours of now."""
        self._theme = theme
        self.refresh()

    def refresh(self) -> None:
        """Says how many faults are on, in the language of now."""
        count = len(self._faults.on)
        words = tr("Practice faults: {count}", count=count) if count else tr("Practice faults")
        self.button.setText(words)
        self.button.setToolTip(tr("Spoil the practice bus on purpose, to see what the program says"))
        self.button.setIcon(icon("practice", self._theme.look if count else self._theme.muted))
        self.button.setVisible(self._faults.available)
