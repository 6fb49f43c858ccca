"""The seam to the serial line: what the bus needs of a port, and ports of pyserial behind it."""

import contextlib
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol

import serial

from app.bus.errors import PortError, PortUnusable
from app.bus.line_errors import LineErrors, observer_for
from app.bus.port_errors import check_network_address, losing_error, opening_error
from app.message import Message

if sys.platform == "win32":
    _SETTINGS_ERRORS: tuple[type[Exception], ...] = ()
else:
    import termios

    # Not an OSError, and raised by a pseudo-terminal when nothing but the parity differs from what it had.
    _SETTINGS_ERRORS = (termios.error,)

READ_SLICE_S: Final = 0.01
"""The longest a read blocks; set once, because a change of ``timeout`` reconfigures an open port."""

WRITE_TIMEOUT_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class LineSettings:
    """Baud rate in Bd and the shape of a byte; the default is that of M-Bus, 2400 8E1."""

    baud: int = 2400
    bytesize: int = 8
    parity: str = "E"
    stopbits: int = 1

    @property
    def bits_per_byte(self) -> int:
        """Bits one byte takes on the wire, start bit included."""
        return 1 + self.bytesize + (self.parity != "N") + self.stopbits

    def __str__(self) -> str:
        return f"{self.baud} {self.bytesize}{self.parity}{self.stopbits}"


class Port(Protocol):
    """A line that is open; used by one thread only. All methods raise ``PortLost`` when it has vanished."""

    def read(self, size: int) -> bytes:
        """Up to ``size`` bytes; returns when they are there, or after a short slice with what came."""
        ...

    def pending(self) -> bytes:
        """What has come already, without waiting."""
        ...

    def write(self, data: bytes) -> None:
        """Hands bytes to the adapter."""
        ...

    def set_baud(self, baud: int) -> None:
        """Changes the baud rate."""
        ...

    def take_errors(self) -> LineErrors:
        """Parity, framing and overrun errors since the last call."""
        ...

    def close(self) -> None:
        """Gives the port back; never raises."""
        ...


class SerialLine:
    """A port of pyserial: ``COM5``, ``/dev/ttyUSB0``, ``socket://host:port``, ``rfc2217://host:port``."""

    def __init__(self, url: str, device: serial.SerialBase) -> None:
        self._url = url
        # pyserial's classes share no base that tells all their methods.
        self._device: Any = device
        self._observer = observer_for(device)
        self._observer.prepare()

    def read(self, size: int) -> bytes:
        """See :class:`Port`."""
        with self._losing():
            self._observer.look()
            data = bytes(self._device.read(size))
            self._observer.look()
        return self._observer.unmark(data)

    def pending(self) -> bytes:
        """See :class:`Port`."""
        data = b""
        with self._losing():
            self._observer.look()
            while waiting := self._device.in_waiting:
                data += bytes(self._device.read(waiting))
        return self._observer.unmark(data)

    def write(self, data: bytes) -> None:
        """See :class:`Port`."""
        with self._losing():
            self._device.write(data)

    def set_baud(self, baud: int) -> None:
        """See :class:`Port`.

        Raises:
            PortUnusable: the adapter does not know that rate.
        """
        try:
            with self._losing():
                self._device.baudrate = baud
        except (ValueError, *_SETTINGS_ERRORS) as error:
            raise PortUnusable(
                Message("The adapter at {port} cannot do {baud} Bd.", {"port": self._url, "baud": baud}),
                advice=Message("Choose another baud rate."),
            ) from error
        self._observer.prepare()

    def take_errors(self) -> LineErrors:
        """See :class:`Port`."""
        return self._observer.take()

    def close(self) -> None:
        """See :class:`Port`."""
        # pyserial's socket:// forgets its socket unclosed when the other side has gone first.
        link = getattr(self._device, "_socket", None)
        with contextlib.suppress(OSError, TypeError, *_SETTINGS_ERRORS):
            self._device.close()
        if isinstance(link, socket.socket):
            link.close()

    @contextmanager
    def _losing(self) -> Iterator[None]:
        try:
            yield
        except (OSError, TypeError, AttributeError) as error:
            # pyserial reads attributes of a port that vanished, and None where its handle was.
            raise losing_error(self._url, error) from error


def open_port(url: str, line: LineSettings) -> Port:
    """Opens a port for this program alone.

    Raises:
        PortError: gone, busy, forbidden or unusable, with the reason and the next step.
    """
    check_network_address(url)
    try:
        device = _open(url, line)
    except (OSError, ValueError, *_SETTINGS_ERRORS) as error:
        raise opening_error(url, error) from error
    try:
        return SerialLine(url, device)
    except PortError:
        device.close()
        raise


def _open(url: str, line: LineSettings) -> serial.SerialBase:
    settings: dict[str, Any] = {
        "baudrate": line.baud,
        "bytesize": line.bytesize,
        "parity": line.parity,
        "stopbits": line.stopbits,
        "timeout": READ_SLICE_S,
    }
    if not url.lower().startswith("rfc2217:"):
        # pyserial's RFC 2217 client refuses one.
        settings["write_timeout"] = WRITE_TIMEOUT_S
    if "://" not in url:
        settings["exclusive"] = True
    device = serial.serial_for_url(url, do_not_open=True, **settings)
    try:
        device.open()
    except _SETTINGS_ERRORS:
        # The first try has set all but the parity; the second then succeeds.
        device.open()
    return device
