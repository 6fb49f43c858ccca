"""A portal of the tests' own, written from the contract alone: it shares nothing with the practice portal.

What can go wrong is data: a :class:`Fault` says with which status, body, headers and delay a request is
answered, and after how many bytes the answer is cut off; :meth:`ContractPortal.fail` queues it for one kind.
"""

import json
import threading
import time
import uuid
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SITE = "5f0c0ffee0000000000000a1"
GATEWAY = "5f0c0ffee0000000000000b1"
USERNAME, PASSWORD = "installer@example.org", "Sesam-öffne-dich-4711"
BASE = "/api/v1"


@dataclass(frozen=True)
class Fault:
    """How one request is answered instead.

    Attributes:
        status: None for the right one, with the right body.
        body: bytes as they are, or a value to be sent as JSON; None for the right one.
        headers: beside the right ones; a value of None takes one away.
        delay_s: before the first byte.
        cut_at: so many bytes of the body are sent of the promised length; then the connection drops.
        applied: whether the request does its work all the same, its answer alone being lost.
    """

    status: int | None = None
    body: object = None
    headers: Mapping[str, str | None] = field(default_factory=dict)
    delay_s: float = 0.0
    cut_at: int | None = None
    applied: bool = False


Answer = tuple[int, object, dict[str, str]]


class ContractPortal:
    """Its state and its rules."""

    def __init__(self) -> None:
        self.sites: list[object] = [{"site_id": SITE, "name": "Rue du Lac 12"}]
        self.gateways: list[object] = [{"id": GATEWAY, "name": "Gateway 1"}]
        self.meters: dict[str, tuple[dict[str, Any], str]] = {}
        """Body and ETag by id."""
        self.other_lines: list[object] = []
        """What else stands in the site's list."""
        self.values: dict[str, object] = {"heat_energy_kwh": 37351}
        self.elsewhere: tuple[int, bytes] = (404, b"<html>nothing here</html>")
        """What every path beside the interface answers."""
        self.gone = False
        """Whether the interface is not there either."""
        self.requests: list[tuple[str, str]] = []
        self.tokens: set[str] = set()
        self._by_key: dict[str, str] = {}
        self._faults: dict[str, deque[Fault]] = defaultdict(deque)
        self._lock = threading.Lock()

    def fail(self, request: str, *faults: Fault) -> None:
        """The next requests of a kind are answered so: ``POST /auth``, ``GET /meter_info``, ..."""
        self._faults[request].extend(faults)

    def kind_of(self, method: str, path: str) -> str:
        return f"{method} /{path.split('/')[1]}"

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> tuple[Answer, Fault]:
        """What a request below the base path is answered, and how."""
        with self._lock:
            kind = self.kind_of(method, path)
            self.requests.append((method, path))
            fault = self._faults[kind].popleft() if self._faults[kind] else Fault()
            if fault.status is not None and not fault.applied:
                return (fault.status, {}, {}), fault
            return self._right(method, path.strip("/").split("/"), headers, body), fault

    def _right(self, method: str, parts: list[str], headers: Mapping[str, str], body: bytes) -> Answer:
        if parts == ["auth"] and method == "POST":
            return self._login(json.loads(body))
        if headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            return _problem(401, "a token is needed")
        match method, parts:
            case "GET", ["all_installations"]:
                return 200, self.sites, {}
            case "GET", ["installation_infos", site] if site == SITE:
                return 200, {"name": "Rue du Lac 12", "address": {"city": "Y"}}, {}
            case "GET", ["gateway_info", site] if site == SITE:
                return 200, self.gateways, {}
            case "GET", ["meter_info", site] if site == SITE:
                return 200, self.other_lines + [{"id": i, **each} for i, (each, _) in self.meters.items()], {}
            case "POST", ["meter_info", site] if site == SITE:
                return self._create(headers.get("Idempotency-Key", ""), json.loads(body))
            case _, ["meter_info", site, meter_id] if site == SITE and meter_id in self.meters:
                return self._one(method, meter_id, headers, body)
            case "POST", ["meter_read", site, meter_id] if site == SITE and meter_id in self.meters:
                return 200, {"ts": "2026-11-25T10:00:00Z", "valid": True, "values": self.values}, {}
        return _problem(404, "no such thing")

    def _login(self, given: dict[str, str]) -> Answer:
        if given != {"username": USERNAME, "password": PASSWORD}:
            return _problem(401, "wrong")
        token = f"tk-{uuid.uuid4()}"
        self.tokens.add(token)
        until = int((time.time() + 900) * 1000)
        return 200, {"access_token": token, "valid_until": {"$date": until}}, {}

    def _create(self, key: str, body: dict[str, Any]) -> Answer:
        if key in self._by_key and self._by_key[key] in self.meters:
            return self._stored(201, self._by_key[key])
        wanted = (body["additional_settings"]["secondary_ad"], body["type"])
        for meter_id, (other, _) in self.meters.items():
            if (other["additional_settings"]["secondary_ad"], other["type"]) == wanted:
                status, problem, more = _problem(409, "there is one")
                return status, {**problem, "id": meter_id}, more  # type: ignore[dict-item]
        meter_id = uuid.uuid4().hex[:24]
        self._by_key[key] = meter_id
        self.meters[meter_id] = (body, _etag())
        return self._stored(201, meter_id)

    def _one(self, method: str, meter_id: str, headers: Mapping[str, str], body: bytes) -> Answer:
        if method == "PUT":
            if headers.get("If-Match") != self.meters[meter_id][1]:
                return _problem(412, "another version stands there")
            self.meters[meter_id] = (json.loads(body), _etag())
        if method == "DELETE":
            del self.meters[meter_id]
            return 204, None, {}
        return self._stored(200, meter_id)

    def _stored(self, status: int, meter_id: str) -> Answer:
        body, etag = self.meters[meter_id]
        return status, {"id": meter_id, **body}, {"ETag": etag}


def _etag() -> str:
    return f'"{uuid.uuid4().hex[:8]}"'


def _problem(status: int, detail: str) -> tuple[int, dict[str, object], dict[str, str]]:
    body: dict[str, object] = {"type": "about:blank", "title": "No", "status": status, "detail": detail}
    return status, body, {"Content-Type": "application/problem+json"}


@contextmanager
def contract_portal() -> Iterator[tuple[ContractPortal, str]]:
    """A running portal and its base URL."""
    portal = ContractPortal()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if portal.gone or not self.path.startswith(BASE + "/"):
                self._send((*portal.elsewhere, {"Content-Type": "text/html"}), Fault())
                return
            self._send(*portal.answer(self.command, self.path.removeprefix(BASE), self.headers, body))

        do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 - the names of http.server

        def _send(self, answer: Answer, fault: Fault) -> None:
            status, value, headers = answer
            if fault.body is not None:
                value = fault.body
            content = (
                value if isinstance(value, bytes) else b"" if value is None else json.dumps(value).encode()
            )
            time.sleep(fault.delay_s)
            sent = {"Content-Type": "application/json", "Content-Length": str(len(content)), **headers}
            sent |= {name: text for name, text in fault.headers.items() if text is not None}
            self.send_response(fault.status or status)
            for name, text in sent.items():
                if not (name in fault.headers and fault.headers[name] is None):
                    self.send_header(name, text)
            self.end_headers()
            self.wfile.write(content if fault.cut_at is None else content[: fault.cut_at])
            self.close_connection = fault.cut_at is not None

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield portal, f"http://127.0.0.1:{server.server_port}{BASE}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
