"""Reads one meter, on the port thread: selects, asks, repeats what was lost, trusts no disturbed byte."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from app.bus.answer import Answer, Outcome
from app.bus.errors import Diagnosis, GarbledAnswer, NoAnswer, NoTelegram
from app.bus.exchange import Line
from app.bus.garbled import garbled_error
from app.bus.memory import DEFAULT_LATENCY_S, MeterMemory
from app.bus.readout import Readout, ReadProgress
from app.bus.timing import answer_window, wire_minimum
from app.mbus import requests
from app.mbus.addresses import SELECTED_METER, SecondaryAddress
from app.mbus.frames import Ack, LongFrame
from app.mbus.records import Telegram
from app.mbus.response import decode, secondary_address
from app.message import Message

ATTEMPTS: Final = 3
"""How often a request is made before it counts as unanswered (EN 13757-2: up to two repetitions)."""

_CERTAINTY_ATTEMPTS: Final = 8
"""On a disturbed line, how often at most the same telegram is asked for until two are alike."""

TELEGRAMS_MAX: Final = 40
"""A meter that still says "more follows" then never ends."""

Progress = Callable[[ReadProgress], None]


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard a reading tries.

    Attributes:
        spoilt_max: so many spoilt answers end it; a search takes the first one for a collision.
        patient: the last attempt gets the longer window.
        window_s: how long each answer is waited for, None for the windows of the standard and the meter.
    """

    spoilt_max: int = ATTEMPTS
    patient: bool = True
    window_s: float | None = None


FULL_EFFORT: Final = Effort()


@dataclass(slots=True)
class Tally:
    """What a reading cost: only exchanges that succeeded count for the wire's minimum.

    Attributes:
        started_s: when the first byte was sent.
        ended_s: when the last byte had come.
        size: bytes of requests and answers.
        answers: how many answers.
        attempts: the most attempts one request took.
        lost: answers that should have come and did not.
        spoilt: answers that came and could not be trusted.
        minimum_s: the wire's minimum of the exchanges so far.
        delay_s: the longest that a telegram asked for once let wait for itself.
        stray_acks: whether an acknowledgement came before a telegram: somebody else's, and late.
    """

    started_s: float = 0.0
    ended_s: float = 0.0
    size: int = 0
    answers: int = 0
    attempts: int = 1
    lost: int = 0
    spoilt: int = 0
    minimum_s: float = 0.0
    delay_s: float = 0.0
    stray_acks: bool = False

    def begin(self, line: Line) -> None:
        """To be called after each request; the first one starts the clock."""
        self.started_s = self.started_s or line.sent_at

    def add(self, line: Line, answer: Answer, attempt: int) -> None:
        """Counts an exchange that succeeded."""
        self.size += answer.size
        self.answers += 1
        self.attempts = max(self.attempts, attempt)
        self.ended_s = line.clock.now()
        self.minimum_s += wire_minimum(answer.size, 1, line.baud, line.settings.bits_per_byte)


@dataclass(frozen=True, slots=True)
class Link:
    """A meter that has been selected or reset, and how it is read.

    Attributes:
        line: the line.
        address: how the person asked for it.
        link_address: the A field of the requests.
        tally: what it has cost so far.
        progress: called on the port thread.
        effort: how hard to try.
    """

    line: Line
    address: SecondaryAddress | int
    link_address: int
    tally: Tally
    progress: Progress
    effort: Effort = FULL_EFFORT


def read_secondary(
    line: Line,
    address: SecondaryAddress,
    progress: Progress,
    fabrication_number: str | None = None,
) -> Readout:
    """Reads the meter that a secondary address fits.

    Raises:
        NoAnswer: nobody answered the selection, or the selected meter sent no telegram.
        GarbledAnswer: what came is no telegram of that meter.
    """
    tally = Tally()
    for baud in _rates(line, address):
        line.set_baud(baud)
        selected = select(line, address, tally, fabrication_number=fabrication_number)
        if selected.outcome is not Outcome.SILENCE:
            readout = read_telegrams(Link(line, address, SELECTED_METER, tally, progress))
            remember_rate(line, address)
            return readout
    raise _nobody(address)


def read_primary(line: Line, address: int, progress: Progress) -> Readout:
    """Reads the meter at a primary address (0 to 250, or 254 where only one meter is connected).

    The link is reset first: a meter repeats its last telegram when it is asked with the same FCB as the last
    time, and what another master asked before is not known.

    Raises:
        NoAnswer: nobody answered.
        GarbledAnswer: what came is no telegram.
    """
    line.set_baud(line.memory.meter(address).baud or line.home_baud)
    tally = Tally()
    reset = requests.snd_nke(address).to_bytes()
    answer = ask(line, (reset,) * ATTEMPTS, Ack, address, tally)
    if answer.outcome is Outcome.SILENCE:
        raise _nobody(address)
    return read_telegrams(Link(line, address, address, tally, progress))


def select(
    line: Line, address: SecondaryAddress, tally: Tally, *, fabrication_number: str | None = None
) -> Answer:
    """Selects; meters that only know the other FCB of the selection are asked that way at last."""
    memory = line.memory.meter(address)
    if fabrication_number is None:
        usual = requests.select(address, memory.select_fcb).to_bytes()
        other = requests.select(address, not memory.select_fcb).to_bytes()
        frames = (usual,) * (ATTEMPTS - 1) + (other,)
    else:
        usual = requests.select_enhanced(address, fabrication_number).to_bytes()
        frames = (usual,) * ATTEMPTS
    answer = ask(line, frames, Ack, address, tally)
    if answer.outcome is Outcome.ANSWER and answer.request != usual:
        _remember(line, address, replace(line.memory.meter(address), select_fcb=not memory.select_fcb))
    return answer


def ask(
    line: Line,
    frames: Sequence[bytes],
    wanted: type[Ack] | type[LongFrame],
    address: SecondaryAddress | int,
    tally: Tally,
) -> Answer:
    """Sends one frame after the other until one is answered; the last one gets the longer window.

    For a selection or a reset anything that comes is an answer: of several meters it comes garbled.
    """
    memory = line.memory.meter(address)
    answer = Answer(Outcome.SILENCE, frames[0])
    for attempt, frame in enumerate(frames, 1):
        slow = memory.slow or attempt == len(frames)
        answer = line.exchange(frame, wanted, slow=slow)
        tally.begin(line)
        if answer.outcome is not Outcome.SILENCE:
            learn_speed(line, address, answer)
            if answer.outcome is Outcome.ANSWER:
                tally.add(line, answer, attempt)
            return answer
        tally.lost += 1
    return answer


def is_late(line: Line, delay_s: float) -> bool:
    """Whether an answer took longer than the standard and a usual adapter allow."""
    return delay_s > answer_window(line.baud) + DEFAULT_LATENCY_S


def learn_speed(line: Line, address: SecondaryAddress | int, answer: Answer) -> None:
    """Remembers a meter that answered only within the longer window."""
    memory = line.memory.meter(address)
    if is_late(line, answer.delay_s or 0.0) and not memory.slow:
        _remember(line, address, replace(memory, slow=True))


def read_telegrams(link: Link) -> Readout:
    """Reads the meter behind a link that has just been set up (selected, or reset).

    Raises:
        NoAnswer: the meter sent no telegram.
        GarbledAnswer: what came is no telegram of that meter.
    """
    line, tally, progress = link.line, link.tally, link.progress
    fcb = line.memory.meter(link.address).first_fcb
    frames: list[bytes] = []
    more = True
    while more and len(frames) < TELEGRAMS_MAX:
        progress(ReadProgress(len(frames), tally.attempts))
        request = _TelegramRequest(link, fcb=fcb)
        frame = request.run(may_turn_fcb=not frames)
        if not frames and request.fcb != fcb:
            _remember(line, link.address, replace(line.memory.meter(link.address), first_fcb=request.fcb))
        if frames and frame == frames[-1]:
            # It repeats itself whatever it is asked: what has come is all it will say.
            break
        frames.append(frame)
        fcb = not request.fcb
        more = decode(frame, line.keys).more_records_follow
    progress(ReadProgress(len(frames), tally.attempts))
    raw = b"".join(frames)
    return Readout(
        telegram=decode(raw, line.keys),
        raw=raw,
        elapsed_s=tally.ended_s - tally.started_s,
        wire_minimum_s=tally.minimum_s,
        attempts=tally.attempts,
        baud=line.baud,
        address=link.address,
    )


class _TelegramRequest:
    """One telegram, asked for until it has come and can be trusted.

    On a repetition the FCB stays, so the meter repeats the same bytes. Where an answer was spoilt, the line
    is disturbed and a checksum of one byte is not enough: then two equal answers are wanted.
    """

    def __init__(self, link: Link, *, fcb: bool) -> None:
        self._link = link
        self.fcb = fcb
        """With which it is asked, and in the end was answered."""
        self._silent = 0
        self._spoilt: list[Answer] = []
        self._whole: list[bytes] = []

    def run(self, *, may_turn_fcb: bool) -> bytes:
        """Returns the frame; the other FCB is tried once, if allowed, where this one finds no ear."""
        for attempt in range(1, _CERTAINTY_ATTEMPTS + 1):
            frame = self._attempt(attempt)
            if frame is not None:
                return frame
            if len(self._spoilt) >= self._link.effort.spoilt_max and not self._whole:
                break
            if self._silent >= ATTEMPTS:
                if not may_turn_fcb or self._spoilt or self._whole:
                    break
                may_turn_fcb = False
                self._silent = ATTEMPTS - 1
                self.fcb = not self.fcb
        raise _unanswered(self._link.address, self._spoilt)

    def _attempt(self, attempt: int) -> bytes | None:
        line = self._link.line
        memory = line.memory.meter(self._link.address)
        slow = memory.slow or (self._link.effort.patient and self._silent == ATTEMPTS - 1)
        request = requests.req_ud2(self._link.link_address, self.fcb).to_bytes()
        answer = line.exchange(request, LongFrame, slow=slow, window_s=self._link.effort.window_s)
        if answer.outcome is Outcome.SILENCE:
            self._link.tally.lost += 1
            self._silent += 1
            return None
        learn_speed(line, self._link.address, answer)
        if answer.outcome is Outcome.GARBLED or not _is_response(answer, self._link.address):
            self._link.tally.spoilt += 1
            self._spoilt.append(answer)
            line.disturbed = line.disturbed or self._link.effort.spoilt_max > 1
            return None
        certain = not line.disturbed or answer.raw in self._whole
        self._whole.append(answer.raw)
        if not certain:
            return None
        line.disturbed = bool(self._spoilt)
        self._link.tally.add(line, answer, attempt)
        self._link.tally.stray_acks |= answer.received[:1] == Ack().to_bytes()
        if attempt == 1:
            self._link.tally.delay_s = max(self._link.tally.delay_s, answer.delay_s or 0.0)
        return answer.raw


def _is_response(answer: Answer, address: SecondaryAddress | int) -> bool:
    """Whether a telegram is of the meter that was asked."""
    telegram = decode(answer.raw)
    if isinstance(address, int) or telegram.header is None:
        return True
    return address.matches(exact_address(telegram) or address)


def exact_address(telegram: Telegram) -> SecondaryAddress | None:
    """The secondary address of the meter that sent a telegram, as far as it tells; None without a number."""
    address = None if telegram.header is None else secondary_address(telegram.header)
    return address if address is not None and address.has_number else None


def _unanswered(address: SecondaryAddress | int, spoilt: Sequence[Answer]) -> NoAnswer | GarbledAnswer:
    if not spoilt:
        return NoTelegram(
            Message("The meter {address} was found, but sends no telegram.", {"address": shown(address)}),
            advice=Message(
                "Some battery meters allow a limited number of read-outs a day: if it was read before today, "
                "wait until tomorrow. Otherwise read it again; only if it stays silent then, it may be at "
                "fault."
            ),
        )
    last = spoilt[-1]
    if last.outcome is Outcome.ANSWER:
        other = exact_address(decode(last.raw))
        return GarbledAnswer(
            Message(
                "Another meter answered: {other} instead of {address}.",
                {"other": shown(other) if other else "?", "address": shown(address)},
            ),
            diagnosis=Diagnosis.WRONG_METER,
            advice=Message("Read again; if this repeats, scan the bus."),
            raw=last.raw,
        )
    return garbled_error(shown(address), spoilt)


def _nobody(address: SecondaryAddress | int) -> NoAnswer:
    return NoAnswer(
        Message("No meter answers at {address}.", {"address": shown(address)}),
        advice=Message(
            "The number on the label need not be the one on the bus (it may be the customer number, or only "
            "its last digits): search the bus to see which meters there are. If there is none, check the "
            "wiring, the power of the bus and the baud rate."
        ),
    )


def first_request() -> bytes:
    """The first request for data to whoever is selected."""
    return requests.req_ud2(SELECTED_METER, True).to_bytes()  # noqa: FBT003 - the FCB


def shown(address: SecondaryAddress | int) -> str:
    """An address as a person knows it: the serial number, or the primary address."""
    if isinstance(address, int):
        return str(address)
    rest = address.text[8:]
    return address.identification if rest == "FFFFFFFF" else f"{address.identification} ({address.text})"


def _rates(line: Line, address: SecondaryAddress | int) -> tuple[int, ...]:
    """The rate at which the meter answered last, and the line's own: it may have been switched meanwhile."""
    known = line.memory.meter(address).baud
    return (line.home_baud,) if known in (None, line.home_baud) else (known, line.home_baud)


def remember_rate(line: Line, address: SecondaryAddress) -> None:
    """Remembers that a meter answers at the present rate."""
    memory = line.memory.meter(address)
    if memory.baud != line.baud:
        _remember(line, address, replace(memory, baud=line.baud))


def _remember(line: Line, address: SecondaryAddress | int, memory: MeterMemory) -> None:
    line.memory.remember(address, memory)
