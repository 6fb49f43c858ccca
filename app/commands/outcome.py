"""How a command ends: exit codes a script can rely on, errors as a sentence with a next step."""

import errno
import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from enum import IntEnum
from types import MappingProxyType

from app.services.explain import Explanation, Kind, explain

_UNSEEN = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
"""Controls, ends of lines and signs of direction that JSON itself does not escape."""


class ExitCode(IntEnum):
    """The exit codes of every command."""

    OK = 0
    FAILED = 1
    USAGE = 2
    PORT = 3
    METER = 4
    PORTAL = 5
    DIFFERS = 6
    OPEN = 7
    INTERRUPTED = 130

    @classmethod
    def overview(cls) -> str:
        """The exit codes in words, for the help."""
        lines = "\n".join(f"  {code.value:3}  {_MEANINGS[code]}" for code in cls)
        return f"exit codes:\n{lines}"


_MEANINGS = {
    ExitCode.OK: "done",
    ExitCode.FAILED: "an error that has no code of its own",
    ExitCode.USAGE: "the command line, a serial number or a file cannot be used",
    ExitCode.PORT: "the serial port is gone, busy, forbidden or lost",
    ExitCode.METER: "the meter does not answer, or not understandably",
    ExitCode.PORTAL: "the portal is not there, refuses the login or the meter, or has no write part",
    ExitCode.DIFFERS: "on the portal, which shows other values than the meter (a wrong factor)",
    ExitCode.OPEN: "on the portal, but a check is open, or the comparison proves nothing yet",
    ExitCode.INTERRUPTED: "stopped by the person",
}

_CODES = {
    Kind.INPUT: ExitCode.USAGE,
    Kind.PORT: ExitCode.PORT,
    Kind.METER: ExitCode.METER,
    Kind.PORTAL: ExitCode.PORTAL,
    Kind.STORE: ExitCode.FAILED,
    Kind.PROGRAM: ExitCode.FAILED,
}


def report_error(
    error: Exception,
    *,
    as_json: bool,
    steps: Sequence[tuple[str, str, str]] = (),
    beside: Mapping[str, object] = MappingProxyType({}),
) -> ExitCode:
    """Says what happened and what to do next; with ``as_json`` also as an object on standard output.

    Args:
        error: what happened.
        as_json: whether a script reads along.
        steps: what the program can do about it: a stable word, the command, and what it does.
        beside: what stands beside the error in JSON.
    """
    explanation = explain(error)
    if as_json:
        shown = error_object(explanation)
        if steps:
            shown["next_steps"] = [{"step": word, "command": command} for word, command, _ in steps]
        print_json({**beside, "ok": False, "error": shown})
    print(f"{explanation.what} {explanation.next_step}".strip(), file=sys.stderr)  # noqa: T201
    for _, command, words in steps:
        print(f"  {words}: {command}", file=sys.stderr)  # noqa: T201
    return _CODES[explanation.kind]


def error_object(explanation: Explanation) -> dict[str, object]:
    """An error as the JSON outputs carry it."""
    return {
        "kind": explanation.code,
        "message": str(explanation.what),
        "next_step": str(explanation.next_step),
        "details": explanation.details,
    }


def print_json(value: object) -> None:
    """One object a line, flushed at once so that a reader at the other end of a pipe sees it."""
    print(json_line(value), flush=True)  # noqa: T201


def json_line(value: object) -> str:
    """An object in one line for any reader: some end one at U+0085 or U+2028, and terminals obey controls."""
    line = json.dumps(value, ensure_ascii=False)
    return _UNSEEN.sub(lambda found: f"\\u{ord(found.group()):04x}", line)


def is_broken_pipe(error: OSError) -> bool:
    """Whether the reader of standard output went away; Windows calls that an invalid argument of no file."""
    return isinstance(error, BrokenPipeError) or (
        os.name == "nt" and error.errno == errno.EINVAL and error.filename is None
    )


def report_interrupted() -> ExitCode:
    """Says that the person stopped the command."""
    print("Stopped.", file=sys.stderr)  # noqa: T201
    return ExitCode.INTERRUPTED
