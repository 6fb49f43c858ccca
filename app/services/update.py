"""Looks whether a newer version is published: only when the person switched it on, telling nobody anything.

A release publishes one small *version file* beside its artefacts (`packaging/version_file.py` writes it)::

    {"version": "0.2.0", "page": "https://...", "notes": "one line"}

The request carries no version, no name and no cookie of this program or person.
"""

import asyncio
import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.message import Message
from app.version import VERSION

TIMEOUT_S = 10.0
LARGEST_FILE = 65_536
"""In bytes; a version file is some hundred."""


class UpdateError(Exception):
    """No answer can be given; ``message`` says why."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


@dataclass(frozen=True, slots=True)
class UpdateSettings:
    """What the person chose.

    Attributes:
        enabled: off until the person switches it on.
        address: of the version file; whoever hands out the program tells it.
    """

    enabled: bool = False
    address: str = ""


@dataclass(frozen=True, slots=True)
class Release:
    """What a version file says: the version, the page to get it from, and one line on what is new."""

    version: str
    page: str
    notes: str


def version_key(version: str) -> tuple[int, ...]:
    """The version as numbers that compare: ``0.10.0`` is newer than ``0.9.1``, ``1.0`` is ``1.0.0``.

    Raises:
        UpdateError: it is not made of numbers and points.
    """
    parts = version.strip().split(".")
    if not all(part.isascii() and part.isdigit() and len(part) < 8 for part in parts):
        raise UpdateError(
            Message("The version file names no version that can be compared: {text}", {"text": version})
        )
    numbers = [int(part) for part in parts]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def parse_release(text: bytes) -> Release:
    """Reads a version file.

    Raises:
        UpdateError: it is none, or its page is not on the web.
    """
    try:
        content = json.loads(text)
        release = Release(*(content[name] for name in ("version", "page", "notes")))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UpdateError(Message("What stands at that address is not a version file.")) from error
    if not all(isinstance(part, str) for part in (release.version, release.page, release.notes)):
        raise UpdateError(Message("What stands at that address is not a version file."))
    if release.page and _parts(release.page)[0] != "https":
        # It will be opened in the browser: nothing but a page may be.
        raise UpdateError(Message("The version file points to something that is not a web page."))
    version_key(release.version)
    return release


async def newer_release(settings: UpdateSettings, own_version: str = VERSION) -> Release | None:
    """Asks for the version file once.

    Returns:
        The release when it is newer than this program, else None; None without asking when switched off.

    Raises:
        UpdateError: no network, no such file, or a file that makes no sense.
    """
    if not settings.enabled:
        return None
    scheme, host = _parts(settings.address)
    if scheme != "https" and not (scheme == "http" and host in {"127.0.0.1", "localhost"}):
        raise UpdateError(Message("The address of the version file must begin with https://"))
    release = parse_release(await _fetch(settings.address))
    return release if version_key(release.version) > version_key(own_version) else None


def _parts(address: str) -> tuple[str, str]:
    """Scheme and host; both empty where it is no address at all."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "", ""
    return (parts.scheme, parts.hostname) if parts.hostname else ("", "")


async def _fetch(address: str) -> bytes:
    import httpx  # noqa: PLC0415 - loaded on first use, so that the window is up before it

    text = b""
    try:
        # httpx counts every piece anew: an answer that drips would never end.
        async with (
            asyncio.timeout(TIMEOUT_S),
            httpx.AsyncClient(timeout=TIMEOUT_S, headers={"User-Agent": "mbus-commissioner"}) as client,
            client.stream("GET", address) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise UpdateError(
                    Message(
                        "The version file cannot be had: the server answers {status}.",
                        {"status": answer.status_code},
                    )
                )
            async for piece in answer.aiter_bytes():
                text += piece
                if len(text) > LARGEST_FILE:
                    raise UpdateError(Message("What stands at that address is not a version file."))
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        raise UpdateError(
            Message("The version file cannot be had: no answer. Is there a network?")
        ) from error
    return text
