"""Scan, read all and the bus page: built on the window's frame and tied to list, store and screen."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from app.bus.trace import Trace
from app.bus.trace_file import SUFFIX, export_trace
from app.mbus.addresses import SecondaryAddress
from app.mbus.data_header import secondary_address
from app.message import Message
from app.services.adapter import Adapter, AdapterState
from app.services.jobs.configure import ConfigureJob, MeterSetting, SettingKind
from app.services.jobs.diagnose import DiagnoseJob, RatesJob
from app.services.jobs.job import Job, JobState
from app.services.jobs.read_all import ReadAllJob
from app.services.jobs.scan import ScanJob, ScanWish
from app.services.tasks import TaskScope
from ui.dialogs import ask
from ui.i18n import tr, tr_message
from ui.models.meters import MetersTableModel
from ui.pages.bus_page import BusPage
from ui.theme import Theme
from ui.viewmodels.meter import MeterViewModel
from ui.viewmodels.meters import MetersViewModel
from ui.viewmodels.practice_faults import PracticeFaultsViewModel
from ui.viewmodels.trace import TraceViewModel
from ui.widgets.scan_options import ScanOptionsButton
from ui.widgets.work_strip import WorkStrip
from ui.windows.configure_dialog import ConfigureDialog
from ui.windows.main_window import MainWindow

BUS_PAGE = "bus"


class BusParts(QObject):
    """Everything of the bus that is more than reading one meter.

    Args:
        tasks: holds what runs.
        window: gets the bus page, the buttons below the list and the progress above them.
        adapter: gives the master.
        meters: keeps readings and shows them in the list.
        meter: the one on screen.
        lines: the list.
        theme: the colours of now.
    """

    happened = Signal(object, object)
    failed = Signal(object)

    def __init__(
        self,
        *,
        tasks: TaskScope,
        window: MainWindow,
        adapter: Adapter,
        meters: MetersViewModel,
        meter: MeterViewModel,
        lines: MetersTableModel,
        theme: Theme,
    ) -> None:
        super().__init__()
        self._tasks, self._window, self._adapter = tasks, window, adapter
        self._meter, self._lines = meter, lines
        keep = meters.keep_reading
        self.scan = ScanJob(tasks, adapter, keep, self._addresses)
        self.read_all = ReadAllJob(tasks, adapter, keep, self._serials)
        self.trace = TraceViewModel(self._trace_of_now, time.monotonic, self)
        self.missed: Callable[[], SecondaryAddress | None] = lambda: None
        """The meter that could not be read, which a diagnosis looks for too."""
        self.diagnosis = DiagnoseJob(tasks, adapter, self._look_for, adapter.choose_line)
        self.rates = RatesJob(tasks, adapter)
        self.configure = ConfigureJob(tasks, adapter, keep, self._confirm)
        self.faults = PracticeFaultsViewModel(self)
        self.page = BusPage(
            trace=self.trace,
            diagnosis=self.diagnosis,
            rates=self.rates,
            configure=self.configure,
            faults=self.faults,
            facts=self.line_facts,
            theme=theme,
        )
        window.middle.add_page(BUS_PAGE, "Bus", self.page, needs_meter=False)
        self.read_button = window.left.add_action("read_all_button", "Read all")
        self.scan_button = window.left.add_action("scan_button", "Scan bus")
        self.options = ScanOptionsButton(self.scan, theme)
        window.left.add_beside_actions(self.options)
        self.strip = WorkStrip("work", (self.scan, self.read_all), theme)
        window.left.add_above_actions(self.strip)
        self._was_busy = False
        self._wire()
        self._say_possible()

    @property
    def works(self) -> tuple[Job, ...]:
        """All that Esc stops."""
        return (self.scan, self.read_all, self.diagnosis, self.rates, self.configure)

    def stop(self) -> None:
        """Stops whatever is under way."""
        for work in self.works:
            work.stop()

    def line_facts(self) -> tuple[Message, ...]:
        """What is known of adapter and line."""
        master, counts = self._adapter.master, self.trace.counts
        if master is None:
            return (Message("No adapter is open."),)
        memory = master.memory.adapter
        facts = [Message("{line}", {"line": str(master.settings)})]
        if memory.latency_s is not None:
            latency = round(memory.latency_s * 1000)
            facts.append(Message("adapter latency at most {latency} ms", {"latency": latency}))
        facts.append(Message("echo found and taken out") if memory.echoes else Message("no echo"))
        values = {"requests": counts.requests, "repeated": counts.repeated}
        facts.append(Message("{requests} requests, {repeated} repeated", values))
        values = {"answers": counts.answers, "spoilt": counts.spoilt}
        facts.append(Message("{answers} answers, {spoilt} spoilt", values))
        return tuple(facts)

    # Inside ----------------------------------------------------------------------------------------------

    def _wire(self) -> None:
        window = self._window
        self.scan_button.clicked.connect(self._on_scan)
        self.read_button.clicked.connect(self._on_read_all)
        window.stop_asked.connect(self.stop)
        for work in self.works:
            work.changed.whenever(self._say_possible)
            work.failed.subscribe(self.failed.emit)
        self.scan.changed.subscribe(self._tell_end)
        self.read_all.changed.subscribe(self._tell_end)
        for changed in (self._lines.rowsInserted, self._lines.rowsRemoved, self._lines.modelReset):
            changed.connect(self._say_possible)
        self._adapter.state_changed.whenever(self._on_adapter)
        self._meter.meter_opened.connect(self._on_meter)
        self.page.setting_asked.connect(self._on_setting)
        self.page.panel.export_asked.connect(self._on_export)
        self.page.panel.telegram_chosen.connect(lambda raw: window.text_pasted.emit(raw.hex(" ")))
        self.faults.changed.connect(self._on_faults)
        self._on_meter()

    def _look_for(self) -> SecondaryAddress | None:
        return self.missed()

    def _addresses(self) -> tuple[SecondaryAddress, ...]:
        return tuple(map(SecondaryAddress, self._serials()))

    def _serials(self) -> tuple[str, ...]:
        return tuple(line.serial for line in self._lines.rows)

    def _trace_of_now(self) -> Trace | None:
        master = self._adapter.master
        return None if master is None else master.trace

    def search(self, within: SecondaryAddress | None = None) -> None:
        """Looks for meters: for all, or for those that fit an address."""
        if not self.read_all.running:
            self.read_all.dismiss()
            hex_digits = self.scan.wish.hex_digits
            once = (
                None if within is None else ScanWish(hex_digits=hex_digits, known_first=False, within=within)
            )
            self.scan.start(once)

    def _on_scan(self) -> None:
        self.search()

    def _on_read_all(self) -> None:
        self.scan.dismiss()
        self.read_all.start()

    def _tell_end(self, work: Job) -> None:
        status = work.status
        if status is None or work.running:
            return
        lines = ", ".join(map(tr_message, status.lines))
        self.happened.emit(f"{tr_message(status.title)}, {lines}" if lines else tr_message(status.title), "")

    def _say_possible(self) -> None:
        busy = any(work.running for work in (self.scan, self.read_all))
        if busy and not self._was_busy:
            # What went wrong before is tried again now.
            self._window.banner.dismiss()
        self._was_busy = busy
        self.scan_button.setEnabled(not busy)
        self.options.setEnabled(not busy)
        self.read_button.setEnabled(not busy and bool(self._lines.rows))

    def _on_adapter(self) -> None:
        if self._adapter.state in (AdapterState.READY, AdapterState.NONE):
            self.trace.fetch()
        self.page.refresh_facts()

    def _on_meter(self) -> None:
        address = self._address
        self.page.set_meter(address.identification if address is not None else "")

    @property
    def _address(self) -> SecondaryAddress | None:
        telegram = self._meter.telegram
        if telegram is None or telegram.header is None:
            return None
        address = secondary_address(telegram.header)
        return address if address.has_number else None

    # Settings inside a meter -----------------------------------------------------------------------------

    def _on_setting(self, kind: SettingKind) -> None:
        address = self._address
        if address is None:
            return
        value = {
            SettingKind.PRIMARY_ADDRESS: self._present(SettingKind.PRIMARY_ADDRESS) or 1,
            SettingKind.BAUD_RATE: self._present(SettingKind.BAUD_RATE) or self._adapter.line.baud,
        }.get(kind, 0)
        self.configure.ask(MeterSetting(kind, address, value))

    def _present(self, kind: SettingKind) -> int | None:
        telegram, draft = self._meter.telegram, self._meter.draft
        if kind is SettingKind.PRIMARY_ADDRESS:
            return telegram.address if telegram is not None else None
        if kind is SettingKind.BAUD_RATE:
            return draft.baudrate if draft is not None else None
        return None

    async def _confirm(self, wish: MeterSetting) -> MeterSetting | None:
        dialog = ConfigureDialog(wish, self._present(wish.kind), self._window)
        try:
            return dialog.wish if await ask(dialog) else None
        finally:
            dialog.deleteLater()

    # The trace as a file ---------------------------------------------------------------------------------

    def _on_export(self) -> None:
        trace, line = self.trace.trace, self._adapter.line
        if trace is None:
            self.happened.emit(tr("nothing has gone over the line yet"), "")
            return
        dialog = QFileDialog(self._window, tr("Export the trace"))
        dialog.setObjectName("export_dialog")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(SUFFIX.removeprefix("."))
        dialog.setNameFilter(tr("Trace of an M-Bus line (*{suffix})", suffix=SUFFIX))
        dialog.selectFile(f"mbus{SUFFIX}")
        self._tasks.spawn(self._export(dialog, lambda: export_trace(trace.entries(), line)), "export trace")

    async def _export(self, dialog: QFileDialog, text: Callable[[], str]) -> None:
        try:
            if await ask(dialog):
                await self.export_to(Path(dialog.selectedFiles()[0]), text)
        finally:
            dialog.deleteLater()

    async def export_to(self, path: Path, text: Callable[[], str]) -> None:
        """Writes the trace; the text is made and written off the window's thread."""
        try:
            await asyncio.to_thread(lambda: path.write_text(text(), encoding="utf-8"))
        except OSError as error:
            self._window.banner.show_message(
                "bad",
                tr("The file {file} cannot be written.", file=path.name),
                next_step=tr("Choose another folder."),
                details=str(error),
            )
            return
        self.happened.emit(tr("trace written to {file}", file=path.name), "")

    # Practice --------------------------------------------------------------------------------------------

    def _on_faults(self) -> None:
        """A meter more or less is on the line of whoever connects anew."""
        if self.faults.available and self._adapter.state is AdapterState.READY and not self._busy:
            self._adapter.reopen()

    @property
    def _busy(self) -> bool:
        return any(work.state is JobState.RUNNING for work in self.works)
