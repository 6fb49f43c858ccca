"""The frames of the link layer (EN 13757-2): how they are built, taken apart and checked."""

from dataclasses import dataclass
from typing import Final, TypeAlias

from app.mbus.errors import EncodeError, FrameError, FrameErrorKind
from app.message import Message

ACK_BYTE: Final = 0xE5
SHORT_START: Final = 0x10
LONG_START: Final = 0x68
STOP_BYTE: Final = 0x16

SHORT_SIZE: Final = 5
LONG_OVERHEAD: Final = 6
"""Start, two lengths, start, checksum and stop: what a long frame has beside its L bytes."""
LONG_MIN_LENGTH: Final = 3
"""C, A and CI field."""
LONG_MAX_SIZE: Final = 255 + LONG_OVERHEAD
DATA_MAX: Final = 252


@dataclass(frozen=True, slots=True)
class Ack:
    """The single character E5: "understood"."""

    def to_bytes(self) -> bytes:
        """The one byte on the wire."""
        return bytes((ACK_BYTE,))


@dataclass(frozen=True, slots=True)
class ShortFrame:
    """A frame without user data: ``10 C A checksum 16``."""

    control: int
    address: int

    def to_bytes(self) -> bytes:
        """The five bytes on the wire."""
        body = _octets((self.control, self.address))
        return bytes((SHORT_START, *body, checksum(body), STOP_BYTE))


@dataclass(frozen=True, slots=True)
class LongFrame:
    """A frame with user data: ``68 L L 68 C A CI data checksum 16``; without data it is a control frame."""

    control: int
    address: int
    ci: int
    data: bytes = b""

    @property
    def is_control(self) -> bool:
        """Whether it carries a CI field alone (L = 3)."""
        return not self.data

    def to_bytes(self) -> bytes:
        """All bytes on the wire.

        Raises:
            EncodeError: there are more than 252 bytes of data, which one length byte cannot tell.
        """
        if len(self.data) > DATA_MAX:
            raise EncodeError(f"a frame has room for {DATA_MAX} bytes of data, got {len(self.data)}")
        body = _octets((self.control, self.address, self.ci)) + self.data
        length = len(body)
        return bytes((LONG_START, length, length, LONG_START, *body, checksum(body), STOP_BYTE))


Frame: TypeAlias = Ack | ShortFrame | LongFrame


def checksum(body: bytes) -> int:
    """The sum of all bytes without carry, over C field to the last data byte."""
    return sum(body) & 0xFF


def parse_frame(raw: bytes) -> Frame:
    """Reads bytes that are exactly one frame.

    Raises:
        FrameError: they are not, with the kind, what was expected and what came.
    """
    if not raw:
        raise FrameError(FrameErrorKind.EMPTY, Message("expected a frame, got no bytes at all"), raw)
    start = raw[0]
    if start == LONG_START:
        return _parse_long(raw)
    if start == SHORT_START:
        return _parse_short(raw)
    if start == ACK_BYTE:
        _check_size(raw, 1)
        return Ack()
    raise FrameError(
        FrameErrorKind.START,
        Message(
            "expected a start byte 68, 10 or E5, got {byte} in {got}",
            {"byte": f"{start:02X}", "got": _shown(raw)},
        ),
        raw,
    )


def ends_as_a_frame(raw: bytes) -> bool:
    """Whether checksum and stop byte fit a long frame of as many bytes, whatever length it tells."""
    return (
        len(raw) >= LONG_MIN_LENGTH + LONG_OVERHEAD
        and raw[-1] == STOP_BYTE
        and raw[-2] == checksum(raw[4:-2])
    )


def frame_fault(raw: bytes) -> FrameError:
    """Why bytes are not exactly one frame."""
    try:
        parse_frame(raw)
    except FrameError as error:
        return error
    return FrameError(
        FrameErrorKind.START, Message("expected no frame here, got {got}", {"got": _shown(raw)}), raw
    )


def split_long(raw: bytes) -> LongFrame:
    """Takes a long frame of at least seven bytes apart without checking its checksum and stop byte."""
    length = raw[1]
    return LongFrame(control=raw[4], address=raw[5], ci=raw[6], data=raw[7 : 4 + length])


def _parse_short(raw: bytes) -> ShortFrame:
    _check_size(raw, SHORT_SIZE)
    _check_end(raw, raw[1:3])
    return ShortFrame(control=raw[1], address=raw[2])


def _parse_long(raw: bytes) -> LongFrame:
    if len(raw) < 4:
        raise FrameError(
            FrameErrorKind.TRUNCATED,
            Message("expected 68 L L 68 at the start, got only {got}", {"got": _shown(raw)}),
            raw,
        )
    _, length, again, start = raw[:4]
    if length != again:
        raise FrameError(
            FrameErrorKind.LENGTH,
            Message(
                "expected the same length twice, got {first} and {second}",
                {"first": f"{length:02X}", "second": f"{again:02X}"},
            ),
            raw,
        )
    if start != LONG_START:
        raise FrameError(
            FrameErrorKind.START,
            Message(
                "expected the second start byte 68, got {byte} in {got}",
                {"byte": f"{start:02X}", "got": _shown(raw)},
            ),
            raw,
        )
    if length < LONG_MIN_LENGTH:
        raise FrameError(
            FrameErrorKind.LENGTH,
            Message("expected a length of at least 03, got {got}", {"got": f"{length:02X}"}),
            raw,
        )
    if len(raw) != length + LONG_OVERHEAD and ends_as_a_frame(raw):
        real = len(raw) - LONG_OVERHEAD
        raise FrameError(
            FrameErrorKind.LENGTH,
            Message(
                "expected the length {expected} of a whole frame, got {got}",
                {"expected": f"{real:02X}", "got": f"{length:02X}"},
            ),
            raw,
        )
    _check_size(raw, length + LONG_OVERHEAD)
    _check_end(raw, raw[4:-2])
    return split_long(raw)


def _check_size(raw: bytes, size: int) -> None:
    if len(raw) < size:
        raise FrameError(
            FrameErrorKind.TRUNCATED,
            Message("expected {size} bytes, got only {got}", {"size": size, "got": len(raw)}),
            raw,
        )
    if len(raw) > size:
        raise FrameError(
            FrameErrorKind.LENGTH,
            Message(
                "expected {size} bytes, got {got}: {surplus} after the end of the frame",
                {"size": size, "got": len(raw), "surplus": _shown(raw[size:])},
            ),
            raw,
        )


def _check_end(raw: bytes, body: bytes) -> None:
    if raw[-1] != STOP_BYTE:
        raise FrameError(
            FrameErrorKind.STOP,
            Message("expected the stop byte 16, got {got}", {"got": f"{raw[-1]:02X}"}),
            raw,
        )
    expected = checksum(body)
    if raw[-2] != expected:
        raise FrameError(
            FrameErrorKind.CHECKSUM,
            Message(
                "expected the checksum {expected}, got {got}",
                {"expected": f"{expected:02X}", "got": f"{raw[-2]:02X}"},
            ),
            raw,
        )


def _octets(fields: tuple[int, ...]) -> bytes:
    try:
        return bytes(fields)
    except ValueError as error:
        raise EncodeError(f"a field of a frame is one byte, got {fields}") from error


def _shown(raw: bytes) -> str:
    """The first bytes in hex, so that a message stays one line."""
    return raw[:8].hex(" ").upper() + (" ..." if len(raw) > 8 else "")
