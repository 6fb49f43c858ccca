"""Bytes of one frame, or of the several frames of one answer, become a telegram: whatever they are."""

from dataclasses import replace
from typing import Final

from app.mbus.application import parse_application
from app.mbus.data_records import Part
from app.mbus.errors import FrameError, FrameErrorKind
from app.mbus.frames import (
    ACK_BYTE,
    LONG_MIN_LENGTH,
    LONG_OVERHEAD,
    LONG_START,
    SHORT_SIZE,
    SHORT_START,
    STOP_BYTE,
    Ack,
    ShortFrame,
    ends_as_a_frame,
    parse_frame,
)
from app.mbus.headers import secondary_address
from app.mbus.records import Header, Telegram, TelegramError
from app.mbus.security import NO_KEYS, MeterKeys

__all__ = ["decode", "decode_hex", "join", "same_meter", "secondary_address"]

_DATA_START: Final = 7
"""Of a long frame: behind its two starts and lengths, C, A and CI field."""


def decode(raw: bytes, keys: MeterKeys = NO_KEYS) -> Telegram:
    """Decodes any bytes: a frame, or several frames of one answer one after the other.

    What is wrong with them is told in :attr:`Telegram.error`; nothing is raised.

    Args:
        raw: the bytes as they came over the wire.
        keys: for encrypted telegrams.
    """
    telegram = _decode_one(raw[: _frame_size(raw)], keys)
    while len(telegram.raw) < len(raw):
        rest = raw[len(telegram.raw) :]
        if telegram.error is None and rest[0] not in (LONG_START, SHORT_START, ACK_BYTE):
            message = f"{len(rest)} bytes follow the end of the frame: {rest.hex().upper()}"
            return replace(telegram, raw=raw, error=TelegramError(FrameErrorKind.LENGTH, message))
        telegram = join(telegram, _decode_one(rest[: _frame_size(rest)], keys))
    return telegram


def decode_hex(text: str, keys: MeterKeys = NO_KEYS) -> Telegram:
    """Decodes hexadecimal digits, with or without blanks; see :func:`decode`."""
    compact = "".join(text.split())
    try:
        raw = bytes.fromhex(compact)
    except ValueError:
        return Telegram(b"", error=TelegramError(FrameErrorKind.HEX, _hex_fault(compact)))
    return decode(raw, keys)


def join(first: Telegram, second: Telegram) -> Telegram:
    """Puts what a further frame brings behind what the first brought.

    A frame without a header of its own (a request, an acknowledgement) gives way to the answer.
    """
    raw = first.raw + second.raw
    if not _answers(first) or not _answers(second):
        kept = first if _answers(first) else second
        shifted = _moved(kept, len(first.raw), 0) if kept is second else kept
        return replace(shifted, raw=raw, error=first.error or second.error)
    moved = _moved(second, len(first.raw), len(first.records))
    error = first.error or second.error
    if error is None and not same_meter(first.header, second.header):
        error = TelegramError(FrameErrorKind.APPLICATION, "the frames are answers of different meters")
    return replace(
        first,
        raw=raw,
        records=first.records + moved.records,
        manufacturer_data=first.manufacturer_data + second.manufacturer_data,
        more_records_follow=second.more_records_follow,
        error=error,
    )


def same_meter(first: Header | None, second: Header | None) -> bool:
    """Whether two headers name one meter; one that names none contradicts nobody."""
    if first is None or second is None or not first.wire_address or not second.wire_address:
        return True
    return first.wire_address == second.wire_address


def _answers(telegram: Telegram) -> bool:
    return telegram.frame in ("long", "control")


def _moved(telegram: Telegram, offset: int, index: int) -> Telegram:
    records = tuple(
        replace(record, offset=record.offset + offset, index=record.index + index)
        for record in telegram.records
    )
    return replace(telegram, records=records)


def _frame_size(raw: bytes) -> int:
    """Bytes of the frame that ``raw`` begins with, as far as it tells; all of them where it does not."""
    if not raw:
        return 0
    if raw[0] == ACK_BYTE:
        return 1
    if raw[0] == SHORT_START:
        size = SHORT_SIZE
    elif len(raw) > 3 and raw[0] == raw[3] == LONG_START and raw[1] == raw[2] >= LONG_MIN_LENGTH:
        size = raw[1] + LONG_OVERHEAD
    else:
        return len(raw)
    # A length that leads to no stop byte is wrong: then the bytes are taken as one spoilt frame.
    return size if len(raw) >= size and raw[size - 1] == STOP_BYTE else len(raw)


def _decode_one(raw: bytes, keys: MeterKeys) -> Telegram:
    """Decodes exactly one frame; of a spoilt one whatever its bytes still say."""
    try:
        frame = parse_frame(raw)
    except FrameError as error:
        return _spoilt(raw, TelegramError(error.kind, error.message), keys)
    if isinstance(frame, Ack):
        return Telegram(raw, "ack")
    if isinstance(frame, ShortFrame):
        return Telegram(raw, "short", frame.control, frame.address)
    part = parse_application(frame.ci, frame.data, _DATA_START, keys)
    return _telegram(raw, part, None)


def _spoilt(raw: bytes, error: TelegramError, keys: MeterKeys) -> Telegram:
    """What a frame with a wrong checksum, length or end still says, marked with its error."""
    if raw[:1] == bytes((SHORT_START,)) and len(raw) >= 3:
        return Telegram(raw, "short", raw[1], raw[2], error=error)
    if len(raw) < _DATA_START or not raw[0] == raw[3] == LONG_START:
        return Telegram(raw, error=error)
    end = len(raw) - 2 if raw[1] != raw[2] or ends_as_a_frame(raw) else min(len(raw), 4 + raw[1])
    part = parse_application(raw[6], raw[_DATA_START:end], _DATA_START, keys)
    return _telegram(raw, part, error)


def _telegram(raw: bytes, part: Part, error: TelegramError | None) -> Telegram:
    return Telegram(
        raw=raw,
        frame="control" if raw[1] == LONG_MIN_LENGTH else "long",
        control=raw[4],
        address=raw[5],
        ci=raw[6],
        header=part.header,
        records=tuple(part.records),
        manufacturer_data=part.manufacturer_data,
        more_records_follow=part.more_records_follow,
        error=error or part.error,
        selection=part.selection,
    )


def _hex_fault(text: str) -> str:
    for position, character in enumerate(text, 1):
        if character not in "0123456789abcdefABCDEF":
            return f"expected hexadecimal digits, got {character!r} as character {position}"
    return f"expected two hexadecimal digits for each byte, got {len(text)} digits"
