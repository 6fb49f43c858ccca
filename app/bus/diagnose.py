"""Finds out what is wrong with a bus: listens, asks everybody, tries the rates, reads what answers."""

from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from app.bus import reading
from app.bus.answer import Outcome
from app.bus.baud import SEARCH_ORDER, ask_everybody, find_rates, is_understood
from app.bus.errors import Diagnosis, GarbledAnswer, NoAnswer, NoTelegram, PortLost
from app.bus.garbled import answers_anybody
from app.bus.line_errors import LineErrors
from app.bus.master import BusMaster
from app.bus.scan import MeterFound, MetersUnresolved, scan
from app.mbus.addresses import SecondaryAddress
from app.mbus.errors import FrameErrorKind
from app.message import Message

_LISTEN_S: Final = 0.3
_LISTEN_AGAIN: Final = 3
"""So often more is listened to a line on which something came unasked; one that never rests babbles."""

_PROBES_MAX: Final = 60
"""More are not made to find one meter that can be understood."""

_TRIALS: Final = 5
"""So often the meter found is read to see whether the line disturbs it."""


@dataclass(frozen=True, slots=True)
class BusReport:
    """What was found out.

    Attributes:
        diagnosis: the one word.
        message: what it means.
        advice: what to do, None when all is well.
        remarks: what else was seen.
        echo: whether the level converter repeats what is sent.
        baud: the rate at which somebody answers, None if nobody does.
        raw: bytes for the details.
    """

    diagnosis: Diagnosis
    message: Message
    advice: Message | None = None
    remarks: tuple[Message, ...] = ()
    echo: bool = False
    baud: int | None = None
    raw: bytes = b""


Progress = Callable[[Message], None]


async def diagnose(
    master: BusMaster, address: SecondaryAddress | None = None, progress: Progress = lambda _: None
) -> BusReport:
    """Finds out what is wrong with the bus, or why one meter on it does not answer.

    Takes a second on a good bus and up to half a minute on a dead one. It only asks, it changes nothing.

    Args:
        master: open.
        address: the meter that is missed.
        progress: called with what is done next.
    """
    try:
        report = await _Examination(master, progress).run(address)
    except PortLost as error:
        return BusReport(Diagnosis.PORT_LOST, error.message, error.advice, raw=error.raw)
    return _with_other_master(report) if master.has_other_master else report


def _with_other_master(report: BusReport) -> BusReport:
    """Another master explains what is lost and garbled; where all is well it is a remark."""
    message = Message("Another master asks meters on this line, such as the site's gateway.")
    if report.diagnosis is Diagnosis.HEALTHY:
        return replace(report, remarks=(*report.remarks, message))
    advice = Message("Let the other master pause, then ask again.")
    return replace(report, diagnosis=Diagnosis.OTHER_MASTER, message=message, advice=advice)


class _Examination:
    def __init__(self, master: BusMaster, progress: Progress) -> None:
        self._master = master
        self._progress = progress
        self._remarks: list[Message] = []

    async def run(self, address: SecondaryAddress | None) -> BusReport:
        self._progress(Message("listening"))
        unasked, errors = await self._master.run(lambda line: line.listen(_LISTEN_S))
        if unasked or errors.any:
            self._remark(
                "Bytes come without being asked for: the line is disturbed, or another master speaks."
            )
            if await self._babbles():
                return self._babble()
        self._progress(Message("asking everybody"))
        for slow in (False, False, True):
            answer = await self._master.run(partial(ask_everybody, slow=slow))
            if answer.outcome is not Outcome.SILENCE:
                break
        else:
            return await self._nobody(unasked, errors)
        if not is_understood(answer):
            if await self._babbles():
                return self._babble()
            if await self._master.run(answers_anybody):
                return self._report(
                    Diagnosis.NOISE,
                    "Whatever address is asked, something comes that is no telegram: the line is disturbed.",
                    "Check the wiring and the adapter: it is none of the meters.",
                )
        report = await self._somebody()
        if address is not None and report.diagnosis is Diagnosis.HEALTHY:
            return await self._one(address, report)
        return report

    async def _babbles(self) -> bool:
        for _ in range(_LISTEN_AGAIN):
            unasked, errors = await self._master.run(lambda line: line.listen(_LISTEN_S))
            if not unasked and not errors.any:
                return False
        return True

    def _babble(self) -> BusReport:
        return self._report(
            Diagnosis.NOISE,
            "Bytes come without end and without being asked for: no meter can be heard.",
            "Check the wiring and the adapter, and that no other master is on the line.",
        )

    async def _nobody(self, unasked: bytes, errors: LineErrors) -> BusReport:
        self._progress(Message("trying other baud rates"))
        rates = [baud for baud in SEARCH_ORDER if baud != self._master.baud]
        garbled: list[int] = []
        async with aclosing(find_rates(self._master, rates)) as tried:  # type: ignore[type-var]
            async for rate in tried:
                if rate.answered:
                    return self._report(
                        Diagnosis.WRONG_BAUD,
                        "Nobody answers at the present baud rate, but meters answer at {baud} Bd.",
                        "Set the line to {baud} Bd.",
                        baud=rate.baud,
                    )
                if rate.garbled:
                    garbled.append(rate.baud)
        if garbled:
            return self._report(
                Diagnosis.NOISE,
                "Something comes at {rates} Bd, but no frame: the line is disturbed.",
                "Check the wiring and the adapter.",
                rates=", ".join(map(str, garbled)),
            )
        if self._echo or unasked or errors.any:
            return self._report(
                Diagnosis.NOBODY_ANSWERS,
                "The level converter works, but no meter answers at any baud rate.",
                "Check that meters are connected, and measure the bus: about 24 to 42 V between its wires.",
            )
        return self._report(
            Diagnosis.DEAD_BUS,
            "Not a byte comes back: the bus has no power, is cut or short-circuited, or carries no meter.",
            "Check the level converter's supply and measure the bus: about 24 to 42 V between its wires.",
        )

    async def _somebody(self) -> BusReport:
        """Somebody answers: one meter that can be understood proves the line."""
        self._progress(Message("looking for a meter that can be understood"))
        probes = 0
        unresolved: MetersUnresolved | None = None
        async with aclosing(scan(self._master)) as events:  # type: ignore[type-var]
            async for event in events:
                if isinstance(event, MeterFound):
                    return await self._try_line(event.meter.address, several=probes > 0)
                if isinstance(event, MetersUnresolved):
                    unresolved = unresolved or event
                probes += 1
                if probes > _PROBES_MAX:
                    break
        if unresolved is not None:
            return self._report(
                unresolved.diagnosis, unresolved.message.template, None, **unresolved.message.values
            )
        return self._report(
            Diagnosis.NOISE,
            "Something comes when everybody is asked, but no meter could be understood.",
            "Check the wiring for loose contacts and moisture, and keep the cable away from motors.",
        )

    async def _try_line(self, address: SecondaryAddress, *, several: bool) -> BusReport:
        """Reads a meter some times: what is lost or spoilt on the way shows."""
        self._progress(Message("reading {meter} several times", {"meter": address.identification}))
        lost = 0
        for trial in range(_TRIALS):
            try:
                readout = await self._master.read_secondary(address)
            except GarbledAnswer as error:
                return self._from_error(error)
            except NoAnswer:
                number = SecondaryAddress(address.identification)
                if not trial and address != number:
                    # The scan found it all the same: by a number with wildcards behind it, or by none.
                    address = number
                    self._remark(
                        "{meter} lets itself be selected with wildcards only.", meter=address.identification
                    )
                    continue
                lost += 1
                continue
            lost += readout.attempts > 1
        if lost:
            return self._report(
                Diagnosis.NOISE,
                "Meters answer, but of {trials} readings of {meter} {lost} had to be repeated.",
                "Check the wiring for loose contacts, and the supply: too many meters for this converter?",
                trials=_TRIALS,
                meter=address.identification,
                lost=lost,
            )
        template = "The bus works: several meters answer." if several else "The bus works: {meter} answers."
        return self._report(Diagnosis.HEALTHY, template, None, meter=address.identification)

    async def _one(self, address: SecondaryAddress, healthy: BusReport) -> BusReport:
        self._progress(Message("asking for {meter}", {"meter": reading.shown(address)}))
        try:
            readout = await self._master.read_secondary(address)
        except GarbledAnswer as error:
            return self._from_error(error)
        except NoTelegram as error:
            return self._report(
                Diagnosis.NOBODY_ANSWERS, error.message.template, str(error.advice), **error.message.values
            )
        except NoAnswer:
            return self._report(
                Diagnosis.NOBODY_ANSWERS,
                "Other meters answer, but {meter} does not.",
                "Its number on the bus may be another than on its label: search the bus. Or check its two "
                "wires, and look for it at other baud rates.",
                meter=reading.shown(address),
            )
        wrong = readout.telegram.no_reading
        if wrong is not None and wrong.kind is not FrameErrorKind.ENCRYPTED:
            return self._report(
                Diagnosis.NO_READING,
                "The line works, but {meter} sends no readings: {reason}.",
                "Read it again. If it answers the same, reset its application.",
                meter=reading.shown(address),
                reason=wrong.message,
            )
        return healthy

    def _from_error(self, error: GarbledAnswer) -> BusReport:
        return BusReport(
            error.diagnosis,
            error.message,
            error.advice,
            tuple(self._echo_remark()),
            self._echo,
            self._master.baud,
            error.raw,
        )

    @property
    def _echo(self) -> bool:
        return self._master.memory.adapter.echoes

    def _remark(self, template: str, **values: object) -> None:
        self._remarks.append(Message(template, values))

    def _echo_remark(self) -> list[Message]:
        if not self._echo:
            return self._remarks
        return [*self._remarks, Message("The level converter echoes what is sent; the echo is taken out.")]

    def _report(self, diagnosis: Diagnosis, template: str, advice: str | None, **values: object) -> BusReport:
        nobody = diagnosis in (Diagnosis.DEAD_BUS, Diagnosis.NOBODY_ANSWERS)
        baud = values.get("baud", self._master.baud)
        return BusReport(
            diagnosis,
            Message(template, values),
            None if advice is None else Message(advice, values),
            tuple(self._echo_remark()),
            self._echo,
            None if nobody or not isinstance(baud, int) else baud,
        )
