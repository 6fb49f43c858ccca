"""The portal as the window sees it: account, sites, gateways, and what waits to be sent."""

from collections.abc import Callable, Sequence
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import QObject, Signal

from app.domain.delivery_state import GIVEN_UP, DeliveryState, OutboxItem
from app.domain.site import Gateway, Installation
from app.portal.client import PortalApi
from app.portal.errors import PortalError, PortalHasNoWrite, PortalUnreachable
from app.services.tasks import TaskScope

if TYPE_CHECKING:
    from app.portal.contract import ListedMeter


class PortalState(Enum):
    """How the account is."""

    SIGNED_OUT = "signed_out"
    SIGNING_IN = "signing_in"
    SIGNED_IN = "signed_in"
    OFFLINE = "offline"


_OPEN_STATES = frozenset(
    {
        DeliveryState.QUEUED,
        DeliveryState.SENDING,
        DeliveryState.REJECTED,
        DeliveryState.FAILED,
        DeliveryState.CHANGED,
        DeliveryState.BY_HAND,
    }
)


_UploadKey: TypeAlias = tuple[str, str, str]
"""Portal, site and secondary address: the same meter may be on two sites, the same site id on two portals."""


def _key(item: OutboxItem) -> _UploadKey:
    return item.portal, item.site_id, item.entry.secondary_ad


class PortalViewModel(QObject):
    """Works offline first: sites and gateways are shown as last told until the portal tells anew.

    Args:
        tasks: holds what runs.
    """

    state_changed = Signal()
    sites_changed = Signal()
    site_chosen = Signal(str)
    site_wanted = Signal()
    """The account has several sites and none is chosen: the person says which one is meant."""
    gateways_changed = Signal()
    uploads_changed = Signal()
    meters_listed = Signal()
    """The portal told which meters the site has."""
    asking_failed = Signal(object)
    """The exception, for the banner."""

    def __init__(self, tasks: TaskScope, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._api: PortalApi | None = None
        self._portal = ""
        self._state = PortalState.SIGNED_OUT
        self._sites: tuple[Installation, ...] = ()
        self._gateways: tuple[Gateway, ...] = ()
        self._site_id = ""
        self._uploads: dict[_UploadKey, OutboxItem] = {}
        self._listed: tuple[ListedMeter, ...] = ()
        self.practice = False

    @property
    def state(self) -> PortalState:
        """How the account is."""
        return self._state

    @property
    def sites(self) -> tuple[Installation, ...]:
        """The account's sites."""
        return self._sites

    @property
    def site_id(self) -> str:
        """The site chosen; empty for none."""
        return self._site_id

    @property
    def site(self) -> Installation | None:
        """The site chosen."""
        return next((site for site in self._sites if site.site_id == self._site_id), None)

    @property
    def gateways(self) -> tuple[Gateway, ...]:
        """The gateways of the site."""
        return self._gateways

    @property
    def waiting_count(self) -> int:
        """Uploads that have not arrived, of every site and portal: all of them are on their way."""
        return sum(item.state in _OPEN_STATES for item in self._uploads.values())

    @property
    def uploads(self) -> tuple[OutboxItem, ...]:
        """Uploads of every site and portal, as far as they are not replaced."""
        return tuple(self._uploads.values())

    def upload_of(self, secondary_ad: str) -> OutboxItem | None:
        """The latest upload of a meter on this site of this portal."""
        return self._uploads.get((self._portal, self._site_id, secondary_ad))

    def latest_like(self, item: OutboxItem) -> OutboxItem | None:
        """What is known of an upload's meter, wherever that is."""
        return self._uploads.get(_key(item))

    @property
    def listed(self) -> "tuple[ListedMeter, ...]":
        """The meters that the portal's site has, as last told."""
        return self._listed

    def show_uploads(self, items: Sequence[OutboxItem]) -> None:
        """Takes the outbox as it is now, oldest first."""
        self._uploads = {_key(item): item for item in items if item.state not in GIVEN_UP}
        self.uploads_changed.emit()

    def show_upload(self, item: OutboxItem) -> None:
        """Takes a change of one upload."""
        key = _key(item)
        if item.state not in GIVEN_UP:
            self._uploads[key] = item
        elif (known := self._uploads.get(key)) is not None and known.key == item.key:
            del self._uploads[key]
        self.uploads_changed.emit()

    def show_cached(self, sites: Sequence[Installation], site_id: str) -> None:
        """Shows what the portal told last time, and the site chosen then."""
        changed = site_id != self._site_id
        self._sites = tuple(sites)
        self._site_id = site_id
        self.sites_changed.emit()
        if changed:
            self.site_chosen.emit(site_id)

    def show_cached_gateways(self, gateways: Sequence[Gateway]) -> None:
        """Shows the gateways that the portal told last time."""
        self._gateways = tuple(gateways)
        self.gateways_changed.emit()

    def sign_in(
        self, api: PortalApi, when_known: Callable[[Sequence[Installation]], None], wanted: str = ""
    ) -> None:
        """Asks a portal for the account's sites; where there are several, the person says which one is meant.

        Args:
            api: the client for the account.
            when_known: takes the sites, to be kept for the next time without a network.
            wanted: the site to choose if it is among them and none is chosen yet.
        """
        self._api = api
        self._tell(PortalState.SIGNING_IN)
        self._tasks.spawn(self._sign_in(api, when_known, wanted), "sign in")

    def use_account(self, portal: str) -> None:
        """Another account: nothing of the one before is shown, and no late answer to it is taken.

        Args:
            portal: base URL of its portal; empty for no account.
        """
        had_site = bool(self._site_id)
        self._api, self._portal = None, portal
        self._sites, self._gateways, self._listed, self._site_id = (), (), (), ""
        self._tell(PortalState.SIGNED_OUT)
        self.sites_changed.emit()
        self.gateways_changed.emit()
        if had_site:
            self.site_chosen.emit("")
        self.uploads_changed.emit()

    def sign_out(self) -> None:
        """Forgets the account."""
        self.use_account("")

    def choose_site(self, site_id: str) -> None:
        """Another site: its gateways are asked for."""
        if site_id != self._site_id:
            self._site_id = site_id
            self._gateways, self._listed = (), ()
            self.sites_changed.emit()
            self.gateways_changed.emit()
            self.site_chosen.emit(site_id)
        if self._api is not None and site_id:
            self._tasks.spawn(self._load_site(self._api, site_id), "load site")

    async def _sign_in(
        self, api: PortalApi, when_known: Callable[[Sequence[Installation]], None], wanted: str
    ) -> None:
        try:
            sites = await api.installations()
        except PortalError as error:
            if api is self._api:
                offline = isinstance(error, PortalUnreachable)
                self._tell(PortalState.OFFLINE if offline else PortalState.SIGNED_OUT)
                self.asking_failed.emit(error)
            return
        if api is not self._api:
            return
        known = {site.site_id: site for site in self._sites}
        self._sites = tuple(
            known.get(site.site_id, site) if site == Installation(site.site_id) else site for site in sites
        )
        self._tell(PortalState.SIGNED_IN)
        when_known(self._sites)
        there = [site.site_id for site in sites]
        chosen = next((each for each in (self._site_id, wanted) if each in there), "")
        if not chosen and len(there) == 1:
            chosen = there[0]
        self.sites_changed.emit()
        if chosen:
            self.choose_site(chosen)
        elif there:
            self.site_wanted.emit()

    async def _load_site(self, api: PortalApi, site_id: str) -> None:
        try:
            info = await api.installation_info(site_id)
            if api is not self._api:
                return
            self._sites = tuple(info if site.site_id == site_id else site for site in self._sites)
            self.sites_changed.emit()
            gateways = await api.gateways(site_id)
        except PortalHasNoWrite:
            gateways = ()
        except PortalError as error:
            if api is self._api:
                self.asking_failed.emit(error)
            return
        if self._is_current(api, site_id):
            self._gateways = gateways
            self.gateways_changed.emit()
            await self._load_meters(api, site_id)

    async def _load_meters(self, api: PortalApi, site_id: str) -> None:
        try:
            listed = await api.meters(site_id)
        except PortalError:
            # Only for a hint; what matters is asked again before an upload.
            return
        if self._is_current(api, site_id):
            self._listed = listed
            self.meters_listed.emit()

    def _is_current(self, api: PortalApi, site_id: str) -> bool:
        return api is self._api and site_id == self._site_id

    def _tell(self, state: PortalState) -> None:
        self._state = state
        self.state_changed.emit()
