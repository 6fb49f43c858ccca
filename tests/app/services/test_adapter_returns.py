"""An adapter that is plugged out is given back and named; plugged in again, wherever, it is taken up."""

import asyncio

import pytest

from app.bus.errors import PortGone, PortLost
from app.bus.port import LineSettings
from app.bus.trace import Direction
from app.message import Message
from app.services import adapter as adapter_module
from app.services.adapter import Adapter, AdapterChoice, AdapterState, MasterMaker
from app.services.tasks import TaskScope

COM5 = AdapterChoice("COM5", "Relay MicroMaster (COM5)", "0403:6001:A1")
COM7 = AdapterChoice("COM7", "Relay MicroMaster (COM7)", "0403:6001:A1")
TWIN = AdapterChoice("COM8", "Relay MicroMaster (COM8)", "0403:6001:A1")
BUILT_IN = AdapterChoice("COM1", "COM1")


class FakeMaster:
    def __init__(self, url, desk) -> None:
        self.url, self._desk = url, desk

    async def open(self) -> None:
        if self._desk.gone:
            raise PortGone(Message("gone"))
        if self.url not in self._desk.open:
            self._desk.open.append(self.url)

    async def close(self) -> None:
        if self.url in self._desk.open:
            self._desk.open.remove(self.url)
        await self._desk.may_close.wait()


class Plugs:
    """The sockets of a computer; what is plugged in is what the system lists."""

    def __init__(self, waiting) -> None:
        self.waiting = waiting
        self.ports: list[AdapterChoice] = []
        self.open: list[str] = []
        self.gone = False
        self.broken = 0
        self.may_close = asyncio.Event()
        self.may_close.set()
        self.tasks = TaskScope()
        self.adapter = Adapter(self.tasks, self._list, lambda url, _line: FakeMaster(url, self))
        self.adapter.watch()

    def _list(self):
        if self.broken:
            self.broken -= 1
            raise OSError(5, "the system's list fails while an adapter comes")
        return tuple(self.ports)

    def state(self, wanted: AdapterState, *, opened: list[str]) -> None:
        self.waiting.until(lambda: self.adapter.state is wanted and self.open == opened)

    def listed(self) -> None:
        self.waiting.until(lambda: self.adapter.choices == tuple(self.ports))


@pytest.fixture
def plugs(run, waiting, monkeypatch):
    monkeypatch.setattr(adapter_module, "WATCH_INTERVAL_S", 0.005)
    plugs = Plugs(waiting)
    yield plugs
    run(plugs.tasks.close())
    run(plugs.adapter.close())


@pytest.fixture
def in_use(plugs):
    plugs.ports.append(COM5)
    plugs.listed()
    plugs.adapter.choose("COM5")
    plugs.state(AdapterState.READY, opened=["COM5"])
    return plugs


def test_it_is_given_back_and_taken_up_on_another_port(in_use) -> None:
    in_use.ports.remove(COM5)
    in_use.state(AdapterState.UNPLUGGED, opened=[])
    in_use.ports.append(COM7)
    in_use.state(AdapterState.READY, opened=["COM7"])
    assert in_use.adapter.url == "COM7"


def test_between_two_alike_nothing_is_guessed(in_use) -> None:
    in_use.ports.remove(COM5)
    in_use.state(AdapterState.UNPLUGGED, opened=[])
    in_use.ports += [COM7, TWIN]
    in_use.listed()
    assert (in_use.adapter.state, in_use.open) == (AdapterState.UNPLUGGED, [])


def test_another_adapter_that_comes_and_goes_disturbs_nothing(in_use) -> None:
    for change in (in_use.ports.append, in_use.ports.remove):
        change(BUILT_IN)
        in_use.listed()
        assert (in_use.adapter.state, in_use.open) == (AdapterState.READY, ["COM5"])


def test_a_list_that_fails_for_a_moment_is_asked_again(plugs) -> None:
    plugs.broken = 2
    plugs.ports.append(COM5)
    plugs.listed()
    assert plugs.broken == 0


def test_a_port_lost_in_mid_use_can_be_opened_anew(in_use, run) -> None:
    async def use() -> None:
        async with in_use.adapter.in_use():
            raise PortLost(Message("vanished"))

    with pytest.raises(PortLost):
        run(use())
    assert (in_use.adapter.state, in_use.open) == (AdapterState.UNPLUGGED, [])

    async def again() -> None:
        async with in_use.adapter.in_use() as master:
            assert master.url == "COM5"

    run(again())
    assert (in_use.adapter.state, in_use.open) == (AdapterState.READY, ["COM5"])


def test_one_that_was_not_there_at_the_start_is_opened_when_it_comes(plugs) -> None:
    plugs.gone = True
    plugs.adapter.choose("COM5")
    plugs.state(AdapterState.FAILED, opened=[])
    plugs.gone = False
    plugs.ports.append(COM5)
    plugs.state(AdapterState.READY, opened=["COM5"])
    assert [choice.label for choice in plugs.adapter.choices] == [COM5.label], "not listed twice"


def test_the_trace_of_an_adapter_outlives_its_absence() -> None:
    make = MasterMaker()
    first = make("COM5", LineSettings())
    first.trace.add(1.0, Direction.NOTE)
    second = make("COM5", LineSettings(baud=300))
    assert second.trace is first.trace
    assert make("COM7", LineSettings()).memory is not first.memory


def test_a_reading_stopped_while_a_lost_adapter_is_given_back_leaves_it_named_as_unplugged(in_use, run):
    """Otherwise it stays "ready", although nothing is open any more."""
    in_use.may_close.clear()

    async def lose() -> None:
        async with in_use.adapter.in_use():
            raise PortLost(Message("lost"))

    reading = in_use.tasks.spawn(lose(), "reading")
    in_use.waiting.until(lambda: in_use.open == [])
    reading.cancel()
    in_use.waiting.until(reading.done)
    in_use.may_close.set()
    assert in_use.adapter.state is AdapterState.UNPLUGGED
