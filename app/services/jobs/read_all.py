"""Reading every meter of the list, one after the other; one that fails is named, and the rest goes on."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from app.bus.errors import PortError
from app.domain.meter import SerialNumber
from app.message import Message
from app.services.adapter import LineSource
from app.services.commissioning import read_meter
from app.services.events import Event
from app.services.explain import explain
from app.services.jobs.job import GO_ON, Job, JobState, JobStatus, Keep, to_its_end
from app.services.jobs.scan import duration
from app.services.tasks import TaskScope


@dataclass(frozen=True, slots=True)
class FailedMeter:
    """A meter that could not be read, and why."""

    serial: str
    reason: Message


class ReadAllJob(Job):
    """Each reading is on disk before its meter counts as read; a stop loses nothing.

    Args:
        tasks: holds what runs.
        line: gives the master.
        keep: makes a reading durable.
        serials: the meters of the list, as they stand there.
        clock: seconds that never jump, for the time left.

    Attributes:
        meter_tried: serial number of a meter that was read, or could not be.
    """

    def __init__(
        self,
        tasks: TaskScope,
        line: LineSource,
        keep: Keep,
        serials: Callable[[], Sequence[str]],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(tasks)
        self.meter_tried: Event[str] = Event()
        self._line, self._keep, self._serials, self._clock = line, keep, serials, clock
        self._waiting: list[str] = []
        self._read: list[str] = []
        self._failures: list[FailedMeter] = []
        self._now = ""
        self._elapsed_s = 0.0

    @property
    def failures(self) -> tuple[FailedMeter, ...]:
        """The meters that could not be read."""
        return tuple(self._failures)

    def start(self) -> bool:
        """Reads all meters of the list; says whether there is one and nothing was under way."""
        if self.running:
            return False
        self._waiting = list(self._serials())
        self._read.clear()
        self._failures.clear()
        self._elapsed_s = 0.0
        if not self._waiting:
            return False
        self._begin(self._run, "read all")
        return True

    def act(self) -> bool:
        """Goes on with the meters that wait, or once more with those that failed."""
        if self.running or self.state is JobState.IDLE:
            return False
        if not self._waiting:
            self._waiting = [each.serial for each in self._failures]
            self._failures.clear()
        if not self._waiting:
            return False
        self._begin(self._run, "read all")
        return True

    async def _run(self) -> None:
        while self._waiting:
            serial = self._now = self._waiting[0]
            self.changed.emit(self)
            started = self._clock()
            await self._read_one(serial)
            self._elapsed_s += self._clock() - started
            self._waiting.pop(0)
            self.meter_tried.emit(serial)

    async def _read_one(self, serial: str) -> None:
        """Reads a meter.

        Raises:
            PortError: no other meter can be read either.
            StoreError: it could not be kept.
        """
        try:
            async with self._line.in_use() as master:
                readout = await read_meter(master, SerialNumber(serial))
        except PortError:
            raise
        except Exception as error:  # noqa: BLE001 - named in the list of failures, whatever it was
            self._failures.append(FailedMeter(serial, explain(error).what))
            return
        await to_its_end(self._keep(readout))
        self._read.append(serial)

    @property
    def _all(self) -> int:
        return len(self._read) + len(self._failures) + len(self._waiting)

    @property
    def _tried(self) -> int:
        return len(self._read) + len(self._failures)

    def _lines(self) -> list[Message]:
        lines = [Message("{read} of {all} read", {"read": len(self._read), "all": self._all})]
        if self._failures:
            lines.append(Message("{count} not read", {"count": len(self._failures)}))
        return lines

    def _named(self) -> tuple[Message, ...]:
        return tuple(
            each.reason
            if each.serial in str(each.reason)
            else Message("{serial}: {reason}", {"serial": each.serial, "reason": each.reason})
            for each in self._failures
        )

    def _tell_running(self) -> JobStatus:
        lines = self._lines()
        if self._tried:
            pace = self._elapsed_s / self._tried
            lines.append(Message("{time} left", {"time": duration(pace * len(self._waiting))}))
        return self._status(Message("Reading {serial}", {"serial": self._now}), lines)

    def _tell_stopped(self) -> JobStatus:
        return replace(self._status(Message("Reading stopped"), self._lines()), action=GO_ON)

    def _tell_failed(self) -> JobStatus:
        status = self._status(Message("Reading interrupted"), self._lines())
        return replace(status, action=GO_ON, look=True)

    def _tell_finished(self) -> JobStatus:
        failed = bool(self._failures)
        title = Message("{count} meters read", {"count": len(self._read)})
        if len(self._read) == 1:
            title = Message("1 meter read")
        if failed:
            title = Message("{read} of {all} meters read", {"read": len(self._read), "all": self._all})
        status = self._status(title, [Message("in {time}", {"time": duration(self._elapsed_s)})])
        return replace(
            status, fraction=None, action=Message("Read those again") if failed else None, look=failed
        )

    def _status(self, title: Message, lines: Sequence[Message]) -> JobStatus:
        return JobStatus(title, tuple(lines), self._named(), fraction=self._tried / self._all)
