"""The environment of the project: ``.venv``, holding exactly what a lock names; standard library only.

Nothing is resolved here. A lock is complete (``lock_proof.py`` shows it when it is written), so both ways
install it line by line and look at nothing that a package asks for: what is published later cannot change
what is installed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from install_failure import Cause, cause_of

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCKS = ROOT / "packaging" / "locks"
STAMP = VENV / "installed-locks.json"
WINDOWS = os.name == "nt"
SUPPORTED = ((3, 13), (3, 12), (3, 11))

# What a machine may say to an installer that would change what is installed, or where.
_LEFTOVERS = frozenset(
    {
        *("PIP_CONSTRAINT", "PIP_TARGET", "PIP_PREFIX", "PIP_USER", "PIP_NO_BINARY", "PIP_PRE"),
        *("UV_CONSTRAINT", "UV_OVERRIDE", "UV_EXCLUDE_NEWER", "UV_NO_BINARY", "UV_PRERELEASE"),
        *("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV"),
    }
)


def say(text: str) -> None:
    """One line of progress, on the error stream so that a tool's own output stays clean."""
    print(f"dev.py: {text}", file=sys.stderr, flush=True)


def stop(text: str) -> SystemExit:
    """The end of the road, with what to do next."""
    return SystemExit(f"dev.py: {text}")


def tool_environment() -> dict[str, str]:
    """The environment that installers and the program run in."""
    environment = {name: value for name, value in os.environ.items() if name not in _LEFTOVERS}
    # Without compiled modules the program starts in 3 s instead of 0.9 s.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment.setdefault("UV_COMPILE_BYTECODE", "1")
    # A company's certificate is in the system's store, not in uv's own.
    environment.setdefault("UV_SYSTEM_CERTS", "1")
    return environment


# --- the system's packages ----------------------------------------------------------------------------


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


# --- a Python that fits -------------------------------------------------------------------------------


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


# --- .venv --------------------------------------------------------------------------------------------


def venv_python() -> Path:
    """The Python inside .venv."""
    return VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")


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


def ensure_environment(lock: str) -> None:
    """Make .venv hold what the lock says, and nothing of an older one; no time is lost when it does."""
    held = installed()
    if probe([str(venv_python())])[0] not in SUPPORTED:
        _make_venv("" if not VENV.exists() else ".venv has no supported Python that starts")
        held = {}
    elif any(hash_of(name) != found for name, found in held.items() if (LOCKS / name).exists()):
        # What an older lock brought would stay beside the new: a test could pass for it.
        _make_venv("the locks have changed")
        held = {}
    if held.get(lock) == hash_of(lock):
        return
    say(f"installing what {lock} names into .venv (once, a minute or two)")
    _install(lock)
    # The development lock holds all of the other one.
    names = ("dev.txt", "run.txt") if lock == "dev.txt" else (lock,)
    STAMP.write_text(json.dumps({name: hash_of(name) for name in names}), "utf-8")


def _make_venv(reason: str) -> None:
    """Make .venv, with uv where it is at hand, else with the standard library's venv and the pip in it."""
    python = suitable_python()
    if reason:
        say(f"{reason}; making it anew")
    shutil.rmtree(VENV, ignore_errors=True)
    uv = shutil.which("uv")
    command = [uv or "", "venv", "-q", "--python", python, str(VENV)]
    if uv and subprocess.run(command, env=tool_environment(), check=False).returncode == 0:
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


def _has_pip() -> bool:
    command = [str(venv_python()), "-m", "pip", "--version"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def install_command(lock: str) -> list[str]:
    """How a lock gets into .venv, without resolving: with uv in some seconds, with pip in about a minute."""
    options = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "-r", str(LOCKS / lock)]
    uv = shutil.which("uv")
    if uv:
        return [uv, "pip", "install", "-q", "--python", str(venv_python()), *options]
    if not _has_pip():
        _make_venv(".venv was made by uv, which is not here any more")
    return [str(venv_python()), "-m", "pip", "install", "-q", "--disable-pip-version-check", *options]


def _install(lock: str) -> None:
    """Install a lock; what may pass by itself is tried three times, everything else is named at once."""
    for attempt in range(3):
        time.sleep(5 * attempt)
        done = subprocess.run(
            install_command(lock),
            env=tool_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode == 0:
            return
        cause = cause_of(done.stdout)
        if not cause.passes:
            break
        say(f"attempt {attempt + 1} of 3: {cause.sentence}")
    raise _failed(done.stdout, cause)


def _failed(output: str, cause: Cause) -> SystemExit:
    said = [line for line in output.splitlines() if line.strip() and "WARNING: " not in line][-12:]
    return stop("installing failed. " + cause.sentence + "\nThe installer said:\n  " + "\n  ".join(said))
