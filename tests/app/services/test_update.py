"""The update check: silent unless switched on, right about what is newer, hard to fool."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from app.services.update import (
    LARGEST_FILE,
    Release,
    UpdateError,
    UpdateSettings,
    newer_release,
    parse_release,
    version_key,
)
from tests.fakes.portals import dripping

FILE = {"version": "0.10.0", "page": "https://example.org/get", "notes": "Plots."}


@contextmanager
def served(body: bytes, status: int = 200) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """A real server on loopback that answers one thing and keeps the headers it was sent."""
    requests: list[dict[str, str]] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests.append({name.lower(): value for name, value in self.headers.items()})
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/version.json", requests
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def check(settings: UpdateSettings, own: str = "0.9.1") -> Release | None:
    return asyncio.run(newer_release(settings, own))


def test_it_is_off_until_switched_on_and_then_asks_nobody() -> None:
    with served(json.dumps(FILE).encode()) as (address, requests):
        assert check(UpdateSettings(address=address)) is None
    assert requests == []
    assert UpdateSettings().enabled is False


def test_a_newer_version_is_named_and_nothing_is_told_about_the_person() -> None:
    with served(json.dumps(FILE).encode()) as (address, requests):
        assert check(UpdateSettings(enabled=True, address=address)) == Release(**FILE)
    (headers,) = requests
    assert headers["user-agent"] == "mbus-commissioner"
    assert headers.keys() <= {"host", "accept", "accept-encoding", "connection", "user-agent"}


@pytest.mark.parametrize("own", ["0.10.0", "0.10", "0.11.2", "1.0"])
def test_the_same_or_an_older_version_is_no_news(own: str) -> None:
    with served(json.dumps(FILE).encode()) as (address, _):
        assert check(UpdateSettings(enabled=True, address=address), own) is None


def test_versions_compare_as_numbers() -> None:
    assert version_key("0.10.0") > version_key("0.9.1")
    assert version_key("1.0") == version_key("1.0.0")


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"<html>Please log in</html>",
        b"[]",
        b"{}",
        b'{"version": 3, "page": "", "notes": ""}',
        b'{"version": "1.x", "page": "", "notes": ""}',
        b'{"version": "", "page": "", "notes": ""}',
        b'{"version": "9.0", "page": "file:///etc/passwd", "notes": ""}',
        b'{"version": "9.0", "page": "javascript:alert(1)", "notes": ""}',
        b'{"version": "9.0", "page": "setup.exe", "notes": ""}',
        b"\xff\xfe",
        b'{"version": "9.0", "page": "https://[bad", "notes": ""}',
        b"[" * 100_000,
    ],
)
def test_anything_else_is_refused_with_a_sentence(text: bytes) -> None:
    with pytest.raises(UpdateError) as caught:
        parse_release(text)
    assert str(caught.value.message)


def test_a_missing_file_says_what_the_server_answers() -> None:
    with served(b"", 404) as (address, _), pytest.raises(UpdateError, match="404"):
        check(UpdateSettings(enabled=True, address=address))


def test_a_file_without_end_is_not_read_to_its_end() -> None:
    with (
        served(b" " * (LARGEST_FILE + 1)) as (address, _),
        pytest.raises(UpdateError, match="not a version file"),
    ):
        check(UpdateSettings(enabled=True, address=address))


def test_an_answer_that_drips_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each piece comes in time, so that no limit of a single read ends it."""
    monkeypatch.setattr("app.services.update.TIMEOUT_S", 0.5)
    with dripping() as url, pytest.raises(UpdateError, match="network"):
        check(UpdateSettings(enabled=True, address=url))


def test_nobody_there_is_a_sentence_with_a_next_step() -> None:
    with served(b"") as (address, _):
        pass
    with pytest.raises(UpdateError, match="network"):
        check(UpdateSettings(enabled=True, address=address))


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/version.json",
        "ftp://example.org/v",
        "",
        "version.json",
        "https://[bad",
        "https://",
    ],
)
def test_the_address_must_be_one_that_cannot_be_tampered_with(address: str) -> None:
    with pytest.raises(UpdateError, match="https"):
        check(UpdateSettings(enabled=True, address=address))
