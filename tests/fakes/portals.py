"""A practice portal for tests, a clock that needs no time, and entries to upload."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from app.domain.meter import MeterType
from app.domain.payload import MeterEntry
from app.portal.client import PortalClient
from app.portal.credentials import Passwords, fixed_password
from app.portal.pacing import Pacer
from app.practice.portal import PortalTimes, PracticePortal
from app.services.commissioning import load_vocabulary

START = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
INDEX_REG = "[{'unit': 'heat_energy_kwh', 'factor': 0.001, 'dib': '04', 'vib': '06'}]"


class FakeClock:
    """Time passes only by sleeping, and then at once."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds
        await asyncio.sleep(0)


@contextmanager
def practice_portal(
    folder: Path, *, clock: FakeClock | None = None, interval_s: float = 0.0
) -> Iterator[PracticePortal]:
    """A running practice portal; without a clock it has no limit of requests a second."""
    used = clock or FakeClock()
    times = PortalTimes(lambda: used.now().timestamp(), used.monotonic, interval_s)
    portal = PracticePortal(folder, load_vocabulary(), times=times)
    portal.start()
    try:
        yield portal
    finally:
        portal.stop()


@contextmanager
def dripping() -> Iterator[str]:
    """The address of a server whose answers never end: a blank at a time, each in time."""
    ended = threading.Event()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "60000")
            self.end_headers()
            while not ended.wait(0.02):
                try:
                    self.wfile.write(b" ")
                except OSError:
                    return

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        ended.set()
        server.shutdown()
        server.server_close()
        thread.join()


def client_of(
    portal: PracticePortal,
    clock: FakeClock | None = None,
    *,
    passwords: Passwords | None = None,
    interval_s: float = 0.0,
) -> PortalClient:
    """A client of the practice portal; unpaced unless told otherwise."""
    used = clock or FakeClock()
    known = passwords or fixed_password(portal.password)
    return PortalClient(portal.api_url, portal.username, known, clock=used, pacer=Pacer(used, interval_s))


def entry_for(gateway_id: str, serial: str = "94158192", **changes: object) -> MeterEntry:
    """A heat meter's entry, index alone."""
    pairs = "".join(serial[index : index + 2] for index in (6, 4, 2, 0))
    fields: dict[str, object] = {
        "name": f"CH - {serial} - Apartment 203",
        "type": MeterType.HEATING,
        "prim_ad": "",
        "gateway_id": gateway_id,
        "model": "generic_mbus",
        "protocol": "mbus",
        "baudrate": 2400,
        "mode": "consumption",
        "secondary_ad": f"{pairs}FFFFFFFF",
        "reg": INDEX_REG,
    }
    return MeterEntry(**{**fields, **changes})  # type: ignore[arg-type]


def gateway_of(portal: PracticePortal) -> str:
    """The id of the practice building's gateway."""
    return portal.data.gateways(portal.site_id)[0]["id"]


def uploaded(portal: PracticePortal) -> list[dict[str, object]]:
    """The bodies of the meters that somebody uploaded to the practice building's site."""
    return [meter.body for meter in portal.data.meters(portal.site_id) if "additional_settings" in meter.body]
