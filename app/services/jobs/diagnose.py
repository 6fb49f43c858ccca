"""What is wrong with the line, in words with the next step; and which baud rate its meters have."""

from collections.abc import Callable

from app.bus.baud import SEARCH_ORDER, RateTried, find_rates
from app.bus.diagnose import BusReport, diagnose
from app.bus.errors import Diagnosis
from app.bus.port import LineSettings
from app.mbus.addresses import SecondaryAddress
from app.message import Message
from app.services.adapter import Adapter
from app.services.jobs.job import GO_ON, Job, JobStatus
from app.services.tasks import TaskScope


class DiagnoseJob(Job):
    """Asks the bus what is wrong with it; changes nothing on it.

    Args:
        tasks: holds what runs.
        adapter: gives the master.
        missed: the meter that is looked for, where one is.
    """

    def __init__(
        self,
        tasks: TaskScope,
        adapter: Adapter,
        missed: Callable[[], SecondaryAddress | None] = lambda: None,
    ) -> None:
        super().__init__(tasks)
        self._adapter, self._missed = adapter, missed
        self._step: Message | None = None
        self._report: BusReport | None = None

    @property
    def report(self) -> BusReport | None:
        """What was found out last."""
        return self._report

    def start(self) -> bool:
        """Begins; says whether nothing was under way."""
        if self.running:
            return False
        self._step = self._report = None
        self._begin(self._run, "diagnose")
        return True

    def act(self) -> bool:
        """Sets the line to the rate that was found, or begins again after a stop."""
        report = self._report
        if report is None:
            return self.start()
        if report.diagnosis is not Diagnosis.WRONG_BAUD or report.baud is None:
            return False
        self._adapter.choose_line(LineSettings(baud=report.baud))
        self.dismiss()
        return True

    async def _run(self) -> None:
        async with self._adapter.in_use() as master:
            self._report = await diagnose(master, self._missed(), self._tell_step)

    def _tell_step(self, step: Message) -> None:
        self._step = step
        self.changed.emit(self)

    def _tell_running(self) -> JobStatus:
        lines = () if self._step is None else (self._step,)
        return JobStatus(Message("Diagnosing the line"), lines)

    def _tell_stopped(self) -> JobStatus:
        return JobStatus(Message("Diagnosis stopped"), action=Message("Begin again"))

    def _tell_failed(self) -> JobStatus:
        return JobStatus(Message("Diagnosis interrupted"), action=Message("Begin again"), look=True)

    def _tell_finished(self) -> JobStatus:
        report = self._report
        if report is None:
            return JobStatus(Message("Diagnosis finished"))
        lines = (*((report.advice,) if report.advice else ()), *report.remarks)
        details = (Message("{bytes}", {"bytes": report.raw.hex(" ").upper()}),) if report.raw else ()
        action = None
        if report.diagnosis is Diagnosis.WRONG_BAUD and report.baud is not None:
            action = use_rate(report.baud)
        look = report.diagnosis is not Diagnosis.HEALTHY
        return JobStatus(report.message, lines, details, action=action, look=look, folded=True)


class RatesJob(Job):
    """Asks everybody at one rate after the other; the line has its own again afterwards.

    Args:
        tasks: holds what runs.
        adapter: gives the master.
    """

    def __init__(self, tasks: TaskScope, adapter: Adapter) -> None:
        super().__init__(tasks)
        self._adapter = adapter
        self._tried: list[RateTried] = []

    @property
    def answered(self) -> tuple[int, ...]:
        """The rates at which somebody answers, in Bd."""
        return tuple(rate.baud for rate in self._tried if rate.answered)

    @property
    def garbled(self) -> tuple[int, ...]:
        """The rates at which something came that was no answer, in Bd."""
        return tuple(rate.baud for rate in self._tried if rate.garbled)

    def start(self) -> bool:
        """Begins; says whether nothing was under way."""
        if self.running:
            return False
        self._tried.clear()
        self._begin(self._run, "find rates")
        return True

    def act(self) -> bool:
        """Sets the line to the rate found, or goes on with those not tried."""
        if len(self._tried) < len(SEARCH_ORDER):
            self._begin(self._run, "find rates")
            return True
        other = self._other_rate
        if other is None:
            return False
        self._adapter.choose_line(LineSettings(baud=other))
        self.dismiss()
        return True

    @property
    def _other_rate(self) -> int | None:
        """The rate to go to: only where nobody answers at the present one."""
        if not self.answered or self._adapter.line.baud in self.answered:
            return None
        return self.answered[0]

    async def _run(self) -> None:
        async with self._adapter.in_use() as master:
            async for rate in find_rates(master, SEARCH_ORDER[len(self._tried) :]):
                self._tried.append(rate)
                self.changed.emit(self)

    def _lines(self) -> tuple[Message, ...]:
        lines = [Message("Meters answer at {rates} Bd.", {"rates": _listed(self.answered)})]
        if not self.answered:
            lines = []
        if self.garbled:
            rates = _listed(self.garbled)
            lines.append(Message("At {rates} Bd something comes that is no answer.", {"rates": rates}))
        return tuple(lines)

    def _tell_running(self) -> JobStatus:
        done = len(self._tried)
        baud = SEARCH_ORDER[min(done, len(SEARCH_ORDER) - 1)]
        title = Message("Trying {baud} Bd", {"baud": baud})
        return JobStatus(title, self._lines(), fraction=done / len(SEARCH_ORDER))

    def _tell_stopped(self) -> JobStatus:
        return JobStatus(Message("Search for the baud rate stopped"), self._lines(), action=GO_ON)

    def _tell_failed(self) -> JobStatus:
        title = Message("Search for the baud rate interrupted")
        return JobStatus(title, self._lines(), action=GO_ON, look=True)

    def _tell_finished(self) -> JobStatus:
        if not self.answered:
            hint = Message("The diagnosis tells what may be wrong.")
            return JobStatus(Message("Nobody answers at any baud rate."), (*self._lines(), hint), look=True)
        if len(self.answered) == len(SEARCH_ORDER):
            title = Message("Meters answer whatever rate is chosen.")
            hint = Message("A network adapter keeps a rate of its own; set it there.")
            return JobStatus(title, (hint,))
        first, *rest = self._lines()
        other = self._other_rate
        action = None if other is None else use_rate(other)
        return JobStatus(first, tuple(rest), action=action, look=action is not None)


def use_rate(baud: int) -> Message:
    """What the button says that sets the line to a rate."""
    return Message("Use {baud} Bd", {"baud": baud})


def _listed(rates: tuple[int, ...]) -> str:
    return ", ".join(map(str, rates))
