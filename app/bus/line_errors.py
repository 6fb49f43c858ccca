"""Parity and framing errors as the system tells them: marks in the stream on POSIX, flags on Windows."""

import contextlib
import sys
from dataclasses import dataclass
from typing import Any, Final, Protocol


@dataclass(frozen=True, slots=True)
class LineErrors:
    """How many bytes came with an error, since last asked.

    Attributes:
        spoilt: bytes with a parity or framing error.
        breaks: times the line was held at space longer than a byte.
        overruns: times bytes were lost in the adapter or the driver.
    """

    spoilt: int = 0
    breaks: int = 0
    overruns: int = 0

    def __add__(self, other: "LineErrors") -> "LineErrors":
        return LineErrors(
            self.spoilt + other.spoilt, self.breaks + other.breaks, self.overruns + other.overruns
        )

    @property
    def any(self) -> bool:
        """Whether there was one at all."""
        return bool(self.spoilt or self.breaks or self.overruns)


NO_ERRORS: Final = LineErrors()


class ErrorObserver(Protocol):
    """Watches one open port for line errors."""

    def prepare(self) -> None:
        """To be called after every change of the port's settings."""
        ...

    def look(self) -> None:
        """To be called before and after each read."""
        ...

    def unmark(self, data: bytes) -> bytes:
        """Takes the marks out of what was read."""
        ...

    def take(self) -> LineErrors:
        """What was seen since the last call."""
        ...


class NoObserver:
    """For ports that cannot tell (``socket://``, ``rfc2217://``): wrong checksums tell later."""

    def prepare(self) -> None:
        """Nothing to set."""

    def look(self) -> None:
        """Nothing to look at."""

    def unmark(self, data: bytes) -> bytes:
        """There are no marks."""
        return data

    def take(self) -> LineErrors:
        """Never any."""
        return LineErrors()


class MarkDecoder:
    """Takes apart what a POSIX terminal with PARMRK delivers.

    ``FF 00 x`` is a spoilt byte x, ``FF FF`` a good FF.
    A break comes as a spoilt zero. Marks may be cut anywhere between two reads.
    """

    def __init__(self) -> None:
        self._held = b""
        self._seen = LineErrors()

    def decode(self, data: bytes) -> bytes:
        """Returns the bytes themselves and counts the marks."""
        stream = self._held + data
        self._held = b""
        clean = bytearray()
        position = 0
        while position < len(stream):
            mark = stream[position : position + 3]
            if mark[0] != 0xFF:
                clean.append(mark[0])
                position += 1
            elif mark[1:2] == b"\xff":
                clean.append(0xFF)
                position += 2
            elif len(mark) < 3:
                self._held = mark
                break
            else:
                clean.append(mark[2])
                self._seen += LineErrors(spoilt=1, breaks=int(mark[2] == 0))
                position += 3
        return bytes(clean)

    def take(self) -> LineErrors:
        """What was counted since the last call."""
        seen, self._seen = self._seen, LineErrors()
        return seen


if sys.platform == "win32":
    import ctypes

    from serial import win32

    class _WindowsObserver(NoObserver):
        """Asks the driver with ClearCommError, just before pyserial's own call forgets the flags."""

        def __init__(self, port: Any) -> None:  # noqa: ANN401 - pyserial's class differs per platform
            self._port = port
            self._seen = LineErrors()

        def look(self) -> None:
            """Collects the flags."""
            flags = win32.DWORD()
            state = win32.COMSTAT()
            handle = self._port._port_handle  # noqa: SLF001 - pyserial offers no other way
            if handle is None or not win32.ClearCommError(handle, ctypes.byref(flags), ctypes.byref(state)):
                return
            self._seen += LineErrors(
                spoilt=int(bool(flags.value & (win32.CE_RXPARITY | win32.CE_FRAME))),
                breaks=int(bool(flags.value & win32.CE_BREAK)),
                overruns=int(bool(flags.value & (win32.CE_OVERRUN | win32.CE_RXOVER))),
            )

        def take(self) -> LineErrors:
            """What was seen since the last call."""
            self.look()
            seen, self._seen = self._seen, LineErrors()
            return seen

    def observer_for(port: Any) -> ErrorObserver:  # noqa: ANN401 - as above
        """The observer for an open pyserial port."""
        return _WindowsObserver(port) if hasattr(port, "_port_handle") else NoObserver()

else:
    import termios

    class _MarkingObserver:
        """Has the terminal mark spoilt bytes (INPCK, PARMRK) and reads the marks."""

        def __init__(self, descriptor: int) -> None:
            self._descriptor = descriptor
            self._decoder = MarkDecoder()
            self._marking = False

        def prepare(self) -> None:
            """Sets the flags, which pyserial clears whenever it configures the port."""
            self._marking = False
            with contextlib.suppress(termios.error):
                attributes = termios.tcgetattr(self._descriptor)
                marks = termios.INPCK | termios.PARMRK
                attributes[0] = (attributes[0] | marks) & ~(termios.IGNPAR | termios.ISTRIP | termios.BRKINT)
                termios.tcsetattr(self._descriptor, termios.TCSANOW, attributes)
                self._marking = termios.tcgetattr(self._descriptor)[0] & marks == marks

        def look(self) -> None:
            """The marks are in the stream."""

        def unmark(self, data: bytes) -> bytes:
            """Takes the marks out, where the terminal makes them."""
            return self._decoder.decode(data) if self._marking else data

        def take(self) -> LineErrors:
            """What was seen since the last call."""
            return self._decoder.take()

    def observer_for(port: Any) -> ErrorObserver:  # noqa: ANN401 - pyserial's class differs per platform
        """The observer for an open pyserial port."""
        descriptor = getattr(port, "fd", None)
        return NoObserver() if descriptor is None else _MarkingObserver(descriptor)
