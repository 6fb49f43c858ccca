"""A trace as a file: JSON, one entry a line, so that trouble on site can be replayed at a desk."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from app.bus.errors import BusError
from app.bus.port import LineSettings
from app.bus.trace import Direction, TraceEntry
from app.bus.trace_lines import trace_lines
from app.message import Message

_FORMAT: Final = "mbus-trace"
_VERSION: Final = 1

SUFFIX: Final = ".mbustrace"


class TraceFileError(BusError):
    """A file that is no trace."""


@dataclass(frozen=True, slots=True)
class RecordedTrace:
    """What a trace file holds.

    Attributes:
        line: baud rate and byte shape at the start.
        entries: oldest first; times count from the first.
    """

    line: LineSettings
    entries: tuple[TraceEntry, ...]


def export_trace(entries: Iterable[TraceEntry], line: LineSettings) -> str:
    """The text of a trace file.

    Each line has time, direction and bytes as they went; the line that begins a request or an answer also has
    its meaning, for whoever reads the file without this program.
    """
    kept = tuple(entries)
    meanings = {(each.time_s, each.direction): str(each.meaning) for each in trace_lines(kept)}
    start = kept[0].time_s if kept else 0.0
    rows: list[dict[str, Any]] = [
        {
            "format": _FORMAT,
            "version": _VERSION,
            "baud": line.baud,
            "bytesize": line.bytesize,
            "parity": line.parity,
            "stopbits": line.stopbits,
        }
    ]
    for entry in kept:
        row: dict[str, Any] = {"t": round(entry.time_s - start, 6), "dir": entry.direction.value}
        if entry.data:
            row["hex"] = entry.data.hex().upper()
        if entry.note:
            row["note"] = entry.note
        meaning = meanings.get((entry.time_s, entry.direction))
        if meaning and entry.data:
            row["meaning"] = meaning
        rows.append(row)
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def load_trace(text: str) -> RecordedTrace:
    """Reads what :func:`export_trace` wrote.

    Raises:
        TraceFileError: the text is no trace, with the line that is wrong.
    """
    rows = [line for line in text.splitlines() if line.strip()]
    number = 1
    try:
        line = _head(rows)
        entries = []
        for number, row in enumerate(rows[1:], 2):
            entries.append(_entry(number - 2, json.loads(row)))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise TraceFileError(
            Message("This is no trace of an M-Bus line (line {number}).", {"number": number}),
            advice=Message("Choose a file that the bus panel has exported."),
        ) from error
    return RecordedTrace(line, tuple(entries))


def _head(rows: list[str]) -> LineSettings:
    head = json.loads(rows[0])
    if head["format"] != _FORMAT or head["version"] != _VERSION:
        raise ValueError(head["format"])
    return LineSettings(int(head["baud"]), int(head["bytesize"]), str(head["parity"]), int(head["stopbits"]))


def _entry(number: int, row: dict[str, Any]) -> TraceEntry:
    return TraceEntry(
        number=number,
        time_s=float(row["t"]),
        direction=Direction(row["dir"]),
        data=bytes.fromhex(row.get("hex", "")),
        note=str(row.get("note", "")),
    )
