"""What the view models of the bus need: an adapter on a bus in virtual time, and a store in memory."""

from app.bus.readout import Readout
from tests.fakes.virtual_bus import VirtualBus
from app.services.tasks import TaskScope
from app.services.adapter import AdapterState, Adapter


class Desk:
    """A task scope, a chosen adapter, and what was kept."""

    def __init__(self, bus: VirtualBus, qtbot) -> None:
        self.bus, self.qtbot = bus, qtbot
        self.tasks = TaskScope()
        self.adapter = Adapter(self.tasks, tuple, lambda _url, line: bus.master(baud=line.baud))
        self.adapter.choose("virtual")
        qtbot.waitUntil(lambda: self.adapter.state is AdapterState.READY)
        self.kept: list[str] = []
        self.errors: list[BaseException] = []
        self.refuse: Exception | None = None

    async def keep(self, readout: Readout) -> None:
        if self.refuse is not None:
            raise self.refuse
        self.kept.append(readout.telegram.header.identification)

    def follow(self, work) -> None:
        work.failed.connect(self.errors.append)

    def ended(self, work) -> None:
        self.qtbot.waitUntil(lambda: not work.running, timeout=20_000)

    async def close(self) -> None:
        await self.tasks.close()
        await self.adapter.close()


def words(status) -> str:
    """All a status says, in English."""
    return "\n".join(map(str, (status.title, *status.lines, *status.details)))
