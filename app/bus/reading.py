"""Reads one meter, on the port thread: selects, asks, repeats what was lost, trusts no disturbed byte."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from app.bus.answer import Answer, Outcome
from app.bus.errors import BusError, Diagnosis, GarbledAnswer, NoAnswer, NoTelegram
from app.bus.exchange import Line
from app.bus.garbled import after_asking_nobody, garbled_error, missing_bytes
from app.bus.memory import MeterMemory
from app.bus.readout import Readout, ReadProgress
from app.mbus import requests
from app.mbus.addresses import BROADCAST_SILENT, SELECTED_METER, SecondaryAddress
from app.mbus.frames import Ack, LongFrame
from app.mbus.probes import EVERYBODY, WILDCARD
from app.mbus.records import Telegram
from app.mbus.response import decode, secondary_address
from app.message import Message

ATTEMPTS: Final = 3
"""How often a request is made before it counts as unanswered (EN 13757-2: up to two repetitions)."""

_CERTAINTY_ATTEMPTS: Final = 8
"""On a disturbed line, how often at most the same telegram is asked for until two are alike."""

_BUSY_S: Final = 3.0
_BUSY_PAUSE_S: Final = 0.4
"""A meter that only acknowledges a request for data is given that time, and asked that often."""

TELEGRAMS_MAX: Final = 40
"""A meter that still says "more follows" then never ends."""

Progress = Callable[[ReadProgress], None]


@dataclass(slots=True)
class Tally:
    """What a reading cost: only exchanges that succeeded count for the wire's minimum.

    Attributes:
        started_s: when the first byte was sent.
        ended_s: when the last byte had come.
        attempts: the most attempts one request took.
        lost: answers that did not come before one of the same request did.
        spoilt: answers that came and could not be trusted.
        minimum_s: the wire's minimum of the exchanges so far, each meter's own delay counted.
    """

    started_s: float = 0.0
    ended_s: float = 0.0
    attempts: int = 1
    lost: int = 0
    spoilt: int = 0
    minimum_s: float = 0.0

    def add(self, line: Line, answer: Answer, attempt: int) -> None:
        """Counts a request; the first one starts the clock."""
        self.started_s = self.started_s or line.sent_at
        if answer.outcome is Outcome.ANSWER:
            self.attempts = max(self.attempts, attempt)
            self.ended_s = line.clock.now()
            self.minimum_s += line.wire_time(answer.size) + (answer.delay_s or 0.0)


@dataclass(slots=True)
class Link:
    """A meter on its way to be read.

    Attributes:
        line: the line.
        address: how the person asked for it.
        fabrication_number: of an enhanced selection.
        spoilt_max: so many garbled answers end it; a search takes the first one for a collision.
        progress: called on the port thread.
        tally: what it has cost so far.
        memory: what is known of the meter; kept when it has been read.
        delay_s: after which its telegram began.
        gone: whether it did not answer any more when it was begun anew.
    """

    line: Line
    address: SecondaryAddress | int
    fabrication_number: str | None = None
    spoilt_max: int = ATTEMPTS
    progress: Progress = lambda _: None
    tally: Tally = field(default_factory=Tally)
    memory: MeterMemory = field(init=False)
    delay_s: float = 0.0
    gone: bool = False

    def __post_init__(self) -> None:
        self.memory = self.line.memory.meter(self.address)

    @property
    def link_address(self) -> int:
        """The A field of its requests."""
        return self.address if isinstance(self.address, int) else SELECTED_METER

    def ask(self, request: bytes, wanted: type[Ack] | type[LongFrame], attempt: int, **how: bool) -> Answer:
        """One request; a meter that answers late is remembered as slow."""
        how["slow"] = how.get("slow", False) or self.memory.slow
        answer = self.line.exchange(request, wanted, **how)
        self.tally.add(self.line, answer, attempt)
        if (answer.delay_s or 0.0) > self.line.window():
            self.memory = replace(self.memory, slow=True)
        return answer

    def begin(self, *, whole: bool = False) -> Answer:
        """Selects the meter, or resets its link: three attempts, each of them another way.

        The second one has the other FCB; before the last one, which gets the longer window, the links of all
        meters are reset. Anything that comes is an answer: of several meters it comes garbled.
        """
        answer = Answer(Outcome.SILENCE, b"")
        for attempt in range(1, ATTEMPTS + 1):
            last = attempt == ATTEMPTS
            if isinstance(self.address, int):
                request = requests.snd_nke(self.address).to_bytes()
            else:
                fcb = self.memory.select_fcb != (attempt == ATTEMPTS - 1)
                request = selection(self.address, fcb, self.fabrication_number)
                if last:
                    reset_links(self.line)
            answer = self.ask(request, Ack, attempt, slow=last, whole=whole)
            if answer.outcome is not Outcome.SILENCE:
                if answer.outcome is Outcome.ANSWER and not isinstance(self.address, int):
                    self.memory = replace(self.memory, select_fcb=fcb)
                return answer
        return answer

    def begin_again(self) -> bool:
        """Resets the link and selects anew; whether the meter is still there."""
        if not isinstance(self.address, int):
            reset_links(self.line)
        self.gone = self.begin().outcome is Outcome.SILENCE
        return not self.gone

    def remember(self, telegram: Telegram) -> None:
        """Keeps what was learned under the meter's own address."""
        address = self.address
        if not isinstance(address, int):
            address = exact_address(telegram) or address
        self.line.memory.remember(address, replace(self.memory, baud=self.line.baud))


def read_secondary(
    line: Line, address: SecondaryAddress, progress: Progress, fabrication_number: str | None = None
) -> Readout:
    """Reads the meter that a secondary address fits.

    Where the address can mean several meters, the selection is listened to until the end of its window.

    Raises:
        NoAnswer: nobody answered the selection, or the selected meter sent no telegram.
        GarbledAnswer: what came is no telegram of that meter.
    """
    link = Link(line, address, fabrication_number, progress=progress)
    for baud in _rates(line, address):
        line.set_baud(baud)
        if line.other_master.seen:
            reset_links(line)
        selected = link.begin(whole=WILDCARD in address.identification)
        if selected.outcome is not Outcome.SILENCE:
            return _read(link)
    raise _nobody(line, address)


def read_primary(line: Line, address: int, progress: Progress) -> Readout:
    """Reads the meter at a primary address (0 to 250, or 254 where only one meter is connected).

    The link is reset first: a meter repeats its last telegram when it is asked with the same FCB as the last
    time, and what another master asked before is not known.

    Raises:
        NoAnswer: nobody answered.
        GarbledAnswer: what came is no telegram.
    """
    link = Link(line, address, progress=progress)
    line.set_baud(link.memory.baud or line.home_baud)
    if link.begin().outcome is Outcome.SILENCE:
        raise _nobody(line, address)
    return _read(link)


def _read(link: Link) -> Readout:
    try:
        return read_telegrams(link)
    except GarbledAnswer as error:
        raise after_asking_nobody(link.line, error) from error


def read_telegrams(link: Link) -> Readout:
    """Reads the meter behind a link that has just begun.

    Where a later telegram fails, or the first one shows that another master left the meter in the middle, all
    is begun anew once; what has come then is returned, marked if there is more.

    Raises:
        NoAnswer: the meter sent no telegram.
        GarbledAnswer: what came is no telegram of that meter.
    """
    frames, failed = _collect(link)
    in_the_middle = len(frames) > 1 and not _has_index(decode(frames[0], link.line.keys))
    if (in_the_middle or failed) and link.begin_again():
        again, failed = _collect(link, at_least=0)
        frames = again if not failed or len(again) > len(frames) else frames
    link.progress(ReadProgress(len(frames), link.tally.attempts))
    raw = b"".join(frames)
    telegram = decode(raw, link.line.keys)
    link.remember(telegram)
    return Readout(
        telegram=telegram,
        raw=raw,
        elapsed_s=link.tally.ended_s - link.tally.started_s,
        wire_minimum_s=link.tally.minimum_s,
        attempts=link.tally.attempts,
        baud=link.line.baud,
        address=link.address,
        incomplete=telegram.more_records_follow,
    )


def _collect(link: Link, at_least: int = 1) -> tuple[list[bytes], bool]:
    """The frames of an answer, and whether one failed; the first ``at_least`` must not."""
    fcb = link.memory.first_fcb
    frames: list[bytes] = []
    contents: list[object] = []
    while len(frames) < TELEGRAMS_MAX:
        link.progress(ReadProgress(len(frames), link.tally.attempts))
        try:
            frame, fcb = _ask_telegram(link, fcb, first=not frames)
        except (NoAnswer, GarbledAnswer):
            if len(frames) < at_least:
                raise
            return frames, True
        telegram = decode(frame, link.line.keys)
        content = _content(telegram)
        if content in contents:
            # It repeats itself whatever it is asked: what has come is all it will say.
            break
        if not frames:
            link.memory = replace(link.memory, first_fcb=fcb)
        frames.append(frame)
        contents.append(content)
        if not telegram.more_records_follow:
            break
        fcb = not fcb
    return frames, False


def _ask_telegram(link: Link, fcb: bool, *, first: bool) -> tuple[bytes, bool]:  # noqa: FBT001 - the bit
    """One telegram, asked for until it has come and can be trusted; and with which FCB it came.

    On a repetition the FCB stays, so the meter repeats the same bytes. Where an answer was spoilt, the line
    is disturbed and a checksum of one byte is not enough: then two equal answers are wanted. A meter that
    does not send its first telegram is begun anew, and then asked with the other FCB.
    """
    line = link.line
    begin_again_at = min(link.spoilt_max, ATTEMPTS - 1)
    silent_max = begin_again_at + 2 if first else ATTEMPTS
    asked_with = fcb
    silent, spoilt, whole = 0, list[Answer](), list[object]()
    for attempt in range(1, _CERTAINTY_ATTEMPTS + 1):
        answer = _ask_when_ready(link, fcb, attempt, slow=silent == silent_max - 1)
        if answer.outcome in (Outcome.SILENCE, Outcome.BUSY):
            silent += 1
            if silent >= silent_max or (first and silent == begin_again_at and not link.begin_again()):
                break
            fcb = fcb != (first and silent == silent_max - 1)
        elif answer.outcome is Outcome.GARBLED or not _is_of(answer, link.address):
            link.tally.spoilt += 1
            spoilt.append(answer)
            broke_off = (missing_bytes(answer.received) or 0) > 0
            line.disturbed = line.disturbed or link.spoilt_max > 1
            if len(spoilt) >= (ATTEMPTS if broke_off else link.spoilt_max) and not whole:
                break
        else:
            content = _content(decode(answer.raw))
            certain = not line.disturbed or content in whole
            whole.append(content)
            if certain:
                line.disturbed = bool(spoilt)
                link.delay_s = answer.delay_s or 0.0
                # With the other FCB it is a habit of the meter, and nothing was lost.
                link.tally.lost += silent * (fcb == asked_with)
                return answer.raw, fcb
    raise _unanswered(line, link.address, spoilt)


def _ask_when_ready(link: Link, fcb: bool, attempt: int, *, slow: bool) -> Answer:  # noqa: FBT001 - the bit
    """Asks for data; a meter that only acknowledges is not ready, and asked again some times."""
    line = link.line
    request = requests.req_ud2(link.link_address, fcb).to_bytes()
    until = line.clock.now() + _BUSY_S
    while True:
        answer = link.ask(request, LongFrame, attempt, slow=slow)
        now = line.clock.now()
        if answer.outcome is not Outcome.BUSY or now >= until:
            return answer
        line.own(now + _BUSY_PAUSE_S)


def selection(address: SecondaryAddress, fcb: bool, fabrication_number: str | None = None) -> bytes:  # noqa: FBT001
    """The bytes of a selection, with C = 73 (``fcb``) or 53, enhanced where a fabrication number is given."""
    if fabrication_number is not None:
        return requests.select_enhanced(address, fabrication_number, fcb).to_bytes()
    return requests.select(address, fcb).to_bytes()


def reset_links(line: Line) -> None:
    """Some meters only speak after their link has been reset: that of who is selected, and of all."""
    line.exchange(requests.snd_nke(SELECTED_METER).to_bytes(), Ack)
    line.tell(requests.snd_nke(BROADCAST_SILENT).to_bytes())


def exact_address(telegram: Telegram) -> SecondaryAddress | None:
    """The secondary address of the meter that sent a telegram, as far as it tells; None when it does not."""
    if telegram.header is None:
        return None
    address = secondary_address(telegram.header)
    return None if address.identification == EVERYBODY.identification else address


def shown(address: SecondaryAddress | int) -> str:
    """An address as a person knows it: the serial number, or the primary address."""
    if isinstance(address, int):
        return str(address)
    rest = address.text[8:]
    return address.identification if rest == "FFFFFFFF" else f"{address.identification} ({address.text})"


def _content(telegram: Telegram) -> object:
    """What a telegram says, without what changes each time it is sent (access number, checksum)."""
    if telegram.records:
        address = telegram.header.wire_address if telegram.header else b""
        return address, [(each.dib, each.vib, each.data) for each in telegram.records]
    return telegram.raw


def _has_index(telegram: Telegram) -> bool:
    """Whether a telegram has a counter of now (energy, volume, mass, heat cost): the first one of a meter."""
    return not telegram.records or any(
        record.storage == record.tariff == record.subunit == 0 and (record.vib[0] & 0x7F) in _INDEX_VIFS
        for record in telegram.records
        if record.vib
    )


_INDEX_VIFS: Final = (*range(0x20), 0x6E)


def _is_of(answer: Answer, address: SecondaryAddress | int) -> bool:
    """Whether a telegram is of the meter that was asked, as far as it tells."""
    if isinstance(address, int):
        return True
    other = exact_address(decode(answer.raw))
    return other is None or agree(address, other)


def agree(address: SecondaryAddress, other: SecondaryAddress) -> bool:
    """Whether two addresses can be of one meter; what either does not tell fits anything."""
    digits = zip(address.identification, other.identification, strict=True)
    parts = ((address.manufacturer, other.manufacturer), (address.version, other.version))
    return all(WILDCARD in pair or pair[0] == pair[1] for pair in digits) and all(
        None in pair or pair[0] == pair[1] for pair in (*parts, (address.medium, other.medium))
    )


def _unanswered(line: Line, address: SecondaryAddress | int, spoilt: Sequence[Answer]) -> BusError:
    if not spoilt:
        return NoTelegram(
            Message("The meter {address} was found, but sends no telegram.", {"address": shown(address)}),
            advice=line.other_master.advice
            or Message(
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
            advice=line.other_master.advice or Message("Read again; if this repeats, scan the bus."),
            raw=last.raw,
        )
    return garbled_error(shown(address), spoilt)


def _nobody(line: Line, address: SecondaryAddress | int) -> NoAnswer:
    return NoAnswer(
        Message("No meter answers at {address}.", {"address": shown(address)}),
        advice=line.other_master.advice
        or Message(
            "The number on the label need not be the one on the bus (it may be the customer number, or only "
            "its last digits): search the bus to see which meters there are. If there is none, check the "
            "wiring, the power of the bus and the baud rate."
        ),
    )


def _rates(line: Line, address: SecondaryAddress) -> tuple[int, ...]:
    """The rate at which the meter answered last, and the line's own: it may have been switched meanwhile."""
    known = line.memory.meter(address).baud
    return (line.home_baud,) if known in (None, line.home_baud) else (known, line.home_baud)
