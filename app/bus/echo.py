"""Takes the echo out of what comes back: many level converters repeat every byte the master sends."""

from app.mbus.frames import ACK_BYTE

_CERTAIN = 4
"""So many bytes alike, from the first on, are an echo; fewer may be chance."""

_LOOK_AHEAD = 3
"""So many bytes of the request at most may be missing in an echo at one place."""


class EchoFilter:
    """Compares what comes back with the request, byte by byte.

    No answer begins like its request (a selection is answered by E5, a request for data by a long
    frame), so what begins like it is its echo. It may lack its first bytes, as it does when the converter
    switches late; once a line is known to echo, it may begin anywhere in the request and lack bytes anywhere.

    Args:
        request: what was sent.
        expected: whether this line is known to echo.
    """

    def __init__(self, request: bytes, *, expected: bool) -> None:
        self._request = request
        self._expected = expected
        self._position = 0
        self._held = b""
        self._over = False
        self.count = 0
        """Bytes that were taken out as echo."""

    @property
    def seen(self) -> bool:
        """Whether what came is certainly an echo."""
        return self.count >= min(_CERTAIN, len(self._request)) and not self._held

    @property
    def complete(self) -> bool:
        """Whether the echo has come to its end."""
        return self._over or self._position == len(self._request)

    @property
    def needed(self) -> int:
        """How many bytes of the echo are still to come; 0 when none has begun."""
        return 0 if self.complete or not self._position else len(self._request) - self._position

    def receive(self, data: bytes) -> bytes:
        """Returns what is no echo."""
        fresh = bytearray()
        for index, byte in enumerate(data):
            if self.complete:
                return bytes(fresh) + data[index:]
            fresh += self._take(byte)
        return bytes(fresh)

    def flush(self) -> bytes:
        """Nothing more will come: returns what was held back and is not long enough to be an echo."""
        held, self._held = self._held, b""
        self._over = True
        self.count -= len(held)
        return held

    def _take(self, byte: int) -> bytes:
        if self._expected or self.count >= _CERTAIN:
            return self._take_certain(byte)
        return self._take_doubtful(byte)

    def _take_certain(self, byte: int) -> bytes:
        ahead = _LOOK_AHEAD + 1 if self._position else len(self._request)
        step = self._request[self._position : self._position + ahead].find(byte)
        if step < 0:
            return self.flush() + bytes((byte,))
        self._position += step + 1
        self.count += 1
        self._held = b""
        return b""

    def _take_doubtful(self, byte: int) -> bytes:
        """Holds bytes back as long as they are a part of the request that begins near its start."""
        held = self._held + bytes((byte,))
        start = self._request.find(held, 0, _LOOK_AHEAD + len(held))
        if start < 0 or held[0] == ACK_BYTE:
            return self.flush() + bytes((byte,))
        self._held = held
        self._position = start + len(held)
        self.count += 1
        if self.count >= _CERTAIN or self.complete:
            self._held = b""
        return b""
