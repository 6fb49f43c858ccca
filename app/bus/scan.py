"""Finds the meters on a bus: asks what the search strategy says, reads each meter found, tells it at once."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from app.bus import reading
from app.bus.answer import Outcome
from app.bus.errors import Diagnosis, GarbledAnswer, NoAnswer
from app.bus.exchange import Line
from app.bus.master import BusMaster
from app.bus.probing import Manner, ProbeResult, ask
from app.bus.readout import Readout
from app.bus.timing import SLOW_WINDOW_S
from app.mbus import requests
from app.mbus.addresses import PRIMARY_MAX, SecondaryAddress
from app.mbus.frames import Ack
from app.mbus.manufacturer import letters_to_code
from app.mbus.manufacturer_names import MANUFACTURER_NAMES
from app.mbus.search import EVERYBODY, FoundMeter, Probe, Search, SearchPlan
from app.message import Message

KNOWN_MAKERS: Final = tuple(letters_to_code(letters) for letters in MANUFACTURER_NAMES)

_SLOW_LEAST_S: Final = 0.5
"""The shortest window once an answer came late."""

_FEW: Final = 2
"""More disturbances than this are not a slow meter's doing."""


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
        makers: manufacturer codes to try where two meters have one number; all that are known by name.
        first: first primary address of a primary scan.
        last: last primary address of a primary scan.
    """

    known: tuple[SecondaryAddress, ...] = ()
    hex_digits: bool = False
    within: SecondaryAddress = EVERYBODY
    makers: tuple[int, ...] = KNOWN_MAKERS
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
        self.window_s: float | None = None
        """How long silence is waited for since slow meters have shown; None before."""


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
    while (probe := _next(state)) is not None:
        before = len(search.found)
        started = master.now()
        result = await master.run(_job(probe, state))
        state.elapsed_s += master.now() - started
        if _grow_patient(state, result):
            continue
        search.report(result.reply)
        if result.readout is not None:
            state.largest = max(state.largest, len(result.readout.raw))
        if result.readout is not None and len(search.found) > before:
            yield MeterFound(search.found[-1], result.readout, result.readout.telegram.address)
        yield _progress(state, probe)
    if search.hopeless:
        yield _disturbed(search.plan)
    else:
        for probe in search.unresolved:
            yield _unresolved(probe)
    yield ScanFinished(len(search.found), search.probes, state.elapsed_s)


def _next(state: ScanState) -> Probe | None:
    probe = state.search.next()
    lossless = state.search.times_to_ask == 1 and not state.search.hopeless
    if probe is None and lossless and state.window_s is None and 0 < state.search.disturbances <= _FEW:
        # On an otherwise good line, what disturbed a telegram may have been a slow meter's late answer.
        state.window_s = SLOW_WINDOW_S
        state.search.doubt()
        probe = state.search.next()
    return probe


def _grow_patient(state: ScanState, result: ProbeResult) -> bool:
    """Waits longer from now on, if there is a reason; whether what came must be asked for again."""
    if result.slow_s is None and not result.stray:
        return False
    window = SLOW_WINDOW_S
    if result.slow_s is not None and not result.stray:
        window = max(_SLOW_LEAST_S, min(SLOW_WINDOW_S, 2 * result.slow_s))
    if state.window_s is not None and window <= state.window_s:
        return False
    state.window_s = window
    state.search.doubt()
    # An answer that came to an earlier question must not be taken for one to this.
    return result.stray and result.readout is None


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


def _job(probe: Probe, state: ScanState) -> Callable[[Line], ProbeResult]:
    # Everybody is waited for with patience, so that a slow answer is not taken for one to the next question.
    # Before a bus counts as empty it is also asked with the other FCB.
    silences = state.search.silences(probe)
    everybody = probe.address == state.search.plan.within
    manner = Manner(
        fcb=everybody and silences == 1,
        patient=state.window_s is not None or (everybody and not silences),
        window_s=state.window_s,
        certain=state.search.times_to_ask == 1 and not state.search.disturbances,
        largest=state.largest,
    )
    return lambda line: ask(line, probe, manner)


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


def _disturbed(plan: SearchPlan) -> MetersUnresolved:
    """Instead of all the addresses at which a line that is stuck or babbles seems to answer."""
    return MetersUnresolved(
        reading.shown(plan.within),
        Message(
            "Whatever address is asked, something comes that is no telegram: the line itself is disturbed. "
            "Check the wiring and the adapter."
        ),
        Diagnosis.NOISE,
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
        return MetersUnresolved(str(address), _nameless(address, readout), Diagnosis.HEALTHY)
    return MeterFound(FoundMeter(meter), readout, address)


def _nameless(address: int, readout: Readout) -> Message:
    wrong = readout.telegram.no_reading
    if wrong is None:
        return Message(
            "The meter at primary address {address} does not tell its number.", {"address": address}
        )
    return Message(
        "The meter at primary address {address} sends no readings: {reason}.",
        {"address": address, "reason": wrong.message},
    )
