"""A task scope: holds its tasks, reports each failure once, cancels all at the close."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from app.services.events import Event

Outcome = TypeVar("Outcome")


class TaskScope:
    """Runs coroutines for whoever may not wait; the loop is the one that runs at the time of :meth:`spawn`.

    Attributes:
        failed: the exception of a task nobody else looks at.
    """

    def __init__(self) -> None:
        self.failed: Event[BaseException] = Event()
        self._tasks: set[asyncio.Task[Any]] = set()

    def spawn(
        self,
        coroutine: Coroutine[Any, Any, Outcome],
        name: str,
        when_done: Callable[["asyncio.Task[Outcome]"], None] | None = None,
    ) -> "asyncio.Task[Outcome]":
        """Starts a task and holds it.

        Args:
            coroutine: what to do.
            name: shown in logs.
            when_done: called when it ended in whatever way, cancelled before its first step included: the
                place to set a button's state back.
        """
        task = asyncio.get_running_loop().create_task(coroutine, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._on_done)
        if when_done is not None:
            task.add_done_callback(when_done)
        return task

    @property
    def running(self) -> tuple[str, ...]:
        """Names of the tasks that have not ended."""
        return tuple(task.get_name() for task in self._tasks)

    async def close(self) -> None:
        """Cancels all tasks and waits until each has cleaned up."""
        while self._tasks:
            tasks = tuple(self._tasks)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            self._tasks.difference_update(tasks)

    def _on_done(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.failed.emit(error)
