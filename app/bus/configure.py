"""Changes settings inside a meter: the person is asked before, the meter confirms, the change is checked."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from app.bus import reading
from app.bus.answer import Outcome
from app.bus.errors import BusError, NoAnswer, NotConfirmed
from app.bus.exchange import Line
from app.bus.master import BusMaster
from app.bus.readout import Readout
from app.mbus import requests
from app.mbus.addresses import SELECTED_METER, SecondaryAddress
from app.mbus.frames import Ack, LongFrame
from app.message import Message

Address = SecondaryAddress | int

CONFIRM_PRIMARY_ADDRESS: Final = (
    "Give the meter {meter} the primary address {new}? What reads it by its present primary address will not "
    "find it any more. The old address can only be set again by hand."
)
CONFIRM_BAUD_RATE: Final = (
    "Switch the meter {meter} to {baud} Bd? Then it is deaf at the present rate, also for the gateway. "
    "Switching back needs an adapter that can do {baud} Bd."
)
CONFIRM_APPLICATION_RESET: Final = (
    "Reset the application of the meter {meter}? A choice of what it sends, made by its maker or another "
    "program, may be lost and cannot be brought back from here."
)


def confirm_primary_address(address: Address, new: int) -> Message:
    """What the person must know before :func:`set_primary_address`."""
    return Message(CONFIRM_PRIMARY_ADDRESS, {"meter": reading.shown(address), "new": new})


def confirm_baud_rate(address: Address, baud: int) -> Message:
    """What the person must know before :func:`set_baud_rate`."""
    return Message(CONFIRM_BAUD_RATE, {"meter": reading.shown(address), "baud": baud})


def confirm_application_reset(address: Address) -> Message:
    """What the person must know before :func:`application_reset`."""
    return Message(CONFIRM_APPLICATION_RESET, {"meter": reading.shown(address)})


async def primary_address_taken(master: BusMaster, new: int) -> bool:
    """Whether somebody answers at a primary address already.

    Raises:
        PortError: the port vanished.
    """
    request = requests.snd_nke(new).to_bytes()
    answer = await master.run(lambda line: line.exchange(request, Ack))
    return answer.outcome is not Outcome.SILENCE


async def set_primary_address(master: BusMaster, address: Address, new: int) -> Readout:
    """Gives a meter another primary address and reads it there.

    Raises:
        EncodeError: the new address is not 0 to 250.
        NoAnswer: the meter was not there to be told.
        NotConfirmed: it did not confirm, or is not found at the new address.
    """
    frame_at = _check_frame(lambda link: requests.set_primary_address(link, new))
    await master.run(lambda line: _tell(line, address, frame_at))
    try:
        readout = await master.read_primary(new)
    except BusError as error:
        raise _unchecked(address, error) from error
    if isinstance(address, SecondaryAddress):
        found = reading.exact_address(readout.telegram)
        if found is None or not address.matches(found):
            raise _unchecked(address, None, readout.raw)
    return readout


async def set_baud_rate(master: BusMaster, address: Address, baud: int) -> Readout:
    """Switches a meter to another rate, reads it there and remembers its rate.

    If it does not answer at the new rate it is looked for at the old one.

    Raises:
        EncodeError: the standard has no code for that rate.
        NoAnswer: the meter was not there to be told.
        NotConfirmed: it did not confirm, or does not answer at the new rate.
        PortUnusable: the adapter cannot do the new rate; the meter is told nothing then.
    """
    frame_at = _check_frame(lambda link: requests.set_baud_rate(link, baud))
    await master.run(lambda line: _try_adapter(line, baud))
    old = await master.run(lambda line: _switch(line, address, frame_at, baud))
    try:
        readout = await _read(master, address)
    except BusError as error:
        await master.run(lambda line: _remember_rate(line, address, old))
        raise _unchecked(address, error) from error
    if readout.baud != baud:
        raise _unchecked(address, None, readout.raw)
    return readout


async def application_reset(master: BusMaster, address: Address, subcode: int | None = None) -> None:
    """Resets the application layer of a meter.

    Raises:
        NoAnswer: the meter was not there to be told.
        NotConfirmed: it did not confirm.
    """
    await master.run(
        lambda line: _tell(line, address, lambda link: requests.application_reset(link, subcode))
    )


FrameAt = Callable[[int], LongFrame]
"""Makes the request for an A field."""


def _check_frame(frame_at: FrameAt) -> FrameAt:
    """Makes the request once before anything is sent, so that a wrong value is refused first."""
    frame_at(SELECTED_METER)
    return frame_at


async def _read(master: BusMaster, address: Address) -> Readout:
    if isinstance(address, int):
        return await master.read_primary(address)
    return await master.read_secondary(address)


def _tell(line: Line, address: Address, frame_at: FrameAt) -> None:
    """Selects the meter if need be and sends it a request that it must confirm."""
    tally = reading.Tally()
    line.set_baud(line.memory.meter(address).baud or line.home_baud)
    link = address if isinstance(address, int) else SELECTED_METER
    if isinstance(address, SecondaryAddress):
        selected = reading.select(line, address, tally)
        if selected.outcome is not Outcome.ANSWER:
            # Garbled: several meters are selected, and all of them would take the setting.
            raise NoAnswer(
                Message("No single meter answers at {address}.", {"address": reading.shown(address)}),
                advice=Message("Give its full secondary address, as the scan shows it."),
                raw=selected.received,
            )
    frame = frame_at(link).to_bytes()
    answer = reading.ask(line, (frame,) * reading.ATTEMPTS, Ack, address, tally)
    if answer.outcome is Outcome.ANSWER and len(answer.received) == 1:
        return
    raise NotConfirmed(
        Message("The meter {address} did not confirm the setting.", {"address": reading.shown(address)}),
        advice=Message("Read it to see whether it took the setting; some meters must be unlocked first."),
        raw=answer.received,
    )


def _try_adapter(line: Line, baud: int) -> None:
    line.set_baud(baud)
    line.set_baud(line.home_baud)


def _switch(line: Line, address: Address, frame_at: FrameAt, baud: int) -> int | None:
    old = line.memory.meter(address).baud
    _tell(line, address, frame_at)
    _remember_rate(line, address, baud)
    return old


def _remember_rate(line: Line, address: Address, baud: int | None) -> None:
    line.memory.remember(address, replace(line.memory.meter(address), baud=baud))


def _unchecked(address: Address, error: BusError | None, raw: bytes = b"") -> NotConfirmed:
    return NotConfirmed(
        Message(
            "The meter {address} confirmed the setting, but is not found with it.",
            {"address": reading.shown(address)},
        ),
        advice=Message("Read it as before; if it answers, it did not keep the setting."),
        raw=error.raw if error else raw,
    )
