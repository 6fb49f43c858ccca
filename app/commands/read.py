"""``mbus-tool read``: reads one meter by its serial number and prints its telegram and what it took."""

import argparse
import sys

from app.bus.readout import Readout
from app.commands.meter_arguments import add_meter_arguments, with_readout
from app.commands.outcome import ExitCode, print_json
from app.commands.telegram_text import telegram_object, telegram_text
from app.domain.meter import SerialNumber
from app.services.commissioning import load_vocabulary

_INCOMPLETE = "The meter announced more telegrams than were read: records may be missing."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds port, serial number and baud rate."""
    add_meter_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Reads and prints; times are wall-clock measurements in seconds."""

    def use(serial: SerialNumber, readout: Readout) -> int:
        elapsed, minimum = round(readout.elapsed_s, 3), round(readout.wire_minimum_s, 3)
        if arguments.json:
            cost = {"elapsed_s": elapsed, "wire_minimum_s": minimum}
            model = load_vocabulary().models.of(readout.telegram.header)
            named = {"model": None if model is None else str(model.shown)}
            print_json(telegram_object(readout.telegram) | named | cost)
        else:
            if readout.telegram.header is not None:
                print(f"model {load_vocabulary().models.shown(readout.telegram.header)}")  # noqa: T201
            print(telegram_text(readout.telegram))  # noqa: T201
            print(f"read {serial.digits} in {elapsed:.2f} s (wire minimum {minimum:.2f} s)")  # noqa: T201
        if readout.telegram.more_records_follow:
            print(_INCOMPLETE, file=sys.stderr)  # noqa: T201
        return ExitCode.OK if readout.telegram.error is None else ExitCode.METER

    return with_readout(arguments, use)
