"""What came of one request."""

from dataclasses import dataclass
from enum import Enum

from app.bus.line_errors import NO_ERRORS, LineErrors
from app.mbus.frames import Frame


class Outcome(Enum):
    """What came of a request."""

    SILENCE = "silence"
    ANSWER = "answer"
    BUSY = "busy"
    """An acknowledgement where a telegram was asked for: it is not ready yet."""
    GARBLED = "garbled"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request.

    Attributes:
        outcome: nothing, the frame that was waited for alone, or something else.
        request: the bytes sent.
        received: all that came, without the echo.
        frame: the frame that was waited for.
        raw: its bytes.
        frames: all frames of that kind that came, each with the delay after which it began, in seconds.
        errors: parity and framing errors observed meanwhile.
        echoed: bytes of echo taken out.
        delay_s: from the end of the request to the first byte of the answer.
        delays_s: the same of each byte, as the adapter handed it over.
    """

    outcome: Outcome
    request: bytes
    received: bytes = b""
    frame: Frame | None = None
    raw: bytes = b""
    frames: tuple[tuple[float, Frame], ...] = ()
    errors: LineErrors = NO_ERRORS
    echoed: int = 0
    delay_s: float | None = None
    delays_s: tuple[float, ...] = ()

    @property
    def size(self) -> int:
        """Bytes on the wire of the request and the frame."""
        return len(self.request) + len(self.raw)
