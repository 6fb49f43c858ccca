"""What is asked about buildings and their meters: where they belong, which was read, what to take back."""

from collections.abc import Coroutine, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.domain.building import NO_SITE
from app.message import Message
from app.services.site import Site
from app.services.site_meters import SiteMeter
from app.services.site_readings import Taken
from app.services.tasks import TaskScope
from app.store.errors import StoreError
from ui.dialogs import ask
from ui.errors import ErrorPresenter
from ui.i18n import tr, tr_message
from ui.viewmodels.meters import MetersViewModel
from ui.viewmodels.sites import SitesViewModel
from ui.widgets.banner import Banner
from ui.windows.building_dialogs import (
    NEW_BUILDING,
    BuildingDialog,
    ChooseBuildingDialog,
    WhichMeterDialog,
)

if TYPE_CHECKING:
    from ui.models.meters import MeterLine

HERE, ELSEWHERE, UNDO = "tray_here", "tray_elsewhere", "site_undo"


class SiteQuestions(QObject):
    """Asks, and does what was answered.

    Args:
        window: below the dialogs.
        banner: where a question stands that need not be answered at once.
        errors: does what the banner's buttons say.
        tasks: holds what runs.
        site: the service.
        sites: the buildings.
        meters: the list.
    """

    happened = Signal(object, object)
    failed = Signal(object)

    def __init__(
        self,
        *,
        window: QWidget,
        banner: Banner,
        errors: ErrorPresenter,
        tasks: TaskScope,
        site: Site,
        sites: SitesViewModel,
        meters: MetersViewModel,
    ) -> None:
        super().__init__()
        self._window, self._banner, self._tasks = window, banner, tasks
        self._site, self._sites, self._meters = site, sites, meters
        site.which = self._which
        sites.tray_found.connect(self._on_tray)
        sites.taken_in.connect(self._on_taken_in)
        errors.offer(frozenset({HERE}), lambda: tr("This building"), self._take_here)
        errors.offer(frozenset({ELSEWHERE}), lambda: tr("Choose …"), self._take_elsewhere)
        errors.offer(frozenset({UNDO}), lambda: tr("Undo"), self.undo)

    # Wishes ----------------------------------------------------------------------------------------------

    def remove(self, meter_ids: Sequence[str]) -> None:
        """Takes meters off the list; one click takes that back."""
        if meter_ids:
            self._do(self._remove(tuple(meter_ids)), "remove meters")

    def move(self, meter_ids: Sequence[str]) -> None:
        """Asks for a building and moves meters there."""
        if meter_ids:
            self._do(self._move(tuple(meter_ids)), "move meters")

    def new_building(self) -> None:
        """Asks for name and address, and opens the building."""
        self._do(self._new_and_open(), "new building")

    def open_building(self) -> None:
        """Asks which building, and opens it."""
        self._do(self._choose_and_open(), "choose building")

    def undo(self) -> None:
        """Takes the last step back."""
        words = self._site.history.undo_words
        if words is not None:
            self._do(self._undo(words), "undo")

    def redo(self) -> None:
        """Does again what was taken back last."""
        words = self._site.history.redo_words
        if words is not None:
            self._do(self._redo(words), "redo")

    # Meters without a building -----------------------------------------------------------------------------

    def _on_tray(self, count: int) -> None:
        open_here = self._site.site_id != NO_SITE
        actions = [(HERE, tr("This building"))] if open_here else []
        self._banner.show_message(
            "look",
            tr_message(
                Message(
                    "One meter was read without a site: which building is it of?",
                    plural="{count} meters were read without a site: which building are they of?",
                    count=count,
                )
            ),
            tr("They are kept until you say so."),
            actions=(*actions, (ELSEWHERE, tr("Another building …") if open_here else tr("Choose …"))),
        )

    def _on_taken_in(self, count: int, building: str) -> None:
        self._banner.show_message(
            "info",
            tr_message(
                Message(
                    "One meter that was read without a site is now in {building}.",
                    {"building": building},
                    plural="{count} meters that were read without a site are now in {building}.",
                    count=count,
                )
            ),
            actions=((UNDO, tr("Undo")),),
        )

    def _take_here(self) -> None:
        self._do(self._place_tray(self._site.site_id), "place tray")

    def _take_elsewhere(self) -> None:
        self._do(self._choose_for_tray(), "place tray")

    async def _choose_for_tray(self) -> None:
        site_id = await self._choose(tr("Which building are the meters of that were read without one?"))
        if site_id is not None:
            await self._place_tray(site_id)

    async def _place_tray(self, site_id: str) -> None:
        count = await self._sites.place_tray(site_id)
        self._banner.dismiss()
        if site_id != self._site.site_id:
            self._sites.open(site_id)
        self.happened.emit(
            tr_message(Message("one meter moved", plural="{count} meters moved", count=count)),
            tr("Ctrl+Z takes it back"),
        )

    # Inside ----------------------------------------------------------------------------------------------

    def _do(self, act: Coroutine[object, object, None], name: str) -> None:
        self._tasks.spawn(self._told(act), name)

    async def _told(self, act: Coroutine[object, object, None]) -> None:
        try:
            await act
        except StoreError as error:
            self.failed.emit(error)

    async def _remove(self, meter_ids: tuple[str, ...]) -> None:
        await self._site.remove(meter_ids)
        self._offer_undo()

    async def _move(self, meter_ids: tuple[str, ...]) -> None:
        site_id = await self._choose(tr("To which building?"))
        if site_id is not None:
            await self._site.move(meter_ids, site_id)
            self._offer_undo()

    async def _undo(self, words: Message) -> None:
        self._banner.dismiss()
        await self._site.undo()
        self.happened.emit(tr("taken back: {what}", what=words), "")

    async def _redo(self, words: Message) -> None:
        await self._site.redo()
        self.happened.emit(tr("done again: {what}", what=words), "")

    def _offer_undo(self) -> None:
        words = self._site.history.undo_words
        if words is not None:
            self.happened.emit(tr_message(words), tr("Ctrl+Z takes it back"))

    async def _new_and_open(self) -> None:
        site_id = await self._new()
        if site_id is not None:
            self._sites.open(site_id)

    async def _choose_and_open(self) -> None:
        site_id = await self._choose(tr("Which building do you want to open?"))
        if site_id is not None:
            self._sites.open(site_id)

    async def _choose(self, question: str) -> str | None:
        """Own id of a building, perhaps of a new one; None where the person thought better of it."""
        buildings = [each for each in await self._sites.known() if each.site_id != self._site.site_id]
        dialog = ChooseBuildingDialog(question, buildings, self._window)
        try:
            if not await ask(dialog) or dialog.key is None:
                return None
            key = dialog.key
        finally:
            dialog.deleteLater()
        return await self._new() if key == NEW_BUILDING else key

    async def _new(self) -> str | None:
        dialog = BuildingDialog(self._window)
        try:
            if not await ask(dialog):
                return None
            building = await self._sites.add(dialog.name, dialog.address)
        finally:
            dialog.deleteLater()
        return building.site_id

    async def _which(self, taken: Taken, candidates: Sequence[SiteMeter]) -> str | None:
        lines: list[MeterLine] = [self._meters.line(each) for each in candidates]
        dialog = WhichMeterDialog(taken.serial, lines, self._window)
        try:
            return dialog.key if await ask(dialog) else None
        finally:
            dialog.deleteLater()
