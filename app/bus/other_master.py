"""Another master on the line, such as the site's gateway behind the same converter: known by its traffic."""

from typing import ClassVar, Final

from app.mbus.frames import LongFrame, ShortFrame
from app.mbus.reader import FrameReader
from app.message import Message

_HOLDS_S: Final = 3.2
"""Some converters give the line to one side until 3 s after its last byte."""

_REQUEST: Final = 0x40
"""The bit of a C field that only a master sets."""


class OtherMaster:
    """What was heard of another master.

    Attributes:
        seen: whether there is one.
        holds_until: until when it may have the line.
    """

    PATIENCE_S: ClassVar = 4.0
    """So long at most it is waited for before a request."""

    def __init__(self) -> None:
        self.seen = False
        self.holds_until = 0.0
        self._reader = FrameReader()

    def hear(self, now: float, data: bytes, own: bytes, *, answered_until: float) -> None:
        """Takes bytes that came while no answer was waited for.

        Args:
            now: on the line's clock.
            data: the bytes.
            own: the last request of this master, of which the echo may come late.
            answered_until: until then an answer to a request of this master may have come late.
        """
        for item in self._reader.receive(data):
            if isinstance(item, LongFrame) and now > answered_until:
                self._note(now)
            self.hear_frame(now, item, own)

    def hear_frame(self, now: float, item: object, own: bytes = b"") -> None:
        """Takes whatever came; a request that is not this master's ``own`` is another's."""
        if isinstance(item, (ShortFrame, LongFrame)) and item.control & _REQUEST and item.to_bytes() != own:
            self._note(now)

    @property
    def advice(self) -> Message | None:
        """What to do about it; None where there is none."""
        if not self.seen:
            return None
        return Message(
            "Another master asks meters on this line, such as the site's gateway: let it pause meanwhile."
        )

    def _note(self, now: float) -> None:
        self.seen = True
        self.holds_until = now + _HOLDS_S
