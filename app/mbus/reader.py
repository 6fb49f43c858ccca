"""The streaming reader: bytes in any portions become frames, what is none becomes garbage with its reason."""

from dataclasses import dataclass

from app.mbus.errors import FrameError
from app.mbus.frames import (
    ACK_BYTE,
    LONG_MIN_LENGTH,
    LONG_OVERHEAD,
    LONG_START,
    SHORT_SIZE,
    SHORT_START,
    STOP_BYTE,
    Frame,
    checksum,
    frame_fault,
    parse_frame,
)

NOISE_MAX = 256
"""Noise is handed out in portions of at most this many bytes, so that the buffer stays bounded."""


@dataclass(frozen=True, slots=True)
class Garbage:
    """Bytes that are no frame, and why."""

    raw: bytes
    error: FrameError


class FrameReader:
    """Finds frames in a stream of bytes.

    The frames and garbage found depend on the stream alone, never on how it was cut into portions. After
    noise it finds its way back, inside a spoilt frame too: the spoilt frame's own bytes are searched for the
    start of a whole one. The buffer never holds more than two frames beside the portion just received.
    """

    __slots__ = ("_buffer", "_error", "_needed", "_position", "_spoilt")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._position = 0
        """Bytes before it are known to begin no frame."""
        self._spoilt = 0
        """End of the spoilt frame that the buffer begins with; inside it E5 is data, no acknowledgement."""
        self._error: FrameError | None = None
        """What is wrong with the spoilt frame."""
        self._needed = 0

    @property
    def pending(self) -> bytes:
        """What came and is neither a frame nor garbage yet."""
        return bytes(self._buffer)

    @property
    def needed(self) -> int:
        """How many bytes, at least, are missing of the frame begun; 0 when none is."""
        return self._needed

    def receive(self, data: bytes) -> list[Frame | Garbage]:
        """Takes the next portion and returns what it completes, in wire order."""
        self._buffer += data
        found: list[Frame | Garbage] = []
        self._needed = 0
        while self._position < len(self._buffer):
            size = self._size_at(self._position)
            missing = self._position + size - len(self._buffer)
            if missing > 0:
                self._needed = missing
                break
            self._step(size, found)
        return found

    def flush(self) -> list[Frame | Garbage]:
        """Gives up waiting: what is pending becomes garbage, except a whole frame found inside it."""
        found: list[Frame | Garbage] = []
        while self._buffer:
            # The frame begun will not be completed: its first byte begins nothing.
            self._position += 1
            found += self.receive(b"")
            if self._position >= len(self._buffer):
                self._drop(len(self._buffer), found)
        return found

    def _size_at(self, position: int) -> int:
        """Bytes of the frame that begins there as far as its first bytes tell; 0 when none begins there."""
        head = self._buffer[position : position + 4]
        if head[0] == ACK_BYTE:
            return 0 if self._spoilt else 1
        if head[0] == SHORT_START:
            return SHORT_SIZE
        if head[0] != LONG_START:
            return 0
        likely = (
            (len(head) < 2 or head[1] >= LONG_MIN_LENGTH)
            and (len(head) < 3 or head[1] == head[2])
            and (len(head) < 4 or head[3] == LONG_START)
        )
        if not likely:
            return 0
        return head[1] + LONG_OVERHEAD if len(head) > 1 else LONG_MIN_LENGTH + LONG_OVERHEAD

    def _step(self, size: int, found: list[Frame | Garbage]) -> None:
        """Decides what the byte at the position begins; all bytes of it have come."""
        begin = self._position
        candidate = bytes(self._buffer[begin : begin + size])
        if candidate and _is_whole(candidate):
            self._drop(begin, found)
            found.append(parse_frame(candidate))
            del self._buffer[:size]
            return
        if size > SHORT_SIZE and not self._spoilt:
            self._drop(begin, found)
            self._spoilt = size
            self._error = frame_fault(candidate)
            begin = 0
        self._position = begin + 1
        if self._position >= (self._spoilt or NOISE_MAX):
            self._drop(self._position, found)

    def _drop(self, count: int, found: list[Frame | Garbage]) -> None:
        """Turns the first bytes into garbage."""
        if count:
            raw = bytes(self._buffer[:count])
            found.append(Garbage(raw, self._error or frame_fault(raw)))
            del self._buffer[:count]
        self._position = 0
        self._spoilt = 0
        self._error = None


def _is_whole(candidate: bytes) -> bool:
    """Whether bytes of the right number, with a right head, end as a frame must."""
    if len(candidate) == 1:
        return True
    body = candidate[1:3] if len(candidate) == SHORT_SIZE else candidate[4:-2]
    return candidate[-1] == STOP_BYTE and candidate[-2] == checksum(body)
