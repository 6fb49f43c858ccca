"""The adapter: which ports there are, which one is chosen, and the master that reads through it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from app.bus.errors import PortClosed, PortLost
from app.bus.master import BusMaster
from app.bus.port import LineSettings
from app.mbus.security import NO_KEYS, KeySource
from app.message import Message
from app.services.events import Event
from app.services.learned_lines import LearnedLines
from app.services.tasks import TaskScope

if TYPE_CHECKING:
    from app.bus.trace import Trace

LINE_CHOICES: tuple[LineSettings, ...] = tuple(
    LineSettings(baud=baud) for baud in (300, 600, 1200, 2400, 4800, 9600, 19200, 38400)
)
WATCH_INTERVAL_S = 1.5


class AdapterState(Enum):
    """How the chosen adapter is."""

    NONE = "none"
    OPENING = "opening"
    READY = "ready"
    FAILED = "failed"
    UNPLUGGED = "unplugged"


@dataclass(frozen=True, slots=True)
class AdapterChoice:
    """One line of the adapter list.

    Attributes:
        url: what is opened.
        label: as a person knows it.
        key: what it is recognised by when it is plugged in again, possibly as another port.
    """

    url: str
    label: str
    key: str = ""


class LineSource(Protocol):
    """Whoever gives the line to a job: the chosen adapter, or the one port of a command."""

    def in_use(self) -> AbstractAsyncContextManager[BusMaster]:
        """The master, its port open."""
        ...


class MasterMaker:
    """Makes masters; their trace outlives a port that is closed.

    Args:
        keys: of encrypted meters.
    """

    def __init__(self, keys: KeySource = NO_KEYS) -> None:
        self._keys = keys
        self._traces: dict[str, Trace] = {}

    def __call__(self, url: str, line: LineSettings) -> BusMaster:
        """A master for a port, closed as yet."""
        master = BusMaster(url, line, keys=self._keys)
        master.trace = self._traces.setdefault(url, master.trace)
        return master


class Adapter:
    """Ports come and go by themselves; a choice is opened at once, nothing is ever sent unasked.

    Args:
        tasks: holds what runs.
        list_ports: the serial ports of now; called in a thread, because some systems take their time.
        make_master: the bus master for a port and its line settings.
        learned: what is known of adapters and meters from before.

    Attributes:
        choices_changed: ports came or went.
        state_changed: :attr:`state` was told anew; it may be the same, of another port.
        open_failed: why a port could not be opened, for the banner.
    """

    def __init__(
        self,
        tasks: TaskScope,
        list_ports: Callable[[], Sequence[AdapterChoice]],
        make_master: Callable[[str, LineSettings], BusMaster] | None = None,
        learned: LearnedLines | None = None,
    ) -> None:
        self.choices_changed: Event[tuple[AdapterChoice, ...]] = Event()
        self.state_changed: Event[AdapterState] = Event()
        self.open_failed: Event[BaseException] = Event()
        self._tasks = tasks
        self._list_ports = list_ports
        self._make_master = make_master or MasterMaker()
        self.learned = learned or LearnedLines(lambda: datetime.now(UTC))
        self._ports: tuple[AdapterChoice, ...] = ()
        self._extra: tuple[AdapterChoice, ...] = ()
        self._url = ""
        self._wanted_key = ""
        self._line = LineSettings()
        self._state = AdapterState.NONE
        self._master: BusMaster | None = None
        self._lock = asyncio.Lock()

    @property
    def choices(self) -> tuple[AdapterChoice, ...]:
        """Practice and typed URLs first, then the serial ports of now."""
        there = {port.url for port in self._ports}
        return (*(choice for choice in self._extra if choice.url not in there), *self._ports)

    @property
    def url(self) -> str:
        """What is chosen; empty for nothing."""
        return self._url

    @property
    def chosen(self) -> AdapterChoice | None:
        """The chosen line of the list."""
        return next((choice for choice in self.choices if choice.url == self._url), None)

    @property
    def line(self) -> LineSettings:
        """Baud rate and byte shape."""
        return self._line

    @property
    def state(self) -> AdapterState:
        """How the chosen adapter is."""
        return self._state

    @property
    def master(self) -> BusMaster | None:
        """The master in use now; None before an adapter is open."""
        return self._master

    def watch(self) -> None:
        """Starts to look for ports that come and go."""
        self._tasks.spawn(self._watch(), "ports")

    def expect(self, key: str) -> None:
        """The adapter of last time: chosen by itself as soon as it is there, if nothing else is by then."""
        self._wanted_key = key

    def add_choice(self, choice: AdapterChoice) -> None:
        """Puts a practice bus or a typed URL into the list."""
        self._extra = (choice, *(each for each in self._extra if each.url != choice.url))
        self.choices_changed.emit(self.choices)

    def choose(self, url: str) -> None:
        """Chooses what to read through; a typed URL joins the list."""
        url = url.strip()
        if url and all(choice.url != url for choice in self.choices):
            self.add_choice(AdapterChoice(url, url))
        self._url = url
        self.reopen()

    def choose_line(self, line: LineSettings) -> None:
        """Another baud rate: the port is opened anew with it."""
        if line != self._line:
            self._line = line
            self.reopen()

    def reopen(self) -> None:
        """Closes the port and opens the chosen one."""
        self._tell(AdapterState.OPENING if self._url else AdapterState.NONE)
        self._tasks.spawn(self._open_chosen(), "open port")

    async def ready(self) -> BusMaster:
        """The master, its port open.

        Raises:
            BusError: no adapter is chosen, or it cannot be opened.
        """
        async with self._lock:
            if not self._url:
                raise PortClosed(
                    Message("No adapter is chosen."),
                    advice=Message("Choose the adapter at the top left, or start practice mode."),
                )
            return await self._open()

    @asynccontextmanager
    async def in_use(self) -> AsyncIterator[BusMaster]:
        """The master, its port open; one that vanishes meanwhile is given back and named as unplugged.

        Raises:
            BusError: as :meth:`ready`.
        """
        master = await self.ready()
        try:
            yield master
        except PortLost:
            await self._lose(master)
            raise
        finally:
            self._keep_learned()

    async def close(self) -> None:
        """Gives the port back."""
        async with self._lock:
            await self._close()

    async def _open_chosen(self) -> None:
        async with self._lock:
            await self._close()
            if not self._url:
                return
            try:
                await self._open()
            except Exception as error:  # noqa: BLE001 - shown as a sentence, whatever the port did
                self.open_failed.emit(error)

    async def _open(self) -> BusMaster:
        master = self._master
        if master is None or master.url != self._url:
            await self._close()
            master = self._make_master(self._url, self._line)
            master.memory = await self.learned.of(self._learned_key)
        try:
            await master.open()
        except BaseException:
            self._tell(AdapterState.FAILED)
            raise
        self._master = master
        self._tell(AdapterState.READY)
        return master

    @property
    def _learned_key(self) -> str:
        """The adapter itself where it can be told, whatever port it is on today; else the port."""
        chosen = self.chosen
        return (chosen.key if chosen is not None else "") or self._url

    def _keep_learned(self) -> None:
        self._tasks.spawn(self.learned.keep(self._learned_key), "keep what was learned")

    async def _close(self) -> None:
        master, self._master = self._master, None
        if master is not None:
            await master.close()

    async def _watch(self) -> None:
        while True:
            try:
                ports = tuple(await asyncio.to_thread(self._list_ports))
            except OSError:
                # The system's list itself can fail while an adapter comes or goes.
                ports = self._ports
            if ports != self._ports:
                await self._take_ports(ports)
            await asyncio.sleep(WATCH_INTERVAL_S)

    async def _take_ports(self, ports: tuple[AdapterChoice, ...]) -> None:
        """Another list: what is in use and went is given back, what is waited for is opened."""
        before, self._ports = self._ports, ports
        gone = next((port for port in before if port.url == self._url and port not in ports), None)
        self.choices_changed.emit(self.choices)
        if gone is not None:
            self._wanted_key = gone.key
            if self._master is not None:
                await self._lose(self._master)
            else:
                self._tell(AdapterState.UNPLUGGED)
        waits = not self._url or self._state in (AdapterState.UNPLUGGED, AdapterState.FAILED)
        back = self._awaited([port for port in ports if port not in before]) if waits else None
        if back is not None:
            self.choose(back.url)

    def _awaited(self, came: Sequence[AdapterChoice]) -> AdapterChoice | None:
        """The adapter that is waited for, on whichever port it is now; alike ones are not guessed between."""
        if self._wanted_key:
            alike = [port for port in self._ports if port.key == self._wanted_key]
            return alike[0] if len(alike) == 1 and alike[0] in came else None
        return next((port for port in came if port.url == self._url), None)

    async def _lose(self, master: BusMaster) -> None:
        async with self._lock:
            if master is self._master:
                try:
                    await self._close()
                finally:
                    # Also when whoever read is stopped meanwhile: it is gone all the same.
                    self._tell(AdapterState.UNPLUGGED)

    def _tell(self, state: AdapterState) -> None:
        self._state = state
        self.state_changed.emit(state)
