"""Finds the baud rate of a bus or of one meter, only when the person asks for it."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from app.bus import reading
from app.bus.answer import Answer, Outcome
from app.bus.errors import BusError, NoAnswer
from app.bus.exchange import Line
from app.bus.master import BusMaster
from app.bus.readout import Readout
from app.mbus import requests
from app.mbus.addresses import BROADCAST_ANSWERED, BROADCAST_SILENT, SecondaryAddress
from app.mbus.frames import ACK_BYTE, Ack
from app.mbus.probes import EVERYBODY
from app.message import Message

SEARCH_ORDER: Final = (2400, 300, 9600, 4800, 1200, 600, 19200, 38400)
"""The likely rates first: most meters leave the works at 2400, many know 300 and 9600."""


@dataclass(frozen=True, slots=True)
class RateTried:
    """One rate was tried.

    Attributes:
        baud: in Bd.
        answered: whether anybody answered understandably.
        garbled: whether something came that was no frame.
    """

    baud: int
    answered: bool
    garbled: bool


async def find_rates(master: BusMaster, rates: Sequence[int] = SEARCH_ORDER) -> AsyncIterator[RateTried]:
    """Asks everybody at each rate and yields what came; afterwards the line has its rate again.

    Raises:
        PortError: the port vanished, or its adapter cannot do a rate.
    """
    for baud in rates:
        yield await master.run(_try_job(baud))


async def find_meter_rate(
    master: BusMaster, address: SecondaryAddress, rates: Sequence[int] = SEARCH_ORDER
) -> Readout:
    """Reads a meter at one rate after the other until it answers; its rate is remembered from then on.

    Raises:
        NoAnswer: it answers at none.
        PortError: the port vanished, or its adapter cannot do a rate.
    """
    for baud in rates:
        if (await master.run(_meter_job(address, baud))).outcome is Outcome.SILENCE:
            continue
        try:
            return await master.read_secondary(address)
        except BusError:
            await master.run(_forget_job(address))
            raise
    await master.run(_forget_job(address))
    raise NoAnswer(
        Message(
            "{address} answers at no baud rate from {low} to {high} Bd.",
            {"address": reading.shown(address), "low": min(rates), "high": max(rates)},
        ),
        advice=Message("Check the serial number and that the meter is connected."),
    )


def ask_everybody(line: Line, *, slow: bool = False) -> Answer:
    """Selects all meters; asks the broadcast address, for those that know no secondary one; resets all links.

    Args:
        line: the line.
        slow: also wait for late answers.
    """
    answer = line.exchange(requests.select(EVERYBODY).to_bytes(), Ack, slow=slow, whole=True)
    if answer.outcome is Outcome.SILENCE:
        answer = line.exchange(requests.snd_nke(BROADCAST_ANSWERED).to_bytes(), Ack, whole=True)
    if answer.outcome is Outcome.SILENCE and slow:
        line.tell(requests.snd_nke(BROADCAST_SILENT).to_bytes())
        answer = line.exchange(requests.select(EVERYBODY, fcb=True).to_bytes(), Ack, whole=True)
    return answer


def is_understood(answer: Answer) -> bool:
    """Whether what came is acknowledgements, one or of several meters at once; partly they may overlap."""
    return answer.received.count(ACK_BYTE) * 2 > len(answer.received)


def _try_job(baud: int) -> Callable[[Line], RateTried]:
    def job(line: Line) -> RateTried:
        line.set_baud(baud)
        try:
            answer = ask_everybody(line)
        finally:
            line.set_baud(line.home_baud)
        understood = is_understood(answer)
        return RateTried(baud, understood, bool(answer.received) and not understood)

    return job


def _meter_job(address: SecondaryAddress, baud: int) -> Callable[[Line], Answer]:
    def job(line: Line) -> Answer:
        _remember_rate(line, address, baud)
        line.set_baud(baud)
        return line.exchange(requests.select(address).to_bytes(), Ack)

    return job


def _forget_job(address: SecondaryAddress) -> Callable[[Line], None]:
    def job(line: Line) -> None:
        _remember_rate(line, address, None)
        line.set_baud(line.home_baud)

    return job


def _remember_rate(line: Line, address: SecondaryAddress, baud: int | None) -> None:
    line.memory.remember(address, replace(line.memory.meter(address), baud=baud))
