"""The practice gateway: really reads the practice bus with what the portal was given, over HTTP."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.bus.errors import BusError
from app.bus.master import BusMaster
from app.bus.port import LineSettings
from app.domain.payload import parse_reg
from app.mbus.addresses import SecondaryAddress
from app.mbus.records import Telegram
from app.practice.exact_json import exact_json
from app.practice.http_server import HttpServer
from app.services.verification import register_value

Configured = Callable[[str, str], dict[str, Any] | None]
"""A meter body the gateway was given, by the portal's type and an address; None when it was given none."""


class PracticeGateway:
    """One gateway on the practice bus, with the documented local interface: no login, reading only.

    Args:
        bus_url: the bus, as any adapter's.
        configured: what the portal gave it; may be exchanged while it runs.
    """

    def __init__(self, bus_url: str, configured: Configured) -> None:
        self._bus_url = bus_url
        self.configured = configured
        self._one_at_a_time = asyncio.Lock()
        route = Route("/api/v1/meter/{type}/{address}/", self._meter, methods=["GET"])
        self._server = HttpServer(Starlette(routes=[route]), "practice gateway")

    def start(self, port: int = 0) -> str:
        """Begins to answer; returns the base URL.

        Args:
            port: 0 for any free one.
        """
        return self._server.start(port)

    def stop(self) -> None:
        """Ends the server."""
        self._server.stop()

    async def _meter(self, request: Request) -> Response:
        meter = self.configured(request.path_params["type"], request.path_params["address"])
        if meter is None:
            return _problem(404, "no such meter is configured on this gateway")
        settings = meter["additional_settings"]
        try:
            async with self._one_at_a_time:
                telegram = await self._read(settings["secondary_ad"], meter["baudrate"])
        except BusError as error:
            return _problem(504, f"{settings['secondary_ad']} at {meter['baudrate']} Bd: {error.message}")
        return _json(200, reading(telegram, settings["reg"], datetime.now(UTC)))

    async def _read(self, secondary_ad: str, baudrate: int) -> Telegram:
        async with BusMaster(self._bus_url, LineSettings(baud=baudrate)) as master:
            readout = await master.read_secondary(SecondaryAddress.parse(secondary_ad))
            return readout.telegram


def reading(telegram: Telegram, reg: str, now: datetime) -> dict[str, object]:
    """What a gateway says of a telegram: by unit, the record of each item's DIB and VIB times its factor.

    A register that the telegram lacks is left out, and the reading is then not valid.
    """
    values: dict[str, object] = {}
    entries = parse_reg(reg)
    for entry in entries:
        _, value = register_value(telegram, entry)
        if value is not None:
            values[entry.unit] = value
    complete = all(entry.unit in values for entry in entries)
    return {**values, "ts": now.isoformat(timespec="seconds"), "valid": complete}


def _json(status: int, value: object) -> Response:
    return Response(exact_json(value), status, media_type="application/json")


def _problem(status: int, detail: str) -> Response:
    return _json(status, {"status": status, "detail": detail})
