"""One probe of a search on the port thread: select, listen to the window's end, read who answers alone."""

from dataclasses import dataclass, replace
from typing import Final

from app.bus import reading
from app.bus.answer import Answer, Outcome
from app.bus.errors import Diagnosis, GarbledAnswer, NoAnswer
from app.bus.exchange import Line
from app.bus.garbled import missing_bytes
from app.bus.readout import Readout
from app.bus.timing import answer_window
from app.mbus import requests
from app.mbus.addresses import BROADCAST_SILENT, SELECTED_METER
from app.mbus.errors import FrameErrorKind
from app.mbus.frames import ACK_BYTE, LONG_MAX_SIZE, Ack, LongFrame
from app.mbus.probes import Finding, FoundMeter, Probe, Reply
from app.mbus.records import Telegram
from app.mbus.response import decode
from app.mbus.search import NOBODY

_FABRICATION_VIB: Final = b"\x78"

_ADAPTER_S: Final = 0.7
"""An acknowledgement that comes so much too late is the adapter's doing rather than a slow meter's."""

_REFUSALS: Final = (FrameErrorKind.APPLICATION, FrameErrorKind.MANUFACTURER, FrameErrorKind.NO_RECORDS)


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What came of a probe.

    Attributes:
        reply: for the search.
        readout: of the meter, if there was one alone, and of the late one, if there was one.
        late_readout: of the one that answered late.
    """

    reply: Reply
    readout: Readout | None = None
    late_readout: Readout | None = None


def ask(line: Line, probe: Probe, *, certain: bool, largest: int) -> ProbeResult:
    """Makes a probe.

    Args:
        line: the line.
        probe: what to ask.
        certain: whether one whole telegram is believed.
        largest: bytes of the largest telegram seen so far, 0 before there was one.

    Raises:
        Cancelled: it was stopped.
        PortLost: the port vanished.
    """
    started = line.clock.now()
    result = _Probing(line, probe, certain, largest).run()
    return replace(result, reply=replace(result.reply, elapsed_s=line.clock.now() - started))


class _Probing:
    def __init__(self, line: Line, probe: Probe, certain: bool, largest: int) -> None:  # noqa: FBT001
        self._line = line
        self._probe = probe
        self._certain = certain
        self._largest = largest or LONG_MAX_SIZE
        spoilt_max = reading.ATTEMPTS if probe.is_number else 1
        self._link = reading.Link(line, probe.address, probe.fabrication_number, spoilt_max)
        self._link.memory = replace(self._link.memory, select_fcb=probe.fcb)

    def run(self) -> ProbeResult:
        """Selects and goes on with what answers."""
        line, probe = self._line, self._probe
        if probe.rests:
            line.own(max(line.clock.now(), line.sent_until + line.window(slow=True)))
        if probe.resets:
            line.tell(requests.snd_nke(BROADCAST_SILENT).to_bytes())
        request = reading.selection(probe.address, probe.fcb, probe.fabrication_number)
        selected = line.exchange(request, Ack, slow=probe.patient, whole=not probe.first_answer)
        acknowledged = selected.received.count(ACK_BYTE)
        if acknowledged < len(selected.received) and not (acknowledged and self._certain):
            # A disturbance, or acknowledgements on top of each other: these come again.
            self._link.tally.spoilt += 1
            selected = line.exchange(request, Ack, slow=probe.patient, whole=not probe.first_answer)
        self._link.tally.add(line, selected, 1)
        if probe.first_answer:
            heard = selected.outcome is not Outcome.SILENCE
            return ProbeResult(Reply(Finding.ACKNOWLEDGED if heard else Finding.SILENCE))
        if probe.patient:
            self._learn_latency(selected)
        window = line.window()
        in_time = tuple(delay for delay in selected.delays_s if delay <= window)
        late = len(selected.delays_s) - len(in_time)
        result = self._read_late(in_time, late) if late else self._read_alone(selected)
        exclusive = probe.compares and self._is_exclusive()
        return replace(result, reply=replace(result.reply, delays_s=in_time, is_exclusive=exclusive))

    def _is_exclusive(self) -> bool:
        """Whether somebody is still selected after nobody has been, with the other C field."""
        line = self._line
        line.tell(reading.selection(NOBODY, not self._probe.fcb))
        left = line.exchange(requests.snd_nke(SELECTED_METER).to_bytes(), Ack, whole=True)
        return left.outcome is not Outcome.SILENCE

    def _learn_latency(self, selected: Answer) -> None:
        """All that comes late to everybody at once is measured: a far adapter makes all meters late."""
        line = self._line
        latest = max(selected.delays_s, default=0.0) - answer_window(line.baud)
        if latest < _ADAPTER_S and max(selected.delays_s, default=0.0) > line.window():
            line.learn(line.memory.adapter.after_answer(latest, line.baud))

    def _read_alone(self, selected: Answer) -> ProbeResult:
        if selected.outcome is Outcome.SILENCE:
            return ProbeResult(Reply(Finding.SILENCE, spoilt=self._link.tally.spoilt > 0))
        if selected.outcome is not Outcome.ANSWER:
            return ProbeResult(Reply(Finding.SEVERAL))
        if self._probe.selects_only:
            return ProbeResult(Reply(Finding.ACKNOWLEDGED))
        line, tally = self._line, self._link.tally
        line.disturbed = not self._certain
        try:
            readout = reading.read_telegrams(self._link)
        except NoAnswer:
            # Gone: what acknowledged was no meter of this address.
            return ProbeResult(Reply(Finding.SILENCE if self._link.gone else Finding.MUTE))
        except GarbledAnswer as error:
            self._wait_out(error.raw)
            broken = error.diagnosis in (Diagnosis.FRAME_SHORT, Diagnosis.WRONG_METER)
            return ProbeResult(Reply(Finding.BROKEN if broken else Finding.SEVERAL, lost=tally.lost))
        finally:
            line.disturbed = False
        return self._found(readout)

    def _found(self, readout: Readout) -> ProbeResult:
        tally = self._link.tally
        meter = identity(readout.telegram)
        finding = Finding.METER
        if is_refusal(readout.telegram):
            finding = Finding.REFUSAL
        elif meter is None:
            finding = Finding.UNNAMED
        reply = Reply(
            finding,
            meter,
            telegram_delay_s=self._link.delay_s,
            lost=tally.lost,
            spoilt=tally.spoilt > 0,
        )
        return ProbeResult(reply, readout)

    def _wait_out(self, heard: bytes) -> None:
        """Lets a collision come to its end.

        Meters in step together hold the line so that for long no byte can be made out: what looks like
        silence is not.
        """
        line = self._line
        if missing_bytes(heard) != 0 and len(heard) < self._largest:
            line.own(line.sent_until + line.window() + line.wire_time(self._largest))

    def _read_late(self, in_time: tuple[float, ...], late: int) -> ProbeResult:
        """Asks all that are selected: when the late ones answer, the others have done so long before."""
        line = self._line
        request = requests.req_ud2(SELECTED_METER, True).to_bytes()  # noqa: FBT003 - the FCB
        answer = line.exchange(request, LongFrame, slow=True, whole=True)
        prompt: list[Readout] = []
        slow: list[Readout] = []
        for delay, frame in answer.frames:
            (slow if delay > line.window() else prompt).append(self._readout(delay, frame.to_bytes()))
        finding = Finding.SEVERAL if in_time else Finding.SILENCE
        if len(in_time) == 1 and self._probe.selects_only:
            finding = Finding.ACKNOWLEDGED
        reply = Reply(finding, delays_s=in_time, late=late)
        readout = None
        if len(in_time) == 1 and len(prompt) == 1:
            readout = prompt[0]
            meter = identity(readout.telegram)
            if meter is not None and not is_refusal(readout.telegram):
                reply = replace(reply, finding=Finding.METER, meter=meter)
        late_meter = identity(slow[0].telegram) if len(slow) == 1 else None
        if late_meter is None or not reading.agree(self._probe.address, late_meter.address):
            return ProbeResult(reply, readout)
        self._line.memory.remember(
            late_meter.address, replace(line.memory.meter(late_meter.address), slow=True, baud=line.baud)
        )
        return ProbeResult(replace(reply, late_meter=late_meter), readout, slow[0])

    def _readout(self, delay: float, raw: bytes) -> Readout:
        line = self._line
        elapsed = line.clock.now() - line.sent_at
        telegram = decode(raw, line.keys)
        more = telegram.more_records_follow
        least = line.wire_time(len(raw)) + delay
        return Readout(telegram, raw, elapsed, least, 1, line.baud, self._probe.address, incomplete=more)


def identity(telegram: Telegram) -> FoundMeter | None:
    """Who sent a telegram; None when it does not tell."""
    address = reading.exact_address(telegram)
    if address is None:
        return None
    numbers = [
        record.data[::-1].hex().upper()
        for record in telegram.records
        if record.vib == _FABRICATION_VIB and len(record.data) == 4
    ]
    return FoundMeter(address, numbers[0] if numbers else None)


def is_refusal(telegram: Telegram) -> bool:
    """Whether an answer carries no record: an application error, or its maker's own words."""
    wrong = telegram.no_reading
    return wrong is not None and wrong.kind in _REFUSALS
