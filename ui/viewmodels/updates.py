"""Looks for a newer version once after the start, where the person has switched that on."""

from PySide6.QtCore import QObject, Signal

from app.services.tasks import TaskScope
from app.services.update import Release, UpdateError, UpdateSettings, newer_release
from app.services.workspace import Workspace


class UpdateController(QObject):
    """Asks only when it is switched on; that it could not be told is no trouble of the person's."""

    newer_found = Signal(object)
    """The :class:`Release`."""
    not_known = Signal(object)
    """The :class:`app.message.Message` that says why."""

    def __init__(self, workspace: Workspace, tasks: TaskScope) -> None:
        super().__init__()
        self.workspace = workspace
        self.release: Release | None = None
        self._tasks = tasks

    def look(self) -> None:
        """Starts to look, if the person wants that."""
        settings = self.workspace.settings.updates
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
