"""The practice portal: the portal contract to the letter, over real HTTP on loopback."""

import asyncio
import http.client
import json
import math
import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from app.domain.portal_units import Vocabulary
from app.practice.exact_json import exact_json
from app.practice.http_server import HttpServer
from app.practice.portal_checks import LARGEST_BODY, RejectedBodyError, checked_body
from app.practice.portal_data import DuplicateMeterError, PortalData, Stored, object_id
from app.practice.portal_faults import PortalFault, PortalFaults
from app.practice.portal_page import render_page

API = "/api/v1"
USERNAME = "installer"
TOKEN_LIFETIME_S = 15 * 60
_GATEWAY_TIMEOUT_S = 60
_LONGEST_KEY = 200
_REMEMBERED_REQUESTS = 10_000


class ProblemError(Exception):
    """An error answer (RFC 9457)."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str = "",
        *,
        headers: dict[str, str] | None = None,
        **members: object,
    ) -> None:
        super().__init__(title)
        self.status = status
        self.headers = headers or {}
        self.body = {
            "type": f"urn:practice-portal:{title.lower().replace(' ', '-')}",
            "title": title,
            "status": status,
            "detail": detail,
            **members,
        }


class _Dropped(Response):
    """Begins an answer and lets the connection fall."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})


@dataclass(frozen=True, slots=True)
class PortalTimes:
    """The portal's clocks and limits; tests pass their own.

    Attributes:
        now: seconds since 1970.
        monotonic: seconds, for the request rate.
        request_interval_s: least time between two requests of one account; 0 for no limit.
    """

    now: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    request_interval_s: float = 1.0


class PracticePortal:
    """One portal with one account; :meth:`start` serves until :meth:`stop`.

    Attributes:
        username: of the account.
        password: of the account.
        faults: what is to go wrong.
        data: what it knows.
        gateway_url: where its gateways listen; empty when none does.
        requests: the last requests, as ``METHOD path``, the newest last.
    """

    def __init__(
        self, folder: Path, vocabulary: Vocabulary, *, seed: int = 1, times: PortalTimes | None = None
    ) -> None:
        self.username = USERNAME
        self.password = f"practice-{object_id(seed, 'password')[:8]}"
        self.faults = PortalFaults()
        self.data = PortalData(folder, seed)
        self.gateway_url = ""
        self.requests: deque[str] = deque(maxlen=_REMEMBERED_REQUESTS)
        self._vocabulary = vocabulary
        self._times = times or PortalTimes()
        self._tokens: dict[str, float] = {}
        self._last_request: float | None = None
        self._server = HttpServer(self._application(), "practice portal")
        self.page_url = ""

    @property
    def api_url(self) -> str:
        """The base URL of the interface."""
        return f"{self.page_url}{API}"

    @property
    def site_id(self) -> str:
        """The site of the practice building."""
        return self.data.site_ids()[0]

    def start(self, port: int = 0) -> None:
        """Begins to answer; returns once it does.

        Args:
            port: 0 for any free one.
        """
        self.page_url = self._server.start(port)

    def suspend(self) -> None:
        """Ends the server alone, as a portal that is down; :meth:`start` brings it back."""
        self._server.stop()

    def stop(self) -> None:
        """Ends the server and closes the file."""
        self._server.stop()
        self.data.close()

    def expire_tokens(self) -> None:
        """Every login so far ends now."""
        self._tokens.clear()

    def configured(self, meter_type: str, address: str) -> dict[str, Any] | None:
        """What the portal gave a gateway: a meter's body by its type and address; None without one."""
        stored = self.data.configured(meter_type, address)
        return None if stored is None else stored.body

    def _application(self) -> Starlette:
        site, meter = "{site_id}", "{site_id}/{meter_id}"
        routes = (
            (f"{API}/auth", self._auth, "POST"),
            (f"{API}/all_installations", self._installations, "GET"),
            (f"{API}/installation_infos/{site}", self._installation, "GET"),
            (f"{API}/meter_info/{site}", self._meters, "GET"),
            (f"{API}/gateway_info/{site}", self._gateways, "GET"),
            (f"{API}/meter_info/{site}", self._create, "POST"),
            (f"{API}/meter_info/{meter}", self._get, "GET"),
            (f"{API}/meter_info/{meter}", self._update, "PUT"),
            (f"{API}/meter_info/{meter}", self._delete, "DELETE"),
            (f"{API}/meter_read/{meter}", self._read, "POST"),
        )
        return Starlette(
            routes=[
                *(Route(path, self._guarded(handler), methods=[method]) for path, handler, method in routes),
                Route("/", self._page, methods=["GET"]),
                Route("/practice/faults", self._switch_fault, methods=["POST"]),
            ],
            exception_handlers={404: _no_such_path, 405: _no_such_method},
        )

    def _guarded(self, handler: Callable[[Request], Any]) -> Callable[[Request], Any]:
        async def guarded(request: Request) -> Response:
            self.requests.append(f"{request.method} {request.url.path.removeprefix(API)}")
            try:
                response: Response = await self._with_faults(request, handler)
            except ProblemError as problem:
                return _problem(problem)
            return response

        return guarded

    async def _with_faults(self, request: Request, handler: Callable[[Request], Any]) -> Response:
        faults = self.faults
        if faults.take(PortalFault.SLOW):
            await asyncio.sleep(faults.slow_s)
        if faults.take(PortalFault.DROP):
            return _Dropped()
        if faults.take(PortalFault.SERVER_ERROR):
            raise ProblemError(500, "Internal error", "switched on for practice")
        if faults.take(PortalFault.BUSY):
            raise _too_many(1)
        if not request.url.path.endswith("/auth"):
            self._check_token(request)
            self._check_rate()
            if _is_write_part(request) and faults.take(PortalFault.NO_WRITE):
                raise ProblemError(404, "Not found", "no such path")
        response: Response = await handler(request)
        return _Dropped() if faults.take(PortalFault.DROP_AFTER) else response

    def _check_token(self, request: Request) -> None:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        issued = self._tokens.get(token) if kind.lower() == "bearer" else None
        if issued is None or self._times.now() - issued >= TOKEN_LIFETIME_S:
            self._tokens.pop(token, None)
            raise ProblemError(401, "Login needed", "the token is missing, wrong or too old")
        if self.faults.take(PortalFault.TOKEN_EXPIRY):
            del self._tokens[token]

    def _check_rate(self) -> None:
        now, last = self._times.monotonic(), self._last_request
        if last is not None and now - last < self._times.request_interval_s:
            raise _too_many(max(1, math.ceil(self._times.request_interval_s - (now - last))))
        self._last_request = now

    async def _auth(self, request: Request) -> Response:
        body = _object(await _body(request))
        right = secrets.compare_digest(str(body.get("username")).encode(), self.username.encode())
        right &= secrets.compare_digest(str(body.get("password")).encode(), self.password.encode())
        if not right:
            raise ProblemError(401, "Login refused", "user name or password are wrong")
        token, now = secrets.token_urlsafe(32), self._times.now()
        self._tokens[token] = now
        until = int((now + TOKEN_LIFETIME_S) * 1000)
        return _json({"access_token": token, "valid_until": {"$date": until}})

    async def _installations(self, _request: Request) -> Response:
        return _json([{"site_id": site_id} for site_id in self.data.site_ids()])

    async def _installation(self, request: Request) -> Response:
        return _json(self._site(request)[1])

    async def _meters(self, request: Request) -> Response:
        site_id, _ = self._site(request)
        return _json([meter.body for meter in self.data.meters(site_id)])

    async def _gateways(self, request: Request) -> Response:
        site_id, _ = self._site(request)
        gateways = self.data.gateways(site_id)
        return _json([{**gateway, "local_url": self.gateway_url} for gateway in gateways])

    async def _create(self, request: Request) -> Response:
        site_id, _ = self._site(request)
        key = request.headers.get("idempotency-key", "")[:_LONGEST_KEY]
        given = self.data.given_answer(site_id, key) if key else None
        if given is not None:
            return Response(given.body, given.status, {"ETag": given.etag}, media_type="application/json")
        body = await self._checked_body(request, site_id)
        try:
            one_entry = self.faults.take(PortalFault.ONE_ENTRY)
            stored = self.data.create(site_id, body, key, one_entry=one_entry)
        except DuplicateMeterError as error:
            raise _duplicate(error) from None
        return _json(stored.body, 201, ETag=stored.etag)

    async def _get(self, request: Request) -> Response:
        _, meter = self._meter(request)
        return _json(meter.body, ETag=meter.etag)

    async def _update(self, request: Request) -> Response:
        site_id, meter = self._meter(request)
        etag = request.headers.get("if-match")
        if not etag:
            raise ProblemError(428, "If-Match needed", "a change names the version it changes")
        body = await self._checked_body(request, site_id)
        try:
            stored = self.data.update(site_id, meter.id, body, etag)
        except DuplicateMeterError as error:
            raise _duplicate(error) from None
        if stored is None:
            raise ProblemError(412, "Changed meanwhile", "the meter is no longer the version of If-Match")
        return _json(stored.body, ETag=stored.etag)

    async def _delete(self, request: Request) -> Response:
        site_id, meter = self._meter(request)
        self.data.delete(site_id, meter.id)
        return Response(status_code=204)

    async def _read(self, request: Request) -> Response:
        _, meter = self._meter(request)
        settings = meter.body.get("additional_settings")
        if settings is None:
            raise ProblemError(422, "No M-Bus meter", "this meter has no secondary address to read it by")
        if not self.gateway_url or not self.data.gateway_has_bus(meter.body["gateway_id"]):
            raise ProblemError(504, "Gateway does not answer", "it is offline, or no meter hangs on it")
        path = f"/api/v1/meter/{meter.body['type']}/{quote(settings['secondary_ad'])}/"
        status, answer = await asyncio.to_thread(_ask_gateway, self.gateway_url, path)
        if status != 200:
            detail = str(answer.get("detail") or "it gave no reason")
            raise ProblemError(502, "Gateway could not read the meter", detail)
        values = {name: value for name, value in answer.items() if name not in ("ts", "valid")}
        return _json({"ts": answer["ts"], "valid": answer["valid"], "values": values})

    async def _page(self, _request: Request) -> Response:
        return HTMLResponse(render_page(self))

    async def _switch_fault(self, request: Request) -> Response:
        form = parse_qs((await _body(request)).decode(errors="replace"))
        try:
            fault = PortalFault(form.get("fault", [""])[0])
        except ValueError:
            return _problem(ProblemError(422, "Unknown fault"))
        self.faults.set(fault, on=form.get("on", [""])[0] == "1")
        return RedirectResponse("/", status_code=303)

    def _site(self, request: Request) -> tuple[str, dict[str, Any]]:
        site_id = request.path_params["site_id"]
        infos = self.data.site(site_id)
        if infos is None:
            raise ProblemError(404, "Not found", "no such site")
        return site_id, infos

    def _meter(self, request: Request) -> tuple[str, Stored]:
        site_id, _ = self._site(request)
        meter = self.data.meter(site_id, request.path_params["meter_id"])
        if meter is None:
            raise ProblemError(404, "Not found", "no such meter on this site")
        return site_id, meter

    async def _checked_body(self, request: Request, site_id: str) -> dict[str, Any]:
        gateway_ids = tuple(gateway["id"] for gateway in self.data.gateways(site_id))
        try:
            return checked_body(await _body(request), gateway_ids, self._vocabulary)
        except RejectedBodyError as error:
            raise ProblemError(422, "Not accepted", str(error), errors=error.errors) from None


def _is_write_part(request: Request) -> bool:
    path = request.url.path.removeprefix(API)
    return request.method != "GET" or path.startswith("/gateway_info") or "meter_id" in request.path_params


def _too_many(seconds: int) -> ProblemError:
    return ProblemError(
        429, "Too many requests", "at most one request a second", headers={"Retry-After": str(seconds)}
    )


def _duplicate(error: DuplicateMeterError) -> ProblemError:
    return ProblemError(
        409, "Already there", "the site has a meter with this address and type", id=error.existing_id
    )


async def _body(request: Request) -> bytes:
    received = bytearray()
    async for piece in request.stream():
        received += piece
        if len(received) > LARGEST_BODY:
            raise ProblemError(413, "Too large", f"a body has at most {LARGEST_BODY} bytes")
    return bytes(received)


def _object(raw: bytes) -> dict[str, Any]:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise ProblemError(400, "No JSON object")
    return body


def _json(value: object, status: int = 200, **headers: str) -> Response:
    return Response(exact_json(value), status, headers, media_type="application/json")


def _problem(problem: ProblemError) -> Response:
    return Response(
        json.dumps(problem.body), problem.status, problem.headers, media_type="application/problem+json"
    )


async def _no_such_path(_request: Request, _error: Exception) -> Response:
    return _problem(ProblemError(404, "Not found", "no such path"))


async def _no_such_method(_request: Request, _error: Exception) -> Response:
    return _problem(ProblemError(405, "Method not allowed"))


def _ask_gateway(gateway_url: str, path: str) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection(urlsplit(gateway_url).netloc, timeout=_GATEWAY_TIMEOUT_S)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        answer = json.loads(response.read(), parse_float=Decimal)
        return response.status, answer if isinstance(answer, dict) else {}
    except (OSError, http.client.HTTPException, ValueError):
        return 504, {"detail": "the gateway does not answer"}
    finally:
        connection.close()
