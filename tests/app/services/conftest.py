"""A loop of plain asyncio for services that are told what to do and tell by events, without any window."""

import asyncio
from collections.abc import Callable, Iterator

import pytest

from tests.fakes.bus_desk import Desk
from tests.fakes.virtual_bus import VirtualBus


class Waiting:
    """Lets the loop go on until what is waited for has come."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop

    def until(self, condition: Callable[[], bool], timeout: int = 5000) -> None:
        """Runs the loop until the condition holds, at most so many milliseconds."""

        async def reach() -> None:
            while not condition():  # noqa: ASYNC110 - any condition, not one that tells
                await asyncio.sleep(0.001)

        self.run(asyncio.wait_for(reach(), timeout / 1000))

    def run(self, coroutine) -> object:
        """Runs a coroutine to its end; between two of them the loop stays the running one for slots."""
        asyncio._set_running_loop(None)
        try:
            return self.loop.run_until_complete(coroutine)
        finally:
            asyncio._set_running_loop(self.loop)


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    asyncio._set_running_loop(loop)
    yield loop
    asyncio._set_running_loop(None)
    left = asyncio.all_tasks(loop)
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()
    assert not left, "a task that nobody awaits or cancels is a meter left half read"


@pytest.fixture
def waiting(loop: asyncio.AbstractEventLoop) -> Waiting:
    return Waiting(loop)


@pytest.fixture
def run(waiting: Waiting) -> Callable[..., object]:
    return waiting.run


@pytest.fixture
def desk_on(waiting: Waiting) -> Iterator[Callable[..., Desk]]:
    """Makes the surroundings of a job on a bus in virtual time, and gives its port back in the end."""
    desks: list[Desk] = []

    def make(bus: VirtualBus) -> Desk:
        desks.append(Desk(bus, waiting))
        return desks[-1]

    yield make
    for desk in desks:
        waiting.run(desk.close())
