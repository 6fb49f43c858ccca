"""A simulated meter: the link layer of EN 13757-2 as a real one behaves on it, quirks included."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final

from app.mbus import requests
from app.mbus.addresses import BROADCAST_ANSWERED, BROADCAST_SILENT, SELECTED_METER, SecondaryAddress
from app.mbus.frames import Ack, Frame, LongFrame, ShortFrame
from app.practice.pace import JITTER_S, Hearing, own_delay_s, own_hearing

_ACK: Final = Ack().to_bytes()
_SET_ADDRESS: Final = b"\x01\x7a"
_SET_IDENTIFICATION: Final = b"\x0c\x79"
_BAUD_OF_CI: Final = {ci: baud for baud, ci in requests.BAUD_CI.items()}

_ANY_FIELDS: Final = b"\xff\xff\xff\xff"

_READY_S: Final = 60.0
"""So long a meter that had to prepare its telegram keeps it."""


class ResetNeed(Enum):
    """What a meter does not do before its link has been reset (SND_NKE)."""

    SELECTION = "it lets nobody select it"
    DATA = "it lets itself be selected, and sends no telegram"


@dataclass(frozen=True, slots=True)
class Quirks:
    """How a meter deviates from what most do.

    Attributes:
        select_fcb: it only takes a selection with this FCB (73 is True, 53 False).
        first_fcb: after a selection it only takes a request with this FCB (7B is True, 5B False).
        enhanced: it knows the enhanced selection with a fabrication number.
        ignores_record: it lets itself be selected whatever the fabrication number.
        ignores_fields: it lets itself be selected whatever the maker, version and medium.
        wildcard_fields: it only takes a selection whose maker, version and medium are wildcards.
        ignores_fcb: it never repeats a telegram: each request gets the next.
        stuck: it repeats its telegram whatever the FCB, and never gets to the next.
        resumes: a selection does not make it begin with its first telegram again, a reset of its link does.
        remakes: it makes a telegram anew when it is asked to repeat it.
        mute: it acknowledges and sends no telegram.
        needs_reset: what it only does once its link has been reset.
        needs_reset_again: it needs the next reset once it has sent a telegram and somebody else was selected.
        busy_s: it acknowledges a request for data so long, until its telegram is ready.
        pause_s: so long it pauses within a telegram.
        pause_share: share of its telegrams with that pause, 0 to 1.
        stops_after: it stops in mid telegram after so many bytes.
        stops_share: share of its telegrams that stop, 0 to 1.
    """

    select_fcb: bool | None = None
    first_fcb: bool | None = None
    enhanced: bool = True
    ignores_record: bool = False
    ignores_fields: bool = False
    wildcard_fields: bool = False
    ignores_fcb: bool = False
    stuck: bool = False
    resumes: bool = False
    remakes: bool = False
    mute: bool = False
    needs_reset: ResetNeed | None = None
    needs_reset_again: bool = False
    busy_s: float = 0.0
    pause_s: float = 0.0
    pause_share: float = 1.0
    stops_after: int | None = None
    stops_share: float = 1.0


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
        response_delay_s: from the last bit of a request to the first of the answer, in seconds; None for one
            of its own, drawn from its address.
        jitter_s: each answer starts up to so much later.
        hearing: when it is deaf; None for a habit of its own, drawn from its address.
        quirks: see :class:`Quirks`.
        access_number: counts the answers.
        resets: application resets it was given, by subcode.
    """

    address: SecondaryAddress
    content: Content
    primary: int = 0
    fabrication_number: str = "00000000"
    baud: int | None = None
    response_delay_s: float | None = None
    jitter_s: float = JITTER_S
    hearing: Hearing | None = None
    quirks: Quirks = Quirks()
    access_number: int = 0
    resets: list[int | None] = field(default_factory=list)

    def delay_s(self, baud: int) -> float:
        """Its response delay at a rate in Bd, without jitter."""
        return own_delay_s(self.address, baud) if self.response_delay_s is None else self.response_delay_s

    @property
    def habit(self) -> Hearing:
        """When it is deaf."""
        return self.hearing or own_hearing(self.address)

    def telegrams(self) -> tuple[bytes, ...]:
        """The frames of its next answer."""
        self.access_number = (self.access_number + 1) % 256
        return self.content(self, self.access_number)


class MeterLink:
    """A meter as one master sees it: selected or not, and which telegram it sent last."""

    def __init__(self, meter: SimulatedMeter) -> None:
        self.meter = meter
        self.selected = False
        self._now = 0.0
        self._fcb: bool | None = None
        self._telegrams: tuple[bytes, ...] = ()
        self._position = 0
        self._is_reset = False
        self._has_sent = False
        self._ready_from: float | None = None

    def answer(self, frame: Frame, moment: float = 0.0) -> bytes | None:
        """What the meter answers to a request that ended at a moment; None when it keeps silent."""
        self._now = moment
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
            self._is_reset, self._has_sent = True, False
            if frame.address in (SELECTED_METER, BROADCAST_SILENT):
                self.selected = False
            return _ACK
        kind = frame.control & ~requests.FCB
        if kind == requests.REQ_UD2:
            return self._data(fcb=bool(frame.control & requests.FCB))
        return _ACK if kind == requests.REQ_UD1 else None

    def _data(self, *, fcb: bool) -> bytes | None:
        quirks = self.meter.quirks
        if quirks.mute or self._waits_for_reset(ResetNeed.DATA):
            return None
        if self._fcb is None and quirks.first_fcb not in (None, fcb):
            return None
        if self._is_busy():
            return _ACK
        repeats = self._fcb == fcb and not quirks.ignores_fcb
        at_end = self._position + 1 >= len(self._telegrams)
        if repeats and quirks.remakes:
            self._telegrams = self.meter.telegrams()
        elif not repeats and at_end:
            self._telegrams = self.meter.telegrams()
            self._position = 0
        elif not repeats and not quirks.stuck:
            self._position += 1
        self._fcb = fcb
        self._has_sent = True
        return self._telegrams[self._position]

    def _is_busy(self) -> bool:
        """Whether its telegram is not ready yet; the first request makes it begin."""
        busy = self.meter.quirks.busy_s
        if not busy:
            return False
        if self._ready_from is None or self._now > self._ready_from + _READY_S:
            self._ready_from = self._now + busy
        return self._now < self._ready_from

    def _waits_for_reset(self, need: ResetNeed) -> bool:
        return self.meter.quirks.needs_reset is need and not self._is_reset

    def _selection(self, frame: LongFrame) -> bytes | None:
        if frame.address != SELECTED_METER or frame.control & ~requests.FCB != requests.SND_UD:
            return None
        quirks = self.meter.quirks
        if quirks.select_fcb not in (None, bool(frame.control & requests.FCB)):
            return None
        fits = self._fits(frame.data)
        if quirks.needs_reset_again and self._has_sent and not fits:
            self._is_reset, self._has_sent = False, False
        self.selected = fits and not self._waits_for_reset(ResetNeed.SELECTION)
        self._begin()
        return _ACK if self.selected else None

    def _fits(self, data: bytes) -> bool:
        quirks = self.meter.quirks
        if len(data) < 8:
            return False
        wanted = SecondaryAddress.from_bytes(data[:8])
        if quirks.wildcard_fields and data[4:8] != _ANY_FIELDS:
            return False
        if quirks.ignores_fields:
            wanted = SecondaryAddress(wanted.identification)
        if not wanted.matches(self.meter.address):
            return False
        return len(data) == 8 or self._fits_record(data[8:])

    def _fits_record(self, record: bytes) -> bool:
        quirks = self.meter.quirks
        if quirks.ignores_record:
            return True
        if not quirks.enhanced or record[:2] != b"\x0c\x78" or len(record) != 6:
            return False
        wanted = record[:1:-1].hex().upper()
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

    def _begin(self) -> None:
        """A selection: the next request is the first one, whatever its FCB."""
        if self.meter.quirks.resumes:
            self._fcb = None
        else:
            self._reset_link()

    def _reset_link(self) -> None:
        self._fcb = None
        self._telegrams = ()
        self._position = 0
