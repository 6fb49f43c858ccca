"""Bytes of one frame, or of the several frames of one answer, become a telegram: whatever they are."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from app.mbus.application import MAKERS_OWN, parse_application
from app.mbus.data_header import secondary_address
from app.mbus.data_records import Part
from app.mbus.errors import FrameError, FrameErrorKind, shown_bytes
from app.mbus.frames import (
    ACK_BYTE,
    LONG_MAX_SIZE,
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
from app.mbus.records import Header, Record, Telegram, TelegramError
from app.mbus.security import NO_KEYS, KeySource
from app.message import Message

__all__ = ["decode", "decode_hex", "join", "same_meter", "secondary_address"]

_DATA_START: Final = 7
"""Of a long frame: behind its two starts and lengths, C, A and CI field."""


def decode(raw: bytes, keys: KeySource = NO_KEYS) -> Telegram:
    """Decodes any bytes: a frame, or several frames of one answer one after the other.

    What is wrong with them is told in :attr:`Telegram.error`; nothing is raised.

    Args:
        raw: the bytes as they came over the wire.
        keys: for encrypted telegrams.
    """
    end = _frame_end(raw, 0)
    telegram = _decode_one(raw[:end], keys)
    if end == len(raw):
        return telegram
    telegrams = [telegram]
    while end < len(raw):
        begin, end = end, _frame_end(raw, end)
        telegrams.append(_decode_one(raw[begin:end], keys))
    return join(*telegrams)


def decode_hex(text: str, keys: KeySource = NO_KEYS) -> Telegram:
    """Decodes hexadecimal digits, with or without blanks; see :func:`decode`."""
    compact = "".join(text.split())
    try:
        raw = bytes.fromhex(compact)
    except ValueError:
        return Telegram(b"", error=TelegramError(FrameErrorKind.HEX, _hex_fault(compact)))
    return decode(raw, keys)


def join(*telegrams: Telegram) -> Telegram:
    """Puts what further frames of an answer bring behind what the first brought.

    Frames without data of their own (requests, acknowledgements) and bytes that are none give way to the
    answer; what is wrong with any of them is kept.
    """
    answers = [telegram for telegram in telegrams if _answers(telegram)] or [telegrams[0]]
    records: list[Record] = []
    offset = 0
    for telegram in telegrams:
        for record in telegram.records:
            records.append(replace(record, offset=offset + record.offset, index=len(records)))
        offset += len(telegram.raw)
    return replace(
        answers[0],
        raw=b"".join(telegram.raw for telegram in telegrams),
        records=tuple(records),
        manufacturer_data=b"".join(telegram.manufacturer_data for telegram in answers),
        more_records_follow=answers[-1].more_records_follow,
        error=_joint_error(telegrams, answers),
        incomplete=answers[-1].incomplete or any(map(_is_spoilt, answers[1:])),
    )


def _joint_error(telegrams: Sequence[Telegram], answers: Sequence[Telegram]) -> TelegramError | None:
    told = any(telegram.records for telegram in answers)
    for telegram in telegrams:
        error = telegram.error
        # One frame of several may well be without a record.
        if error is not None and not (told and error.kind is FrameErrorKind.NO_RECORDS):
            if error.kind is not FrameErrorKind.START or telegram is telegrams[0]:
                return error
            surplus = shown_bytes(telegram.raw)
            return TelegramError(
                FrameErrorKind.LENGTH, Message("bytes follow the end of the frame: {got}", {"got": surplus})
            )
    if all(same_meter(answers[0].header, telegram.header) for telegram in answers):
        return None
    return TelegramError(FrameErrorKind.APPLICATION, Message("the frames are answers of different meters"))


def same_meter(first: Header | None, second: Header | None) -> bool:
    """Whether two headers name one meter; one that names none contradicts nobody."""
    if first is None or second is None or not first.wire_address or not second.wire_address:
        return True
    return first.wire_address == second.wire_address


def _is_spoilt(telegram: Telegram) -> bool:
    return telegram.error is not None and telegram.error.kind is not FrameErrorKind.NO_RECORDS


def _answers(telegram: Telegram) -> bool:
    return telegram.frame in ("long", "control")


def _frame_end(raw: bytes, begin: int) -> int:
    """The end of the frame that begins there, as far as it tells; of all bytes where it does not."""
    end = len(raw)
    if begin == end:
        return end
    head = raw[begin : begin + 4]
    if head[0] == ACK_BYTE:
        return begin + 1
    if head[0] == SHORT_START:
        size = SHORT_SIZE
    elif len(head) == 4 and head[0] == head[3] == LONG_START and head[1] == head[2] >= LONG_MIN_LENGTH:
        size = head[1] + LONG_OVERHEAD
    else:
        return end
    # A length that leads to no stop byte is wrong: then the bytes are taken as one spoilt frame.
    return begin + size if begin + size <= end and raw[begin + size - 1] == STOP_BYTE else end


def _decode_one(raw: bytes, keys: KeySource) -> Telegram:
    """Decodes exactly one frame; of a spoilt one whatever its bytes still say."""
    try:
        frame = parse_frame(raw)
    except FrameError as error:
        return _spoilt(raw, TelegramError(error.kind, error.words), keys)
    if isinstance(frame, Ack):
        return Telegram(raw, "ack")
    if isinstance(frame, ShortFrame):
        return Telegram(raw, "short", frame.control, frame.address)
    part = parse_application(frame.ci, frame.data, _DATA_START, keys)
    return _telegram(raw, part, None)


def _spoilt(raw: bytes, error: TelegramError, keys: KeySource) -> Telegram:
    """What a frame with a wrong checksum, length or end still says, marked with its error."""
    if raw[:1] == bytes((SHORT_START,)) and len(raw) >= 3:
        return Telegram(raw, "short", raw[1], raw[2], error=error)
    if len(raw) < _DATA_START or not raw[0] == raw[3] == LONG_START:
        return Telegram(raw, error=error)
    end = len(raw) - 2 if raw[1] != raw[2] or ends_as_a_frame(raw) else min(len(raw), 4 + raw[1])
    # Whatever its length bytes say, no frame has room for more.
    end = min(end, LONG_MAX_SIZE - 2)
    part = parse_application(raw[6], raw[_DATA_START:end], _DATA_START, keys)
    return _telegram(raw, part, error)


def _telegram(raw: bytes, part: Part, error: TelegramError | None) -> Telegram:
    telegram = Telegram(
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
        incomplete=part.more_records_follow,
    )
    return _without_records(telegram) if not telegram.records and telegram.is_answer else telegram


def _without_records(telegram: Telegram) -> Telegram:
    """An answer that tells no value, with the reason as its error if it has no other."""
    if telegram.error is not None:
        return telegram
    if telegram.ci in MAKERS_OWN:
        message = Message(
            "the meter answered with a telegram of its maker's own kind (CI {ci}), "
            "which only the maker's software understands",
            {"ci": f"{telegram.ci:02X}"},
        )
        return replace(telegram, error=TelegramError(FrameErrorKind.MANUFACTURER, message))
    message = Message(
        "the meter answered with data of its maker's own kind only, and without a single record"
        if telegram.manufacturer_data
        else "the meter answered without a single record"
    )
    return replace(telegram, error=TelegramError(FrameErrorKind.NO_RECORDS, message))


def _hex_fault(text: str) -> Message:
    for position, character in enumerate(text, 1):
        if character not in "0123456789abcdefABCDEF":
            return Message(
                "expected hexadecimal digits, got {got} as character {position}",
                {"got": repr(character), "position": position},
            )
    return Message("expected two hexadecimal digits for each byte, got {count} digits", {"count": len(text)})
