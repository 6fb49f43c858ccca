"""Finds a raw telegram in whatever was pasted: bare hex, hex with blanks, or the gateway's text around it."""

import re

_HEX_RUN = re.compile(
    r"(?:(?<![0-9A-Za-z])(?:0[xX])?[0-9A-Fa-f]{2}(?:[\s,;:-]*(?:0[xX])?[0-9A-Fa-f]{2})*)(?![0-9A-Za-z])"
)
_SHORTEST = 5
_LONGEST_TEXT = 200_000


def find_telegram(text: str) -> bytes | None:
    """The bytes of the telegram in a text; None where there is none.

    A run of hex that has a frame's beginning (68 L L 68) is preferred and starts there; otherwise the longest
    run stands for it, and the decoder says what is wrong with it.
    """
    runs = [_bytes_of(match.group()) for match in _HEX_RUN.finditer(text[:_LONGEST_TEXT])]
    framed = [run[at:] for run in runs if (at := _frame_start(run)) is not None]
    candidates = framed or [run for run in runs if len(run) >= _SHORTEST and run[0] == 0x68]
    return max(candidates, key=len, default=None)


def _bytes_of(text: str) -> bytes:
    return bytes.fromhex("".join(re.findall(r"[0-9A-Fa-f]{2}", re.sub(r"0[xX]", "", text))))


def _frame_start(run: bytes) -> int | None:
    for at in range(len(run) - _SHORTEST):
        if run[at] == run[at + 3] == 0x68 and run[at + 1] == run[at + 2]:
            return at
    return None
