"""Long work on the bus: started by the person, told as it goes, stopped at once, taken up again."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from enum import Enum
from typing import Any

from app.bus.readout import Readout
from app.message import Message
from app.services.events import Event
from app.services.tasks import TaskScope

Keep = Callable[[Readout], Awaitable[None]]
"""Makes a reading durable; only then is its meter shown as done."""

GO_ON = Message("Go on")


class JobState(Enum):
    """How a job stands."""

    IDLE = "idle"
    RUNNING = "running"
    STOPPED = "stopped"
    FAILED = "failed"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class JobStatus:
    """What is said of a job.

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


class Job:
    """One work of its kind at a time; subclasses say what is done and what is told of it.

    Args:
        tasks: holds what runs.

    Attributes:
        changed: :attr:`state` or :attr:`status` is another; with the job itself.
        failed: the exception that ended it, for the banner.
    """

    def __init__(self, tasks: TaskScope) -> None:
        self.changed: Event[Job] = Event()
        self.failed: Event[BaseException] = Event()
        self._tasks = tasks
        self._task: asyncio.Task[None] | None = None
        self._state = JobState.IDLE

    @property
    def state(self) -> JobState:
        """How it stands."""
        return self._state

    @property
    def running(self) -> bool:
        """Whether it is under way."""
        return self._state is JobState.RUNNING

    @property
    def status(self) -> JobStatus | None:
        """What is said of it; None while there is nothing to say."""
        tell = {
            JobState.RUNNING: self._tell_running,
            JobState.STOPPED: self._tell_stopped,
            JobState.FAILED: self._tell_failed,
            JobState.FINISHED: self._tell_finished,
        }.get(self._state)
        return tell() if tell is not None else None

    def act(self) -> bool:
        """Does what :attr:`JobStatus.action` offers; says whether it could."""
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
            self._state = JobState.IDLE
            self.changed.emit(self)

    def _tell_running(self) -> JobStatus | None:
        raise NotImplementedError

    def _tell_stopped(self) -> JobStatus | None:
        raise NotImplementedError

    def _tell_failed(self) -> JobStatus | None:
        raise NotImplementedError

    def _tell_finished(self) -> JobStatus | None:
        raise NotImplementedError

    def _begin(self, work: Callable[[], Coroutine[Any, Any, None]], name: str) -> None:
        self._state = JobState.RUNNING
        self._task = self._tasks.spawn(self._guarded(work), name, self._on_done)
        self.changed.emit(self)

    async def _guarded(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - shown as a sentence, whatever it was
            self._state = JobState.FAILED
            self.failed.emit(error)

    def _on_done(self, task: "asyncio.Task[None]") -> None:
        self._task = None
        if task.cancelled():
            self._state = JobState.STOPPED
        elif self._state is JobState.RUNNING:
            self._state = JobState.FINISHED
        self.changed.emit(self)


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
