"""The whole practice world: a building with its bus, a portal and a gateway, real servers on loopback."""

from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from app.practice.building import Building, practice_building
from app.practice.bus_server import PracticeBus
from app.practice.faulty_building import PlantedFault, faulty_building
from app.practice.gateway import PracticeGateway
from app.practice.portal import PortalTimes, PracticePortal
from app.practice.portal_faults import PortalFaults
from app.services.commissioning import load_vocabulary

DEFAULT_SEED = 1


@dataclass(frozen=True, slots=True)
class WorldAddresses:
    """Where everything answers, and how to get in.

    Attributes:
        bus: URL of the bus, opened like any adapter.
        portal: base URL of the portal's interface.
        portal_page: the portal's page for a browser.
        gateway: base URL of the gateway.
        username: of the portal account.
        password: of the portal account; it protects nothing.
        site_id: the practice building's site.
    """

    bus: str
    portal: str
    portal_page: str
    gateway: str
    username: str
    password: str
    site_id: str

    def as_fields(self) -> dict[str, str]:
        """By name, for the one line of ``mbus-tool practice``."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class WorldPorts:
    """TCP ports to listen on; 0 for any free one."""

    bus: int = 0
    portal: int = 0
    gateway: int = 0


class PracticeWorld:
    """Everything running; made by :meth:`start`, ended by :meth:`stop`.

    Starting takes a fraction of a second and blocks: a window calls it in a thread.

    Attributes:
        addresses: where everything answers.
        bus_server: the bus; assign its ``faults`` to switch them.
        portal_server: the portal.
        gateway_server: the gateway.
        planted: the faults of the second building's meters; none in the sound one.
    """

    def __init__(
        self,
        bus_server: PracticeBus,
        portal_server: PracticePortal,
        gateway_server: PracticeGateway,
        addresses: WorldAddresses,
        planted: tuple[PlantedFault, ...] = (),
    ) -> None:
        self.bus_server = bus_server
        self.portal_server = portal_server
        self.addresses = addresses
        self.gateway_server = gateway_server
        self.planted = planted

    @classmethod
    def start(
        cls,
        folder: Path,
        seed: int = DEFAULT_SEED,
        *,
        now: datetime | None = None,
        times: PortalTimes | None = None,
        ports: WorldPorts | None = None,
        faulty: bool = False,
    ) -> "PracticeWorld":
        """Starts bus, portal and gateway; returns once all of them answer.

        Args:
            folder: where the portal keeps its file; what was uploaded with the same seed is still there.
            seed: the same seed makes the same building.
            now: the building's time, in UTC; the computer's when None.
            times: the portal's clocks and limits; tests pass their own.
            ports: fixed TCP ports instead of free ones.
            faulty: the second building, twenty meters of which have one fault each.

        Raises:
            OSError: a port is taken, or the folder cannot be written to.
        """
        used = ports or WorldPorts()
        building, planted = _building(seed, now, faulty=faulty)
        bus_server = PracticeBus(building, seed=seed)
        portal_server = PracticePortal(folder, load_vocabulary(), seed=seed, times=times)
        bus_url = ""
        gateway_server: PracticeGateway | None = None
        try:
            bus_url = bus_server.start(used.bus)
            portal_server.start(used.portal)
            gateway_server = PracticeGateway(bus_url, portal_server.configured)
            portal_server.gateway_url = gateway_server.start(used.gateway)
        except BaseException:
            portal_server.stop()
            bus_server.stop()
            raise
        addresses = WorldAddresses(
            bus=bus_url,
            portal=portal_server.api_url,
            portal_page=portal_server.page_url,
            gateway=portal_server.gateway_url,
            username=portal_server.username,
            password=portal_server.password,
            site_id=portal_server.site_id,
        )
        return cls(bus_server, portal_server, gateway_server, addresses, planted)

    @property
    def faults(self) -> PortalFaults:
        """The portal's faults."""
        return self.portal_server.faults

    def stop(self) -> None:
        """Ends all servers and their threads; the bus first, so that no reading holds the others up."""
        self.bus_server.stop()
        self.gateway_server.stop()
        self.portal_server.stop()


def _building(seed: int, now: datetime | None, *, faulty: bool) -> tuple[Building, tuple[PlantedFault, ...]]:
    if not faulty:
        return practice_building(seed=seed, now=now), ()
    made = faulty_building(seed=seed, now=now)
    return made.building, made.planted
