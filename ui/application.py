"""The composition root of the window: the only place that builds and wires its parts."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from app.bus.discovery import list_serial_ports
from app.message import Message
from app.portal.credentials import (
    Account,
    GivenPassword,
    Passwords,
    PasswordVault,
    fixed_password,
)
from app.portal.system_keyring import SystemKeyring
from app.services.commissioning import load_vocabulary
from app.services.meter_keys import KeptKeys
from app.services.update import Release
from app.store.errors import StoreError
from ui.controllers.bus import BusController
from ui.controllers.dialogs import DialogController
from ui.controllers.focus import FocusController
from ui.controllers.keys import KeyController
from ui.controllers.meters import MeterController
from ui.controllers.next_steps import NextStepController
from ui.controllers.outcome import OutcomeController
from ui.controllers.portal import PortalController
from ui.controllers.updates import UpdateController
from ui.errors import ErrorPresenter
from ui.fonts import load_fonts, spread_font, words_font
from ui.i18n import tr, tr_message
from ui.models.meters import MetersTableModel
from ui.pages.verification_page import VerificationPage
from ui.paste import find_telegram
from ui.practice import Practice
from ui.session import Session
from ui.tasks import TaskScope
from ui.theme import ThemeKeeper
from ui.viewmodels.adapter import LINE_CHOICES, AdapterChoice, AdapterState, AdapterViewModel, MasterMaker
from ui.viewmodels.meter import MeterViewModel
from ui.viewmodels.portal import PortalViewModel
from ui.viewmodels.reading import ReadingViewModel, list_pasted, typed_serial
from ui.window_state import WindowState
from ui.windows.main_window import MainWindow

if TYPE_CHECKING:
    from app.practice.world import PracticeWorld
    from app.store.settings import Setting


@dataclass(frozen=True, slots=True)
class Options:
    """How the program was started.

    Attributes:
        data_folder: where everything is kept.
        practice: begin with practice mode.
        faults: in practice, the building with twenty planted faults.
        port: URL of the adapter to begin with; empty for that of last time.
    """

    data_folder: Path
    practice: bool = False
    faults: bool = False
    port: str = ""


def serial_choices() -> tuple[AdapterChoice, ...]:
    """The serial ports of now, as the adapter list shows them."""
    return tuple(AdapterChoice(port.url, port.name, port.key or "") for port in list_serial_ports())


class Application(QObject):
    """Everything of one run of the window.

    Args:
        app: Qt's application.
        options: how the program was started.
        list_ports: the serial ports; tests bring their own.
        vault: where passwords are kept; tests bring their own.
    """

    practice_started = Signal()
    closed = Signal()

    def __init__(
        self,
        app: QApplication,
        options: Options,
        *,
        list_ports: Callable[[], Sequence[AdapterChoice]] = serial_choices,
        vault: PasswordVault | None = None,
    ) -> None:
        super().__init__()
        self._options = options
        options.data_folder.mkdir(parents=True, exist_ok=True)
        self.state = WindowState(options.data_folder)
        load_fonts()
        app.setFont(words_font(app.font()))
        self.themes = ThemeKeeper(app, self.state.theme)
        spread_font(app)
        self.tasks = TaskScope(self)
        vocabulary = load_vocabulary()
        vault = vault or SystemKeyring()
        keys = KeptKeys(vault)
        self.adapter = AdapterViewModel(self.tasks, list_ports, MasterMaker(keys), self)
        self.reading = ReadingViewModel(self.tasks, self.adapter, parent=self)
        self.meter = MeterViewModel(vocabulary, parent=self)
        self.portal = PortalViewModel(self.tasks, parent=self)
        self.lines = MetersTableModel(self)
        self.window = MainWindow(
            adapter=self.adapter,
            reading=self.reading,
            meter=self.meter,
            portal=self.portal,
            meters=self.lines,
            themes=self.themes,
        )
        self.verification = VerificationPage(self.themes.theme)
        self.errors = ErrorPresenter(self.window.banner, self)
        self.session = Session(
            options.data_folder, Passwords(self._give_password, vault, notify=self._say_of_password)
        )
        self.meters = MeterController(
            session=self.session,
            tasks=self.tasks,
            adapter=self.adapter,
            reading=self.reading,
            meter=self.meter,
            portal=self.portal,
            lines=self.lines,
            local_now=datetime.now,
            keys=keys,
        )
        self.keys = KeyController(
            tasks=self.tasks,
            window=self.window,
            meter=self.meter,
            keys=keys,
            show_again=self.meters.open_known,
        )
        self.desk = PortalController(
            session=self.session,
            tasks=self.tasks,
            meter=self.meter,
            portal=self.portal,
            window=lambda: self.window,
        )
        self.updates = UpdateController(self.session, self.tasks)
        self.dialogs = DialogController(
            session=self.session,
            tasks=self.tasks,
            window=self.window,
            meter=self.meter,
            portal=self.portal,
            themes=self.themes,
            state=self.state,
        )
        self.outcome = OutcomeController(
            window=self.window,
            page=self.verification,
            desk=self.desk,
            dialogs=self.dialogs,
            meter=self.meter,
            reading=self.reading,
            portal=self.portal,
        )
        self._practice: Practice | None = None
        self._practice_begun = False
        self.bus = BusController(
            tasks=self.tasks,
            window=self.window,
            adapter=self.adapter,
            meters=self.meters,
            meter=self.meter,
            lines=self.lines,
            theme=self.themes.theme,
        )
        self.focus = FocusController(self.window, self.reading, self.portal, self.bus.works)
        self.next_steps = NextStepController(
            window=self.window, reading=self.reading, meters=self.meters, bus=self.bus
        )
        self._close_asked = asyncio.Event()
        self._wire()
        app.applicationStateChanged.connect(self.desk.come_back)

    # Running ---------------------------------------------------------------------------------------------

    def show(self) -> None:
        """Shows the window; nothing else has happened by then."""
        self.state.restore(self.window, self.window.splitters)
        self.window.fit_screen()
        self.window.show()
        self.focus.watch_scanner()

    async def run(self) -> None:
        """From the first paint to the close of the window; cleans up while the loop lives."""
        try:
            await self._start_calmly()
            await self._close_asked.wait()
        finally:
            await self.close()

    async def start(self) -> None:
        """Opens the data file, looks for ports, and begins practice where asked to."""
        if self._options.practice:
            await self.start_practice()
        else:
            await self._open_session()
            self.adapter.watch()
            self._choose_first_adapter()
            self.updates.look()
        self.window.say("", tr("next: type the serial number and press Return"))

    async def _start_calmly(self) -> None:
        try:
            await self.start()
        except Exception as error:  # noqa: BLE001 - a window that says what is wrong beats none
            self.errors.show(error)

    async def close(self) -> None:
        """Keeps what is to be kept, ends every task, gives the port back."""
        self.state.keep(self.window, self.window.splitters)
        self.reading.stop()
        try:
            await self.meters.flush()
        finally:
            await self.tasks.close()
            await self.adapter.close()
            await self.session.close()
            if self._practice is not None:
                await self._practice.stop()
            self.window.close_for_good()
            self.closed.emit()

    # Practice --------------------------------------------------------------------------------------------

    @property
    def world(self) -> "PracticeWorld | None":
        """The practice building; None outside of practice mode."""
        return self._practice.world if self._practice is not None else None

    async def start_practice(self) -> None:
        """Simulated meters, bus and portal in this very program, with a data folder of their own."""
        if self._practice_begun:
            return
        self._practice_begun = True
        self.window.say(tr("practice mode starts …"), "")
        try:
            self._practice = practice = await Practice.start(faulty=self._options.faults)
        except BaseException:
            self._practice_begun = False
            raise
        await self.meters.flush()
        await self.desk.stop()
        await self.session.close()
        self.meter.close()
        addresses = practice.world.addresses
        self._use_session(Session(practice.folder, fixed_password(addresses.password)))
        self.portal.practice = True
        self.portal.sign_out()
        self.adapter.add_choice(AdapterChoice(addresses.bus, tr("Practice bus (simulated meters)")))
        self.adapter.choose(addresses.bus)
        self.dialogs.portal_page = addresses.portal_page
        self.bus.faults.use(practice.fault_board())
        self.window.show_practice()
        # What was wrong without an adapter is over, and so is the start.
        self.window.banner.dismiss()
        self.window.say("", tr("next: type the serial number and press Return"))
        if await self._open_session():
            await self.desk.use_account(Account(addresses.portal, addresses.username))
        self.window.await_serial()
        self.practice_started.emit()

    # Wiring ----------------------------------------------------------------------------------------------

    async def _open_session(self) -> bool:
        try:
            await self.session.open()
        except StoreError as error:
            self.errors.show(error)
            return False
        if self.session.store.notice is not None:
            self.window.banner.show_message("look", tr_message(self.session.store.notice))
        self.dialogs.load()
        await self.desk.start()
        self.meters.load()
        return True

    def _use_session(self, session: Session) -> None:
        self.session = session
        for controller in (self.meters, self.desk, self.dialogs, self.updates):
            controller.session = session

    def _choose_first_adapter(self) -> None:
        settings = self.session.settings
        baud = settings.get("baud")
        line = next((each for each in LINE_CHOICES if each.baud == baud), None)
        if line is not None:
            self.adapter.choose_line(line)
        last_url = str(settings.get("adapter_url", ""))
        if self._options.port:
            self.adapter.choose(self._options.port)
        elif "://" in last_url:
            self.adapter.choose(last_url)
        else:
            self.adapter.expect(str(settings.get("adapter_key", "")))

    def _on_adapter(self) -> None:
        """Remembers the adapter that works, for the next start."""
        chosen = self.adapter.chosen
        if self.adapter.state is AdapterState.READY:
            self.errors.take_back("port_")
        if self.adapter.state is AdapterState.READY and chosen is not None and self.session.is_open:
            values: dict[str, Setting] = {
                "adapter_url": chosen.url,
                "adapter_key": chosen.key,
                "baud": self.adapter.line.baud,
            }
            self.tasks.spawn(self.session.keep(values), "keep adapter")

    async def _give_password(self, account: Account, refused: bool) -> GivenPassword | None:  # noqa: FBT001
        return await self.desk.give_password(account, refused)

    def _say_of_password(self, message: Message) -> None:
        self.window.banner.show_message("look", tr_message(message))

    def _wire(self) -> None:
        window, desk, errors = self.window, self.desk, self.errors

        errors.advise_with(self.next_steps.advise)

        def begin_practice() -> None:
            self.tasks.spawn(self.start_practice(), "practice")

        for source in (self.adapter.open_failed, self.portal.asking_failed, self.tasks.task_failed):
            source.connect(errors.show)
        for controller in (self.meters, desk, self.dialogs, self.bus):
            controller.failed.connect(errors.show)
        for happened in (self.meters.happened, desk.happened, self.bus.happened):
            happened.connect(window.say)
        self.adapter.state_changed.connect(self._on_adapter)
        self.reading.reading_started.connect(lambda _serial: window.banner.dismiss())
        self.meters.meter_shown.connect(self._on_meter_shown)
        window.left.meter_opened.connect(self.meters.open_known)
        window.middle.empty.practice_asked.connect(begin_practice)
        window.practice_strip.page_asked.connect(self.dialogs.open_portal)
        focus = self.focus
        window.right.upload_asked.connect(lambda: focus.during(desk.upload, lambda: desk.uploading))
        window.right.verify_asked.connect(lambda: focus.during(desk.verify, lambda: desk.verifying))
        desk.outcome_changed.connect(focus.settle)
        window.text_pasted.connect(self._on_pasted)
        window.close_asked.connect(self._close_asked.set)
        window.top.sign_in_asked.connect(desk.ask_to_sign_in)
        window.top.settings_asked.connect(self.dialogs.show_settings)
        window.top.help_asked.connect(self.dialogs.show_help)
        self.dialogs.settings_kept.connect(self.updates.look)
        self.updates.newer_found.connect(self._on_newer)
        self.updates.not_known.connect(lambda message: window.say(tr_message(message)))
        errors.offer(frozenset({"newer_version"}), lambda: tr("Open its page"), self._open_newer)
        self.meter.meter_opened.connect(self._on_meter_opened)
        errors.offer(frozenset({"try_now"}), lambda: tr("Try now"), desk.try_now)
        errors.offer(
            frozenset({"not_signed_in", "portal_needs_login", "portal_refused_login"}),
            lambda: tr("Sign in"),
            desk.ask_to_sign_in,
        )
        errors.offer(frozenset({"encrypted_reading"}), lambda: tr("Enter key"), self.keys.ask)
        self.keys.happened.connect(window.say)
        self.keys.opened.connect(window.banner.dismiss)
        errors.offer(frozenset({"port_closed"}), lambda: tr("Start practice mode"), begin_practice)

    def _on_meter_shown(self, serial: str) -> None:
        self.window.left.select_serial(serial)
        self.window.show_title(serial)

    def _on_meter_opened(self) -> None:
        self.window.left.show_serial(self.meter.draft.serial if self.meter.draft is not None else "")

    def _on_newer(self, release: Release) -> None:
        self.window.banner.show_message(
            "info",
            tr("Version {version} of this program is there.", version=release.version),
            release.notes,
            actions=(("newer_version", tr("Open its page")),) if release.page else (),
        )

    def _open_newer(self) -> None:
        if self.updates.release is not None:
            self.dialogs.open_page(self.updates.release.page)

    def _on_pasted(self, text: str) -> None:
        raw = find_telegram(text)
        if raw is None and typed_serial(text).valid:
            self.window.left.take_serial(text.strip())
        elif raw is None and (told := list_pasted(text)) is not None:
            self.window.banner.show_message("look", tr_message(told), tr("The clipboard still has it."))
        elif raw is None or not self.meters.open_pasted(raw):
            self.window.banner.show_message(
                "look",
                tr("There is no telegram in what was pasted."),
                tr("A telegram begins with 68 and ends with 16; blanks and words around it do not matter."),
            )
