"""A simulated meter: the link layer of EN 13757-2 as a real one behaves on it, quirks included."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from app.mbus import requests
from app.mbus.addresses import BROADCAST_ANSWERED, BROADCAST_SILENT, SELECTED_METER, SecondaryAddress
from app.mbus.frames import Ack, Frame, LongFrame, ShortFrame

RESPONSE_DELAY_S: Final = 0.06
"""How long a meter of ordinary speed thinks before it answers."""

_ACK: Final = Ack().to_bytes()
_SET_ADDRESS: Final = b"\x01\x7a"
_SET_IDENTIFICATION: Final = b"\x0c\x79"
_BAUD_OF_CI: Final = {ci: baud for baud, ci in requests.BAUD_CI.items()}


@dataclass(frozen=True, slots=True)
class Quirks:
    """How a meter deviates from what most do.

    Attributes:
        select_fcb: it only takes a selection with this FCB (73 is True, 53 False).
        first_fcb: after a selection it only takes a request with this FCB (7B is True, 5B False).
        enhanced: it knows the enhanced selection with a fabrication number.
        ignores_fcb: it never repeats a telegram: each request gets the next.
        stuck: it repeats its telegram whatever the FCB, and never gets to the next.
    """

    select_fcb: bool | None = None
    first_fcb: bool | None = None
    enhanced: bool = True
    ignores_fcb: bool = False
    stuck: bool = False


Content = Callable[["SimulatedMeter", int], tuple[bytes, ...]]
"""Makes the whole frames of an answer, from the meter as it is now and the access number."""


@dataclass(slots=True)
class SimulatedMeter:
    """What a meter is, whoever asks it; settings that a master changes stay changed.

    Attributes:
        address: exact secondary address.
        content: makes its telegrams.
        primary: primary address.
        fabrication_number: eight digits.
        baud: None when it is that of the bus.
        response_delay_s: from the last bit of a request to the first of the answer.
        quirks: see :class:`Quirks`.
        access_number: counts the answers.
        resets: application resets it was given, by subcode.
    """

    address: SecondaryAddress
    content: Content
    primary: int = 0
    fabrication_number: str = "00000000"
    baud: int | None = None
    response_delay_s: float = RESPONSE_DELAY_S
    quirks: Quirks = Quirks()
    access_number: int = 0
    resets: list[int | None] = field(default_factory=list)

    def telegrams(self) -> tuple[bytes, ...]:
        """The frames of its next answer."""
        self.access_number = (self.access_number + 1) % 256
        return self.content(self, self.access_number)


class MeterLink:
    """A meter as one master sees it: selected or not, and which telegram it sent last."""

    def __init__(self, meter: SimulatedMeter) -> None:
        self.meter = meter
        self.selected = False
        self._fcb: bool | None = None
        self._telegrams: tuple[bytes, ...] = ()
        self._position = 0

    def answer(self, frame: Frame) -> bytes | None:
        """What the meter answers to a request; None when it keeps silent."""
        if isinstance(frame, Ack):
            return None
        if isinstance(frame, LongFrame) and frame.ci == requests.CI_SELECT:
            return self._selection(frame)
        if not self._is_mine(frame.address):
            return None
        said = self._short(frame) if isinstance(frame, ShortFrame) else self._long(frame)
        return None if frame.address == BROADCAST_SILENT else said

    def _is_mine(self, address: int) -> bool:
        if address == SELECTED_METER:
            return self.selected
        return address in (self.meter.primary, BROADCAST_ANSWERED, BROADCAST_SILENT)

    def _short(self, frame: ShortFrame) -> bytes | None:
        if frame.control == requests.SND_NKE:
            self._reset_link()
            if frame.address in (SELECTED_METER, BROADCAST_SILENT):
                self.selected = False
            return _ACK
        kind = frame.control & ~requests.FCB
        if kind == requests.REQ_UD2:
            return self._data(fcb=bool(frame.control & requests.FCB))
        return _ACK if kind == requests.REQ_UD1 else None

    def _data(self, *, fcb: bool) -> bytes | None:
        quirks = self.meter.quirks
        if self._fcb is None and quirks.first_fcb not in (None, fcb):
            return None
        repeats = self._fcb == fcb and not quirks.ignores_fcb
        at_end = self._position + 1 >= len(self._telegrams)
        if not repeats and at_end:
            self._telegrams = self.meter.telegrams()
            self._position = 0
        elif not repeats and not quirks.stuck:
            self._position += 1
        self._fcb = fcb
        return self._telegrams[self._position]

    def _selection(self, frame: LongFrame) -> bytes | None:
        if frame.address != SELECTED_METER or frame.control & ~requests.FCB != requests.SND_UD:
            return None
        if self.meter.quirks.select_fcb not in (None, bool(frame.control & requests.FCB)):
            return None
        self.selected = self._fits(frame.data)
        self._reset_link()
        return _ACK if self.selected else None

    def _fits(self, data: bytes) -> bool:
        if len(data) < 8 or not SecondaryAddress.from_bytes(data[:8]).matches(self.meter.address):
            return False
        if len(data) == 8:
            return True
        if not self.meter.quirks.enhanced or data[8:10] != b"\x0c\x78" or len(data) != 14:
            return False
        wanted = data[13:9:-1].hex().upper()
        return all(
            digit in ("F", own) for digit, own in zip(wanted, self.meter.fabrication_number, strict=True)
        )

    def _long(self, frame: LongFrame) -> bytes | None:
        meter = self.meter
        if frame.ci in _BAUD_OF_CI:
            meter.baud = _BAUD_OF_CI[frame.ci]
        elif frame.ci == requests.CI_APPLICATION_RESET:
            meter.resets.append(frame.data[0] if frame.data else None)
            self._reset_link()
        elif frame.ci == requests.CI_DATA_SEND:
            self._set(frame.data)
        else:
            return None
        return _ACK

    def _set(self, data: bytes) -> None:
        if data[:2] == _SET_ADDRESS and len(data) == 3:
            self.meter.primary = data[2]
        elif data[:2] == _SET_IDENTIFICATION and len(data) == 6:
            digits = data[5:1:-1].hex().upper()
            self.meter.address = replace(self.meter.address, identification=digits)

    def _reset_link(self) -> None:
        self._fcb = None
        self._telegrams = ()
        self._position = 0
