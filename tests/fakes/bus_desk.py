"""What the view models of the bus need: an adapter on a bus in virtual time, and a store in memory."""

from app.bus.readout import Readout
from app.services.adapter import Adapter, AdapterState
from app.services.tasks import TaskScope
from tests.fakes.virtual_bus import VirtualBus


class Desk:
    """A task scope, a chosen adapter, and what was kept."""

    def __init__(self, bus: VirtualBus, waiting) -> None:
        self.bus, self.waiting = bus, waiting
        self.tasks = TaskScope()
        self.adapter = Adapter(self.tasks, tuple, lambda _url, line: bus.master(baud=line.baud))
        self.adapter.choose("virtual")
        waiting.until(lambda: self.adapter.state is AdapterState.READY)
        self.kept: list[str] = []
        self.errors: list[BaseException] = []
        self.refuse: Exception | None = None

    async def keep(self, readout: Readout) -> None:
        if self.refuse is not None:
            raise self.refuse
        self.kept.append(readout.telegram.header.identification)

    def follow(self, work) -> None:
        work.failed.subscribe(self.errors.append)

    def ended(self, work) -> None:
        self.waiting.until(lambda: not work.running, timeout=20_000)

    async def close(self) -> None:
        await self.tasks.close()
        await self.adapter.close()


def words(status) -> str:
    """All a status says, in English."""
    return "\n".join(map(str, (status.title, *status.lines, *status.details)))
