r"""One command on a fresh machine: makes .venv from the lock, then runs, tests, checks or builds the program.

Uses the standard library alone, so that any Python 3.11 to 3.13 can start it:
`python3 packaging/dev.py run` (on Windows `py packaging\dev.py run`).
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCKS = ROOT / "packaging" / "locks"
STAMP = VENV / "installed-locks.json"
PICTURES = ROOT / "build" / "practice-pictures"
WINDOWS = os.name == "nt"
SUPPORTED = ((3, 13), (3, 12), (3, 11))

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


def say(text: str) -> None:
    """One line of progress, on the error stream so that a tool's own output stays clean."""
    print(f"dev.py: {text}", file=sys.stderr, flush=True)


def stop(text: str) -> SystemExit:
    """The end of the road, with what to do next."""
    return SystemExit(f"dev.py: {text}")


# --- a Python that fits -------------------------------------------------------------------------


def probe(command: list[str]) -> tuple[tuple[int, ...], str]:
    """The (major, minor) and the executable of the Python behind a command; ((), "") if it does not start."""
    question = "import sys; print(*sys.version_info[:2], sys.executable)"
    try:
        answer = subprocess.run(
            [*command, "-c", question], capture_output=True, text=True, timeout=60, check=True
        )
        major, minor, executable = answer.stdout.strip().split(" ", 2)
        return (int(major), int(minor)), executable
    except (OSError, ValueError, subprocess.SubprocessError):
        return (), ""


def suitable_python() -> str:
    """A supported Python: this one when it fits, else the newest other one found."""
    this = sys.version.split()[0]
    if sys.version_info[:2] in SUPPORTED:
        return sys.executable
    for major, minor in SUPPORTED:
        command = ["py", f"-{major}.{minor}"] if WINDOWS else [f"python{major}.{minor}"]
        version, executable = probe(command)
        if version == (major, minor):
            say(f"this is Python {this}; going on with {executable}")
            return executable
    raise stop(
        f"Python 3.11, 3.12 or 3.13 is needed; this is {this}, and no other one is on PATH. Install one "
        "(Debian 12, Ubuntu 24.04: sudo apt install python3 python3-venv; Windows: the one of python.org) "
        "and start this command again with it."
    )


# --- .venv ---------------------------------------------------------------------------------------


def venv_python() -> Path:
    """The Python inside .venv."""
    return VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")


def tool_environment() -> dict[str, str]:
    """The environment that installers and the program run in."""
    environment = dict(os.environ)
    # Without compiled modules the program starts in 3 s instead of 0.9 s.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment.pop("PYTHONHOME", None)
    environment.setdefault("UV_COMPILE_BYTECODE", "1")
    # A company's certificate is in the system's store, not in uv's own.
    environment.setdefault("UV_SYSTEM_CERTS", "1")
    return environment


def is_root() -> bool:
    """Whether this may install system packages (never on Windows)."""
    return sys.platform != "win32" and os.geteuid() == 0


def apt_install(packages: list[str]) -> bool:
    """Install Debian packages when this is root on a Debian; whether that worked."""
    if not (is_root() and shutil.which("apt-get")):
        return False
    say(f"installing {' '.join(packages)}")
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
    said = ""
    for attempt in range(3):
        time.sleep(5 * attempt)
        for command in (["apt-get", "update", "-q"], install):
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            said = done.stdout + done.stderr
        if done.returncode == 0:
            return True
    say(f"that failed:\n{said}")
    return False


def make_venv() -> None:
    """Make .venv, with uv where it is at hand, else with the standard library's venv and pip."""
    python = suitable_python()
    if VENV.exists():
        say(".venv has no supported Python that starts; making it anew")
        shutil.rmtree(VENV)
    uv = shutil.which("uv")
    if (
        uv
        and subprocess.run(
            [uv, "venv", "-q", "--seed", "--python", python, str(VENV)], check=False
        ).returncode
        == 0
    ):
        return
    if subprocess.run([python, "-c", "import ensurepip, venv"], capture_output=True, check=False).returncode:
        package = "python{}.{}-venv".format(*probe([python])[0])
        if not apt_install([package]):
            raise stop(
                f"this Python cannot make environments. Install the missing part: sudo apt install {package}"
            )
    if subprocess.run([python, "-m", "venv", str(VENV)], check=False).returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        raise stop(f"making {VENV} failed; the lines above say why (is the folder writable, the disk full?)")


def installed() -> dict[str, str]:
    """Which locks are in .venv, by name, with the hash each had."""
    try:
        answer = json.loads(STAMP.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return answer if isinstance(answer, dict) else {}


def hash_of(lock: str) -> str:
    """The hash of a lock file as it is now."""
    return hashlib.sha256((LOCKS / lock).read_bytes()).hexdigest()


def install_command(lock: str) -> list[str]:
    """How a lock gets into .venv: with uv in some seconds, with pip in about a minute."""
    uv = shutil.which("uv")
    file = str(LOCKS / lock)
    if uv:
        return [uv, "pip", "install", "-q", "--python", str(venv_python()), "--require-hashes", "-r", file]
    pip = [str(venv_python()), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    return [*pip, "--only-binary", ":all:", "--require-hashes", "-r", file]


def ensure_environment(lock: str) -> None:
    """Make .venv hold what the lock says; takes no time when it does already."""
    if probe([str(venv_python())])[0] not in SUPPORTED:
        make_venv()
    if installed().get(lock) == hash_of(lock):
        return
    say(f"installing what {lock} names into .venv (once, a minute or two)")
    for attempt in range(3):
        time.sleep(5 * attempt)
        if subprocess.run(install_command(lock), env=tool_environment(), check=False).returncode == 0:
            break
    else:
        raise stop(
            "installing failed; the lines above say why. Is there a network? Then start this command again."
        )
    # The development lock holds all of the other one.
    names = ("dev.txt", "run.txt") if lock == "dev.txt" else (lock,)
    STAMP.write_text(json.dumps({name: hash_of(name) for name in names}), "utf-8")


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
