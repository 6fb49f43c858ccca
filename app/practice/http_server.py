"""A real HTTP server on loopback in a thread of its own, for the practice portal and the practice gateway."""

import asyncio
import logging
import socket
import threading

import uvicorn
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_START_TIMEOUT_S = 20.0
_STOP_TIMEOUT_S = 10.0


class _DropsAreMeant(logging.Filter):
    """A dropped connection is a fault that the person switched on, nothing for the log."""

    def filter(self, record: logging.LogRecord) -> bool:
        return "without completing response" not in record.getMessage()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.answers = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.answers.set()


_HERE = frozenset({"127.0.0.1", "localhost", "[::1]"})


def _is_here(authority: str) -> bool:
    """Whether a Host, or the host of an Origin, is this very computer, whatever the port."""
    host = authority.rpartition(":")[0] if authority.rpartition(":")[2].isdigit() else authority
    return host.lower() in _HERE


class _OnlyFromHere:
    """Refuses what a page of somebody else's asks through a browser (DNS rebinding, cross-site requests)."""

    def __init__(self, application: ASGIApp) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.lower(): value.decode("latin-1") for name, value in scope.get("headers", ())}
        origin = headers.get(b"origin", "")
        foreign_origin = bool(origin) and not _is_here(origin.partition("://")[2])
        if scope["type"] == "http" and (foreign_origin or not _is_here(headers.get(b"host", ""))):
            await PlainTextResponse("This server answers this computer only.", 403)(scope, receive, send)
            return
        await self._application(scope, receive, send)


class HttpServer:
    """Serves one ASGI application from :meth:`start` to :meth:`stop`; the port is free until then."""

    def __init__(self, application: ASGIApp, name: str) -> None:
        self._application = _OnlyFromHere(application)
        self._name = name
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def start(self, port: int = 0) -> str:
        """Begins to listen; returns the base URL once it answers.

        Args:
            port: 0 for any free one.

        Raises:
            OSError: the port is taken.
        """
        listener = socket.create_server(("127.0.0.1", port))
        config = uvicorn.Config(
            self._application,
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=1,
        )
        logging.getLogger("uvicorn.error").addFilter(_DROPS_ARE_MEANT)
        self._server = _Server(config)
        self._thread = threading.Thread(
            target=self._run, args=(self._server, listener), name=self._name, daemon=True
        )
        self._thread.start()
        if not self._server.answers.wait(_START_TIMEOUT_S):
            raise OSError(f"{self._name} did not start")
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    def stop(self) -> None:
        """Closes every connection and waits for the thread; a second call does nothing."""
        server, thread = self._server, self._thread
        self._server = self._thread = None
        if server is not None and thread is not None:
            server.should_exit = True
            thread.join(_STOP_TIMEOUT_S)

    @staticmethod
    def _run(server: _Server, listener: socket.socket) -> None:
        with listener:
            asyncio.run(server.serve(sockets=[listener]))


_DROPS_ARE_MEANT = _DropsAreMeant()
