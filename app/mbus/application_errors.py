"""The application errors a meter reports instead of data (CI 70), in words: one row a code."""

from typing import Final

from app.mbus.errors import shown_bytes
from app.message import Message

_WORDS: Final = {
    0x00: "unspecified error",
    0x01: "unimplemented CI field",
    0x02: "buffer too long, truncated",
    0x03: "too many records",
    0x04: "premature end of record",
    0x05: "more than 10 DIFEs",
    0x06: "more than 10 VIFEs",
    0x08: "application too busy for handling a readout request",
    0x09: "too many readouts",
    0x10: "access denied",
    0x11: "application or command unknown",
    0x12: "parameter false",
    0x13: "unknown receiver address",
    0x14: "decryption key failed",
    0x15: "encryption method not supported",
    0x16: "signature method not supported",
    0xF0: "dynamic application error",
}
_RESERVED: Final = "reserved"


def error_words(data: bytes) -> Message:
    """The error that the bytes behind the CI field tell; a meter that sends none tells an unspecified one."""
    code = data[0] if data else 0
    values: dict[str, object] = {"code": f"{code:02X}", "words": Message(_WORDS.get(code, _RESERVED))}
    if len(data) < 2:
        return Message("the meter reports application error {code}: {words}", values)
    return Message(
        "the meter reports application error {code}: {words} (further bytes {rest})",
        {**values, "rest": shown_bytes(data[1:])},
    )
