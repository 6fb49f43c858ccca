"""What can go wrong with the practice portal, to be switched on for training and tests."""

import threading
from enum import Enum


class PortalFault(Enum):
    """One fault; the values are its names in forms."""

    SLOW = "slow"
    BUSY = "busy"
    SERVER_ERROR = "server_error"
    DROP = "drop"
    DROP_AFTER = "drop_after"
    TOKEN_EXPIRY = "token_expiry"  # noqa: S105 - a fault's name
    NO_WRITE = "no_write"
    ONE_ENTRY = "one_entry"


FAULT_WORDS = {
    PortalFault.SLOW: "Answers slowly",
    PortalFault.BUSY: "Too many requests (429)",
    PortalFault.SERVER_ERROR: "Fails (500)",
    PortalFault.DROP: "Drops the connection before the work",
    PortalFault.DROP_AFTER: "Drops the connection after the work",
    PortalFault.TOKEN_EXPIRY: "A login lasts for one request",
    PortalFault.NO_WRITE: "Has no write part",
    PortalFault.ONE_ENTRY: "Takes one entry per address",
}


class PortalFaults:
    """Which faults are on; set from any thread, read by the server's.

    Attributes:
        slow_s: how long a slow answer takes.
    """

    def __init__(self) -> None:
        self.slow_s = 3.0
        self._lock = threading.Lock()
        self._on: set[PortalFault] = set()
        self._times: dict[PortalFault, int] = {}

    def set(self, fault: PortalFault, *, on: bool) -> None:
        """Switches a fault on or off for good."""
        with self._lock:
            self._times.pop(fault, None)
            if on:
                self._on.add(fault)
            else:
                self._on.discard(fault)

    def next(self, fault: PortalFault, times: int = 1) -> None:
        """Switches a fault on for the next requests it concerns."""
        with self._lock:
            self._times[fault] = times

    def clear(self) -> None:
        """Switches every fault off."""
        with self._lock:
            self._on.clear()
            self._times.clear()

    def active(self) -> frozenset[PortalFault]:
        """The faults that are on now."""
        with self._lock:
            return frozenset(self._on | set(self._times))

    def take(self, fault: PortalFault) -> bool:
        """Whether the fault concerns this request; a counted one is counted down."""
        with self._lock:
            left = self._times.get(fault, 0)
            if left > 1:
                self._times[fault] = left - 1
            elif left == 1:
                del self._times[fault]
            return left > 0 or fault in self._on
