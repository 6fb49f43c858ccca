"""The top bar: adapter, line settings, site, portal; and the ways to settings and help."""

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QWidget

from app.services.adapter import LINE_CHOICES, Adapter, AdapterState
from ui.i18n import tr
from ui.icons import icon
from ui.theme import Theme
from ui.viewmodels.portal import PortalState, PortalViewModel
from ui.widgets.basics import IconButton, button, em, label, set_state
from ui.words import Words

_ADAPTER_WORDS = {
    AdapterState.NONE: ("not chosen", ""),
    AdapterState.OPENING: ("opening…", ""),
    AdapterState.READY: ("ready", "ok"),
    AdapterState.FAILED: ("cannot be opened", "bad"),
    AdapterState.UNPLUGGED: ("unplugged", "bad"),
}
_PORTAL_WORDS = {
    PortalState.SIGNED_OUT: ("not signed in", ""),
    PortalState.SIGNING_IN: ("signing in…", ""),
    PortalState.SIGNED_IN: ("signed in", "ok"),
    PortalState.OFFLINE: ("not reachable", "look"),
}


class TopBar(QWidget):
    """Where the bytes come from and where the entries go."""

    settings_asked = Signal()
    help_asked = Signal()
    sign_in_asked = Signal()
    outbox_asked = Signal()

    def __init__(
        self, adapter: Adapter, portal: PortalViewModel, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("top_bar")
        self._adapter, self._portal, self._theme = adapter, portal, theme
        self._words = Words()
        self.adapter_choice = self._combo("adapter_choice", 14, "Adapter")
        self.adapter_choice.setEditable(True)
        self.adapter_choice.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.line_choice = self._combo("line_choice", 6, "Baud rate and byte shape")
        self.site_choice = self._combo("site_choice", 9, "Site")
        self.adapter_state = label("adapter_state")
        self.portal_state = label("portal_state")
        self._adapter_dot, self._portal_dot = label(), label()
        self.sign_in = button("sign_in_button", link=True)
        self.waiting = button("waiting_button", link=True)
        self.settings = IconButton("settings_button", "settings")
        self.help = IconButton("help_button", "help")
        self._words.say(self.settings.set_words, "Settings")
        self._words.say(self.help.set_words, "Help (F1)")
        for line in LINE_CHOICES:
            self.line_choice.addItem(str(line), line)
        self._lay_out()
        self._connect()
        self.apply_theme(theme)
        self.retranslate()

    def apply_theme(self, theme: Theme) -> None:
        """Paints in the colours of now."""
        self._theme = theme
        self.settings.apply_theme(theme)
        self.help.apply_theme(theme)
        self._show_adapter()
        self._show_portal()

    def retranslate(self) -> None:
        """Says everything in the language of now."""
        self._words.refresh()
        edit = self.adapter_choice.lineEdit()
        if edit is not None:
            edit.setPlaceholderText(tr("Choose, or type socket://host:port"))
            edit.setAccessibleName(tr("Adapter: a port, or a URL"))
        self._fill_adapters()
        self._fill_sites()
        self._show_adapter()
        self._show_portal()

    def _combo(self, name: str, width: int, words: str) -> QComboBox:
        combo = QComboBox()
        combo.setObjectName(name)
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        combo.setMinimumContentsLength(width)
        self._words.say(combo.setAccessibleName, words)
        return combo

    def _field(self, words: str, buddy: QWidget) -> QLabel:
        text = label(quiet=True)
        text.setBuddy(buddy)
        self._words.say(text.setText, words)
        return text

    def _lay_out(self) -> None:
        gap = em(self) // 2
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(gap)
        row.addWidget(self._field("Adapter", self.adapter_choice))
        row.addWidget(self.adapter_choice, 3)
        row.addWidget(self.line_choice)
        row.addWidget(self._adapter_dot)
        row.addWidget(self.adapter_state)
        row.addSpacing(gap)
        row.addWidget(self._field("Site", self.site_choice))
        row.addWidget(self.site_choice, 2)
        row.addStretch(1)
        row.addWidget(self._field("Portal", self.sign_in))
        row.addWidget(self._portal_dot)
        row.addWidget(self.portal_state)
        row.addWidget(self.sign_in)
        row.addWidget(self.waiting)
        row.addWidget(self.settings)
        row.addWidget(self.help)

    def _connect(self) -> None:
        adapter, portal = self._adapter, self._portal
        adapter.choices_changed.whenever(self._fill_adapters)
        adapter.state_changed.whenever(self._fill_adapters)
        adapter.state_changed.whenever(self._show_adapter)
        self.adapter_choice.activated.connect(self._on_adapter)
        edit = self.adapter_choice.lineEdit()
        if edit is not None:
            edit.returnPressed.connect(self._on_typed)
        self.line_choice.activated.connect(self._on_line)
        portal.state_changed.connect(self._show_portal)
        portal.sites_changed.connect(self._fill_sites)
        portal.uploads_changed.connect(self._show_portal)
        self.site_choice.activated.connect(self._on_site)
        self.sign_in.clicked.connect(self.sign_in_asked)
        self.waiting.clicked.connect(self.outbox_asked)
        self.settings.clicked.connect(self.settings_asked)
        self.help.clicked.connect(self.help_asked)

    def _fill_adapters(self) -> None:
        combo = self.adapter_choice
        edit = combo.lineEdit()
        if edit is not None and edit.hasFocus() and edit.isModified():
            return
        combo.clear()
        for choice in self._adapter.choices:
            combo.addItem(choice.label, choice.url)
        at = combo.findData(self._adapter.url) if self._adapter.url else -1
        combo.setCurrentIndex(at)
        if at < 0 and edit is not None:
            edit.setText(self._adapter.url)
        if edit is not None:
            edit.setCursorPosition(0)
            combo.setToolTip(edit.text())

    def _on_adapter(self, at: int) -> None:
        self._adapter.choose(str(self.adapter_choice.itemData(at)))

    def _on_typed(self) -> None:
        text = self.adapter_choice.currentText().strip()
        known = next((choice.url for choice in self._adapter.choices if choice.label == text), None)
        edit = self.adapter_choice.lineEdit()
        if edit is not None:
            edit.setModified(False)
        self._adapter.choose(known or text)

    def _on_line(self, at: int) -> None:
        self._adapter.choose_line(LINE_CHOICES[at])

    def _on_site(self, at: int) -> None:
        self._portal.choose_site(str(self.site_choice.itemData(at)))

    def _fill_sites(self) -> None:
        combo = self.site_choice
        combo.clear()
        for site in self._portal.sites:
            combo.addItem(site.label, site.site_id)
        combo.setEnabled(bool(self._portal.sites))
        words = tr("choose the site") if self._portal.sites else tr("after signing in")
        combo.setPlaceholderText(words)
        combo.setCurrentIndex(combo.findData(self._portal.site_id))
        chosen = self._portal.site
        combo.setToolTip(chosen.address if chosen is not None else "")

    def _show_adapter(self) -> None:
        words, state = _ADAPTER_WORDS[self._adapter.state]
        self.adapter_state.setText(tr(words))
        set_state(self.adapter_state, state)
        self._dot(self._adapter_dot, state)
        self.line_choice.setCurrentIndex(LINE_CHOICES.index(self._adapter.line))

    def _show_portal(self) -> None:
        words, state = _PORTAL_WORDS[self._portal.state]
        self.portal_state.setText(tr(words))
        set_state(self.portal_state, state)
        self._dot(self._portal_dot, state)
        signed_in = self._portal.state is PortalState.SIGNED_IN
        self.sign_in.setText(tr("Account") if signed_in else tr("Sign in"))
        self.sign_in.setVisible(not self._portal.practice)
        waiting = self._portal.waiting_count
        self.waiting.setText(tr("{count} waiting", count=waiting))
        self.waiting.setVisible(waiting > 0)

    def _dot(self, target: QLabel, state: str) -> None:
        colours = {"ok": self._theme.ok, "bad": self._theme.bad, "look": self._theme.look}
        side = round(em(self) * 0.85)
        drawing = icon("current" if state else "known", colours.get(state, self._theme.muted))
        target.setPixmap(drawing.pixmap(QSize(side, side), self.devicePixelRatio()))
