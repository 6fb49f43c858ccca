r"""One command on a fresh machine: makes .venv from the lock, then runs, tests, checks or builds the program.

Uses the standard library alone, so that any Python 3.11 to 3.13 can start it:
`python3 packaging/dev.py run` (on Windows `py packaging\dev.py run`).
"""

from __future__ import annotations

import argparse
import ctypes
import os
import shlex
import subprocess
import sys

from environment import (
    ROOT,
    apt_install,
    ensure_environment,
    say,
    stop,
    tool_environment,
    venv_python,
)

PICTURES = ROOT / "build" / "practice-pictures"

# What Qt needs from the system: the name the loader asks for, and the Debian/Ubuntu package that brings it.
QT_ALWAYS = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libbrotlidec.so.1": "libbrotli1",
}
QT_ON_SCREEN = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
QT_PROBE = "from PySide6.QtWidgets import QApplication; QApplication([])"


# --- Qt's system libraries and the display ----------------------------------------------------------


def missing_libraries(wanted: dict[str, str]) -> list[str]:
    """The packages of those libraries that the loader does not find."""
    missing = []
    for library, package in wanted.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(package)
    return missing


def qt_starts(platform: str | None) -> bool:
    """Whether a QApplication can be made, on the display or on the named Qt platform."""
    environment = tool_environment()
    if platform:
        environment["QT_QPA_PLATFORM"] = platform
    probe = [str(venv_python()), "-c", QT_PROBE]
    return subprocess.run(probe, env=environment, capture_output=True, check=False).returncode == 0


def has_display() -> bool:
    """Whether there is a screen to open a window on."""
    return not sys.platform.startswith("linux") or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))


def ensure_qt(*, on_screen: bool) -> None:
    """Stop with the exact apt line when Qt cannot start; as root on Debian, install and go on."""
    platform = None if on_screen else "offscreen"
    if not sys.platform.startswith("linux") or qt_starts(platform):
        return
    missing = missing_libraries({**QT_ALWAYS, **QT_ON_SCREEN} if on_screen else QT_ALWAYS)
    if missing and apt_install(missing) and qt_starts(platform):
        return
    if missing:
        raise stop(
            f"Qt needs libraries that are not there. Debian, Ubuntu: sudo apt install {' '.join(missing)}"
        )
    where = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or platform
    raise stop(
        f"Qt does not start on {where!r}; run .venv's python with -c {shlex.quote(QT_PROBE)} to see why"
    )


# --- the commands -----------------------------------------------------------------------------------


def python_run(arguments: list[str], **environment: str) -> int:
    """Run the Python of .venv in the project's folder and hand back its exit code."""
    full = {**tool_environment(), **environment}
    try:
        return subprocess.run([str(venv_python()), *arguments], cwd=ROOT, env=full, check=False).returncode
    except KeyboardInterrupt:
        return 130


def command_setup(_rest: list[str]) -> int:
    """Only make the environment, with everything for development in it."""
    ensure_environment("dev.txt")
    ensure_qt(on_screen=False)
    say(f"ready: {venv_python()}")
    return 0


def command_run(rest: list[str]) -> int:
    """Open the program on the practice building, or do its main job offscreen where there is no display."""
    ensure_environment("run.txt")
    if has_display():
        ensure_qt(on_screen=True)
        return python_run(["-m", "ui", "--practice", *rest])
    ensure_qt(on_screen=False)
    say("no display here (DISPLAY is not set): doing the same job offscreen, step by step")
    PICTURES.mkdir(parents=True, exist_ok=True)
    code = python_run(
        ["-m", "ui", "--self-test", "--pictures", str(PICTURES), *rest], QT_QPA_PLATFORM="offscreen"
    )
    say(f"pictures of the window are in {PICTURES}")
    return code


def command_tool(rest: list[str]) -> int:
    """mbus-tool, from source."""
    ensure_environment("run.txt")
    return python_run(["-m", "app.cli", *rest])


def command_test(rest: list[str]) -> int:
    """All tests, offscreen; further words go to pytest."""
    ensure_environment("dev.txt")
    ensure_qt(on_screen=False)
    return python_run(["-m", "pytest", *rest], QT_QPA_PLATFORM="offscreen")


def command_check(_rest: list[str]) -> int:
    """Format, lint, types, layers and locks; every one is run, the exit code counts the failed ones."""
    ensure_environment("dev.txt")
    checks = {
        "format": ["-m", "ruff", "format", "--check", "."],
        "lint": ["-m", "ruff", "check", "."],
        "types": ["-m", "mypy"],
        "layers": ["-c", "from importlinter.cli import lint_imports_command as run; run()"],
        "locks": ["packaging/lock.py", "--check"],
    }
    failed = [name for name, arguments in checks.items() if python_run(arguments)]
    say(f"checks failed: {', '.join(failed)}" if failed else f"checks passed: {', '.join(checks)}")
    return len(failed)


def command_build(rest: list[str]) -> int:
    """The program as it is handed out, by packaging/build.py."""
    ensure_environment("dev.txt")
    ensure_qt(on_screen=False)
    return python_run(["packaging/build.py", *rest])


def command_lock(rest: list[str]) -> int:
    """Write the locks anew from pyproject.toml."""
    ensure_environment("dev.txt")
    return python_run(["packaging/lock.py", *rest])


COMMANDS = {
    "run": command_run,
    "test": command_test,
    "check": command_check,
    "build": command_build,
    "tool": command_tool,
    "lock": command_lock,
    "setup": command_setup,
}


def main() -> int:
    """Take one command word; everything after it goes to what the command starts."""
    listing = "\n".join(f"  {name:6} {function.__doc__}" for name, function in COMMANDS.items())
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").split("\n", 1)[0],
        epilog=f"commands:\n{listing}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND")
    parser.add_argument(
        "rest", nargs=argparse.REMAINDER, metavar="...", help="words for what the command starts"
    )
    chosen = parser.parse_args()
    return COMMANDS[chosen.command](chosen.rest)


if __name__ == "__main__":
    sys.exit(main())
