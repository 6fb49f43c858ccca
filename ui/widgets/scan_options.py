"""What the next scan looks for: a small menu beside the button that starts it."""

from dataclasses import replace

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from app.services.jobs.scan import ScanJob, ScanKind
from ui.theme import Theme
from ui.widgets.basics import IconButton
from ui.words import Words

_KIND_WORDS = {
    ScanKind.SECONDARY: "By secondary address: finds every meter",
    ScanKind.PRIMARY: "By primary address, 0 to 250",
}


class ScanOptionsButton(IconButton):
    """Opens the menu; every choice holds for the next scan."""

    def __init__(self, scan: ScanJob, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("scan_options_button", "settings", parent)
        self._scan = scan
        self._words = Words()
        self._menu = QMenu(self)
        self._menu.setObjectName("scan_options_menu")
        self._kinds = {kind: self._choice(f"scan_{kind.value}", words) for kind, words in _KIND_WORDS.items()}
        group = QActionGroup(self)
        for kind, action in self._kinds.items():
            group.addAction(action)
            action.triggered.connect(lambda _on, each=kind: self._wish(kind=each))
        self._menu.addSeparator()
        self._known = self._choice("scan_known_first", "Ask the meters of the list first")
        self._known.triggered.connect(lambda on: self._wish(known_first=on))
        self._only = self._choice("scan_only_known", "Ask the meters of the list only")
        self._only.triggered.connect(lambda on: self._wish(only_known=on))
        self._hex = self._choice("scan_hex_digits", "Also numbers with the digits A to F")
        self._hex.triggered.connect(lambda on: self._wish(hex_digits=on))
        self._words.say(self.set_words, "What the scan looks for")
        self.setMenu(self._menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        scan.wish_changed.whenever(self.refresh)
        self.refresh()
        self.apply_theme(theme)

    def refresh(self) -> None:
        """Ticks what is wished."""
        wish = self._scan.wish
        secondary = wish.kind is ScanKind.SECONDARY
        self._kinds[wish.kind].setChecked(True)
        self._known.setChecked(wish.known_first)
        self._only.setChecked(wish.only_known)
        self._hex.setChecked(wish.hex_digits)
        self._known.setEnabled(secondary and not wish.only_known)
        self._only.setEnabled(secondary)
        self._hex.setEnabled(secondary and not wish.only_known)

    def retranslate(self) -> None:
        """Says everything in the language of now."""
        self._words.refresh()

    def _choice(self, name: str, words: str) -> QAction:
        action = self._menu.addAction("")
        action.setObjectName(name)
        action.setCheckable(True)
        self._words.say(action.setText, words)
        return action

    def _wish(self, **changes: object) -> None:
        self._scan.set_wish(replace(self._scan.wish, **changes))  # type: ignore[arg-type]
