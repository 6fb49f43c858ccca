"""Errors of the codec: what a meter or a line did wrong is not what the caller did wrong."""

from enum import Enum


class FrameErrorKind(Enum):
    """Why a frame cannot be taken; the values are the words of the headless decoder."""

    CHECKSUM = "checksum"
    LENGTH = "length"
    START = "start"
    STOP = "stop"
    TRUNCATED = "truncated"
    HEX = "hex"
    APPLICATION = "application"
    ENCRYPTED = "encrypted"
    EMPTY = "empty"
    MANUFACTURER = "manufacturer"
    """An answer under a CI field that is the maker's own."""
    NO_RECORDS = "no_records"
    """An answer without a single record."""


_SHOWN_MAX = 16


def shown_bytes(data: bytes) -> str:
    """The first bytes in hex, so that a sentence stays one."""
    return data[:_SHOWN_MAX].hex().upper() + ("..." if len(data) > _SHOWN_MAX else "") or "nothing"


class MBusError(Exception):
    """Base of everything the codec raises."""


class FrameError(MBusError):
    """A frame that cannot be taken: states what was expected and what came, and keeps the bytes."""

    def __init__(self, kind: FrameErrorKind, message: str, raw: bytes = b"") -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.raw = raw

    def __reduce__(self) -> tuple[type["FrameError"], tuple[FrameErrorKind, str, bytes]]:
        """Copied and sent with all it was made of; by itself an exception keeps its sentence alone."""
        return FrameError, (self.kind, self.message, self.raw)


class EncodeError(MBusError, ValueError):
    """The caller asked for bytes that the standard has no room for."""
