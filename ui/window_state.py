"""What must be known before the first paint: theme, size and place of the window, widths of its panels."""

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtWidgets import QMainWindow, QSplitter

from ui.theme import ThemeChoice

_FILE_NAME = "window.ini"


class WindowState:
    """A small file beside the data file; a damaged one gives the defaults."""

    def __init__(self, folder: Path) -> None:
        self._settings = QSettings(str(folder / _FILE_NAME), QSettings.Format.IniFormat)

    @property
    def theme(self) -> ThemeChoice:
        """What the person chose."""
        text = str(self._settings.value("theme", ThemeChoice.SYSTEM.value))
        return next((choice for choice in ThemeChoice if choice.value == text), ThemeChoice.SYSTEM)

    @property
    def language(self) -> str:
        """Code of the language the person chose; empty for the system's."""
        return str(self._settings.value("language", ""))

    def keep_language(self, code: str) -> None:
        """Keeps the choice at once."""
        self._settings.setValue("language", code)
        self._settings.sync()

    def keep_theme(self, choice: ThemeChoice) -> None:
        """Keeps the choice at once."""
        self._settings.setValue("theme", choice.value)
        self._settings.sync()

    def restore(self, window: QMainWindow, splitters: list[QSplitter]) -> bool:
        """Gives window and panels their sizes of last time; says whether there was one."""
        geometry = self._settings.value("geometry")
        for splitter in splitters:
            state = self._settings.value(f"splitter/{splitter.objectName()}")
            if isinstance(state, QByteArray):
                splitter.restoreState(state)
        return isinstance(geometry, QByteArray) and window.restoreGeometry(geometry)

    def keep(self, window: QMainWindow, splitters: list[QSplitter]) -> None:
        """Keeps the sizes of now."""
        self._settings.setValue("geometry", window.saveGeometry())
        for splitter in splitters:
            self._settings.setValue(f"splitter/{splitter.objectName()}", splitter.saveState())
        self._settings.sync()
