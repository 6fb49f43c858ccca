"""The authentication and fragmentation layer (CI 90, EN 13757-7) in front of the header of mode 7."""

from dataclasses import dataclass
from typing import Final

from app.mbus.errors import FrameError, FrameErrorKind, shown_bytes
from app.message import Message

_MORE_FRAGMENTS: Final = 1 << 14
_MESSAGE_CONTROL: Final = 1 << 13
_MESSAGE_LENGTH: Final = 1 << 12
_MESSAGE_COUNTER: Final = 1 << 11
_CODE: Final = 1 << 10
_KEY_INFORMATION: Final = 1 << 9
_CODE_SIZES: Final = {3: 2, 4: 4, 5: 8, 6: 12, 7: 16, 8: 12}
"""Bytes of the message authentication code, by the type in the message control field."""
_DEFAULT_CODE_SIZE: Final = 8


@dataclass(frozen=True, slots=True)
class Authentication:
    """What the layer says.

    Attributes:
        counter: the message counter, four bytes.
        code: the message authentication code, empty without one.
        covered: the fields of the layer that the code covers, in its order.
    """

    counter: bytes = bytes(4)
    code: bytes = b""
    covered: bytes = b""


NOT_AUTHENTICATED: Final = Authentication()


def parse_authentication(data: bytes) -> tuple[Authentication, int]:
    """Reads the layer.

    Returns:
        What it says, and how many bytes it takes.

    Raises:
        FrameError: it is cut off, or a fragment of a larger message.
    """
    if len(data) < 3 or len(data) < 1 + data[0] or data[0] < 2:
        message = Message("expected an authentication layer, got only {got}", {"got": shown_bytes(data)})
        raise FrameError(FrameErrorKind.TRUNCATED, message)
    size = 1 + data[0]
    control = data[1] | data[2] << 8
    if control & _MORE_FRAGMENTS:
        message = Message("a fragmented message cannot be put together")
        raise FrameError(FrameErrorKind.APPLICATION, message)
    fields = _Fields(data[3:size])
    message_control = fields.take(1 if control & _MESSAGE_CONTROL else 0)
    key_information = fields.take(2 if control & _KEY_INFORMATION else 0)
    counter = fields.take(4 if control & _MESSAGE_COUNTER else 0)
    code_type = message_control[0] & 0x0F if message_control else 0
    code = fields.take(_CODE_SIZES.get(code_type, _DEFAULT_CODE_SIZE) if control & _CODE else 0)
    length = fields.take(2 if control & _MESSAGE_LENGTH else 0)
    covered = message_control + key_information + counter + length
    return Authentication(counter or bytes(4), code, covered), size


class _Fields:
    """Takes fields off the front."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def take(self, size: int) -> bytes:
        if len(self._data) < size:
            message = Message("the authentication layer is shorter than its fields")
            raise FrameError(FrameErrorKind.TRUNCATED, message)
        field, self._data = self._data[:size], self._data[size:]
        return field
