"""The line of a command that works on it: opened for one job, stopped with it by Ctrl+C, given back."""

import argparse
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.bus.master import BusMaster
from app.bus.port import LineSettings
from app.services.adapter import OpenLine
from app.services.tasks import TaskScope


@asynccontextmanager
async def line_of(arguments: argparse.Namespace) -> AsyncIterator[tuple[TaskScope, OpenLine]]:
    """What a job needs: who holds its task, and who gives it the master.

    Raises:
        PortError: the port cannot be opened.
    """
    async with BusMaster(arguments.port, LineSettings(baud=arguments.baud)) as master:
        tasks = TaskScope()
        try:
            yield tasks, OpenLine(master)
        finally:
            await tasks.close()
