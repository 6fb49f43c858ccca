"""Answers that overlap on the wire, bit by bit as currents add: a zero of any meter is a zero."""

from collections.abc import Sequence
from typing import Final

BITS: Final = 11

_LATE_EDGE: Final = 1
"""Bits of idle line that the receiver must see before it looks for a start bit again."""


def uart_bits(data: bytes) -> list[int]:
    """The levels on the wire: start bit 0, eight bits from the least one on, even parity, stop bit 1."""
    levels: list[int] = []
    for byte in data:
        bits = [byte >> position & 1 for position in range(8)]
        levels += [0, *bits, sum(bits) & 1, 1]
    return levels


def superpose(transmissions: Sequence[tuple[int, bytes]]) -> list[tuple[int, int, bool]]:
    """What a receiver makes of answers that start at the given bit times.

    Args:
        transmissions: the bit time at which each answer starts, and its bytes.

    Returns:
        For each byte received: the bit time of its end, the byte, and whether parity and stop bit fit.
    """
    length = max(start + BITS * len(data) for start, data in transmissions) + BITS
    line = [1] * length
    for start, data in transmissions:
        for position, level in enumerate(uart_bits(data), start):
            line[position] &= level
    return _received(line)


def _received(line: Sequence[int]) -> list[tuple[int, int, bool]]:
    received = []
    position = 0
    while position + BITS <= len(line):
        if line[position]:
            position += 1
            continue
        frame = line[position : position + BITS]
        byte = sum(level << place for place, level in enumerate(frame[1:9]))
        fits = frame[9] == sum(frame[1:9]) & 1 and frame[10] == 1
        position += BITS
        received.append((position, byte, fits))
        if not frame[10]:
            # No stop bit: the receiver waits for the line to be idle before the next start bit.
            while position < len(line) and not line[position]:
                position += _LATE_EDGE
    return received
