"""Serves a simulated line behind a TCP port: byte by byte, each at its moment."""

import contextlib
import socket
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Final, Protocol, Self

from app.practice.adapter import Adapter, Rfc2217Adapter, TcpAdapter, wait_until
from app.practice.faults import NO_FAULTS, Faults

_ACCEPT_SLICE_S: Final = 0.05
_IDLE_SLICE_S: Final = 0.05
_SLEEP_SLICE_S: Final = 0.002
"""While an answer is under way, what the master sends is looked at this often."""


class ServedLine(Protocol):
    """A line to be served: requests in, answers out, both with the moment they pass the adapter."""

    baud: int

    @property
    def next_due(self) -> float | None:
        """When the next byte reaches the master."""
        ...

    def receive(self, now: float, data: bytes) -> None:
        """Takes bytes of the master."""
        ...

    def take(self, now: float) -> bytes:
        """The bytes that have reached the master by now."""
        ...


class LineServer(ABC):
    """Any number of masters, each with a line of its own.

    Args:
        baud: the rate of the bus, in Bd.
        faults: what is wrong at the start; assign :attr:`faults` to switch while it runs.
    """

    def __init__(self, baud: int, faults: Faults = NO_FAULTS) -> None:
        self.baud = baud
        self.faults = faults
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._listeners: list[socket.socket] = []

    @abstractmethod
    def make_wire(self) -> ServedLine:
        """The line for one more master."""

    @property
    def stopping(self) -> bool:
        """Whether the server is being stopped."""
        return self._stopping.is_set()

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
        self._threads = [thread for thread in self._threads if thread.is_alive() or not thread.ident]
        thread = threading.Thread(target=job, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket, adapt: Callable[[socket.socket], Adapter]) -> None:
        while not self.stopping:
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            if self.faults.unplugged:
                connection.close()
                continue
            self._spawn(lambda c=connection: self._serve(c, adapt), "practice-master")  # type: ignore[misc]

    def _serve(self, connection: socket.socket, adapt: Callable[[socket.socket], Adapter]) -> None:
        adapter: Adapter | None = None
        with contextlib.suppress(OSError):
            adapter = adapt(connection)
            Conversation(self, adapter).run()
        if adapter is not None:
            adapter.close()
        connection.close()


class Conversation:
    """One master on a line, served until it or the line goes."""

    def __init__(self, server: LineServer, adapter: Adapter) -> None:
        self._server = server
        self._adapter = adapter
        self._wire = server.make_wire()
        self._sent = 0

    def run(self) -> None:
        """Serves.

        Raises:
            OSError: the master is gone.
        """
        while not self._server.stopping and not self._server.faults.unplugged:
            due = self._wire.next_due
            if due is None:
                self._hear(_IDLE_SLICE_S)
            else:
                wait_until(due, _SLEEP_SLICE_S)
                self._hear(0)
            self._say(self._wire.take(time.monotonic()))

    def _hear(self, timeout_s: float) -> None:
        data = self._adapter.receive(timeout_s)
        if data:
            self._wire.baud = self._adapter.baud or self._server.baud
            self._wire.receive(time.monotonic(), data)

    def _say(self, data: bytes) -> None:
        if not data:
            return
        limit = self._server.faults.unplug_after
        if limit is not None:
            data = data[: max(0, limit - self._sent)]
        self._sent += len(data)
        self._adapter.send(data)
        if limit is not None and self._sent >= limit:
            raise ConnectionResetError
