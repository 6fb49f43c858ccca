"""Ports come and go by themselves, and what cannot be opened is named, never guessed."""

import asyncio

import pytest

from app.bus.errors import PortBusy, PortClosed
from app.message import Message
from app.services.adapter import Adapter, AdapterChoice, AdapterState
from app.services.tasks import TaskScope

COM5 = AdapterChoice("COM5", "Relay MicroMaster (COM5)", "0403:6001:A1")
COM7 = AdapterChoice("COM7", "Relay MicroMaster (COM7)", "0403:6001:A1")


class FakeMaster:
    def __init__(self, url, line, log, error=None) -> None:
        self.url, self.line, self._log, self._error = url, line, log, error

    async def open(self) -> None:
        if self._error is not None:
            raise self._error
        self._log.append(("open", self.url, str(self.line)))

    async def close(self) -> None:
        self._log.append(("close", self.url))


def adapter_with(ports, log, error=None) -> tuple[Adapter, TaskScope]:
    tasks = TaskScope()
    return (
        Adapter(tasks, lambda: tuple(ports), lambda url, line: FakeMaster(url, line, log, error)),
        tasks,
    )


def test_an_adapter_plugged_in_elsewhere_is_chosen_again_by_itself(run, waiting) -> None:
    ports, log = [], []
    adapter, tasks = adapter_with(ports, log)
    adapter.expect(COM5.key)
    adapter.watch()
    ports.append(COM7)
    waiting.until(lambda: adapter.state is AdapterState.READY)
    assert (adapter.url, log) == ("COM7", [("open", "COM7", "2400 8E1")])
    run(tasks.close())
    run(adapter.close())
    assert log[-1] == ("close", "COM7")


def test_another_choice_gives_the_first_port_back(run, waiting) -> None:
    log: list = []
    adapter, _tasks = adapter_with([], log)
    adapter.choose("socket://127.0.0.1:1")
    waiting.until(lambda: adapter.state is AdapterState.READY)
    adapter.choose("COM5")
    waiting.until(lambda: len(log) == 3)
    assert log == [
        ("open", "socket://127.0.0.1:1", "2400 8E1"),
        ("close", "socket://127.0.0.1:1"),
        ("open", "COM5", "2400 8E1"),
    ]
    assert [choice.url for choice in adapter.choices] == ["COM5", "socket://127.0.0.1:1"]
    run(adapter.close())


def test_a_busy_port_is_told_and_marked(waiting) -> None:
    busy = PortBusy(Message("busy"))
    adapter, _tasks = adapter_with([], [], busy)
    told: list[BaseException] = []
    adapter.open_failed.subscribe(told.append)
    adapter.choose("COM5")
    waiting.until(lambda: bool(told))
    assert told == [busy]
    assert adapter.state is AdapterState.FAILED


def test_reading_without_an_adapter_says_what_to_do(run) -> None:
    adapter, _tasks = adapter_with([], [])

    async def ready() -> None:
        with pytest.raises(PortClosed) as refusal:
            await adapter.ready()
        assert "top left" in str(refusal.value)
        await asyncio.sleep(0)

    run(ready())
