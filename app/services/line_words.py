"""What bytes on the line mean, as a sentence: each frame of a trace in words a technician knows."""

from collections.abc import Callable, Mapping
from typing import Final

from app.domain.message import Message
from app.mbus import requests
from app.mbus.addresses import (
    BROADCAST_ANSWERED,
    BROADCAST_SILENT,
    SELECTED_METER,
    SecondaryAddress,
)
from app.mbus.frames import Ack, Frame, LongFrame, ShortFrame
from app.mbus.manufacturer import code_to_letters, medium_name
from app.mbus.response import decode

_BAUD_OF_CI: Final[Mapping[int, int]] = {ci: baud for baud, ci in requests.BAUD_CI.items()}
_SET_ADDRESS: Final = b"\x01\x7a"
_SPECIAL: Final[Mapping[int, Message]] = {
    SELECTED_METER: Message("the selected meter"),
    BROADCAST_ANSWERED: Message("everybody (FE)"),
    BROADCAST_SILENT: Message("everybody (FF)"),
}


def sent_words(frame: Frame) -> Message:
    """What the master says with a frame."""
    if isinstance(frame, ShortFrame):
        return _short_words(frame)
    if isinstance(frame, LongFrame):
        return _long_words(frame)
    return Message("acknowledgement")


def received_words(frame: Frame) -> Message:
    """What a meter says with a frame."""
    if isinstance(frame, Ack):
        return Message("acknowledged")
    if isinstance(frame, ShortFrame):
        return Message("request: {what}", {"what": _short_words(frame)})
    telegram = decode(frame.to_bytes())
    if telegram.selection is not None or frame.control & ~requests.FCB == requests.SND_UD:
        return Message("request: {what}", {"what": _long_words(frame)})
    header = telegram.header
    if header is None or not header.identification:
        return Message("answer with {count} records", {"count": len(telegram.records)})
    values = {
        "serial": header.identification,
        "maker": header.manufacturer,
        "medium": medium_name(header.medium),
        "count": len(telegram.records),
    }
    if telegram.more_records_follow:
        return Message("answer of {serial} {maker} {medium}, {count} records, more follow", values)
    return Message("answer of {serial} {maker} {medium}, {count} records", values)


def address_words(address: int) -> Message:
    """Whom an A field means."""
    return _SPECIAL.get(address, Message("address {address}", {"address": address}))


def selection_words(address: SecondaryAddress) -> Message:
    """Whom a secondary address means; wildcards are shown as stars."""
    number = address.identification.replace("F", "*")
    parts = [number]
    if address.manufacturer is not None:
        parts.append(code_to_letters(address.manufacturer))
    if address.version is not None:
        parts.append(f"v{address.version}")
    if address.medium is not None:
        parts.append(medium_name(address.medium))
    return Message("{address}", {"address": " ".join(parts)})


def _short_words(frame: ShortFrame) -> Message:
    values = {"whom": address_words(frame.address)}
    if frame.control == requests.SND_NKE:
        return Message("reset the link of {whom}", values)
    kind = frame.control & ~requests.FCB
    if kind == requests.REQ_UD2:
        return Message("ask {whom} for its data", values)
    if kind == requests.REQ_UD1:
        return Message("ask {whom} for its alarms", values)
    return Message("request {control} to {whom}", {**values, "control": f"{frame.control:02X}"})


def _long_words(frame: LongFrame) -> Message:
    whom = address_words(frame.address)
    if frame.ci in _BAUD_OF_CI:
        return Message("set {whom} to {baud} Bd", {"whom": whom, "baud": _BAUD_OF_CI[frame.ci]})
    words = _LONG_WORDS.get(frame.ci)
    told = words(frame, whom) if words is not None else None
    return told or Message("data for {whom} (CI {ci})", {"whom": whom, "ci": f"{frame.ci:02X}"})


def _selection(frame: LongFrame, _whom: Message) -> Message | None:
    if len(frame.data) < 8:
        return None
    address = selection_words(SecondaryAddress.from_bytes(frame.data[:8]))
    if frame.data[8:10] == b"\x0c\x78" and len(frame.data) == 14:
        number = frame.data[13:9:-1].hex().upper().replace("F", "*")
        return Message(
            "select {address}, fabrication number {number}", {"address": address, "number": number}
        )
    return Message("select {address}", {"address": address})


def _reset(frame: LongFrame, whom: Message) -> Message:
    if frame.data:
        return Message(
            "application reset of {whom}, subcode {code}", {"whom": whom, "code": frame.data.hex()}
        )
    return Message("application reset of {whom}", {"whom": whom})


def _data(frame: LongFrame, whom: Message) -> Message | None:
    if frame.data[:2] == _SET_ADDRESS and len(frame.data) == 3:
        return Message("give {whom} the primary address {new}", {"whom": whom, "new": frame.data[2]})
    return None


_LONG_WORDS: Final[Mapping[int, Callable[[LongFrame, Message], Message | None]]] = {
    requests.CI_SELECT: _selection,
    requests.CI_APPLICATION_RESET: _reset,
    requests.CI_DATA_SEND: _data,
}
