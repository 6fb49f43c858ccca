"""Readings and drafts between the bus, the screen and the store: nothing that was read or typed is lost."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.bus.readout import Readout
from app.domain.answer import may_be_reading, unusable_answer
from app.domain.delivery_state import DeliveryState
from app.domain.draft import MeterDraft
from app.domain.meter import SerialNumber
from app.mbus.addresses import SecondaryAddress
from app.mbus.response import decode
from app.mbus.security import NO_KEYS, KeySource
from app.services.meter_keys import encrypted_error, is_encrypted
from app.store.by_serial import ReadingBySerial
from app.store.errors import StoreError
from ui.i18n import tr
from ui.models.meters import MeterLine, MetersTableModel, MeterState
from ui.session import Session
from ui.tasks import TaskScope
from ui.viewmodels.adapter import AdapterViewModel
from ui.viewmodels.meter import MeterViewModel
from ui.viewmodels.portal import UPLOAD_STATES, VERIFICATION_STATES, PortalViewModel
from ui.viewmodels.reading import ReadingViewModel
from ui.words import meter_facts

if TYPE_CHECKING:
    from app.domain.payload import MeterEntry


PASTED = "pasted"
"""Stands for the port of a reading that came through the clipboard."""

_DEFAULT_BAUD = 2400


class MeterController(QObject):
    """Opens what was read, saves what is decided, and keeps the list of meters right.

    Args:
        session: the data folder in use; changes when practice begins.
        tasks: holds what runs.
        local_now: local time, for the check of the meter's clock.
        keys: of encrypted meters.
    """

    happened = Signal(str, str)
    """For the status line: what happened and what to do next."""
    failed = Signal(object)
    meter_shown = Signal(str)
    """Serial number of the meter on screen."""

    def __init__(
        self,
        *,
        session: Session,
        tasks: TaskScope,
        adapter: AdapterViewModel,
        reading: ReadingViewModel,
        meter: MeterViewModel,
        portal: PortalViewModel,
        lines: MetersTableModel,
        local_now: Callable[[], datetime],
        keys: KeySource = NO_KEYS,
    ) -> None:
        super().__init__()
        self.session = session
        self._tasks, self._adapter, self._reading = tasks, adapter, reading
        self._meter, self._portal, self._lines = meter, portal, lines
        self._local_now = local_now
        self._keys = keys
        self._unsaved: dict[tuple[str, str], MeterDraft] = {}
        self._saving: asyncio.Task[None] | None = None
        self._site = ""
        self._label_typed: set[str] = set()
        self._wanted = ""
        self._known: dict[str, tuple[str, bool]] = {}
        self._facts: dict[str, str] = {}
        self._entries: dict[str, MeterEntry] = {}
        self.shown_instead: datetime | None = None
        """When the reading was taken that is shown for a meter that could not be read; None without one."""
        reading.reading_started.connect(self._on_started)
        reading.meter_read.connect(self._on_read)
        reading.reading_failed.connect(self._on_failed)
        reading.reading_stopped.connect(self._on_stopped)
        meter.draft_changed.connect(self._on_draft)
        portal.site_chosen.connect(self._on_site)
        for changed in (portal.meters_listed, portal.uploads_changed, meter.meter_opened):
            changed.connect(self._look_for_namesakes)
        portal.uploads_changed.connect(self._show_lines)

    # Showing ---------------------------------------------------------------------------------------------

    def open_known(self, serial: str) -> None:
        """Shows a meter of the list as it was read last; reads nothing."""
        self._wanted = serial
        self._tasks.spawn(self._open_known(serial), "open meter")

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
        reading = ReadingBySerial(
            self._portal.site_id, serial, datetime.now(UTC), PASTED, _DEFAULT_BAUD, 0.0, 0.0, raw
        )
        self._tasks.spawn(self._take(reading), "open pasted")
        self._say(tr("opened the pasted telegram"), tr("next: tick the registers, then upload"))
        return True

    def load(self) -> None:
        """Reads the site's list from the store."""
        self._tasks.spawn(self._load(), "load meters")

    async def keep_reading(self, readout: Readout) -> None:
        """Keeps what a scan or a reading of all brought and shows its meter in the list; opens nothing.

        Raises:
            StoreError: it could not be written.
        """
        header = readout.telegram.header
        address = readout.address
        serial = header.identification if header is not None else ""
        if not serial and isinstance(address, SecondaryAddress):
            serial = address.identification
        if serial and self.session.is_open:
            await self._save_reading(self._reading_of(serial, readout))

    async def flush(self) -> None:
        """Waits until all that was decided is on disk."""
        if self._saving is not None:
            await self._saving
        await self._save_drafts()

    # Reading ---------------------------------------------------------------------------------------------

    def _on_started(self, serial: str) -> None:
        self._say(tr("reading {serial} …", serial=serial), tr("Esc stops"))

    def _on_stopped(self, serial: str) -> None:
        self._tasks.spawn(self._show_instead(serial), "show last reading")
        self._say(tr("stopped reading {s}", s=serial), "")

    async def _show_instead(self, serial: str) -> datetime | None:
        """Shows what was read last of a meter that was not read now, and says when that was.

        Another number was asked for: the meter of before must not pass for it, nor be uploaded as it. A meter
        that is known is never replaced by the empty page.
        """
        draft = self._meter.draft
        if draft is not None and draft.serial == serial:
            return None
        self._wanted = serial
        reading = await self._last_reading(serial)
        if self._reading.busy or self._wanted != serial:
            # Something else was asked for meanwhile.
            return None
        if reading is None:
            self._close_meter()
            return None
        at = reading.taken_at.astimezone()
        return at if await self._show(reading, at) else None

    async def _last_reading(self, serial: str) -> ReadingBySerial | None:
        """The last one that says something; None where there is none, or where nothing can be looked up."""
        if not self.session.is_open:
            return None
        try:
            reading = await self.session.store.by_serial.latest_reading(self._portal.site_id, serial)
        except StoreError as error:
            self.failed.emit(error)
            return None
        if reading is None or unusable_answer(decode(reading.raw)) is not None:
            return None
        return reading

    def _close_meter(self) -> None:
        self._meter.close()
        self.meter_shown.emit("")

    def _on_read(self, serial: SerialNumber, readout: Readout) -> None:
        if self._reading.typed:
            self._label_typed.add(serial.digits)
        self._say(
            tr(
                "read {serial} in {elapsed} s (wire minimum {minimum} s)",
                serial=serial.digits,
                elapsed=f"{readout.elapsed_s:.2f}",
                minimum=f"{readout.wire_minimum_s:.2f}",
            ),
            tr("next: tick the registers, then upload"),
        )
        self._tasks.spawn(self._take(self._reading_of(serial.digits, readout)), "take reading")

    def _reading_of(self, serial: str, readout: Readout) -> ReadingBySerial:
        return ReadingBySerial(
            site_id=self._portal.site_id,
            serial=serial,
            taken_at=datetime.now(UTC),
            port=self._adapter.url,
            baud=readout.baud,
            elapsed_s=readout.elapsed_s,
            wire_minimum_s=readout.wire_minimum_s,
            raw=readout.raw,
        )

    def _on_failed(self, serial: str, error: BaseException) -> None:
        self._say(tr("{serial} was not read", serial=serial), tr("next: see the message above"))
        self._tasks.spawn(self._tell_failure(serial, error), "tell failure")

    async def _tell_failure(self, serial: str, error: BaseException) -> None:
        self.shown_instead = await self._show_instead(serial)
        if self._reading.failure is None or self._reading.failure[1] is error:
            self.failed.emit(error)

    async def _take(self, reading: ReadingBySerial) -> None:
        self._wanted = reading.serial
        shown = await self._show(reading)
        if self.session.is_open and reading.serial:
            await self._save_reading(reading)
        if shown:
            self.meter_shown.emit(reading.serial)

    async def _save_reading(self, reading: ReadingBySerial) -> None:
        if unusable_answer(decode(reading.raw)) is not None and await self._last_reading(reading.serial):
            # What the meter said when it last said something is worth more.
            return
        await self.session.store.by_serial.save_reading(reading)
        if not reading.site_id:
            # The site may have become known while it was written.
            await self.session.store.by_serial.adopt(self._portal.site_id)
        await self._load()

    async def _open_known(self, serial: str) -> None:
        if not self.session.is_open:
            return
        reading = await self.session.store.by_serial.latest_reading(self._portal.site_id, serial)
        if self._wanted != serial:
            # The next line was chosen meanwhile.
            return
        unusable = None if reading is None else unusable_answer(decode(reading.raw), serial)
        if unusable is not None:
            # The scan found it, and it has given no reading yet.
            self._close_meter()
            self.meter_shown.emit(serial)
            self._say(tr("{serial} gave no reading yet", serial=serial), tr("F5 reads it again"))
            self.failed.emit(unusable)
            return
        if reading is None:
            self._close_meter()
            self.meter_shown.emit(serial)
            self._say(tr("{serial} was not read yet", serial=serial), tr("next: press Return to read it"))
            return
        if await self._show(reading, reading.taken_at.astimezone()):
            self._say(
                tr("{serial} as read on {at}", serial=serial, at=reading.taken_at.astimezone()),
                tr("F5 reads it again"),
            )

    async def _show(self, reading: ReadingBySerial, at: datetime | None = None) -> bool:
        """Opens a reading with its draft, unless another site was chosen meanwhile."""
        telegram = decode(reading.raw)
        if is_encrypted(telegram):
            # The keyring may ask the person first.
            telegram = await asyncio.to_thread(decode, reading.raw, self._keys)
        site, serial, draft = reading.site_id, reading.serial, None
        while self.session.is_open and serial:
            draft = self._unsaved.get((site, serial)) or await self.session.store.by_serial.draft(
                site, serial
            )
            if site or site == self._portal.site_id:
                break
            # A reading from before a site was known goes with the site, as all of its kind do.
            site = self._portal.site_id
        if site != self._portal.site_id:
            return False
        self._site = site
        self._meter.open_reading(
            telegram,
            at or self._local_now(),
            draft=draft,
            serial=serial or None,
            baudrate=reading.baud or None,
            label_typed=serial in self._label_typed,
        )
        self.meter_shown.emit(serial)
        if is_encrypted(telegram):
            self.failed.emit(encrypted_error(telegram))
        return True

    def _look_for_namesakes(self) -> None:
        entry = self._meter.entry
        if entry is not None:
            self._meter.set_namesakes(self._portal.namesakes(entry.secondary_ad))

    # Saving ----------------------------------------------------------------------------------------------

    def _on_draft(self, draft: MeterDraft) -> None:
        """Every change goes to disk; while one write runs, the changes of a meter become one."""
        self._unsaved[self._portal.site_id, draft.serial] = draft
        if self._saving is None and self.session.is_open:
            self._saving = self._tasks.spawn(self._save_drafts(), "save draft", self._on_saved)
        self._show_lines()

    async def _save_drafts(self) -> None:
        while self._unsaved and self.session.is_open:
            (site, serial), draft = next(iter(self._unsaved.items()))
            await self.session.store.by_serial.save_draft(site, draft, datetime.now(UTC))
            if self._unsaved.get((site, serial)) == draft:
                del self._unsaved[site, serial]

    def _on_saved(self, _task: "asyncio.Task[None]") -> None:
        self._saving = None

    # The list --------------------------------------------------------------------------------------------

    def _on_site(self, site_id: str) -> None:
        if self._site and self._meter.telegram is not None:
            # It hangs on a gateway of the site before; there its draft is kept.
            self._close_meter()
        self._site = site_id
        self._entries.clear()
        self._tasks.spawn(self._change_site(site_id), "change site")

    async def _change_site(self, site_id: str) -> None:
        """What was read before a site was known moves to the site."""
        if self.session.is_open:
            await self.flush()
            await self.session.store.by_serial.adopt(site_id)
        await self._load()

    async def _load(self) -> None:
        if not self.session.is_open:
            return
        known = await self.session.store.by_serial.known(self._portal.site_id)
        self._known = {
            each.serial: (
                each.draft.place or each.draft.name if each.draft else "",
                each.read_at is not None and may_be_reading(each.head),
            )
            for each in known
        }
        self._facts = {each.serial: meter_facts(each.head, self._meter.vocabulary.models) for each in known}
        self._show_lines()

    def _show_lines(self) -> None:
        draft = self._meter.draft
        if draft is not None and draft.serial in self._known:
            self._known[draft.serial] = (draft.place or draft.name, True)
        if draft is not None and (entry := self._meter.entry) is not None:
            self._entries[draft.serial] = entry
        self._lines.set_rows([self._line(serial, *self._known[serial]) for serial in sorted(self._known)])
        if draft is not None:
            self.meter_shown.emit(draft.serial)

    def _line(self, serial: str, label: str, was_read: bool) -> MeterLine:  # noqa: FBT001 - one row's fields
        state = MeterState.READ if was_read else MeterState.KNOWN
        upload = self._portal.upload_of(SecondaryAddress(serial).text)
        if upload is not None:
            state = UPLOAD_STATES[upload.state]
            verified = self._portal.verification_of(upload.key)
            if verified is not None and state is MeterState.UPLOADED:
                state = VERIFICATION_STATES[verified]
            if upload.state is DeliveryState.SENT and self._entries.get(serial, upload.entry) != upload.entry:
                # Changed here since: what the portal has is no longer what stands here.
                state = MeterState.LOOK
        return MeterLine(serial, label, state, self._facts.get(serial, ""))

    def _say(self, what: str, next_step: str) -> None:
        self.happened.emit(what, next_step)
