"""``mbus-tool practice``: serves the practice building, its portal and its gateway until it is stopped."""

import argparse
import os
import signal
import stat
import sys
import tempfile
import threading
from pathlib import Path
from types import FrameType

from app.commands.outcome import ExitCode, print_json
from app.message import Message
from app.practice.world import DEFAULT_SEED, PracticeWorld, WorldPorts

_SLICE_S = 0.2
"""On Windows a wait without a limit would not hear Ctrl+C."""

_STOP_SIGNALS = ("SIGINT", "SIGTERM", "SIGBREAK")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds seed, folder and ports."""
    parser.epilog = (
        "Prints one line of JSON once everything answers, then serves until SIGINT, SIGTERM (Ctrl+Break on "
        "Windows), or until the pipe at its standard input is closed. "
        "Exit codes: 0 stopped, 1 could not start."
    )
    parser.add_argument(
        "--seed", type=int, default=DEFAULT_SEED, metavar="N", help="the same seed makes the same building"
    )
    parser.add_argument(
        "--faults",
        action="store_true",
        help="serve the second building, where twenty meters have one fault each, and tell which",
    )
    parser.add_argument(
        "--folder",
        type=Path,
        metavar="DIR",
        help="where the portal keeps its meters from one start to the next (default: nowhere)",
    )
    for name in ("bus", "portal", "gateway"):
        parser.add_argument(
            f"--{name}-port",
            type=int,
            default=0,
            metavar="PORT",
            help=f"TCP port of the {name} (default: any)",
        )


def run(arguments: argparse.Namespace) -> int:
    """Serves."""
    stop = _Stop()
    with tempfile.TemporaryDirectory(prefix="mbus-practice-", ignore_cleanup_errors=True) as temporary:
        ports = WorldPorts(arguments.bus_port, arguments.portal_port, arguments.gateway_port)
        try:
            folder = arguments.folder or Path(temporary)
            world = PracticeWorld.start(folder, arguments.seed, ports=ports, faulty=arguments.faults)
        except (OSError, OverflowError) as error:
            message = Message("The practice building could not start: {reason}.", {"reason": str(error)})
            print(message, file=sys.stderr)  # noqa: T201
            return ExitCode.FAILED
        try:
            told: dict[str, object] = {**world.addresses.as_fields()}
            if arguments.faults:
                told["meters"] = [planted.as_fields() for planted in world.planted]
            print_json(told)
            stop.wait()
        finally:
            world.stop()
    return ExitCode.OK


class _Stop:
    """Every way to be told to stop; made before anything is started, so that none is missed."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._pipe_closed = threading.Event()
        for name in _STOP_SIGNALS:
            number = getattr(signal, name, None)
            if number is not None:
                signal.signal(number, self._on_signal)
        if _standard_input_is_pipe():
            threading.Thread(target=self._watch_pipe, name="standard input", daemon=True).start()

    def wait(self) -> None:
        """Returns when told to stop.

        A pipe that was closed before everything ran never was a way to stop: a shell or a service manager
        gives such a one to what it starts in the background.
        """
        pipe_counts = not self._pipe_closed.is_set()
        while not self._stopped.wait(_SLICE_S):
            if pipe_counts and self._pipe_closed.is_set():
                return

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stopped.set()

    def _watch_pipe(self) -> None:
        # Read from the descriptor: the buffered stream's lock would hold up the interpreter's end.
        while os.read(0, 1024):
            pass
        self._pipe_closed.set()


def _standard_input_is_pipe() -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(0).st_mode)
    except OSError:
        return False
