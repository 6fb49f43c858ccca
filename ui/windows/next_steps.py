"""What one click can do after a meter could not be read: the table of the services, made into buttons."""

from functools import partial

from app.domain.meter import SerialNumber
from app.mbus.addresses import SecondaryAddress
from app.services.jobs.configure import MeterSetting, SettingKind
from app.services.jobs.read import ReadJob
from app.services.next_steps import NextStep, Step, next_steps
from ui.errors import Advice, Choice
from ui.i18n import tr, tr_message
from ui.viewmodels.meters import MetersViewModel
from ui.windows.bus_parts import BUS_PAGE, BusParts
from ui.windows.main_window import MainWindow


class NextStepController:
    """Knows which reading failed, and does what its buttons say.

    Args:
        window: shows the page where the work is told.
        reading: reads again, or by another number.
        meters: which meter is on screen instead.
        bus: searches, diagnoses and resets.
    """

    def __init__(
        self, *, window: MainWindow, reading: ReadJob, meters: MetersViewModel, bus: BusParts
    ) -> None:
        self._window, self._reading, self._meters, self._bus = window, reading, meters, bus
        bus.missed = self._missed
        self._acts = {
            Step.READ_AGAIN: self._read,
            Step.READ_TURNED: self._read,
            Step.READ_ENDING: self._read,
            Step.READ_FABRICATION: self._read,
            Step.SEARCH: self._search,
            Step.SEARCH_NUMBER: self._search_number,
            Step.DIAGNOSE: self._diagnose,
            Step.RESET: self._reset,
        }

    def advise(self, error: BaseException) -> Advice:
        """What can be done about an error, if it is that of the last reading."""
        failure = self._reading.failure
        if failure is None or failure.error is not error:
            return Advice()
        number, at = failure.number, self._meters.shown_instead
        meaning = "" if at is None else tr("Below is its last reading, of {at}.", at=at)
        return Advice(meaning, tuple(self._choice(step) for step in next_steps(error, number)))

    def _missed(self) -> SecondaryAddress | None:
        failure = self._reading.failure
        return None if failure is None or failure.number.is_open else failure.number.secondary_address

    def _choice(self, step: NextStep) -> Choice:
        return Choice(step.step.value, tr_message(step.words), partial(self._acts[step.step], step.number))

    def _read(self, number: SerialNumber | None) -> None:
        if number is None:
            return
        if number.fabrication_number is None and not number.is_open:
            self._window.left.take_serial(number.text)
        self._reading.read_number(number)

    def _search(self, _number: SerialNumber | None) -> None:
        self._bus.search()

    def _search_number(self, number: SerialNumber | None) -> None:
        self._bus.search(number.secondary_address if number is not None else None)

    def _diagnose(self, _number: SerialNumber | None) -> None:
        self._window.middle.show_page(BUS_PAGE)
        self._bus.diagnosis.start()

    def _reset(self, number: SerialNumber | None) -> None:
        if number is not None:
            self._window.middle.show_page(BUS_PAGE)
            self._bus.configure.ask(MeterSetting(SettingKind.APPLICATION_RESET, number.secondary_address))
