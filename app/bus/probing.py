"""One probe of a scan on the port thread: select, read whoever answers, notice answers that are not to it."""

from dataclasses import dataclass
from typing import Final

from app.bus import reading
from app.bus.answer import Answer, Outcome
from app.bus.errors import GarbledAnswer, NoAnswer
from app.bus.exchange import Line
from app.bus.readout import Readout
from app.bus.timing import RESPONSE_DELAY_S, SLOW_WINDOW_S
from app.mbus import requests
from app.mbus.addresses import SELECTED_METER
from app.mbus.frames import ACK_BYTE, Ack
from app.mbus.records import Telegram
from app.mbus.search import Finding, FoundMeter, Probe, Reply

_COLLISION_SHORT: Final = 40
"""Fewer bytes than a telegram has: the collision is likely not over yet."""

_COLLISION_LONG: Final = 160
"""So many byte times it is then waited out, as long as no telegram of this bus is known."""

_FABRICATION_VIB: Final = b"\x78"


@dataclass(frozen=True, slots=True)
class Manner:
    """How one probe is made.

    Attributes:
        fcb: of the selection.
        patient: whether the longer window is waited.
        window_s: how long instead, None for the window as it is.
        certain: whether one whole telegram is believed.
        largest: bytes of the largest telegram seen so far, 0 before there was one.
    """

    fcb: bool
    patient: bool
    window_s: float | None
    certain: bool
    largest: int


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What came of a probe, and what it tells of slow meters.

    Attributes:
        reply: for the search.
        readout: of the meter, if there was one alone.
        stray: whether an answer came that belongs to an earlier request: there are slow meters.
        slow_s: how long an answer took, if longer than a meter should.
    """

    reply: Reply
    readout: Readout | None = None
    stray: bool = False
    slow_s: float | None = None


def ask(line: Line, probe: Probe, manner: Manner) -> ProbeResult:
    """Makes a probe.

    Raises:
        Cancelled: it was stopped.
        PortLost: the port vanished.
    """
    tally = reading.Tally()
    selected = _select(line, probe, tally, manner)
    stray = bytes((ACK_BYTE,)) == selected.stray
    if selected.outcome is Outcome.SILENCE:
        return ProbeResult(Reply(Finding.SILENCE), stray=stray)
    reply, readout = _read(line, probe, manner, tally)
    mute = reply.finding is Finding.MUTE and manner.certain
    stray = stray or mute or (readout is not None and tally.stray_acks)
    if stray and manner.window_s is None:
        # More of what belongs to earlier requests may be under way.
        line.expect_until(line.clock.now() + SLOW_WINDOW_S)
    slowest = max(tally.delay_s, selected.delay_s or 0.0)
    return ProbeResult(reply, readout, stray, slowest if reading.is_late(line, slowest) else None)


def _read(line: Line, probe: Probe, manner: Manner, tally: reading.Tally) -> tuple[Reply, Readout | None]:
    """Reads who has been selected; of several the telegram comes garbled."""
    line.disturbed = not manner.certain
    effort = reading.Effort(
        spoilt_max=reading.ATTEMPTS if probe.is_number else 1,
        patient=manner.patient,
        window_s=manner.window_s,
    )
    try:
        link = reading.Link(line, probe.address, SELECTED_METER, tally, lambda _: None, effort)
        readout = reading.read_telegrams(link)
    except NoAnswer:
        return Reply(Finding.MUTE, lost=tally.lost), None
    except GarbledAnswer as error:
        _wait_out(line, error.raw, manner.largest)
        return Reply(Finding.COLLISION), None
    finally:
        line.disturbed = False
    meter = _identity(readout.telegram, probe)
    if meter is None:
        return Reply(Finding.COLLISION), None
    reading.remember_rate(line, meter.address)
    return Reply(Finding.METER, meter, tally.lost, spoilt=tally.spoilt > 0), readout


def _wait_out(line: Line, heard: bytes, largest: int) -> None:
    """Lets a collision of many come to its end.

    Together they hold the line so that for long no byte can be made out: what looks like silence is not.
    """
    if len(heard) < (largest or _COLLISION_SHORT):
        size = largest or _COLLISION_LONG
        line.expect_until(line.sent_until + RESPONSE_DELAY_S + line.wire_time(size))


def _select(line: Line, probe: Probe, tally: reading.Tally, manner: Manner) -> Answer:
    if probe.fabrication_number is not None:
        request = requests.select_enhanced(probe.address, probe.fabrication_number)
    else:
        request = requests.select(probe.address, manner.fcb)
    answer = line.exchange(request.to_bytes(), Ack, slow=manner.patient, window_s=manner.window_s)
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
