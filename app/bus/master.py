"""The bus as the rest of the program sees it: one exchange at a time, asyncio in front, one thread behind."""

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Self, TypeVar

from app.bus import reading
from app.bus.clock import Clock, MonotonicClock
from app.bus.errors import PortClosed
from app.bus.exchange import Line
from app.bus.memory import BusMemory
from app.bus.port import LineSettings, Port, open_port
from app.bus.port_errors import is_network
from app.bus.readout import Readout, ReadProgress
from app.bus.trace import Direction, Trace
from app.bus.trace_file import export_trace
from app.mbus.addresses import SecondaryAddress
from app.mbus.security import NO_KEYS, KeySource
from app.message import Message

Result = TypeVar("Result")

Progress = Callable[[ReadProgress], None]


class BusMaster:
    """Reads meters on one line.

    All work with the port is done by one thread of its own, a whole reading or probe at a time; several tasks
    may ask at once and are served one after the other. A task that is cancelled ends within a read slice (10
    ms) and leaves the line usable: the next request waits until it is quiet.

    Args:
        url: ``COM5``, ``/dev/ttyUSB0``, ``socket://host:port``, ``rfc2217://host:port``.
        line: baud rate and byte shape.
        memory: what is remembered of adapter and meters; kept up to date.
        opener: opens the port; tests bring their own.
        clock: the seam to time.
        keys: of encrypted meters; asked on the port thread, and only when a telegram is encrypted.
    """

    def __init__(
        self,
        url: str,
        line: LineSettings | None = None,
        *,
        memory: BusMemory | None = None,
        opener: Callable[[str, LineSettings], Port] = open_port,
        clock: Clock | None = None,
        keys: KeySource = NO_KEYS,
    ) -> None:
        self.url = url
        self.settings = line or LineSettings()
        self.memory = memory or BusMemory()
        self.trace = Trace()
        self._opener = opener
        self._keys = keys
        self._clock = clock or MonotonicClock()
        self._lock = asyncio.Lock()
        self._executor: ThreadPoolExecutor | None = None
        self._line: Line | None = None
        self._closing = False

    @property
    def is_open(self) -> bool:
        """Whether the port is open."""
        return self._line is not None

    @property
    def baud(self) -> int:
        """The rate of the line now, in Bd."""
        return self._line.baud if self._line else self.settings.baud

    @property
    def has_other_master(self) -> bool:
        """Whether requests of another master were heard, such as of the site's gateway."""
        return self._line is not None and self._line.other_master.seen

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Opens the port; nothing is sent.

        Raises:
            PortError: gone, busy, forbidden or unusable.
        """
        if self._line is not None:
            return
        async with self._lock:
            executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mbus-port")
            opening = executor.submit(self._open)
            waiting = asyncio.wrap_future(opening)
            try:
                line = await asyncio.shield(waiting)
            except BaseException:
                # A host that does not answer is waited for some seconds: the person does not wait with it.
                opening.add_done_callback(_close_again)
                waiting.add_done_callback(_forget)
                executor.shutdown(wait=False)
                raise
            self._executor, self._line = executor, line

    async def close(self) -> None:
        """Ends what is under way and gives the port back; harmless when it is not open.

        A close that is cancelled closes all the same, and the cancellation takes effect afterwards.
        """
        line = self._line
        if line is None:
            return
        self._closing = True
        line.stop.set()
        closing = asyncio.ensure_future(self._close(line))
        await _finish(closing)
        closing.result()

    async def set_baud(self, baud: int) -> None:
        """Changes the rate of the line for all meters that are not known to have one of their own.

        Raises:
            PortUnusable: the adapter cannot do it.
        """
        await self.run(lambda line: line.set_home_baud(baud))
        self.settings = replace(self.settings, baud=baud)

    async def read_secondary(
        self,
        address: SecondaryAddress,
        *,
        fabrication_number: str | None = None,
        progress: Progress | None = None,
    ) -> Readout:
        """Reads the meter that a secondary address fits.

        Args:
            address: wildcards allowed.
            fabrication_number: eight digits, for meters that share an address.
            progress: called on the loop as telegrams come.

        Raises:
            NoAnswer: nobody answered.
            GarbledAnswer: what came is no telegram that can be trusted; the diagnosis says why.
            PortLost: the port vanished.
        """
        report = self._on_loop(progress)
        return await self.run(lambda line: reading.read_secondary(line, address, report, fabrication_number))

    async def read_primary(self, address: int, *, progress: Progress | None = None) -> Readout:
        """Reads the meter at a primary address, 0 to 250; errors as :meth:`read_secondary`."""
        report = self._on_loop(progress)
        return await self.run(lambda line: reading.read_primary(line, address, report))

    def export_trace(self) -> str:
        """The trace so far as the text of a file that ``mbus-tool replay`` serves again as a bus."""
        return export_trace(self.trace.entries(), self.settings)

    def now(self) -> float:
        """Seconds of the clock that times the line."""
        return self._clock.now()

    async def run(self, job: Callable[[Line], Result]) -> Result:
        """Runs a whole procedure on the port thread; for the procedures of this package."""
        async with self._lock:
            line = self._line
            if line is None or self._executor is None or self._closing:
                raise PortClosed(
                    Message("The port {port} is not open.", {"port": self.url}),
                    advice=Message("Choose the adapter again."),
                )
            future = asyncio.get_running_loop().run_in_executor(self._executor, job, line)
            try:
                return await asyncio.shield(future)
            except asyncio.CancelledError:
                line.stop.set()
                await _finish(future)
                raise
            finally:
                if self._line is line:
                    line.stop.clear()

    async def _close(self, line: Line) -> None:
        try:
            async with self._lock:
                executor, self._executor, self._line = self._executor, None, None
                if executor is None:
                    return
                try:
                    await _finish(asyncio.get_running_loop().run_in_executor(executor, line.close))
                finally:
                    executor.shutdown(wait=False)
        finally:
            self._closing = False

    def _open(self) -> Line:
        port = self._opener(self.url, self.settings)
        line = Line(
            port,
            self.settings,
            self._clock,
            self.trace,
            self.memory,
            keys=self._keys,
            network=is_network(self.url),
        )
        self.trace.add(self._clock.now(), Direction.NOTE, note=f"line at {self.settings}")
        return line

    def _on_loop(self, progress: Progress | None) -> Progress:
        if progress is None:
            return lambda _: None
        loop = asyncio.get_running_loop()
        return lambda step: _tell(loop, progress, step)


def _tell(loop: asyncio.AbstractEventLoop, progress: Progress, step: ReadProgress) -> None:
    """Hands something from the port thread to the loop; a loop that is closed already needs no more."""
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(progress, step)


def _close_again(opening: "Future[Line]") -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()


def _forget(waiting: "asyncio.Future[Line]") -> None:
    """Whatever came of it, nobody waits for it any more."""
    if not waiting.cancelled():
        waiting.exception()


async def _finish(future: "asyncio.Future[Result]") -> None:
    """Waits for the port even when cancelled (again): two threads must never share one.

    A cancellation that comes meanwhile takes effect afterwards.
    """
    cancelled = False
    while not future.done():
        try:
            await asyncio.wait({future})
        except asyncio.CancelledError:
            cancelled = True
    if not future.cancelled():
        future.exception()
    if cancelled:
        raise asyncio.CancelledError
