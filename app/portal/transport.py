"""HTTP itself: one request, one bounded answer or a typed error without a secret; TLS is verified."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from app.message import Message
from app.portal.address import is_loopback, normal_base_url
from app.portal.errors import PortalError, PortalUnreachable, garbled

if TYPE_CHECKING:
    import httpx

_LARGEST_ANSWER = 8 * 1024 * 1024
_CONNECT_TIMEOUT_S = 10.0
ANSWER_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class Request:
    """One request below the base URL; headers and body stay out of its representation, they hold secrets."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    timeout_s: float = ANSWER_TIMEOUT_S


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, its headers by lower-case name."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_page(self) -> bool:
        """Whether it is a web page, which no portal's interface sends."""
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        return kind in ("text/html", "application/xhtml+xml") or self.body.lstrip()[:1] == b"<"


class Transport:
    """The connections to one portal; made on first use, off the loop: certificates take a while to load."""

    def __init__(self, base_url: str) -> None:
        """Checks the address.

        Raises:
            PortalAddressError: see :func:`app.portal.address.normal_base_url`.
        """
        self.base_url = normal_base_url(base_url)
        self.host = urlsplit(self.base_url).hostname or ""
        self._client: httpx.AsyncClient | None = None
        self._making = asyncio.Lock()

    async def close(self) -> None:
        """Closes the connections; the transport may be used again afterwards."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def send(self, request: Request) -> Answer:
        """Sends one request.

        Raises:
            PortalUnreachable: no answer, or one that broke off.
            PortalFault: an answer that is too large.
        """
        client = await self._connected()
        import httpx  # noqa: PLC0415 - loaded off the loop by now: it takes longer than the window may wait

        failure: PortalError
        # Errors of httpx hold the request, and the login's holds the password: none of them is chained.
        try:
            # httpx counts every piece anew: an answer that drips would never end.
            async with asyncio.timeout(request.timeout_s + _CONNECT_TIMEOUT_S):
                return await self._exchange(client, request)
        except (httpx.TimeoutException, TimeoutError):
            failure = PortalUnreachable(
                Message(
                    "The portal {host} did not answer in time.",
                    {"host": self.host},
                )
            )
        except httpx.ProxyError:
            failure = PortalUnreachable(
                Message(
                    "The proxy of this network refuses the connection to the portal {host}.",
                    {"host": self.host},
                ),
                Message("Check the proxy's address, user name and password in the system's settings."),
            )
        except httpx.ConnectError as error:
            failure = self._no_connection(str(error))
        except (httpx.HTTPError, httpx.InvalidURL):
            failure = PortalUnreachable(
                Message(
                    "The connection to the portal {host} broke off.",
                    {"host": self.host},
                )
            )
        raise failure

    async def _exchange(self, client: "httpx.AsyncClient", request: Request) -> Answer:
        import httpx  # noqa: PLC0415 - loaded by send

        received = bytearray()
        async with client.stream(
            request.method,
            self.base_url + request.path,
            headers=request.headers,
            content=request.body,
            timeout=httpx.Timeout(request.timeout_s, connect=_CONNECT_TIMEOUT_S),
        ) as response:
            async for piece in response.aiter_bytes():
                received += piece
                if len(received) > _LARGEST_ANSWER:
                    raise garbled(request.path, "a bounded answer", f"more than {_LARGEST_ANSWER} bytes")
            lowered = {name.lower(): value for name, value in response.headers.items()}
            return Answer(response.status_code, lowered, bytes(received))

    def _no_connection(self, reason: str) -> PortalError:
        if "certificate" in reason.lower():
            return PortalUnreachable(
                Message(
                    "The portal {host} does not prove who it is: its certificate is not valid, "
                    "or this computer's date is wrong.",
                    {"host": self.host},
                )
            )
        return PortalUnreachable(
            Message(
                "The portal {host} cannot be reached.",
                {"host": self.host},
            )
        )

    async def _connected(self) -> "httpx.AsyncClient":
        async with self._making:
            if self._client is None:
                try:
                    self._client = await asyncio.to_thread(self._make)
                except (ImportError, ValueError):
                    # A socks proxy without its package, or an address that is none: the environment names it.
                    raise PortalUnreachable(
                        Message("The proxy that this computer names is of a kind that cannot be used here."),
                        Message("Name an http proxy in HTTPS_PROXY, or except the portal in NO_PROXY."),
                    ) from None
            return self._client

    def _make(self) -> "httpx.AsyncClient":
        import ssl  # noqa: PLC0415 - as httpx

        import anyio  # noqa: PLC0415
        import certifi  # noqa: PLC0415
        import httpx  # noqa: PLC0415

        # The first connection would load anyio's half for asyncio on the loop itself.
        anyio.run(anyio.sleep, 0)
        local = is_loopback(self.host)
        # A company's own authority stands in the system's store, the public ones may not: both count.
        context = ssl.create_default_context(cafile=certifi.where())
        context.load_default_certs()
        return httpx.AsyncClient(
            verify=context,
            trust_env=not local,
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
        )
