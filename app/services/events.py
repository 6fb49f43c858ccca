"""Telling whoever wants to know, without Qt."""

import logging
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

_LOG = logging.getLogger(__name__)


class Event(Generic[T]):
    """Something that happens again and again; whoever subscribed is called in the order of subscribing."""

    def __init__(self) -> None:
        self._subscribers: list[Callable[[T], object]] = []

    def subscribe(self, subscriber: Callable[[T], object]) -> Callable[[], None]:
        """Calls ``subscriber`` with every value from now on; the result ends it."""
        self._subscribers.append(subscriber)

        def unsubscribe() -> None:
            if subscriber in self._subscribers:
                self._subscribers.remove(subscriber)

        return unsubscribe

    def whenever(self, act: Callable[[], object]) -> Callable[[], None]:
        """Calls ``act`` without the value each time; the result ends it."""
        return self.subscribe(lambda _: act())

    def emit(self, value: T) -> None:
        """Tells a value; a subscriber that raises is logged and never stops the others."""
        for subscriber in tuple(self._subscribers):
            try:
                subscriber(value)
            except Exception:  # noqa: BLE001 - whatever it was
                _LOG.exception("a subscriber failed")
