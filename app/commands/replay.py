"""``mbus-tool replay``: serves a recorded trace as a bus."""

import argparse
import time
from pathlib import Path

from app.bus.errors import BusError
from app.bus.trace_file import TraceFileError, load_trace
from app.commands.outcome import ExitCode, print_json, report_error
from app.message import Message
from app.practice.replay import ReplayBus

_WAIT_S = 0.2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the file and where to listen."""
    parser.add_argument("file", type=Path, metavar="FILE", help="a trace that the bus panel has exported")
    parser.add_argument(
        "--listen", type=int, default=0, metavar="PORT", help="TCP port on loopback (default: a free one)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Serves until it is stopped."""
    try:
        trace = load_trace(_text(arguments.file))
    except BusError as error:
        report_error(error, as_json=False)
        return ExitCode.USAGE
    with ReplayBus(trace) as bus:
        print_json({"bus": bus.start(arguments.listen), "baud": trace.line.baud})
        while True:
            # Short enough that Ctrl+C ends it on Windows too.
            time.sleep(_WAIT_S)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TraceFileError(
            Message("The file {path} cannot be read ({reason}).", {"path": path, "reason": error})
        ) from error
