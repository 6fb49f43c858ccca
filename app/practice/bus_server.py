"""The practice bus: simulated meters behind a TCP port, at the pace of a real line."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from random import Random
from typing import Final, Self

from app.practice.adapter import Adapter, Rfc2217Adapter, TcpAdapter, wait_until
from app.practice.building import Building
from app.practice.faults import NO_FAULTS, Faults
from app.practice.meters import MeterLink
from app.practice.wire import Wire

_ACCEPT_SLICE_S: Final = 0.05
_IDLE_SLICE_S: Final = 0.05
_SLEEP_SLICE_S: Final = 0.002
"""While an answer is under way, what the master sends is looked at this often."""


class PracticeBus:
    """Serves a building to any number of masters, each with its own line and its own selections.

    Every byte leaves at its place on the wire (11 bits at the line's rate, after the meter's response delay),
    by an absolute schedule, so that what is measured on this bus means something.

    Args:
        building: the meters; changes of their settings last.
        baud: the rate of the bus, in Bd.
        faults: what is wrong at the start; assign :attr:`faults` to switch while it runs.
        seed: decides what is lost and disturbed.
    """

    def __init__(
        self, building: Building, *, baud: int = 2400, faults: Faults = NO_FAULTS, seed: int = 0
    ) -> None:
        self.building = building
        self.baud = baud
        self.faults = faults
        self._random = Random(seed)  # noqa: S311 - faults on a practice bus are no secret
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._listeners: list[socket.socket] = []

    def start(self, port: int = 0) -> str:
        """Listens on loopback and returns the URL to open, ``socket://127.0.0.1:PORT``."""
        return f"socket://127.0.0.1:{self._listen(port, TcpAdapter)}"

    def start_rfc2217(self, port: int = 0) -> str:
        """Listens for masters that set the baud rate and returns the URL, ``rfc2217://127.0.0.1:PORT``."""
        number = self._listen(port, lambda connection: Rfc2217Adapter(connection, self.baud))
        return f"rfc2217://127.0.0.1:{number}"

    def stop(self) -> None:
        """Breaks all connections and ends all threads; harmless when it was never started."""
        self._stopping.set()
        for listener in self._listeners:
            listener.close()
        for thread in tuple(self._threads):
            thread.join()
        self._threads.clear()
        self._listeners.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _listen(self, port: int, adapt: Callable[[socket.socket], Adapter]) -> int:
        listener = socket.create_server(("127.0.0.1", port))
        listener.settimeout(_ACCEPT_SLICE_S)
        self._listeners.append(listener)
        number: int = listener.getsockname()[1]
        self._spawn(lambda: self._accept(listener, adapt), f"practice-bus-{number}")
        return number

    def _spawn(self, job: Callable[[], None], name: str) -> None:
        thread = threading.Thread(target=job, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket, adapt: Callable[[socket.socket], Adapter]) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            if self.faults.unplugged:
                connection.close()
                continue
            self._spawn(lambda c=connection: self._serve(adapt(c)), "practice-master")  # type: ignore[misc]

    def _serve(self, adapter: Adapter) -> None:
        with contextlib.suppress(OSError):
            Conversation(self, adapter, Random(self._random.random())).run()  # noqa: S311 - as above
        adapter.close()

    @property
    def stopping(self) -> bool:
        """Whether the bus is being stopped."""
        return self._stopping.is_set()


class Conversation:
    """One master on the bus, served until it or the bus goes."""

    def __init__(self, bus: PracticeBus, adapter: Adapter, random: Random) -> None:
        self._bus = bus
        self._adapter = adapter
        links = [MeterLink(meter) for meter in bus.building.meters]
        self._wire = Wire(links, bus.baud, lambda: bus.faults, random)
        self._sent = 0

    def run(self) -> None:
        """Serves.

        Raises:
            OSError: the master is gone.
        """
        while not self._bus.stopping and not self._bus.faults.unplugged:
            due = self._wire.next_due
            if due is None:
                self._hear(_IDLE_SLICE_S)
                continue
            wait_until(due, _SLEEP_SLICE_S)
            self._hear(0)
            self._say(self._wire.take(time.monotonic()))

    def _hear(self, timeout_s: float) -> None:
        data = self._adapter.receive(timeout_s)
        if data:
            self._wire.baud = self._adapter.baud or self._bus.baud
            self._wire.receive(time.monotonic(), data)

    def _say(self, data: bytes) -> None:
        if not data:
            return
        limit = self._bus.faults.unplug_after
        if limit is not None:
            data = data[: max(0, limit - self._sent)]
        self._sent += len(data)
        self._adapter.send(data)
        if limit is not None and self._sent >= limit:
            raise ConnectionResetError
