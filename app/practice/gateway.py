"""The practice gateway: really reads the practice bus with what the portal was given, over HTTP."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from fractions import Fraction
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
from app.practice.exact_json import exact_json
from app.practice.gateway_decoder import GatewayRefusesError, gateway_values
from app.practice.http_server import HttpServer

_DIGITS = 60

Configured = Callable[[str, str], dict[str, Any] | None]
"""A meter body the gateway was given, by the portal's type and an address; None when it was given none."""


class PracticeGateway:
    """One gateway on the practice bus, with the documented local interface: no login, reading only.

    Args:
        bus_url: the bus, as any adapter's.
        configured: what the portal gave it; may be exchanged while it runs.
        converts_watts: see :func:`reading`.
    """

    def __init__(self, bus_url: str, configured: Configured, *, converts_watts: bool = False) -> None:
        self._bus_url = bus_url
        self.converts_watts = converts_watts
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
                raw = await self._read(settings["secondary_ad"], meter["baudrate"])
            return _json(
                200, reading(raw, settings["reg"], datetime.now(UTC), converts_watts=self.converts_watts)
            )
        except BusError as error:
            return _problem(504, f"{settings['secondary_ad']} at {meter['baudrate']} Bd: {error.message}")
        except GatewayRefusesError as error:
            return _problem(504, f"{settings['secondary_ad']}: {error}")

    async def _read(self, secondary_ad: str, baudrate: int) -> bytes:
        async with BusMaster(self._bus_url, LineSettings(baud=baudrate)) as master:
            return (await master.read_secondary(SecondaryAddress.parse(secondary_ad))).raw


def reading(raw: bytes, reg: str, now: datetime, *, converts_watts: bool = False) -> dict[str, object]:
    """What a gateway says of an answer: by unit, the first record of each DIB and VIB times the factor.

    A register that the telegram lacks, or that is no number there, is left out, and the reading is then not
    valid.

    Args:
        raw: the answer's bytes.
        reg: the register list as the portal was given it.
        now: when it was read.
        converts_watts: whether the portal turns watts into kilowatts where the list has no factor; it is not
            known which the vendor's does.

    Raises:
        GatewayRefusesError: the gateway's library takes no such telegram.
    """
    found = gateway_values(raw)
    values: dict[str, object] = {}
    entries = parse_reg(reg)
    for entry in entries:
        record = next((each for each in found if (each.dib, each.vib) == (entry.dib, entry.vib)), None)
        if record is None or record.value is None:
            continue
        factor = Fraction(1) if entry.factor is None else Fraction(entry.factor)
        if converts_watts and entry.factor is None and entry.unit == "power_kw":
            factor = Fraction(1, 1000)
        values[entry.unit] = _decimal(record.value * factor)
    complete = all(entry.unit in values for entry in entries)
    return {**values, "ts": now.isoformat(timespec="seconds"), "valid": complete}


def _decimal(value: Fraction) -> Decimal:
    """Exact where a decimal can be; else as many digits as a computer's own number has."""
    with localcontext() as context:
        context.prec = _DIGITS
        return Decimal(value.numerator) / Decimal(value.denominator)


def _json(status: int, value: object) -> Response:
    return Response(exact_json(value), status, media_type="application/json")


def _problem(status: int, detail: str) -> Response:
    return _json(status, {"status": status, "detail": detail})
