"""What can be done about an error, as commands to copy."""

import argparse
import shlex
from typing import Final

from app.commands.line_arguments import DEFAULT_BAUD
from app.services.next_steps import NextStep, Step

_COMMANDS: Final = {
    Step.READ_AGAIN: "read",
    Step.READ_TURNED: "read",
    Step.READ_ENDING: "read",
    Step.READ_FABRICATION: "read",
    Step.SEARCH: "scan",
    Step.SEARCH_NUMBER: "scan",
    Step.DIAGNOSE: "diagnose",
    Step.RESET: "reset",
}


def command_line(step: NextStep, arguments: argparse.Namespace) -> str:
    """The command of a step, on the same port at the same rate."""
    words = ["mbus-tool", _COMMANDS[step.step], "--port", arguments.port]
    if arguments.baud != DEFAULT_BAUD:
        words += ["--baud", str(arguments.baud)]
    return shlex.join([*words, *_meter(step)])


def _meter(step: NextStep) -> list[str]:
    number = step.number
    if number is None:
        return []
    if number.fabrication_number is not None:
        return ["--fabrication-number", number.fabrication_number]
    option = "--within" if step.step is Step.SEARCH_NUMBER else "--serial"
    return [option, number.text]
