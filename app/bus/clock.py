"""The seam to time: what the port thread needs of a clock, and the real one."""

import time
from typing import Protocol


class Clock(Protocol):
    """A clock that never jumps; tests bring one that needs no time."""

    def now(self) -> float:
        """Seconds since some fixed moment."""
        ...

    def sleep(self, seconds: float) -> None:
        """Waits at least that long."""
        ...


class MonotonicClock:
    """The clock of the machine."""

    def now(self) -> float:
        """Seconds of the monotonic clock."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Blocks the calling thread."""
        time.sleep(seconds)
