"""Practice mode: the whole building in this process, started and stopped off the window's thread."""

import asyncio
import contextlib
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.practice.fault_board import FaultBoard
    from app.practice.world import PracticeWorld


class Practice:
    """One practice building with a folder of its own, so that two copies of the program do not meet in one.

    Attributes:
        world: what runs.
        folder: for the practice session's data; gone after :meth:`stop`.
    """

    def __init__(self, world: "PracticeWorld", folder: Path) -> None:
        self.world = world
        self.folder = folder

    @classmethod
    async def start(cls, *, faulty: bool = False) -> "Practice":
        """Starts a fresh building; its servers and simulated meters load only here.

        Args:
            faulty: the building with twenty planted faults.

        Raises:
            OSError: no folder can be made, or no port listened on.
        """
        starting = asyncio.ensure_future(asyncio.to_thread(cls._start, faulty=faulty))
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            # The thread cannot be stopped: whoever leaves meanwhile waits for it and takes down what it made.
            await asyncio.wait({asyncio.ensure_future(_take_down(starting))})
            raise

    def fault_board(self) -> "FaultBoard":
        """The switches that spoil its bus."""
        from app.practice.fault_board import FaultBoard  # noqa: PLC0415 - as below

        return FaultBoard(self.world.bus_server)

    async def stop(self) -> None:
        """Stops the servers and removes the folder; whoever has files open there closes them before."""
        await asyncio.to_thread(self._stop)

    @classmethod
    def _start(cls, *, faulty: bool) -> "Practice":
        from app.practice.world import PracticeWorld  # noqa: PLC0415 - HTTP servers: only when wanted

        folder = Path(tempfile.mkdtemp(prefix="mbus-practice-"))
        try:
            return cls(PracticeWorld.start(folder, faulty=faulty), folder)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def _stop(self) -> None:
        self.world.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


async def _take_down(starting: "asyncio.Future[Practice]") -> None:
    with contextlib.suppress(Exception):
        await (await starting).stop()
