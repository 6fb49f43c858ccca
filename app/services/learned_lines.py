"""What was learned of each adapter and of the meters behind it, kept from one start to the next."""

import json
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from app.bus.memory import BusMemory
from app.store.errors import StoreError

_LOG = logging.getLogger(__name__)


class LineTexts(Protocol):
    """Where what was learned is kept: a text by adapter."""

    async def get(self, adapter_key: str) -> str | None:
        """What was kept of an adapter; None where nothing was."""
        ...

    async def save(self, adapter_key: str, text: str, at: datetime) -> None:
        """Keeps a text in place of the one before."""
        ...


class LearnedLines:
    """The memories of this run by adapter; a data file that cannot be read or written costs patience only.

    Args:
        now: the moment, in UTC.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._texts: LineTexts | None = None
        self._memories: dict[str, BusMemory] = {}
        self._kept: dict[str, str] = {}

    def use(self, texts: LineTexts | None) -> None:
        """Another data folder, or none; what was learned with the one before stays there.

        What was learned while there was no folder goes with the first that comes.
        """
        if self._texts is not None and texts is not self._texts:
            self._memories.clear()
        self._texts = texts
        self._kept.clear()

    async def of(self, adapter_key: str) -> BusMemory:
        """What is known of an adapter: of this run, else as it was kept, else nothing yet."""
        memory = self._memories.get(adapter_key)
        if memory is None:
            text = await self._load(adapter_key)
            # Whoever asked meanwhile has begun to learn already.
            memory = self._memories.setdefault(adapter_key, _memory_of(text))
            if text is not None:
                self._kept[adapter_key] = text
        return memory

    async def keep(self, adapter_key: str) -> None:
        """Writes what was learned of an adapter since it was written last."""
        memory, texts = self._memories.get(adapter_key), self._texts
        if memory is None or texts is None:
            return
        text = _text_of(memory)
        if text == self._kept.get(adapter_key):
            return
        try:
            await texts.save(adapter_key, text, self._now())
        except StoreError:
            _LOG.warning("what was learned of the line could not be kept", exc_info=True)
            return
        if texts is self._texts:
            self._kept[adapter_key] = text

    async def _load(self, adapter_key: str) -> str | None:
        if self._texts is None:
            return None
        try:
            return await self._texts.get(adapter_key)
        except StoreError:
            _LOG.warning("what was learned of the line could not be read", exc_info=True)
            return None


def _text_of(memory: BusMemory) -> str:
    return json.dumps(memory.to_data(), sort_keys=True)


def _memory_of(text: str | None) -> BusMemory:
    try:
        return BusMemory.from_data(json.loads(text)) if text else BusMemory()
    except (ValueError, RecursionError):
        return BusMemory()
