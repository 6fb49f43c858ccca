"""No task is forgotten: each is held, its failure told once, and cancelled when the scope closes."""

import asyncio

from app.services.tasks import TaskScope


def test_a_failure_is_told_once_and_a_cancellation_is_none(run, waiting) -> None:
    scope, failures, done = TaskScope(), [], []
    scope.failed.subscribe(failures.append)

    async def fail() -> None:
        raise ValueError("no")

    async def wait() -> None:
        await asyncio.Event().wait()

    async def work() -> None:
        scope.spawn(fail(), "fails", lambda task: done.append(task.get_name()))
        waiting = scope.spawn(wait(), "waits", lambda task: done.append(task.get_name()))
        # Cancelled before its first step: its own finally would never run, the callback does.
        waiting.cancel()
        await asyncio.sleep(0)

    run(work())
    waiting.until(lambda: len(done) == 2)
    assert sorted(done) == ["fails", "waits"]
    assert [type(failure) for failure in failures] == [ValueError]
    assert scope.running == ()


def test_closing_waits_until_every_task_has_cleaned_up(run) -> None:
    scope, cleaned = TaskScope(), []

    async def work(name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned.append(name)

    async def all_of_it() -> None:
        for name in ("port", "portal"):
            scope.spawn(work(name), name)
        await asyncio.sleep(0)
        assert set(scope.running) == {"port", "portal"}
        await scope.close()

    run(all_of_it())
    assert sorted(cleaned) == ["port", "portal"]
