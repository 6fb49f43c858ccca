"""Changing settings inside the meter on screen; each change is confirmed by the person before."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from enum import Enum
from typing import Any

from app.bus.configure import (
    application_reset,
    confirm_application_reset,
    confirm_baud_rate,
    confirm_primary_address,
    primary_address_taken,
    set_baud_rate,
    set_primary_address,
)
from app.bus.master import BusMaster
from app.bus.readout import Readout
from app.bus.timing import BAUD_RATES
from app.mbus.addresses import PRIMARY_MAX, SecondaryAddress
from app.message import Message
from app.services.adapter import LineSource
from app.services.jobs.job import Job, JobStatus, Keep, to_its_end
from app.services.tasks import TaskScope


class SettingKind(Enum):
    """What can be changed inside a meter."""

    PRIMARY_ADDRESS = "primary_address"
    BAUD_RATE = "baud_rate"
    APPLICATION_RESET = "application_reset"


@dataclass(frozen=True, slots=True)
class MeterSetting:
    """One wish.

    Attributes:
        kind: what is changed.
        address: of the meter, exact.
        value: the new primary address, or the new rate in Bd; 0 for a reset.
    """

    kind: SettingKind
    address: SecondaryAddress
    value: int = 0

    @property
    def question(self) -> Message:
        """What the person must know before."""
        if self.kind is SettingKind.PRIMARY_ADDRESS:
            return confirm_primary_address(self.address, self.value)
        if self.kind is SettingKind.BAUD_RATE:
            return confirm_baud_rate(self.address, self.value)
        return confirm_application_reset(self.address)


PRIMARY_ADDRESSES = range(PRIMARY_MAX + 1)
RATES = BAUD_RATES

Confirm = Callable[[MeterSetting], Awaitable[MeterSetting | None]]
"""Asks the person; the wish as confirmed (its value may have changed), None when it was given up."""


class ConfigureJob(Job):
    """One change at a time; nothing is sent before the person has confirmed it.

    Args:
        tasks: holds what runs.
        line: gives the master.
        keep: makes the reading after a change durable.
        confirm: asks the person.
    """

    def __init__(
        self,
        tasks: TaskScope,
        line: LineSource,
        keep: Keep,
        confirm: Confirm,
    ) -> None:
        super().__init__(tasks)
        self._line, self._keep, self._confirm = line, keep, confirm
        self._wish: MeterSetting | None = None
        self._asked = False
        self._taken = False

    def ask(self, wish: MeterSetting) -> bool:
        """Asks the person, and then the meter; says whether nothing was under way."""
        if self.running:
            return False
        self._wish, self._asked, self._taken = wish, True, False
        self._begin(self._run, "configure")
        return True

    async def _run(self) -> None:
        if self._wish is None:
            return
        wish = await self._confirm(self._wish)
        self._asked = False
        self._wish = wish
        self.changed.emit(self)
        if wish is None:
            return
        async with self._line.in_use() as master:
            await self._change(master, wish)

    async def _change(self, master: BusMaster, wish: MeterSetting) -> None:
        if wish.kind is SettingKind.PRIMARY_ADDRESS and wish.value:
            self._taken = await primary_address_taken(master, wish.value)
            if self._taken:
                return
        readout = await _SEND[wish.kind](master, wish)
        if readout is not None:
            await to_its_end(self._keep(readout))

    def _tell_running(self) -> JobStatus | None:
        return None if self._asked or self._wish is None else JobStatus(_doing(self._wish))

    def _tell_stopped(self) -> JobStatus | None:
        if self._asked or self._wish is None:
            return None
        title = Message("Stopped: read the meter to see whether it took the setting.")
        return JobStatus(title, look=True)

    def _tell_failed(self) -> JobStatus | None:
        return None if self._wish is None else JobStatus(Message("The setting was not made."), look=True)

    def _tell_finished(self) -> JobStatus | None:
        wish = self._wish
        if wish is None:
            return None
        if self._taken:
            title = Message("Another meter has the primary address {new} already.", {"new": wish.value})
            return JobStatus(title, (Message("Nothing was changed. Choose another address."),), look=True)
        return JobStatus(_done(wish))


async def _primary(master: BusMaster, wish: MeterSetting) -> Readout | None:
    return await set_primary_address(master, wish.address, wish.value)


async def _rate(master: BusMaster, wish: MeterSetting) -> Readout | None:
    return await set_baud_rate(master, wish.address, wish.value)


async def _reset(master: BusMaster, wish: MeterSetting) -> Readout | None:
    await application_reset(master, wish.address)
    return None


_SEND: dict[SettingKind, Callable[[BusMaster, MeterSetting], Coroutine[Any, Any, Readout | None]]] = {
    SettingKind.PRIMARY_ADDRESS: _primary,
    SettingKind.BAUD_RATE: _rate,
    SettingKind.APPLICATION_RESET: _reset,
}


def _doing(wish: MeterSetting) -> Message:
    return Message("Changing the meter {meter}", {"meter": wish.address.identification})


_DONE = {
    SettingKind.PRIMARY_ADDRESS: "The meter {meter} has the primary address {value} now.",
    SettingKind.BAUD_RATE: "The meter {meter} answers at {value} Bd now.",
    SettingKind.APPLICATION_RESET: "The application of the meter {meter} was reset.",
}


def _done(wish: MeterSetting) -> Message:
    return Message(_DONE[wish.kind], {"meter": wish.address.identification, "value": wish.value})
