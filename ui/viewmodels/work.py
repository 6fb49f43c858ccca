"""Long work on the bus: started by the person, told as it goes, stopped at once, taken up again."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from enum import Enum
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.bus.readout import Readout
from app.message import Message
from ui.tasks import TaskScope

Keep = Callable[[Readout], Awaitable[None]]
"""Makes a reading durable; only then is its meter shown as done."""

GO_ON = Message("Go on")


class WorkState(Enum):
    """How a long work stands."""

    IDLE = "idle"
    RUNNING = "running"
    STOPPED = "stopped"
    FAILED = "failed"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class WorkStatus:
    """What is said of a long work.

    Attributes:
        title: what it is, or what came of it.
        lines: so far, what is under way, what is left; two or three.
        details: what must not be lost but may be long, each a sentence.
        folded: whether the details are only for whoever helps, and fold out on wish.
        fraction: 0 to 1; None where nobody can tell.
        action: what one click can do now, e.g. go on; None for nothing.
        look: whether the person should look into something.
    """

    title: Message
    lines: tuple[Message, ...] = ()
    details: tuple[Message, ...] = ()
    fraction: float | None = None
    action: Message | None = None
    look: bool = False
    folded: bool = False


class LongWork(QObject):
    """One work of its kind at a time; subclasses say what is done and what is told of it.

    Args:
        tasks: holds what runs.
    """

    changed = Signal()
    """:attr:`state` or :attr:`status` is another."""
    failed = Signal(object)
    """The exception that ended it, for the banner."""

    def __init__(self, tasks: TaskScope, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._task: asyncio.Task[None] | None = None
        self._state = WorkState.IDLE

    @property
    def state(self) -> WorkState:
        """How it stands."""
        return self._state

    @property
    def running(self) -> bool:
        """Whether it is under way."""
        return self._state is WorkState.RUNNING

    @property
    def status(self) -> WorkStatus | None:
        """What is said of it; None while there is nothing to say."""
        tell = {
            WorkState.RUNNING: self._tell_running,
            WorkState.STOPPED: self._tell_stopped,
            WorkState.FAILED: self._tell_failed,
            WorkState.FINISHED: self._tell_finished,
        }.get(self._state)
        return tell() if tell is not None else None

    def act(self) -> bool:
        """Does what :attr:`WorkStatus.action` offers; says whether it could."""
        return False

    def stop(self) -> bool:
        """Stops it; says whether it ran. The line is usable again within a fraction of a second."""
        if self._task is None:
            return False
        self._task.cancel()
        return True

    def dismiss(self) -> None:
        """Says nothing more of it; what was found stays."""
        if not self.running:
            self._state = WorkState.IDLE
            self.changed.emit()

    def _tell_running(self) -> WorkStatus | None:
        raise NotImplementedError

    def _tell_stopped(self) -> WorkStatus | None:
        raise NotImplementedError

    def _tell_failed(self) -> WorkStatus | None:
        raise NotImplementedError

    def _tell_finished(self) -> WorkStatus | None:
        raise NotImplementedError

    def _begin(self, work: Callable[[], Coroutine[Any, Any, None]], name: str) -> None:
        self._state = WorkState.RUNNING
        self._task = self._tasks.spawn(self._guarded(work), name, self._on_done)
        self.changed.emit()

    async def _guarded(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - shown as a sentence, whatever it was
            self._state = WorkState.FAILED
            self.failed.emit(error)

    def _on_done(self, task: "asyncio.Task[None]") -> None:
        self._task = None
        if task.cancelled():
            self._state = WorkState.STOPPED
        elif self._state is WorkState.RUNNING:
            self._state = WorkState.FINISHED
        self.changed.emit()


async def to_its_end(awaitable: Awaitable[None]) -> None:
    """Waits for something that a stop must not cut in two; the stop takes effect afterwards."""
    future = asyncio.ensure_future(awaitable)
    cancelled = False
    while not future.done():
        try:
            await asyncio.wait({future})
        except asyncio.CancelledError:
            cancelled = True
    if cancelled:
        future.exception()
        raise asyncio.CancelledError
    await future
