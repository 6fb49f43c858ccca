"""Runs the self-test of the frozen program (or of the source) and measures how fast it starts."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from contents import files
from names import BUNDLE, PROGRAM, ROOT, SUFFIX

FROZEN = (str(BUNDLE / f"{PROGRAM}{SUFFIX}"),)
SOURCE = (sys.executable, "-m", "ui")
LIMIT_S = 300
WARM_STARTS = 5


def run(command: Sequence[str], *options: str, report: Path) -> dict[str, Any]:
    """Start the program's self-test and hand back the report it wrote.

    Raises:
        SystemExit: the program did not end in time, wrote no report, or a check failed.
    """
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    environment = dict(os.environ)
    if sys.platform.startswith("linux") and not environment.get("DISPLAY"):
        environment["QT_QPA_PLATFORM"] = "offscreen"
    words = [*command, "--self-test", "--report", str(report), "--started", repr(time.time()), *options]
    # A windowed program on Windows has no streams of its own: pipes, never the console or a file.
    done = subprocess.run(
        words,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=LIMIT_S,
        check=False,
    )
    output = (done.stdout + done.stderr).decode("utf-8", "replace")
    if not report.exists():
        raise SystemExit(f"{words[0]} ended with {done.returncode} and wrote no report:\n{output}")
    answer: dict[str, Any] = json.loads(report.read_text("utf-8"))
    if done.returncode or not answer["ok"]:
        raise SystemExit(
            f"the self-test of {words[0]} failed ({done.returncode}):\n{summary(answer)}\n{output}"
        )
    return answer


def summary(answer: dict[str, Any]) -> str:
    """The report as lines: each check with its time and what it found."""
    marks = {True: "ok", False: "FAILED"}
    return "\n".join(
        f"  {marks[check['ok']]:6} {check['seconds']:6.2f} s  {check['name']}: {check['detail']}"
        for check in answer["checks"]
    )


def forget_files(folder: Path) -> bool:
    """Ask the system to drop the folder's files from its cache, so that a start is cold; whether it can."""
    if sys.platform == "win32" or not hasattr(os, "posix_fadvise"):
        return False
    for path in files(folder):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(handle)
    return True


def first_paint(command: Sequence[str]) -> float:
    """Seconds from starting the process to the window's first paint."""
    report = ROOT / "build" / "start.json"
    return float(run(command, "--only", "window", report=report)["first_paint_s"])


def start_times(command: Sequence[str], folder: Path | None) -> str:
    """Cold and warm start as a line; cold only where a folder is given and the cache can be emptied."""
    cold = f"cold {first_paint(command):.2f} s, " if folder and forget_files(folder) else ""
    warm = [first_paint(command) for _ in range(WARM_STARTS)]
    return f"{cold}warm {statistics.median(warm):.2f} s (best {min(warm):.2f}, {WARM_STARTS} starts)"


def main() -> int:
    """Print a report that a program wrote earlier; 1 when a check in it failed."""
    answer = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    print(f"{answer['platform']}, first paint after {answer['first_paint_s']:.2f} s\n{summary(answer)}")
    return 0 if answer["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
