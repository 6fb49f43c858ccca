"""Looks for a newer version once after the start, where the person has switched that on."""

from PySide6.QtCore import QObject, Signal

from app.services.tasks import TaskScope
from app.services.update import Release, UpdateError, UpdateSettings, newer_release
from ui.session import Session

ENABLED_KEY = "update_check"
ADDRESS_KEY = "update_address"


def update_settings(session: Session) -> UpdateSettings:
    """What the person chose; off where nothing was chosen."""
    return UpdateSettings(
        enabled=session.settings.get(ENABLED_KEY) is True,
        address=str(session.settings.get(ADDRESS_KEY) or ""),
    )


class UpdateController(QObject):
    """Asks only when it is switched on; that it could not be told is no trouble of the person's."""

    newer_found = Signal(object)
    """The :class:`Release`."""
    not_known = Signal(object)
    """The :class:`app.message.Message` that says why."""

    def __init__(self, session: Session, tasks: TaskScope) -> None:
        super().__init__()
        self.session = session
        self.release: Release | None = None
        self._tasks = tasks

    def look(self) -> None:
        """Starts to look, if the person wants that."""
        settings = update_settings(self.session)
        if settings.enabled:
            self._tasks.spawn(self._look(settings), "look for a newer version")

    async def _look(self, settings: UpdateSettings) -> None:
        try:
            self.release = await newer_release(settings)
        except UpdateError as error:
            self.not_known.emit(error.message)
            return
        if self.release is not None:
            self.newer_found.emit(self.release)
