"""What was learned of a line is there again tomorrow, and never more than patience is lost without it."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.bus.memory import AdapterMemory, MeterMemory
from app.mbus.addresses import SecondaryAddress
from app.message import Message
from app.services.learned_lines import LearnedLines
from app.store.errors import StoreError
from app.store.store import Store

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
KEY = "0403:6001:A1"
SLOW = SecondaryAddress("94158192")


@asynccontextmanager
async def lines_on(folder: Path):
    store = await Store.open(folder, NOW)
    lines = LearnedLines(lambda: NOW)
    lines.use(store.line_memory)
    try:
        yield lines
    finally:
        await store.close()


def test_the_echo_and_the_slow_meter_are_known_after_a_restart(tmp_path: Path) -> None:
    async def first() -> None:
        async with lines_on(tmp_path) as lines:
            memory = await lines.of(KEY)
            memory.adapter = AdapterMemory(latency_s=0.016, echoes=True)
            memory.remember(SLOW, MeterMemory(slow=True))
            await lines.keep(KEY)

    async def second() -> None:
        async with lines_on(tmp_path) as lines:
            memory = await lines.of(KEY)
            assert memory.adapter == AdapterMemory(latency_s=0.016, echoes=True)
            assert memory.meter(SLOW).slow
            assert not (await lines.of("another")).adapter.echoes, "one adapter's echo was taken for all"

    asyncio.run(first())
    asyncio.run(second())


class Texts:
    """A folder in memory that may be full."""

    def __init__(self, text: str | None = None, error: Exception | None = None) -> None:
        self.text, self.error, self.saves = text, error, 0

    async def get(self, adapter_key: str) -> str | None:
        if self.error is not None:
            raise self.error
        return self.text

    async def save(self, adapter_key: str, text: str, at: datetime) -> None:
        if self.error is not None:
            raise self.error
        self.text, self.saves = text, self.saves + 1


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 1}', '{"version": 99}', "\x00", "[" * 100_000])
def test_a_damaged_memory_is_learned_anew(text: str) -> None:
    lines = LearnedLines(lambda: NOW)
    lines.use(Texts(text))
    assert asyncio.run(lines.of(KEY)).adapter == AdapterMemory()


def test_a_full_disk_costs_no_reading_and_is_tried_again() -> None:
    async def run() -> None:
        texts = Texts(error=StoreError(Message("the disk is full")))
        lines = LearnedLines(lambda: NOW)
        lines.use(texts)
        (await lines.of(KEY)).adapter = AdapterMemory(echoes=True)
        await lines.keep(KEY)
        texts.error = None
        await lines.keep(KEY)
        assert texts.text is not None
        assert '"echoes": true' in texts.text

    asyncio.run(run())


def test_what_is_known_already_is_not_written_again() -> None:
    async def run() -> None:
        texts = Texts()
        lines = LearnedLines(lambda: NOW)
        lines.use(texts)
        (await lines.of(KEY)).adapter = AdapterMemory(echoes=True)
        for _ in range(3):
            await lines.keep(KEY)
        assert texts.saves == 1

    asyncio.run(run())


def test_practice_teaches_the_own_adapters_nothing() -> None:
    async def run() -> None:
        own, practice = Texts(), Texts()
        lines = LearnedLines(lambda: NOW)
        lines.use(own)
        lines.use(None)
        (await lines.of(KEY)).adapter = AdapterMemory(echoes=True)
        lines.use(practice)
        await lines.keep(KEY)
        assert (own.saves, practice.saves) == (0, 1)
        lines.use(own)
        assert not (await lines.of(KEY)).adapter.echoes

    asyncio.run(run())
