"""Asks for the key of the encrypted meter on screen; with it the telegram is shown without reading again."""

import asyncio
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.mbus.records import Telegram
from app.services.meter_keys import KeptKeys, fitting_key
from app.services.tasks import TaskScope
from ui.dialogs import ask
from ui.i18n import tr
from ui.viewmodels.meter import MeterViewModel
from ui.windows.key_dialog import KeyDialog


class KeyController(QObject):
    """One question at a time.

    Args:
        tasks: holds what runs.
        window: below the dialog.
        meter: the one on screen.
        keys: takes the key.
        show_again: shows the meter of a serial number as it was read last.
    """

    happened = Signal(object, object)
    """For the status line: what happened and what to do next."""
    opened = Signal()
    """The key fits: what was said about the encrypted telegram is no longer so."""

    def __init__(
        self,
        *,
        tasks: TaskScope,
        window: QWidget,
        meter: MeterViewModel,
        keys: KeptKeys,
        show_again: Callable[[str], None],
    ) -> None:
        super().__init__()
        self._tasks, self._window, self._meter = tasks, window, meter
        self._keys, self._show_again = keys, show_again
        self._asking = False

    def ask(self) -> None:
        """Asks for the key of the meter on screen."""
        telegram = self._meter.telegram
        serial = telegram.header.identification if telegram is not None and telegram.header else ""
        if telegram is not None and serial and not self._asking:
            self._tasks.spawn(self._ask(telegram, serial), "ask for key")

    async def _ask(self, telegram: Telegram, serial: str) -> None:
        dialog = KeyDialog(serial, lambda text: fitting_key(telegram, text), self._window)
        self._asking = True
        try:
            accepted = await ask(dialog)
        finally:
            self._asking = False
            dialog.deleteLater()
        if not accepted or dialog.key is None:
            return
        stays = await asyncio.to_thread(self._keys.keep, serial, dialog.key, beyond_this_run=dialog.remember)
        self.happened.emit(
            tr("the key opens the telegram of {serial}", serial=serial),
            "" if stays else tr("this computer keeps no keys: it is known until the program ends"),
        )
        self.opened.emit()
        self._show_again(serial)
