"""Finds the meters on a bus: asks what the search strategy says, reads each meter found, tells it at once."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from app.bus import reading
from app.bus.answer import Outcome
from app.bus.errors import Diagnosis, GarbledAnswer, NoAnswer
from app.bus.exchange import Line
from app.bus.master import BusMaster
from app.bus.probing import ProbeResult, ask, identity, is_refusal
from app.bus.readout import Readout
from app.mbus import requests
from app.mbus.addresses import PRIMARY_MAX, SecondaryAddress
from app.mbus.frames import Ack
from app.mbus.manufacturer import letters_to_code
from app.mbus.manufacturer_names import MANUFACTURER_NAMES
from app.mbus.probes import EVERYBODY, Finding, FoundMeter, Probe, SearchPlan, Unresolved
from app.mbus.search import Search
from app.message import Message

KNOWN_MAKERS: Final = tuple(letters_to_code(letters) for letters in MANUFACTURER_NAMES)


@dataclass(frozen=True, slots=True)
class MeterFound:
    """A meter was found and read.

    Attributes:
        meter: its address, as exact as it tells.
        readout: what it said.
        primary_address: its A field, None when it did not tell.
    """

    meter: FoundMeter
    readout: Readout
    primary_address: int | None


@dataclass(frozen=True, slots=True)
class ScanProgress:
    """How far a scan is: what is known, and no guess.

    Attributes:
        probes: made so far.
        found: meters so far.
        asking: the address asked last.
        branches: addresses that are known to be asked (ten below everybody; each primary address).
        branches_done: how many of them are done with all below.
        checking_again: all that was likely has been found; the rest is asked to be sure, and can be stopped.
    """

    probes: int
    found: int
    asking: str
    branches: int
    branches_done: int
    checking_again: bool = False


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
        only_known: ask for these only.
        expected: so many meters end the scan; None to look for all there are.
        hex_digits: also look for the digits A to F.
        exhaustive: where several meters have one number, try every maker, version and medium there is.
        within: only meters that fit this address.
        first: first primary address of a primary scan.
        last: last primary address of a primary scan.
    """

    known: tuple[SecondaryAddress, ...] = ()
    only_known: bool = False
    expected: int | None = None
    hex_digits: bool = False
    exhaustive: bool = False
    within: SecondaryAddress = EVERYBODY
    first: int = 0
    last: int = PRIMARY_MAX


class ScanState:
    """A scan by secondary address, to be stopped and taken up again: hand the same object in again."""

    def __init__(self, options: ScanOptions | None = None) -> None:
        options = options or ScanOptions()
        plan = SearchPlan(
            within=options.within,
            known=options.known,
            only_known=options.only_known,
            expected=options.expected,
            hex_digits=options.hex_digits,
        )
        if options.exhaustive:
            plan = replace(plan, makers=KNOWN_MAKERS, budget_s=None)
        self.search = Search(plan)
        self.elapsed_s = 0.0
        self.largest = 0
        """Bytes of the largest telegram so far."""
        self.told = 0
        """How many of what cannot be resolved have been told."""
        self.readouts: dict[FoundMeter, Readout] = {}
        """What meters said that are not proved to exist yet."""


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
        result = await master.run(_job(probe, state))
        state.elapsed_s += result.reply.elapsed_s
        _keep(state, result)
        search.report(result.reply)
        for meter in search.found[before:]:
            readout = state.readouts.pop(FoundMeter(meter.address), None) or result.readout
            if readout is not None:
                yield MeterFound(meter, readout, readout.telegram.address)
        for unresolved in search.unresolved[state.told :]:
            state.told += 1
            yield _unresolved(unresolved)
        yield ScanProgress(
            search.probes,
            len(search.found),
            _shown(probe),
            search.branches,
            search.branches_done,
            search.checking_again,
        )
    if search.is_line_disturbed:
        yield _disturbed(search.plan)
    yield ScanFinished(len(search.found), search.probes, state.elapsed_s)


def _keep(state: ScanState, result: ProbeResult) -> None:
    """Holds a readout back until the search says that its meter exists."""
    for meter, readout in (
        (result.reply.meter, result.readout),
        (result.reply.late_meter, result.late_readout),
    ):
        if readout is not None:
            state.largest = max(state.largest, len(readout.raw))
            if meter is not None:
                state.readouts[FoundMeter(meter.address)] = readout


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
        yield ScanProgress(probes, found, str(address), len(addresses), probes)
    yield ScanFinished(found, len(addresses), master.now() - started)


def _job(probe: Probe, state: ScanState) -> Callable[[Line], ProbeResult]:
    certain = state.search.times_to_ask == 1 and not state.search.disturbances
    return lambda line: ask(line, probe, certain=certain, largest=state.largest)


_UNRESOLVED: Final = {
    Finding.SEVERAL: Diagnosis.COLLISION,
    Finding.MUTE: Diagnosis.NOBODY_ANSWERS,
    Finding.REFUSAL: Diagnosis.NO_READING,
    Finding.BROKEN: Diagnosis.FRAME_SHORT,
}
_SENTENCES: Final = {
    Diagnosis.COLLISION: "Several meters answer at {address} and could not be told apart; connect them one "
    "by one.",
    Diagnosis.NOBODY_ANSWERS: "The meter {address} lets itself be selected, but sends no telegram. Battery "
    "meters may allow a limited number of read-outs a day: read it again tomorrow.",
    Diagnosis.NO_READING: "The meter {address} answers without any reading: it refuses, or has its maker's "
    "own way. Read it alone to see what it says.",
    Diagnosis.FRAME_SHORT: "The telegram of the meter {address} stops before its end each time. Check its "
    "wires, or have the meter checked.",
}


def _unresolved(unresolved: Unresolved) -> MetersUnresolved:
    shown = _shown(unresolved.probe)
    diagnosis = _UNRESOLVED.get(unresolved.finding, Diagnosis.COLLISION)
    return MetersUnresolved(shown, Message(_SENTENCES[diagnosis], {"address": shown}), diagnosis)


def _disturbed(plan: SearchPlan) -> MetersUnresolved:
    """Instead of all the addresses at which a line that is stuck or jabbers seems to answer."""
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
    answer = line.exchange(requests.snd_nke(address).to_bytes(), Ack, whole=True)
    if answer.outcome is Outcome.SILENCE:
        return None
    try:
        readout = reading.read_telegrams(reading.Link(line, address))
    except GarbledAnswer as error:
        return MetersUnresolved(str(address), error.message, error.diagnosis)
    except NoAnswer as error:
        return MetersUnresolved(str(address), error.message, Diagnosis.NOBODY_ANSWERS)
    meter = identity(readout.telegram)
    wrong = readout.telegram.no_reading
    if wrong is not None and is_refusal(readout.telegram):
        message = Message(
            "The meter at primary address {address} sends no readings: {reason}.",
            {"address": address, "reason": wrong.message},
        )
        return MetersUnresolved(str(address), message, Diagnosis.NO_READING)
    if meter is None:
        message = Message(
            "The meter at primary address {address} does not tell its number.", {"address": address}
        )
        return MetersUnresolved(str(address), message, Diagnosis.HEALTHY)
    return MeterFound(meter, readout, address)
