"""Errors of the codec: what a meter or a line did wrong is not what the caller did wrong."""

from enum import Enum

from app.message import Message


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
    """A frame that cannot be taken: states what was expected and what came, and keeps the bytes.

    Attributes:
        kind: a stable word for why.
        words: the reason for a person, a part of a sentence.
        raw: the bytes.
    """

    def __init__(self, kind: FrameErrorKind, words: Message, raw: bytes = b"") -> None:
        super().__init__(str(words))
        self.kind = kind
        self.words = words
        self.raw = raw

    @property
    def message(self) -> str:
        """The reason in English, the same in every language."""
        return str(self.words)

    def __reduce__(self) -> tuple[type["FrameError"], tuple[FrameErrorKind, Message, bytes]]:
        """Copied and sent with all it was made of; by itself an exception keeps its sentence alone."""
        return FrameError, (self.kind, self.words, self.raw)


class EncodeError(MBusError, ValueError):
    """The caller asked for bytes that the standard has no room for."""
