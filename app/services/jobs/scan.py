"""Finding the meters of a bus: started by the person only, each meter kept on disk before it is shown."""

import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from app.bus.master import BusMaster
from app.bus.scan import (
    MeterFound,
    MetersUnresolved,
    ScanEvent,
    ScanFinished,
    ScanOptions,
    ScanProgress,
    ScanState,
    scan,
    scan_primary,
)
from app.domain.answer import unusable_answer
from app.mbus.addresses import PRIMARY_MAX, SecondaryAddress
from app.mbus.probes import EVERYBODY, FoundMeter
from app.message import Message
from app.services.adapter import LineSource
from app.services.events import Event
from app.services.jobs.job import GO_ON, Job, JobState, JobStatus, Keep, to_its_end
from app.services.tasks import TaskScope


class ScanKind(Enum):
    """By which address meters are looked for."""

    SECONDARY = "secondary"
    PRIMARY = "primary"


@dataclass(frozen=True, slots=True)
class ScanWish:
    """What the person wants of a scan.

    Attributes:
        kind: by which address.
        hex_digits: also look for numbers with the digits A to F.
        known_first: ask the meters of the list first.
        only_known: ask nobody else.
        expected: so many meters end the search, None to look for all there are.
    """

    kind: ScanKind = ScanKind.SECONDARY
    hex_digits: bool = False
    known_first: bool = True
    only_known: bool = False
    expected: int | None = None


class ScanJob(Job):
    """A scan that can be stopped at any moment and taken up where it stood; nothing found is lost.

    Args:
        tasks: holds what runs.
        line: gives the master.
        keep: makes a reading durable.
        known: the serial numbers of the list.

    Attributes:
        meter_found: after it is on disk.
        wish_changed: :attr:`wish` is another.
    """

    def __init__(
        self,
        tasks: TaskScope,
        line: LineSource,
        keep: Keep,
        known: Callable[[], Sequence[str]],
    ) -> None:
        super().__init__(tasks)
        self.meter_found: Event[MeterFound] = Event()
        self.wish_changed: Event[ScanWish] = Event()
        self._line, self._keep, self._known = line, keep, known
        self._wish = ScanWish()
        self._running_wish = self._wish
        self._secondary = ScanState()
        self._next_primary = 0
        self._found: list[FoundMeter] = []
        self._unsaved: list[MeterFound] = []
        self._unresolved: list[MetersUnresolved] = []
        self._problems: dict[str, Message] = {}
        """Why meters that were found gave no reading, by number."""
        self._progress: ScanProgress | None = None
        self._elapsed_s: float | None = None
        self._fraction = 0.0

    @property
    def wish(self) -> ScanWish:
        """What the next scan looks for."""
        return self._wish

    def set_wish(self, wish: ScanWish) -> None:
        """Changes what the next scan looks for."""
        if wish != self._wish:
            self._wish = wish
            self.wish_changed.emit(wish)

    @property
    def found(self) -> tuple[FoundMeter, ...]:
        """The meters of this scan so far."""
        return tuple(self._found)

    @property
    def unresolved(self) -> tuple[MetersUnresolved, ...]:
        """Where somebody answers who could not be read."""
        return tuple(self._unresolved)

    @property
    def twins(self) -> tuple[str, ...]:
        """Numbers that several meters of this bus have."""
        numbers = [meter.address.identification for meter in self._found]
        return tuple(sorted({number for number in numbers if numbers.count(number) > 1}))

    def start(self, within: SecondaryAddress | None = None) -> bool:
        """Looks for meters from the beginning; says whether nothing was under way.

        Args:
            within: only meters that fit this address, to tell apart those with one number; None for all.
        """
        if self.running:
            return False
        wish = self._wish
        self._running_wish = wish if within is None else ScanWish(hex_digits=wish.hex_digits)
        numbers = self._known() if within is None and (wish.known_first or wish.only_known) else ()
        options = ScanOptions(
            known=tuple(SecondaryAddress(number) for number in numbers),
            only_known=self._running_wish.only_known,
            expected=self._running_wish.expected,
            hex_digits=wish.hex_digits,
            within=within or EVERYBODY,
        )
        self._secondary = ScanState(options)
        self._next_primary = 0
        self._found.clear()
        self._unsaved.clear()
        self._unresolved.clear()
        self._problems.clear()
        self._progress, self._elapsed_s, self._fraction = None, None, 0.0
        self._begin(self._run, "scan")
        return True

    def act(self) -> bool:
        """Takes the scan up where it stood; says whether it could."""
        if self.state not in (JobState.STOPPED, JobState.FAILED):
            return False
        self._unresolved.clear()
        self._begin(self._run, "scan")
        return True

    async def _run(self) -> None:
        await self._save()
        async with self._line.in_use() as master:
            events = self._events(master)
            # Closed at once, not when it is collected: the next work must find the line free.
            async with contextlib.aclosing(events):  # type: ignore[type-var]
                async for event in events:
                    await self._take(event)

    def _events(self, master: BusMaster) -> AsyncIterator[ScanEvent]:
        if self._running_wish.kind is ScanKind.SECONDARY:
            return scan(master, state=self._secondary)
        return scan_primary(master, ScanOptions(first=self._next_primary, last=PRIMARY_MAX))

    async def _take(self, event: ScanEvent) -> None:
        if isinstance(event, MeterFound):
            self._unsaved.append(event)
            await to_its_end(self._save())
        elif isinstance(event, ScanProgress):
            self._take_progress(event)
        elif isinstance(event, MetersUnresolved):
            self._unresolved.append(event)
        elif isinstance(event, ScanFinished):
            self._elapsed_s = event.elapsed_s

    async def _save(self) -> None:
        while self._unsaved:
            found = self._unsaved[0]
            await self._keep(found.readout)
            self._unsaved.pop(0)
            if found.meter not in self._found:
                self._found.append(found.meter)
            number = found.meter.address.identification
            unusable = unusable_answer(found.readout.telegram, number)
            if unusable is not None:
                self._problems[number] = unusable.message
            self.meter_found.emit(found)
            self.changed.emit(self)

    def _take_progress(self, progress: ScanProgress) -> None:
        if self._running_wish.kind is ScanKind.PRIMARY:
            asked = int(progress.asking) + 1
            self._next_primary = asked
            progress = replace(progress, probes=asked, branches=PRIMARY_MAX + 1, branches_done=asked)
        if progress.branches:
            # More branches become known where both ways to select are needed; the bar does not go back.
            share = progress.branches_done / progress.branches
            self._fraction = max(self._fraction, min(share, 0.99))
        self._progress = progress
        self.changed.emit(self)

    def _addresses_of(self, number: str) -> list[str]:
        addresses = [meter.address for meter in self._found]
        return sorted(address.text for address in addresses if address.identification == number)

    def _so_far(self) -> Message:
        probes = self._progress.probes if self._progress else 0
        return Message(
            "{found} found, {probes} addresses asked", {"found": len(self._found), "probes": probes}
        )

    def _tell_running(self) -> JobStatus:
        lines = [self._so_far(), *how_far(self._progress)]
        return JobStatus(Message("Scanning the bus"), tuple(lines), fraction=self._fraction)

    def _tell_stopped(self) -> JobStatus:
        return JobStatus(Message("Scan stopped"), (self._so_far(),), fraction=self._fraction, action=GO_ON)

    def _tell_failed(self) -> JobStatus:
        return JobStatus(
            Message("Scan interrupted"),
            (self._so_far(),),
            fraction=self._fraction,
            action=GO_ON,
            look=True,
        )

    def _tell_finished(self) -> JobStatus:
        count = len(self._found)
        probes = self._progress.probes if self._progress else 0
        lines = [
            Message("{probes} addresses asked", {"probes": probes}),
            Message("in {time}", {"time": duration(self._elapsed_s or 0.0)}),
        ]
        if not count:
            lines.append(Message("Nobody answered; the diagnosis on the bus page tells why."))
        details = [
            Message(
                "Several meters have the number {number}: the portal's address cannot tell them apart. "
                "To read one of them, type its full address: {addresses}.",
                {"number": number, "addresses": ", ".join(self._addresses_of(number))},
            )
            for number in self.twins
        ]
        details += self._problems.values()
        details += [each.message for each in self._unresolved]
        return JobStatus(found_words(count), tuple(lines), tuple(details), look=not count or bool(details))


def found_words(count: int) -> Message:
    """How many meters were found, in words."""
    if count == 1:
        return Message("1 meter found")
    return Message("{count} meters found", {"count": count}) if count else Message("No meter found")


def duration(seconds: float) -> Message:
    """A time as a person says it: ``12 s``, ``3 min 5 s``."""
    whole = round(seconds)
    if whole < 60:
        return Message("{seconds} s", {"seconds": max(whole, 1)})
    return Message("{minutes} min {seconds} s", {"minutes": whole // 60, "seconds": whole % 60})


def how_far(progress: ScanProgress | None) -> tuple[Message, ...]:
    """How far a scan is, as far as that is known."""
    if progress is None or not progress.branches:
        return ()
    if progress.checking_again:
        return (Message("All found so far; checking again, can be stopped."),)
    values = {"done": progress.branches_done, "all": progress.branches}
    return (Message("{done} of {all} branches done", values),)
