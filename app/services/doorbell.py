"""How a second start finds the window that has the data folder: a loopback port and a secret, in the folder.

A file that a crashed run left behind blocks nobody: whoever rings and is not answered starts as if it were
not there, and the data file's own lock decides who may write.
"""

import asyncio
import contextlib
import hashlib
import hmac
import json
import os
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.services.events import Event
from app.store.files import make_file

FILE_NAME: Final = "window.json"
PATIENCE_S: Final = 2.0
"""So long a window that hangs is waited for, and a caller that says nothing."""

_HOST: Final = "127.0.0.1"
_DIGEST_SIZE: Final = 64
_LARGEST_FILE: Final = 4096


@dataclass(frozen=True, slots=True)
class Announcement:
    """What a window says of itself in its data folder.

    Attributes:
        port: on the loopback interface.
        secret: known to whoever may read the folder.
        pid: its process.
    """

    port: int
    secret: str
    pid: int

    def ask(self) -> bytes:
        """What the caller sends; the secret itself is never sent."""
        return _digest(self.secret, "open")

    def answer(self) -> bytes:
        """What only the window itself can answer, not a stranger that has its port by now."""
        return _digest(self.secret, "here")


class Doorbell:
    """Listens for as long as the data folder is in use.

    Attributes:
        rung: the program was started a second time.
    """

    def __init__(self) -> None:
        self.rung: Event[None] = Event()
        self._server: asyncio.Server | None = None
        self._callers: set[asyncio.Task[None]] = set()
        self._path = Path()
        self._said: Announcement | None = None

    async def open(self, folder: Path) -> None:
        """Listens, and says in the folder where; a folder or a computer that cannot has no doorbell."""
        try:
            self._server = await asyncio.start_server(self._on_caller, _HOST, 0, limit=_DIGEST_SIZE)
            port = self._server.sockets[0].getsockname()[1]
            self._said = Announcement(port, secrets.token_hex(16), os.getpid())
            self._path = folder / FILE_NAME
            await asyncio.to_thread(_write, self._path, self._said)
        except OSError:
            await self.close()

    async def close(self) -> None:
        """Listens no more; a second call does nothing."""
        server, self._server = self._server, None
        said, self._said = self._said, None
        if server is not None:
            server.close()
        for caller in tuple(self._callers):
            caller.cancel()
        if self._callers:
            await asyncio.wait(self._callers)
        if said is not None:
            await asyncio.to_thread(_remove, self._path, said)

    def _on_caller(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._answer(reader, writer), name="doorbell")
        self._callers.add(task)
        task.add_done_callback(self._callers.discard)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said = self._said
        try:
            with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
                async with asyncio.timeout(PATIENCE_S):
                    asked = await reader.readexactly(_DIGEST_SIZE)
                    if said is None or not hmac.compare_digest(asked, said.ask()):
                        return
                    writer.write(said.answer())
                    await writer.drain()
                self.rung.emit(None)
        finally:
            writer.close()


def announced(folder: Path) -> Announcement | None:
    """What the folder says of a window; None where it says nothing, or nothing that makes sense."""
    try:
        with (folder / FILE_NAME).open(encoding="utf-8") as file:
            told = json.loads(file.read(_LARGEST_FILE))
        said = Announcement(told["port"], told["secret"], told["pid"])
    except (OSError, ValueError, RecursionError, KeyError, TypeError):
        return None
    kinds = (type(said.port), type(said.secret), type(said.pid))
    return said if kinds == (int, str, int) and 0 < said.port < 0x10000 and said.pid > 0 else None


def ring(said: Announcement, patience_s: float = PATIENCE_S) -> bool:
    """Says to a window that it is wanted; whether it answered. Waits: nothing for a loop's thread."""
    answer = b""
    try:
        with socket.create_connection((_HOST, said.port), timeout=patience_s) as line:
            line.sendall(said.ask())
            while len(answer) < _DIGEST_SIZE and (part := line.recv(_DIGEST_SIZE)):
                answer += part
    except OSError:
        return False
    return hmac.compare_digest(answer, said.answer())


def _digest(secret: str, word: str) -> bytes:
    key = secret.encode("utf-8", "replace")
    return hmac.new(key, word.encode(), hashlib.sha256).hexdigest().encode()


def _write(path: Path, said: Announcement) -> None:
    """Whole or not at all, and for its owner's eyes alone."""
    draft = path.with_name(f"{path.name}.{said.pid}")
    make_file(draft)
    draft.write_text(
        json.dumps({"port": said.port, "secret": said.secret, "pid": said.pid}), encoding="utf-8"
    )
    draft.replace(path)


def _remove(path: Path, said: Announcement) -> None:
    """Only what this window wrote."""
    with contextlib.suppress(OSError):
        if announced(path.parent) == said:
            path.unlink()
