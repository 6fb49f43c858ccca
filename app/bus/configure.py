"""Changes settings inside a meter: the person is asked before, the meter confirms, the change is checked."""

from dataclasses import replace
from typing import Final

from app.bus import reading
from app.bus.answer import Answer, Outcome
from app.bus.errors import BusError, GarbledAnswer, NoAnswer, NotConfirmed, Unproved
from app.bus.exchange import Line
from app.bus.master import BusMaster
from app.bus.readout import Readout
from app.mbus import requests
from app.mbus.addresses import SELECTED_METER, SecondaryAddress
from app.mbus.frames import Ack
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

    def job(line: Line) -> bool:
        answers = (line.exchange(request, Ack, slow=slow, whole=True) for slow in (False, True))
        return any(answer.outcome is not Outcome.SILENCE for answer in answers)

    return await master.run(job)


async def set_primary_address(master: BusMaster, address: Address, new: int) -> Readout:
    """Gives a meter another primary address and reads it there.

    Raises:
        EncodeError: the new address is not 0 to 250.
        NoAnswer: the meter was not there to be told.
        Unproved: more than one meter may be meant; nobody was told.
        NotConfirmed: it did not confirm, or is not found at the new address.
    """
    frame = requests.set_primary_address(SELECTED_METER, new).to_bytes()
    exact = await master.run(lambda line: _tell(line, address, frame))
    try:
        readout = await master.read_primary(new)
    except BusError as error:
        raise _unchecked(address, error) from error
    if reading.exact_address(readout.telegram) != exact:
        raise _unchecked(address, None, readout.raw)
    return readout


async def set_baud_rate(master: BusMaster, address: Address, baud: int) -> Readout:
    """Switches a meter to another rate, reads it there and remembers its rate.

    If it does not answer at the new rate it is looked for at the old one.

    Raises:
        EncodeError: the standard has no code for that rate.
        NoAnswer: the meter was not there to be told.
        Unproved: more than one meter may be meant; nobody was told.
        NotConfirmed: it did not confirm, or does not answer at the new rate.
        PortUnusable: the adapter cannot do the new rate; the meter is told nothing then.
    """
    frame = requests.set_baud_rate(SELECTED_METER, baud).to_bytes()
    await master.run(lambda line: _try_adapter(line, baud))
    exact = await master.run(lambda line: _tell(line, address, frame))
    old = master.memory.meter(exact)
    master.memory.remember(exact, replace(old, baud=baud))
    try:
        readout = await master.read_secondary(exact)
    except BusError as error:
        master.memory.remember(exact, old)
        raise _unchecked(address, error) from error
    if readout.baud != baud:
        raise _unchecked(address, None, readout.raw)
    return readout


async def application_reset(master: BusMaster, address: Address, subcode: int | None = None) -> None:
    """Resets the application layer of a meter.

    Raises:
        NoAnswer: the meter was not there to be told.
        Unproved: more than one meter may be meant; nobody was told.
        NotConfirmed: it did not confirm.
    """
    frame = requests.application_reset(SELECTED_METER, subcode).to_bytes()
    await master.run(lambda line: _tell(line, address, frame))


def prove(line: Line, address: Address) -> SecondaryAddress:
    """Selects the one meter that is meant by its exact eight bytes, after it has proved who it is.

    The selection is listened to until the end of its window, and one whole telegram of exactly that address
    must follow: a setting is taken by everybody who is selected, and cannot be taken back.

    Raises:
        NoAnswer: nobody answers.
        Unproved: another meter may be selected too, or it does not tell its whole address.
    """
    line.set_baud(line.memory.meter(address).baud or line.home_baud)
    exact = address if isinstance(address, SecondaryAddress) else None
    if exact is None or "F" in exact.text[:8] or None in (exact.manufacturer, exact.version, exact.medium):
        exact = _read_alone(line, address)
    if _read_alone(line, exact) != exact:
        raise _unproved(address)
    return exact


def _read_alone(line: Line, address: Address) -> SecondaryAddress:
    """The address that the meter tells which answers alone."""
    link = reading.Link(line, address)
    for _ in range(reading.ATTEMPTS):
        begun = link.begin(whole=True)
        if begun.outcome is Outcome.SILENCE:
            raise NoAnswer(
                Message("No meter answers at {address}.", {"address": reading.shown(address)}),
                advice=Message("Give its full secondary address, as the scan shows it."),
            )
        if begun.outcome is Outcome.ANSWER:
            break
    else:
        raise _unproved(address, begun.received)
    try:
        readout = reading.read_telegrams(link)
    except GarbledAnswer as error:
        raise _unproved(address, error.raw) from error
    exact = reading.exact_address(readout.telegram)
    if exact is None or None in (exact.manufacturer, exact.version, exact.medium):
        raise _unproved(address, readout.raw)
    return exact


def _unproved(address: Address, raw: bytes = b"") -> Unproved:
    return Unproved(
        Message(
            "Nothing was changed: it is not certain that {address} is one meter alone.",
            {"address": reading.shown(address)},
        ),
        advice=Message(
            "Give its full secondary address, as the scan shows it; if two meters share it, connect it alone."
        ),
        raw=raw,
    )


def _tell(line: Line, address: Address, frame: bytes) -> SecondaryAddress:
    """Sends the one meter that has proved who it is a request that it must confirm."""
    exact = prove(line, address)
    answer = Answer(Outcome.SILENCE, frame)
    for attempt in range(1, reading.ATTEMPTS + 1):
        answer = line.exchange(frame, Ack, slow=attempt == reading.ATTEMPTS, whole=True)
        if answer.outcome is not Outcome.SILENCE:
            break
    if answer.outcome is Outcome.ANSWER:
        return exact
    raise NotConfirmed(
        Message("The meter {address} did not confirm the setting.", {"address": reading.shown(address)}),
        advice=Message("Read it to see whether it took the setting; some meters must be unlocked first."),
        raw=answer.received,
    )


def _try_adapter(line: Line, baud: int) -> None:
    line.set_baud(baud)
    line.set_baud(line.home_baud)


def _unchecked(address: Address, error: BusError | None, raw: bytes = b"") -> NotConfirmed:
    return NotConfirmed(
        Message(
            "The meter {address} confirmed the setting, but is not found with it.",
            {"address": reading.shown(address)},
        ),
        advice=Message("Read it as before; if it answers, it did not keep the setting."),
        raw=error.raw if error else raw,
    )
