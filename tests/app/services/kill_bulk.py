"""Changes every meter of a building again and again and is killed at it: run by the kill test.

Arguments: a folder, how often it is killed, a seed. Prints one JSON line a kill: the last change that was
said to be done, and the places that the next start finds.
"""

import asyncio
import contextlib
import json
import os
import random
import signal
import struct
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from app.domain.building import NO_SITE
from app.store.store import Store
from tests.fakes.practice_telegrams import raw_telegram
from tests.fakes.sites import site_on, taken

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
METERS = 60
_DONE = struct.Struct("<q")


async def fill(folder: Path) -> None:
    store = await Store.open(folder, NOW)
    told = site_on(store.meters, store.outbox.items)
    await told.site.open(NO_SITE)
    for number in range(METERS):
        await told.site.take(taken(f"{10_000_000 + number}", raw_telegram("94158192")))
    await told.site.flush()
    await told.rest()
    await store.close()


async def change_on(folder: Path, first: int, done: Callable[[int], object]) -> None:
    """Changes all meters, and says so when a change is on disk; ends by being killed."""
    store = await Store.open(folder, NOW)
    told = site_on(store.meters, store.outbox.items)
    await told.site.open(NO_SITE)
    ids = [row.meter_id for row in told.site.rows]
    number = first
    while True:
        place = f"place {number}"
        told.site.change(ids, lambda draft, place=place: replace(draft, place=place))
        await told.site.flush()
        done(number)
        number += 1


async def places(folder: Path) -> list[str]:
    store = await Store.open(folder, NOW)
    try:
        return [each.draft.place if each.draft else "" for each in await store.meters.load(NO_SITE)]
    finally:
        await store.close()


def in_a_child(work: Callable[[], object]) -> bytes:
    """Runs something in a process of its own, so that this one never has a thread to lose."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        os.write(writer, json.dumps(work()).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as answer:
        told = answer.read()
    os.waitpid(child, 0)
    return told


def killed_once(folder: Path, first: int, after_s: float) -> int:
    """The last change that was said to be done before the kill; 0 for none."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        asyncio.run(change_on(folder, first, lambda number: os.write(writer, _DONE.pack(number))))
        os._exit(1)
    os.close(writer)
    last = 0
    with os.fdopen(reader, "rb") as told:
        # The first change: opening is not what is tried here.
        last = _DONE.unpack(told.read(_DONE.size))[0]
        time.sleep(after_s)
        os.kill(child, signal.SIGKILL)
        while len(more := told.read(_DONE.size)) == _DONE.size:
            last = _DONE.unpack(more)[0]
    os.waitpid(child, 0)
    return last


def main(folder: Path, kills: int, seed: int) -> None:
    chance = random.Random(seed)
    in_a_child(lambda: asyncio.run(fill(folder)))
    first = 1
    for _ in range(kills):
        last = killed_once(folder, first, chance.uniform(0, 0.03))
        found = json.loads(in_a_child(lambda: asyncio.run(places(folder))))
        print(json.dumps({"done": last, "places": sorted(set(found)), "meters": len(found)}), flush=True)  # noqa: T201 - to the test
        first = last + 2


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
