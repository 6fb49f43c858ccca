"""Settings, help and the portal sheet: opened over the window, their outcome passed on."""

from collections.abc import Callable, Coroutine
from dataclasses import replace

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from app.domain.delivery_state import OutboxItem
from app.domain.selection import Preferences
from app.services.tasks import TaskScope
from app.services.workspace import Workspace
from ui.dialogs import ask
from ui.language import LanguageSwitch, system_language
from ui.theme import ThemeKeeper
from ui.viewmodels.meter import MeterViewModel
from ui.viewmodels.portal import PortalViewModel
from ui.window_state import WindowState
from ui.windows.compare_dialog import CompareDialog
from ui.windows.help_dialog import HelpDialog
from ui.windows.main_window import MainWindow
from ui.windows.portal_sheet import PortalSheet
from ui.windows.settings_dialog import Choices, SettingsDialog


def open_in_browser(address: str) -> None:
    """Opens a page in the person's browser."""
    QDesktopServices.openUrl(QUrl(address))


class DialogController(QObject):
    """One dialog at a time.

    Args:
        workspace: the data folder in use; changes when practice begins.
        open_page: opens the browser; tests bring their own.
    """

    failed = Signal(object)
    settings_kept = Signal()
    """The person changed the settings, and they are kept."""

    def __init__(
        self,
        *,
        workspace: Workspace,
        tasks: TaskScope,
        window: MainWindow,
        meter: MeterViewModel,
        portal: PortalViewModel,
        themes: ThemeKeeper,
        state: WindowState,
        languages: LanguageSwitch,
        open_page: Callable[[str], None] = open_in_browser,
    ) -> None:
        super().__init__()
        self.workspace = workspace
        self.open_page = open_page
        self.portal_page = ""
        self._tasks, self._window, self._meter, self._portal = tasks, window, meter, portal
        self._themes, self._state, self._languages = themes, state, languages
        self._preferences = Preferences()
        self._pattern = meter.vocabulary.defaults.name_pattern
        self._open = False

    @property
    def current(self) -> Choices:
        """What is set now."""
        updates = self.workspace.settings.updates
        return Choices(self._preferences, self._pattern, self._themes.choice, updates, self._state.language)

    def load(self) -> None:
        """Takes the settings of the workspace."""
        settings = self.workspace.settings
        self._preferences = settings.preferences
        self._pattern = settings.name_pattern or self._meter.vocabulary.defaults.name_pattern
        self._meter.use_preferences(self._preferences, self._pattern)

    def show_settings(self) -> None:
        """Opens the settings."""
        self._spawn(self._settings)

    def show_help(self) -> None:
        """Opens the help."""
        self._spawn(self._help)

    def show_sheet(self, item: OutboxItem) -> None:
        """Opens the portal sheet of an upload."""
        self._spawn(lambda: self._sheet(item))

    def show_comparison(self, item: OutboxItem) -> None:
        """Shows both versions of an upload that somebody changed on the portal."""
        self._spawn(lambda: self._comparison(item))

    def open_portal(self) -> None:
        """Opens the portal's page in the browser."""
        self.open_page(self.portal_page or _page_of(self.workspace.account.base_url))

    def _spawn(self, dialog: Callable[[], Coroutine[object, object, None]]) -> None:
        if not self._open:
            self._open = True
            self._tasks.spawn(dialog(), "dialog", self._on_closed)

    def _on_closed(self, _task: object) -> None:
        self._open = False

    async def _help(self) -> None:
        dialog = HelpDialog(self._window)
        await ask(dialog)
        dialog.deleteLater()

    async def _settings(self) -> None:
        dialog = SettingsDialog(self.current, self._window)
        accepted = await ask(dialog)
        choices = dialog.choices
        dialog.deleteLater()
        if not accepted:
            return
        self._preferences, self._pattern = choices.preferences, choices.name_pattern
        self._meter.use_preferences(choices.preferences, choices.name_pattern)
        self._themes.choose(choices.theme)
        self._state.keep_theme(choices.theme)
        if choices.language != self._state.language:
            self._state.keep_language(choices.language)
            self._languages.set_language(choices.language or system_language())
        await self.workspace.keep(
            lambda was: replace(
                was,
                convert_always=choices.preferences.convert_always,
                water_as_volume=choices.preferences.water_as_volume,
                name_pattern=choices.name_pattern,
                update_check=choices.updates.enabled,
                update_address=choices.updates.address,
            )
        )
        self.settings_kept.emit()

    async def _sheet(self, item: OutboxItem) -> None:
        names = {gateway.id: gateway.name for gateway in self._portal.gateways}
        gateway = names.get(item.entry.gateway_id, item.entry.gateway_id)
        dialog = PortalSheet(item.entry, gateway, item.done_fields, self._themes.theme, self._window)
        dialog.browser_asked.connect(self.open_portal)
        delivery = self.workspace.delivery

        def on_field(key: str, done: object) -> None:
            self._tasks.spawn(delivery.tick_by_hand(item.key, key, done=bool(done)), "tick field")

        dialog.field_done.connect(on_field)
        accepted = await ask(dialog)
        dialog.deleteLater()
        if accepted:
            await delivery.finish_by_hand(item.key)

    async def _comparison(self, item: OutboxItem) -> None:
        dialog = CompareDialog(item, self._window)
        accepted = await ask(dialog)
        keep_theirs = dialog.keep_theirs
        dialog.deleteLater()
        if accepted:
            await self.workspace.delivery.overwrite_theirs(item.key)
        elif keep_theirs:
            await self.workspace.delivery.keep_theirs(item.key)


def _page_of(base_url: str) -> str:
    """The portal's page beside its interface: the host without ``api.`` and without the path."""
    url = QUrl(base_url)
    return f"{url.scheme()}://{url.host().removeprefix('api.')}/"
