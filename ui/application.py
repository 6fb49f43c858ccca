"""The composition root of the window: the only place that builds and wires its parts."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from app.bus.discovery import list_serial_ports
from app.domain.commissioned import Rules
from app.message import Message
from app.portal.credentials import (
    Account,
    GivenPassword,
    Passwords,
    PasswordVault,
    fixed_password,
)
from app.portal.system_keyring import SystemKeyring
from app.services.adapter import Adapter, AdapterChoice, MasterMaker
from app.services.commissioning import load_vocabulary
from app.services.jobs.read import ReadJob
from app.services.meter_keys import KeptKeys
from app.services.tasks import TaskScope
from app.services.workspace import Surroundings, Workspace
from app.store.errors import StoreError, StoreInUse
from ui.connections import connect
from ui.controllers.portal import PortalController
from ui.errors import ErrorPresenter
from ui.fonts import load_fonts, spread_font, words_font
from ui.i18n import tr, tr_message
from ui.language import LanguageSwitch, system_language
from ui.models.meters import MetersTableModel
from ui.pages.verification_page import VerificationPage
from ui.practice import Practice
from ui.second_start import raise_first_window
from ui.theme import ThemeKeeper
from ui.viewmodels.meter import MeterViewModel
from ui.viewmodels.meters import MetersViewModel
from ui.viewmodels.portal import PortalViewModel
from ui.viewmodels.sites import SitesViewModel
from ui.viewmodels.updates import UpdateController
from ui.window_state import WindowState
from ui.windows.bus_parts import BusParts
from ui.windows.dialogs import DialogController
from ui.windows.focus import FocusController
from ui.windows.keys import KeyController
from ui.windows.main_window import MainWindow
from ui.windows.next_steps import NextStepController
from ui.windows.outcome import OutcomePanel
from ui.windows.site_questions import SiteQuestions

if TYPE_CHECKING:
    from app.practice.world import PracticeWorld


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
        self.state = WindowState(options.data_folder)
        self.languages = LanguageSwitch()
        self.languages.set_language(self.state.language or system_language())
        load_fonts()
        self.qt = app
        app.setFont(words_font(app.font()))
        self.themes = ThemeKeeper(app, self.state.theme)
        spread_font(app)
        self.tasks = TaskScope()
        vocabulary = load_vocabulary()
        vault = vault or SystemKeyring()
        keys = KeptKeys(vault)
        self.adapter = Adapter(self.tasks, list_ports, MasterMaker(keys))
        self.reading = ReadJob(self.tasks, self.adapter)
        self._around = Surroundings.build(self.adapter, self.tasks, Rules(vocabulary), keys)
        self.site, self.doorbell = self._around.site, self._around.doorbell
        self.meter = MeterViewModel(self.site, parent=self)
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
        self.workspace = Workspace(
            options.data_folder,
            self._around,
            Passwords(self._give_password, vault, notify=self._say_of_password),
            key_vault=vault,
        )
        self.meters = MetersViewModel(
            self.site,
            tasks=self.tasks,
            reading=self.reading,
            meter=self.meter,
            lines=self.lines,
            port=lambda: self.adapter.url,
        )
        self.sites = SitesViewModel(
            self.workspace, self.tasks, self.site, self.portal, lambda: self.meter.meter_id
        )
        self.keys = KeyController(
            tasks=self.tasks,
            window=self.window,
            meter=self.meter,
            keys=keys,
            show_again=self.meters.open_known,
        )
        self.desk = PortalController(
            workspace=self.workspace,
            tasks=self.tasks,
            site=self.site,
            meter=self.meter,
            portal=self.portal,
            window=lambda: self.window,
        )
        self.updates = UpdateController(self.workspace, self.tasks)
        self.dialogs = DialogController(
            workspace=self.workspace,
            tasks=self.tasks,
            window=self.window,
            meter=self.meter,
            portal=self.portal,
            themes=self.themes,
            state=self.state,
            languages=self.languages,
        )
        self.questions = SiteQuestions(
            window=self.window,
            banner=self.window.banner,
            errors=self.errors,
            tasks=self.tasks,
            site=self.site,
            sites=self.sites,
            meters=self.meters,
        )
        self.outcome = OutcomePanel(
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
        self._opening = False
        self.bus = BusParts(
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
        connect(self)

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
            await self._open_workspace()
            self.adapter.watch()
            self.workspace.choose_adapter(self._options.port)
            self.updates.look()
        self.window.say("")

    def ask_to_close(self) -> None:
        """Ends :meth:`run`."""
        self._close_asked.set()

    def begin_practice(self) -> None:
        """Starts practice mode."""
        self.tasks.spawn(self.start_practice(), "practice")

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
            await self.workspace.close()
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
        await self.workspace.close()
        self.meter.close()
        addresses = practice.world.addresses
        self._use(Workspace(practice.folder, self._around, fixed_password(addresses.password)))
        self.portal.practice = True
        self.portal.sign_out()
        self.adapter.add_choice(AdapterChoice(addresses.bus, tr("Practice bus (simulated meters)")))
        self.adapter.choose(addresses.bus)
        self.dialogs.portal_page = addresses.portal_page
        self.bus.faults.use(practice.fault_board())
        self.window.show_practice()
        # What was wrong without an adapter is over, and so is the start.
        self.window.banner.dismiss()
        self.window.say("")
        if await self._open_workspace():
            # Its second site is there to be chosen by hand.
            account = Account(addresses.portal, addresses.username)
            await self.desk.use_account(account, addresses.site_id)
        self.window.await_serial()
        self.practice_started.emit()

    # One folder and its settings -------------------------------------------------------------------------

    def open_workspace_again(self) -> None:
        """The person mended the folder, or closed the other window."""
        if not self._opening and not self.workspace.is_open:
            self._opening = True
            self.tasks.spawn(self._open_workspace(), "open folder", self._on_opened)

    def _on_opened(self, _task: object) -> None:
        self._opening = False

    async def _open_workspace(self) -> bool:
        """Opens the folder in use; where it cannot be used the window says so for as long as that lasts."""
        try:
            await self.workspace.open()
        except StoreInUse:
            # Two starts at once, or the other was opened meanwhile; what was read here is not thrown away.
            if not len(self.site) and await asyncio.to_thread(raise_first_window, self.workspace.folder):
                self.ask_to_close()
            return False
        except StoreError:
            return False
        finally:
            self.window.unsaved_strip.show_reason(self.workspace.problem)
        if self.workspace.store.notices:
            told = "\n".join(tr_message(notice) for notice in self.workspace.store.notices)
            self.window.banner.show_message("look", told)
        self.dialogs.load()
        await self.sites.start()
        await self.desk.start()
        return True

    def _use(self, workspace: Workspace) -> None:
        self.workspace = workspace
        for part in (self.sites, self.desk, self.dialogs, self.updates):
            part.workspace = workspace

    async def _give_password(self, account: Account, refused: bool) -> GivenPassword | None:  # noqa: FBT001
        return await self.desk.give_password(account, refused)

    def _say_of_password(self, message: Message) -> None:
        self.window.banner.show_message("look", tr_message(message))
