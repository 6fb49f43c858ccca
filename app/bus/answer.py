"""What came of one request."""

from dataclasses import dataclass
from enum import Enum

from app.bus.line_errors import NO_ERRORS, LineErrors
from app.mbus.frames import Frame


class Outcome(Enum):
    """What came of a request."""

    SILENCE = "silence"
    ANSWER = "answer"
    GARBLED = "garbled"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request.

    Attributes:
        outcome: nothing, the frame that was waited for, or something else.
        request: the bytes sent.
        received: all that came, without the echo.
        frame: the frame that was waited for.
        raw: its bytes.
        errors: parity and framing errors observed meanwhile.
        echoed: bytes of echo taken out.
        stray: bytes that came unasked before the request.
        delay_s: from the end of the request to the first byte of the answer.
    """

    outcome: Outcome
    request: bytes
    received: bytes = b""
    frame: Frame | None = None
    raw: bytes = b""
    errors: LineErrors = NO_ERRORS
    echoed: int = 0
    stray: bytes = b""
    delay_s: float | None = None

    @property
    def size(self) -> int:
        """Bytes on the wire of the request and the frame."""
        return len(self.request) + len(self.raw)
