"""How a practice bus talks to whoever connected: plain TCP, or RFC 2217 with the baud rate in it."""

import contextlib
import socket
import time
from dataclasses import dataclass
from typing import Any, Protocol

from serial import rfc2217


class Adapter(Protocol):
    """One connection as the bus sees it."""

    def receive(self, timeout_s: float) -> bytes:
        """What came within that time, possibly nothing.

        Raises:
            OSError: the other side is gone.
        """
        ...

    def send(self, data: bytes) -> None:
        """Hands over what arrived from the bus; raises OSError when the other side is gone."""
        ...

    def close(self) -> None:
        """Breaks the connection."""
        ...

    @property
    def baud(self) -> int | None:
        """The rate the other side has set, None when it cannot tell."""
        ...


class TcpAdapter:
    """Bytes as they are (``socket://``)."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @property
    def baud(self) -> int | None:
        """Plain TCP cannot tell."""
        return None

    def receive(self, timeout_s: float) -> bytes:
        """See :class:`Adapter`."""
        self._connection.settimeout(timeout_s)
        try:
            data = self._connection.recv(4096)
        except (TimeoutError, BlockingIOError):
            return b""
        if not data:
            raise ConnectionResetError
        return data

    def send(self, data: bytes) -> None:
        """See :class:`Adapter`."""
        self._connection.settimeout(None)
        self._connection.sendall(data)

    def close(self) -> None:
        """See :class:`Adapter`."""
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        self._connection.close()


@dataclass(slots=True)
class _Settings:
    """What pyserial's RFC 2217 server part reads and sets."""

    baudrate: int
    bytesize: int = 8
    parity: str = "E"
    stopbits: float = 1
    rts: bool = True
    dtr: bool = True
    cts: bool = True
    dsr: bool = True
    ri: bool = False
    cd: bool = False
    break_condition: bool = False
    xonxoff: bool = False
    rtscts: bool = False

    def reset_input_buffer(self) -> None:
        """Nothing is buffered here."""

    def reset_output_buffer(self) -> None:
        """Nothing is buffered here."""


class Rfc2217Adapter(TcpAdapter):
    """Bytes and settings (``rfc2217://``)."""

    def __init__(self, connection: socket.socket, baud: int) -> None:
        super().__init__(connection)
        self._settings = _Settings(baud)
        # The stubs want a whole serial port where these few attributes do.
        settings: Any = self._settings
        connection_part: Any = self
        self._manager: Any = rfc2217.PortManager(settings, connection_part)

    @property
    def baud(self) -> int | None:
        """The rate the other side has set."""
        return self._settings.baudrate

    def write(self, data: bytes) -> None:
        """What the RFC 2217 part itself says to the other side."""
        super().send(data)

    def receive(self, timeout_s: float) -> bytes:
        """See :class:`Adapter`."""
        return b"".join(self._manager.filter(super().receive(timeout_s)))

    def send(self, data: bytes) -> None:
        """See :class:`Adapter`."""
        super().send(b"".join(self._manager.escape(data)))


def wait_until(moment: float, slice_s: float) -> None:
    """Sleeps towards a moment of the monotonic clock, at most a slice."""
    left = moment - time.monotonic()
    if left > 0:
        time.sleep(min(left, slice_s))
