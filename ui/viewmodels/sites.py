"""The buildings of the program's own: which one is open, and what was read while none was."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from PySide6.QtCore import QObject, Signal

from app.domain.building import NO_SITE
from app.domain.building import Site as Building
from app.services.site import Site
from app.services.site_meters import NO_LINK
from app.services.tasks import TaskScope
from app.services.workspace import Workspace
from app.store.errors import StoreError
from ui.viewmodels.portal import PortalState, PortalViewModel


class SitesViewModel(QObject):
    """Opens what was open last time, and the building that is chosen; decides of none by itself.

    Args:
        workspace: the data folder in use; changes when practice begins.
        tasks: holds what runs.
        site: the service.
        portal: whose site is chosen there is the building here.
        shown: own id of the meter on screen.
    """

    failed = Signal(object)
    leaving = Signal()
    """Another building is chosen; what is on screen is of the one before."""
    tray_found = Signal(int)
    """So many meters were read without a building, and there is more than one they may be of."""
    taken_in = Signal(int, str)
    """So many meters went to the only building there is, and its name."""
    meter_wanted = Signal(str)
    """Own id of a meter to be opened: that of last time, or the one that was read before its building."""

    def __init__(
        self,
        workspace: Workspace,
        tasks: TaskScope,
        site: Site,
        portal: PortalViewModel,
        shown: Callable[[], str],
    ) -> None:
        super().__init__()
        self.workspace = workspace
        self._tasks, self._site, self._portal, self._shown = tasks, site, portal, shown
        self._asked = 0
        portal.site_chosen.connect(self._on_portal_site)
        portal.gateways_changed.connect(self._on_gateways)
        portal.meters_listed.connect(self._on_listed)
        portal.state_changed.connect(self._on_portal)

    # Opening ---------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Opens the site and the meter that were open last.

        Raises:
            StoreError: it cannot be read.
        """
        store = self.workspace.store
        asked = self._asked
        site_id, meter_id = await store.sites.last_opened()
        building = await store.sites.get(site_id) if site_id != NO_SITE else None
        if asked != self._asked:
            # The person was faster.
            return
        await self._open(building)
        if meter_id in self._site:
            self.meter_wanted.emit(meter_id)

    def open(self, site_id: str) -> None:
        """Opens a building, by its own id."""
        self._asked += 1
        self._leave()
        self._tasks.spawn(self._open_known(site_id), "change site")

    async def buildings(self) -> tuple[Building, ...]:
        """All buildings, in the order they were made."""
        return await self.workspace.store.sites.all() if self.workspace.is_open else ()

    async def known(self) -> tuple[Building, ...]:
        """As :meth:`buildings`, and what the portal told beside them; the latter are made by it.

        Raises:
            StoreError: the data file cannot be used.
        """
        for told in self._portal.sites:
            await self._linked(told.site_id)
        return await self.buildings()

    async def add(self, name: str, address: str = "") -> Building:
        """Makes a building by hand; no account is needed.

        Raises:
            StoreError: it could not be written.
        """
        return await self.workspace.store.sites.add(name, address, at=datetime.now(UTC))

    def remember(self, meter_id: str) -> None:
        """The next start begins with this meter."""
        if self.workspace.is_open:
            store, site_id = self.workspace.store, self._site.site_id
            self._tasks.spawn(store.sites.opened(site_id, meter_id), "remember meter")

    async def place_tray(self, site_id: str) -> int:
        """The meters without a building are of this one; gives how many there were.

        Raises:
            StoreError: it could not be written.
        """
        waiting, shown = await self._site.without_site(), self._shown()
        if site_id == self._site.site_id:
            await self._site.take_in(waiting)
            if shown in waiting:
                self.meter_wanted.emit(shown)
        else:
            await self._site.move(waiting, site_id, NO_SITE)
        return len(waiting)

    # Inside ----------------------------------------------------------------------------------------------

    def _leave(self) -> str:
        """What is on screen goes at once; gives its own id."""
        shown = self._shown()
        self._site.leave()
        self.leaving.emit()
        return shown

    async def _open_known(self, site_id: str) -> None:
        try:
            await self._open(await self.workspace.store.sites.get(site_id))
        except StoreError as error:
            self._site.stay()
            self.failed.emit(error)
            return
        self.remember("")

    async def _open(self, building: Building | None) -> None:
        if building is None:
            await self._site.open(NO_SITE)
        else:
            link = (building.portal, building.portal_site_id) if building.linked else NO_LINK
            await self._site.open(building.site_id, link)

    def _on_portal_site(self, portal_site_id: str) -> None:
        self._asked += 1
        if self.workspace.is_open:
            shown = self._leave()
            self._tasks.spawn(self._change(portal_site_id, shown, self._asked), "change site")

    async def _change(self, portal_site_id: str, shown: str, asked: int) -> None:
        try:
            building = await self._linked(portal_site_id) if portal_site_id else None
            if asked != self._asked:
                # Another one was chosen meanwhile.
                return
            await self._open(building)
        except StoreError as error:
            self._site.stay()
            self.failed.emit(error)
            return
        self.remember("")
        if portal_site_id:
            await self._look_into_tray()
        if shown in self._site:
            self.meter_wanted.emit(shown)

    async def _linked(self, portal_site_id: str) -> Building:
        """The building that is this site of the portal; the first time it is made."""
        sites, portal = self.workspace.store.sites, self.workspace.account.base_url
        known = await sites.of_portal(portal, portal_site_id)
        told = next((each for each in self._portal.sites if each.site_id == portal_site_id), None)
        name, address = (told.name, told.address) if told is not None else ("", "")
        if known is None:
            return await sites.add(
                name, address, portal=portal, portal_site_id=portal_site_id, at=datetime.now(UTC)
            )
        if not known.name and name:
            # Portals that list bare ids tell the name later; once told it stays.
            known = replace(known, name=name, address=known.address or address)
            await sites.change(known)
        return known

    def _on_portal(self) -> None:
        if self._portal.state is PortalState.SIGNED_IN and self.workspace.is_open:
            self._tasks.spawn(self._look_where_none_is_chosen(), "look into tray")

    async def _look_where_none_is_chosen(self) -> None:
        if not self._portal.site_id:
            await self._look_into_tray()

    async def _look_into_tray(self) -> None:
        try:
            waiting = await self._site.without_site()
            buildings = await self.buildings()
        except StoreError as error:
            self.failed.emit(error)
            return
        choices = max(len(buildings), len(self._portal.sites))
        if not waiting or not choices:
            return
        if choices > 1 or self._site.site_id == NO_SITE:
            self.tray_found.emit(len(waiting))
            return
        await self._site.take_in(waiting)
        self.taken_in.emit(len(waiting), _label(buildings, self._site.site_id))

    def _on_gateways(self) -> None:
        gateways = self._portal.gateways
        only = gateways[0].id if len(gateways) == 1 else ""
        self._site.use_rules(replace(self._site.rules, gateway_id=only))

    def _on_listed(self) -> None:
        listed: dict[str, list[tuple[str, str]]] = {}
        for meter in self._portal.listed:
            if meter.secondary_ad:
                listed.setdefault(meter.secondary_ad, []).append((meter.id, meter.name))
        self._site.take_listed(listed)


def _label(buildings: Sequence[Building], site_id: str) -> str:
    return next((each.label for each in buildings if each.site_id == site_id), "")
