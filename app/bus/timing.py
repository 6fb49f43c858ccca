"""The times of the link layer (EN 13757-2), in seconds, as pure functions of the baud rate."""

from typing import Final

BITS_PER_BYTE: Final = 11
"""Start bit, eight data bits, even parity, stop bit."""

ANSWER_WINDOW_BITS: Final = 330
ANSWER_WINDOW_EXTRA_S: Final = 0.05
SHORTEST_DELAY_BITS: Final = 11
IDLE_BITS: Final = 33

SLOW_WINDOW_S: Final = 2.2
"""The second, longer window: meters that take 1.1 to 2 s to answer exist."""

BAUD_RATES: Final = (300, 600, 1200, 2400, 4800, 9600, 19200, 38400)


def bit_times(count: float, baud: int) -> float:
    """How long that many bits take."""
    return count / baud


def wire_time(byte_count: int, baud: int, bits_per_byte: int = BITS_PER_BYTE) -> float:
    """How long that many bytes take one after the other."""
    return byte_count * bits_per_byte / baud


def answer_window(baud: int) -> float:
    """From the end of a request to the latest first bit of an answer: 330 bit times and 50 ms."""
    return bit_times(ANSWER_WINDOW_BITS, baud) + ANSWER_WINDOW_EXTRA_S


def shortest_delay(baud: int) -> float:
    """From the end of a request to the earliest first bit of an answer: 11 bit times."""
    return bit_times(SHORTEST_DELAY_BITS, baud)


def idle_time(baud: int) -> float:
    """How long the line must have been quiet before the next request: 33 bit times."""
    return bit_times(IDLE_BITS, baud)
