"""The meters of the site as the window shows them: the list, and which of them is open."""

from collections.abc import Callable
from datetime import UTC, datetime

from PySide6.QtCore import QObject, Signal

from app.bus.readout import Readout
from app.domain.answer import unusable_answer
from app.domain.commissioned import MeterFacts, MeterReading, commission
from app.domain.meter import SerialNumber
from app.domain.progress import next_step
from app.mbus.response import decode
from app.services.jobs.read import MeterRead, ReadFailure, ReadJob
from app.services.meter_keys import encrypted_error, is_encrypted
from app.services.site import Site
from app.services.site_meters import SiteMeter
from app.services.site_readings import Taken, taken_of
from app.services.tasks import TaskScope
from app.store.errors import StoreError
from ui.i18n import tr, tr_message
from ui.models.meters import MeterLine, MetersTableModel
from ui.viewmodels.meter import MeterViewModel
from ui.words import meter_facts

PASTED = "pasted"
"""Stands for the port of a reading that came through the clipboard."""

_DEFAULT_BAUD = 2400


class MetersViewModel(QObject):
    """Shows what the site has, and opens what was read or chosen.

    Args:
        site: the service.
        tasks: holds what runs.
        reading: reads one meter.
        meter: the one on screen.
        lines: the list.
        port: URL of the port that readings come through.
    """

    happened = Signal(object, object)
    """For the status line: what happened and what to do next."""
    failed = Signal(object)
    meter_shown = Signal(str)
    """The meter's own id; empty where none of the list is on screen."""

    def __init__(
        self,
        site: Site,
        *,
        tasks: TaskScope,
        reading: ReadJob,
        meter: MeterViewModel,
        lines: MetersTableModel,
        port: Callable[[], str],
    ) -> None:
        super().__init__()
        self._site, self._tasks, self._reading = site, tasks, reading
        self._meter, self._lines, self._port = meter, lines, port
        self._wishes = 0
        self._read_on = site.site_id
        self.shown_instead: datetime | None = None
        """When the reading was taken that is shown for a meter that could not be read; None without one."""
        site.opened.subscribe(self._on_site)
        site.added.subscribe(self._on_meter)
        site.changed.subscribe(self._on_meter)
        site.removed.subscribe(self._on_removed)
        site.failed.subscribe(self.failed.emit)
        reading.reading_started.subscribe(self._on_started)
        reading.meter_read.subscribe(self._on_read)
        reading.reading_failed.subscribe(self._on_failed)
        reading.reading_stopped.subscribe(self._on_stopped)

    # Showing ---------------------------------------------------------------------------------------------

    def open_meter(self, meter_id: str) -> None:
        """Shows a meter of the list as it was read last; reads nothing."""
        self._tasks.spawn(self._open(meter_id, self._wish()), "open meter")

    def open_known(self, serial: str) -> None:
        """Shows the meter that bears a number, as :meth:`open_meter`."""
        found = self._site.with_serial(serial)
        if found:
            self.open_meter(found[0])

    def open_pasted(self, raw: bytes) -> bool:
        """Shows a pasted telegram as if it had been read; says whether it is one."""
        telegram = decode(raw)
        if telegram.frame is None:
            return False
        unusable = unusable_answer(telegram)
        if unusable is not None:
            # What is on screen stays: nothing of it was said.
            self._say(tr("the pasted telegram is no reading"), tr("next: see the message above"))
            self.failed.emit(unusable)
            return True
        serial = telegram.header.identification if telegram.header else ""
        taken = Taken(serial, telegram, raw, datetime.now(UTC), PASTED, _DEFAULT_BAUD)
        self._tasks.spawn(self._take(taken, None, self._wish()), "open pasted")
        self._say(tr("opened the pasted telegram"), tr("next: tick the registers, then upload"))
        return True

    async def keep_reading(self, readout: Readout) -> None:
        """Keeps what a scan or a reading of all brought and shows its meter in the list; opens nothing.

        Raises:
            StoreError: it could not be written.
        """
        await self._site.take(taken_of(readout, datetime.now(UTC), self._port()))

    def close(self) -> None:
        """Another building is opened: what is on screen is of the one before."""
        self._wish()
        self._close_meter("")

    async def flush(self) -> None:
        """Waits until all that was decided is on disk."""
        await self._site.flush()

    # Reading ---------------------------------------------------------------------------------------------

    def _on_started(self, number: SerialNumber) -> None:
        self._wish()
        self._read_on = self._site.site_id
        self._say(tr("reading {serial} …", serial=number.digits), tr("Esc stops"))

    def _on_stopped(self, number: SerialNumber) -> None:
        self._tasks.spawn(self._show_instead(number.digits, self._wish()), "show last reading")
        self._say(tr("stopped reading {s}", s=number.digits), "")

    def _on_read(self, read: MeterRead) -> None:
        serial, readout = read.number, read.readout
        self._say(
            tr(
                "read {serial} in {elapsed} s (wire minimum {minimum} s)",
                serial=serial.digits,
                elapsed=f"{readout.elapsed_s:.2f}",
                minimum=f"{readout.wire_minimum_s:.2f}",
            ),
            tr("next: tick the registers, then upload"),
        )
        taken = taken_of(
            readout, datetime.now(UTC), self._port(), serial.digits, label_typed=self._reading.typed
        )
        self._tasks.spawn(self._take(taken, self._read_on, self._wish()), "take reading")

    def _on_failed(self, failure: ReadFailure) -> None:
        self._say(
            tr("{serial} was not read", serial=failure.number.digits), tr("next: see the message above")
        )
        self._tasks.spawn(self._tell_failure(failure), "tell failure")

    async def _tell_failure(self, failure: ReadFailure) -> None:
        self.shown_instead = await self._show_instead(failure.number.digits, self._wish())
        if self._reading.failure in (None, failure):
            self.failed.emit(failure.error)

    async def _show_instead(self, serial: str, wish: int) -> datetime | None:
        """Shows what was read last of a meter that was not read now, and says when that was.

        Another number was asked for: the meter of before must not pass for it, nor be uploaded as it. A meter
        that is known is never replaced by the empty page.
        """
        draft = self._meter.draft
        if draft is not None and draft.serial == serial:
            return None
        known = [each for each in self._site.with_serial(serial) if self._site.row(each).summary.read]
        if not known:
            self._close_meter("")
            return None
        await self._show(known[0], wish)
        return self._meter.read_at if self._meter.meter_id == known[0] else None

    async def _take(self, taken: Taken, site_id: str | None, wish: int) -> None:
        """Keeps a reading and opens its meter, unless something else was asked for meanwhile."""
        try:
            meter_id = await self._site.take(taken, site_id)
        except StoreError as error:
            self.failed.emit(error)
            return
        if not meter_id:
            self._show_stranger(taken)
        elif meter_id in self._site:
            await self._show(meter_id, wish)

    def _show_stranger(self, taken: Taken) -> None:
        reading = MeterReading(taken.telegram, taken.taken_at.astimezone(), taken.baud, taken.elapsed_s)
        self._meter.show_stranger(commission(MeterFacts("", reading), self._site.rules))
        self.meter_shown.emit("")

    async def _open(self, meter_id: str, wish: int) -> None:
        if meter_id not in self._site:
            return
        row = self._site.row(meter_id)
        if row.summary.read and row.read_at is not None:
            await self._show(meter_id, wish)
            if self._meter.meter_id == meter_id:
                at, progress = row.read_at.astimezone(), self._site.row(meter_id).progress
                what = tr("{serial} as read on {at}", serial=row.serial, at=at)
                self._say(what, tr_message(next_step(progress)))
            return
        self._close_meter(meter_id)
        step = tr_message(next_step(row.progress))
        reading = self._site.meter(meter_id).reading if row.summary.answered else None
        if reading is None:
            self._say(tr("{serial} was not read yet", serial=row.serial), step)
            return
        # The scan found it, and it has given no reading yet.
        self._say(tr("{serial} gave no reading yet", serial=row.serial), step)
        unusable = unusable_answer(reading.telegram, row.serial)
        if unusable is not None:
            self.failed.emit(unusable)

    async def _show(self, meter_id: str, wish: int) -> None:
        """Opens a meter; where its telegram is encrypted, the keyring may ask the person first."""
        meter = await self._site.unlock(meter_id)
        if wish != self._wishes or meter_id not in self._site:
            # The next line was chosen meanwhile, or another site.
            return
        self._meter.show(meter_id)
        self.meter_shown.emit(meter_id)
        if meter.reading is not None and is_encrypted(meter.reading.telegram):
            self.failed.emit(encrypted_error(meter.reading.telegram))

    def _close_meter(self, meter_id: str) -> None:
        """The empty page; the list still marks a meter where one is meant."""
        self._meter.close()
        self.meter_shown.emit(meter_id)

    def _wish(self) -> int:
        """Whatever is asked for last is shown; what comes late of before is not."""
        self._wishes += 1
        return self._wishes

    # The list --------------------------------------------------------------------------------------------

    def _on_site(self, _site_id: str) -> None:
        self._lines.show(map(self.line, self._site.rows))
        self.meter_shown.emit(self._meter.meter_id)

    def _on_meter(self, meter_id: str) -> None:
        self._lines.put(self.line(self._site.row(meter_id)))

    def _on_removed(self, meter_id: str) -> None:
        self._lines.take_off(meter_id)

    def line(self, row: SiteMeter) -> MeterLine:
        """A meter as the list shows it."""
        facts = meter_facts(row.summary.header, self._meter.vocabulary.models)
        return MeterLine(row.meter_id, row.serial, row.label, row.progress, facts)

    def _say(self, what: str, next_step: str) -> None:
        self.happened.emit(what, next_step)
