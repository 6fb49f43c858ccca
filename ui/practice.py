"""Practice mode: the whole building in this process, started and stopped off the window's thread."""

import asyncio
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.practice.fault_board import FaultBoard
    from app.practice.world import PracticeWorld


async def start_world(folder: Path) -> "PracticeWorld":
    """A fresh practice building; its servers and simulated meters load only here."""
    return await asyncio.to_thread(_start, folder)


async def stop_world(world: "PracticeWorld") -> None:
    """Stops its servers."""
    await asyncio.to_thread(world.stop)


def fault_board(world: "PracticeWorld") -> "FaultBoard":
    """The switches that spoil its bus."""
    from app.practice.fault_board import FaultBoard  # noqa: PLC0415 - as below

    return FaultBoard(world.bus_server)


def fresh_folder(folder: Path) -> Path:
    """An empty folder for practice: nothing of an earlier practice is sent to a portal that is gone."""
    practice = folder / "practice"
    shutil.rmtree(practice, ignore_errors=True)
    practice.mkdir(parents=True, exist_ok=True)
    return practice


def _start(folder: Path) -> "PracticeWorld":
    from app.practice.world import PracticeWorld  # noqa: PLC0415 - HTTP servers: only when they are wanted

    return PracticeWorld.start(folder)
