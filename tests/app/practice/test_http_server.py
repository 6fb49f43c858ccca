"""The practice servers listen on this computer; no page in its browser may reach them for somebody else."""

import http.client

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from app.practice.http_server import HttpServer


@pytest.fixture(scope="module")
def port():
    server = HttpServer(Starlette(routes=[Route("/", lambda _request: PlainTextResponse("here"))]), "test")
    yield int(server.start().rpartition(":")[2])
    server.stop()


def status(port: int, **headers: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    try:
        connection.request("GET", "/", headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "LOCALHOST:1", "[::1]:80"])
def test_this_computer_is_answered(port: int, host: str) -> None:
    assert status(port, Host=host) == 200
    assert status(port, Host=host, Origin=f"http://{host}") == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", "localhost.evil:80", ""])
def test_a_foreign_host_is_refused(port: int, host: str) -> None:
    assert status(port, Host=host) == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost@evil.example"])
def test_a_foreign_origin_is_refused(port: int, origin: str) -> None:
    assert status(port, Host="127.0.0.1", Origin=origin) == 403
