"""Finds the meters on a bus: asks what the search strategy says, reads each meter found, tells it at once."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from app.bus import reading
from app.bus.errors import Diagnosis, GarbledAnswer, NoAnswer
from app.bus.exchange import Answer, Line, Outcome
from app.bus.master import BusMaster
from app.bus.readout import Readout
from app.bus.timing import RESPONSE_DELAY_S
from app.domain.message import Message
from app.mbus import requests
from app.mbus.addresses import PRIMARY_MAX, SELECTED_METER, SecondaryAddress
from app.mbus.frames import ACK_BYTE, Ack
from app.mbus.records import Telegram
from app.mbus.search import EVERYBODY, Finding, FoundMeter, Probe, Reply, Search, SearchPlan

_COLLISION_SHORT: Final = 40
"""Fewer bytes than a telegram has: the collision is likely not over yet."""

_COLLISION_LONG: Final = 160
"""So many byte times it is then waited out, as long as no telegram of this bus is known."""

_FABRICATION_VIB: Final = b"\x78"


@dataclass(frozen=True, slots=True)
class MeterFound:
    """A meter was found and read.

    Attributes:
        meter: its exact address.
        readout: what it said; None when it was found, but could not be read (primary scan).
        primary_address: its A field, None when it did not tell.
    """

    meter: FoundMeter
    readout: Readout
    primary_address: int | None


@dataclass(frozen=True, slots=True)
class ScanProgress:
    """How far a scan is.

    Attributes:
        probes: made so far.
        found: meters so far.
        asking: the address asked last.
        pending: probes to be made at least.
        time_left_s: at the present pace, at least; None before there is one.
    """

    probes: int
    found: int
    asking: str
    pending: int
    time_left_s: float | None


@dataclass(frozen=True, slots=True)
class MetersUnresolved:
    """Somebody answers at an address, but could not be told apart or read.

    Attributes:
        address: as it was asked.
        message: why, for the person.
        diagnosis: what it looks like.
    """

    address: str
    message: Message
    diagnosis: Diagnosis


@dataclass(frozen=True, slots=True)
class ScanFinished:
    """The scan has come to its end.

    Attributes:
        found: how many meters.
        probes: how many probes.
        elapsed_s: time spent, pauses between stop and resume not counted.
    """

    found: int
    probes: int
    elapsed_s: float


ScanEvent: TypeAlias = MeterFound | ScanProgress | MetersUnresolved | ScanFinished


@dataclass(frozen=True, slots=True)
class ScanOptions:
    """What to look for.

    Attributes:
        known: meters to ask first, from a list or from the last visit.
        hex_digits: also look for the digits A to F.
        within: only meters that fit this address.
        makers: manufacturer codes to try where two meters have one number.
        first: first primary address of a primary scan.
        last: last primary address of a primary scan.
    """

    known: tuple[SecondaryAddress, ...] = ()
    hex_digits: bool = False
    within: SecondaryAddress = EVERYBODY
    makers: tuple[int, ...] = ()
    first: int = 0
    last: int = PRIMARY_MAX


class ScanState:
    """A scan by secondary address, to be stopped and taken up again: hand the same object in again."""

    def __init__(self, options: ScanOptions | None = None) -> None:
        options = options or ScanOptions()
        self.search = Search(
            SearchPlan(
                within=options.within,
                known=options.known,
                hex_digits=options.hex_digits,
                makers=options.makers,
            )
        )
        self.elapsed_s = 0.0
        self.largest = 0
        """Bytes of the largest answer so far."""
        self.patient = False
        """Whether slow meters have shown, so that silence is waited for longer."""


async def scan(
    master: BusMaster, options: ScanOptions | None = None, state: ScanState | None = None
) -> AsyncIterator[ScanEvent]:
    """Finds meters by secondary address and yields them as they are found.

    To stop, close the iterator or cancel the task; with the same ``state`` a new call goes on where that one
    stopped.

    Raises:
        PortError: the port vanished or is not open.
    """
    state = state or ScanState(options)
    search = state.search
    while (probe := search.next()) is not None:
        before = len(search.found)
        started = master.now()
        result = await master.run(_job(probe, state))
        state.elapsed_s += master.now() - started
        search.report(result.reply)
        if result.late and not state.patient:
            state.patient = True
            search.doubt()
        if result.readout is not None:
            state.largest = max(state.largest, len(result.readout.raw))
        if result.readout is not None and len(search.found) > before:
            yield MeterFound(search.found[-1], result.readout, result.readout.telegram.address)
        yield _progress(state, probe)
    for probe in search.unresolved:
        yield _unresolved(probe)
    yield ScanFinished(len(search.found), search.probes, state.elapsed_s)


async def scan_primary(master: BusMaster, options: ScanOptions | None = None) -> AsyncIterator[ScanEvent]:
    """Finds meters by primary address, 0 to 250, and yields them as they are found.

    Raises:
        PortError: the port vanished or is not open.
    """
    options = options or ScanOptions()
    started = master.now()
    addresses = range(options.first, options.last + 1)
    found = 0
    for probes, address in enumerate(addresses, 1):
        event = await master.run(_primary_job(address))
        if isinstance(event, MeterFound):
            found += 1
        if event is not None:
            yield event
        elapsed = master.now() - started
        left = len(addresses) - probes
        yield ScanProgress(probes, found, str(address), left, elapsed / probes * left)
    yield ScanFinished(found, len(addresses), master.now() - started)


@dataclass(frozen=True, slots=True)
class _ProbeResult:
    reply: Reply
    readout: Readout | None = None
    late: bool = False
    """Whether an answer came that belongs to an earlier request: there are slow meters."""


@dataclass(frozen=True, slots=True)
class _Manner:
    """How one probe is made.

    Attributes:
        fcb: of the selection.
        patient: whether the longer window is waited.
        certain: whether one whole telegram is believed.
        largest: bytes of the largest telegram seen so far, 0 before there was one.
    """

    fcb: bool
    patient: bool
    certain: bool
    largest: int


def _job(probe: Probe, state: ScanState) -> Callable[[Line], _ProbeResult]:
    # Before a bus counts as empty it is asked once with the other FCB, and once with the longer window.
    silences = state.search.silences(probe)
    everybody = probe.address == state.search.plan.within
    manner = _Manner(
        fcb=everybody and silences == 1,
        patient=state.patient or (everybody and silences > 1),
        certain=state.search.times_to_ask == 1 and not state.search.disturbed,
        largest=state.largest,
    )
    return lambda line: _ask(line, probe, manner)


def _ask(line: Line, probe: Probe, manner: _Manner) -> _ProbeResult:
    tally = reading.Tally()
    selected = _select(line, probe, tally, manner)
    late = bytes((ACK_BYTE,)) == selected.stray
    if selected.outcome is Outcome.SILENCE:
        return _ProbeResult(Reply(Finding.SILENCE), late=late)
    line.disturbed = not manner.certain
    effort = reading.Effort(spoilt_max=reading.ATTEMPTS if probe.is_number else 1, patient=manner.patient)
    before = tally.lost
    try:
        link = reading.Link(line, probe.address, SELECTED_METER, tally, lambda _: None, effort)
        readout = reading.read_telegrams(link)
    except NoAnswer:
        return _ProbeResult(Reply(Finding.MUTE, lost=tally.lost - before), late=True)
    except GarbledAnswer as error:
        _wait_out(line, error.raw, manner.largest)
        return _ProbeResult(Reply(Finding.COLLISION), late=late)
    finally:
        line.disturbed = False
    meter = _identity(readout.telegram, probe)
    if meter is None:
        return _ProbeResult(Reply(Finding.COLLISION), late=late)
    reply = Reply(Finding.METER, meter, tally.lost - before, spoilt=tally.spoilt > 0)
    return _ProbeResult(reply, readout, late)


def _wait_out(line: Line, heard: bytes, largest: int) -> None:
    """Lets a collision of many come to its end.

    Together they hold the line so that for long no byte can be made out: what looks like silence is not.
    """
    if len(heard) < (largest or _COLLISION_SHORT):
        size = largest or _COLLISION_LONG
        line.expect_until(line.sent_until + RESPONSE_DELAY_S + line.wire_time(size))


def _select(line: Line, probe: Probe, tally: reading.Tally, manner: _Manner) -> Answer:
    if probe.fabrication_number is not None:
        request = requests.select_enhanced(probe.address, probe.fabrication_number)
    else:
        request = requests.select(probe.address, manner.fcb)
    answer = line.exchange(request.to_bytes(), Ack, slow=manner.patient)
    tally.begin(line)
    if answer.outcome is Outcome.ANSWER:
        tally.add(line, answer, 1)
    return answer


def _identity(telegram: Telegram, probe: Probe) -> FoundMeter | None:
    """Who sent a telegram; None when it does not tell and the probe does not either."""
    address = reading.exact_address(telegram) or (probe.address if probe.is_number else None)
    if address is None:
        return None
    numbers = [
        record.data[::-1].hex().upper()
        for record in telegram.records
        if record.vib == _FABRICATION_VIB and len(record.data) == 4
    ]
    return FoundMeter(address, numbers[0] if numbers else None)


def _progress(state: ScanState, probe: Probe) -> ScanProgress:
    search = state.search
    pace = state.elapsed_s / search.probes
    pending = search.pending
    return ScanProgress(
        search.probes, len(search.found), _shown(probe), pending, pace * pending if search.probes else None
    )


def _unresolved(probe: Probe) -> MetersUnresolved:
    return MetersUnresolved(
        _shown(probe),
        Message(
            "Several meters answer at {address} and could not be told apart; connect them one by one.",
            {"address": _shown(probe)},
        ),
        Diagnosis.COLLISION,
    )


def _shown(probe: Probe) -> str:
    number = f" fabrication number {probe.fabrication_number}" if probe.fabrication_number else ""
    return reading.shown(probe.address) + number


def _primary_job(address: int) -> Callable[[Line], MeterFound | MetersUnresolved | None]:
    return lambda line: _ask_primary(line, address)


def _ask_primary(line: Line, address: int) -> MeterFound | MetersUnresolved | None:
    """Resets the link of whoever is there, which answers shortest, and reads who answered."""
    tally = reading.Tally()
    answer = line.exchange(requests.snd_nke(address).to_bytes(), Ack)
    tally.begin(line)
    if answer.outcome is Outcome.SILENCE:
        return None
    if answer.outcome is Outcome.ANSWER:
        tally.add(line, answer, 1)
    try:
        readout = reading.read_telegrams(reading.Link(line, address, address, tally, lambda _: None))
    except GarbledAnswer as error:
        return MetersUnresolved(str(address), error.message, error.diagnosis)
    except NoAnswer as error:
        return MetersUnresolved(str(address), error.message, Diagnosis.NOBODY_ANSWERS)
    meter = reading.exact_address(readout.telegram)
    if meter is None:
        message = Message(
            "The meter at primary address {address} does not tell its number.", {"address": address}
        )
        return MetersUnresolved(str(address), message, Diagnosis.HEALTHY)
    return MeterFound(FoundMeter(meter), readout, address)
