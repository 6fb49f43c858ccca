"""Opens a data folder and kills itself at the n-th step: run by the kill tests, many times in one process.

Arguments: the folder of version 1 to copy, a folder to work in, first step, stride. A step is a statement of
SQLite, 50 of its instructions, or a call that changes a file. Prints one JSON line a kill: what the
second start found.
"""

import asyncio
import json
import os
import shutil
import signal
import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path

from app.store.store import Store

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
_CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.chmod", "open", "sqlite3.connect"}
_connect = sqlite3.connect


async def look(folder: Path) -> dict[str, object]:
    store = await Store.open(folder, NOW, busy_timeout_s=0)
    try:
        sites = await store.sites.all()
        meters = [
            each for site in ("", *(site.site_id for site in sites)) for each in await store.meters.load(site)
        ]
        return {
            "sites": [site.name for site in sites],
            "meters": sorted(each.serial for each in meters),
            "decided": sorted(each.draft.place for each in meters if each.draft and each.decided),
            "read": sum(each.reading is not None for each in meters),
            "waiting": sorted(item.key for item in await store.outbox.waiting()),
            "notices": [str(notice) for notice in store.notices],
        }
    finally:
        await store.close()


def die_at(step: int) -> None:
    left = step

    def count(*_: object) -> int:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return 0

    def connect(*args: object, **named: object) -> sqlite3.Connection:
        connection = _connect(*args, **named)
        connection.set_trace_callback(count)
        connection.set_progress_handler(count, 50)
        return connection

    sqlite3.connect = connect
    sys.addaudithook(lambda event, _: count() if event in _CHANGES else None)


def main(source: Path, work: Path, first: int, stride: int) -> None:
    step = first
    while True:
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(source, work)
        child = os.fork()
        if child == 0:
            die_at(step)
            asyncio.run(look(work))
            os._exit(0)
        killed = os.WIFSIGNALED(os.waitpid(child, 0)[1])
        # The second start in a child too: this process keeps no thread that a fork would lose.
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(writer, json.dumps({"step": step, "killed": killed, **asyncio.run(look(work))}).encode())
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader) as answer:
            print(answer.read(), flush=True)  # noqa: T201
        os.waitpid(child, 0)
        if not killed:
            return
        step += stride


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
