"""The doorbell: who may ring, and what is left behind is in nobody's way."""

import asyncio
import json
import os
import socket
import threading
from pathlib import Path

import pytest

from app.services.doorbell import FILE_NAME, Announcement, Doorbell, announced, ring


def test_whoever_can_read_the_folder_rings_and_is_answered(tmp_path: Path) -> None:
    async def live() -> tuple[list[None], bool]:
        bell, rung = Doorbell(), []
        bell.rung.subscribe(rung.append)
        await bell.open(tmp_path)
        said = announced(tmp_path)
        answered = await asyncio.to_thread(ring, said)
        await bell.close()
        await bell.close()
        assert not await asyncio.to_thread(ring, said, 0.2), "closed is closed"
        return rung, answered

    assert asyncio.run(live()) == ([None], True)
    assert not (tmp_path / FILE_NAME).exists()


@pytest.mark.skipif(os.name != "posix", reason="rights of files")
def test_nobody_else_can_read_the_secret(tmp_path: Path) -> None:
    async def live() -> int:
        bell = Doorbell()
        await bell.open(tmp_path)
        mode = (tmp_path / FILE_NAME).stat().st_mode & 0o777
        await bell.close()
        return mode

    assert asyncio.run(live()) == 0o600


def test_a_stranger_without_the_secret_rings_nothing(tmp_path: Path) -> None:
    async def live() -> list[None]:
        bell, rung = Doorbell(), []
        bell.rung.subscribe(rung.append)
        await bell.open(tmp_path)
        said = announced(tmp_path)
        assert not await asyncio.to_thread(ring, Announcement(said.port, "0" * 32, said.pid))
        for junk in (b"", b"GET / HTTP/1.1\r\n\r\n", b"x" * 5000):
            _, writer = await asyncio.open_connection("127.0.0.1", said.port)
            writer.write(junk)
            writer.close()
        assert await asyncio.to_thread(ring, said), "and it still rings for its own"
        await bell.close()
        return rung

    assert asyncio.run(live()) == [None]


def test_a_caller_that_says_nothing_does_not_keep_the_window_from_closing(tmp_path: Path) -> None:
    async def live() -> None:
        bell = Doorbell()
        await bell.open(tmp_path)
        said = announced(tmp_path)
        with socket.create_connection(("127.0.0.1", said.port)):
            async with asyncio.timeout(1):
                await bell.close()

    asyncio.run(live())


def test_a_stranger_on_the_port_of_a_crashed_run_is_not_taken_for_the_window() -> None:
    """It answers with whatever it was told, as an echo service does."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def echo() -> None:
            line, _ = listener.accept()
            with line:
                line.sendall(line.recv(1000))

        stranger = threading.Thread(target=echo)
        stranger.start()
        assert not ring(Announcement(listener.getsockname()[1], "1" * 32, 1))
        stranger.join()


@pytest.mark.parametrize(
    "left",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"{}",
        b'{"port": 70000, "secret": "a", "pid": 1}',
        b'{"port": true, "secret": "a", "pid": 1}',
        b'{"port": 1, "secret": null, "pid": 1}',
        b"[" * 5000,
    ],
)
def test_a_file_that_makes_no_sense_says_nothing(left: bytes, tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(left)
    assert announced(tmp_path) is None


def test_the_file_of_a_newer_window_stays(tmp_path: Path) -> None:
    async def live() -> None:
        bell = Doorbell()
        await bell.open(tmp_path)
        other = {"port": 1, "secret": "other", "pid": 2}
        (tmp_path / FILE_NAME).write_text(json.dumps(other), encoding="utf-8")
        await bell.close()

    asyncio.run(live())
    assert announced(tmp_path) == Announcement(1, "other", 2)


def test_a_folder_that_cannot_be_written_has_no_doorbell_and_no_fault(tmp_path: Path) -> None:
    async def live() -> None:
        bell = Doorbell()
        await bell.open(tmp_path / "not there")
        await bell.close()

    asyncio.run(live())
    assert announced(tmp_path / "not there") is None
