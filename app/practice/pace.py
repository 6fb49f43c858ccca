"""How long a practice meter thinks and when it is deaf: its own habits, the same on every day."""

from enum import Enum
from typing import Final
from zlib import crc32

from app.mbus.addresses import SecondaryAddress

SHORTEST_S: Final = 0.015
LONGEST_S: Final = 0.15
JITTER_S: Final = 0.005
"""A meter looks at its line in a loop: each answer starts up to so much later."""

_SHORTEST_BITS: Final = 11
_WINDOW_BITS: Final = 330
_WINDOW_EXTRA_S: Final = 0.05
_WINDOW_SHARE: Final = 0.9
"""At higher rates the window of EN 13757-2 is shorter than the longest delay: so much of it is used, jitter
and the server's own included."""


class Hearing(Enum):
    """When a meter, which sends and listens in turn, does not hear a request."""

    DEAF_SENDING = "deaf while it sends"
    DEAF_PREPARING = "deaf from the end of a request to the end of its answer"
    CANCELS = "deaf while it sends; a request before that makes it forget its answer"


def own_delay_s(address: SecondaryAddress, baud: int) -> float:
    """From the last bit of a request to the first of the answer, without jitter.

    Real meters spread over all that EN 13757-2 allows (11 bits to 330 bits and 50 ms).
    """
    share = _drawn(address, "delay") / 0xFFFFFFFF
    shortest = max(SHORTEST_S, _SHORTEST_BITS / baud)
    longest = min(LONGEST_S, _WINDOW_SHARE * (_WINDOW_BITS / baud + _WINDOW_EXTRA_S) - 2 * JITTER_S)
    return shortest + share * (longest - shortest)


def own_hearing(address: SecondaryAddress) -> Hearing:
    """How a meter hears."""
    habits = tuple(Hearing)
    return habits[_drawn(address, "hearing") % len(habits)]


def _drawn(address: SecondaryAddress, purpose: str) -> int:
    # Not Python's hash: that differs from one start of the program to the next.
    return crc32(f"{address.text} {purpose}".encode())
