"""Writes the two lock files from pyproject.toml, and checks that they still belong to it.

`python packaging/lock.py` writes and proves, `--check` needs no network, `--prove` shows with the wheels that
the locks are complete. A lock names versions and hashes for Linux and Windows and Python 3.11 to 3.13, and
never where a package comes from.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from lock_proof import prove

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "packaging" / "locks"
RUN_LOCK = LOCKS / "run.txt"
DEV_LOCK = LOCKS / "dev.txt"
DEV_EXTRAS = ("test", "lint", "build")
STAMP = "# made by packaging/lock.py from dependencies "
# What a lock must not hold: addresses, folders, or options that say where to look.
FORBIDDEN = re.compile(r"://|--(index|extra|find|trusted)|(^|\s)-[ifer]\s|\sfile:|@ ")


def fingerprint() -> str:
    """The hash of everything in pyproject.toml that decides what the locks hold."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = {name: project["optional-dependencies"][name] for name in DEV_EXTRAS}
    text = json.dumps([project["requires-python"], project["dependencies"], extras], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def uv_command() -> str:
    """The uv beside this Python, else the one on PATH."""
    beside = Path(sys.executable).with_name("uv.exe" if os.name == "nt" else "uv")
    found = str(beside) if beside.exists() else shutil.which("uv")
    if found is None:
        sys.exit("lock.py needs uv: run it with the Python of .venv (after `packaging/dev.py setup`)")
    return found


def compile_lock(target: Path, *options: str) -> None:
    """Resolve pyproject.toml into one lock for every supported platform and Python."""
    # Whatever this machine says about where packages come from stays out of the file.
    kept = {
        k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "UV_INDEX", "UV_FIND", "UV_EXTRA"))
    }
    kept.setdefault("UV_SYSTEM_CERTS", "1")
    command = [
        *(uv_command(), "--no-config", "pip", "compile", "--quiet", "--universal", "--generate-hashes"),
        *("--no-header", "--no-annotate", "--python-version", "3.11", *options, "pyproject.toml"),
    ]
    done = subprocess.run(command, cwd=ROOT, env=kept, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"uv could not resolve {target.name}:\n{done.stderr}")
    target.write_text(f"{STAMP}{fingerprint()}\n{done.stdout}", "utf-8", newline="\n")


def write_locks() -> None:
    """Write both locks; what the program runs on has one version in both."""
    LOCKS.mkdir(exist_ok=True)
    extras = [word for extra in DEV_EXTRAS for word in ("--extra", extra)]
    compile_lock(DEV_LOCK, *extras)
    compile_lock(RUN_LOCK, "--constraints", str(DEV_LOCK))


def problems() -> list[str]:
    """What is wrong with the locks, one sentence each; an empty list when they are as they should be."""
    found = []
    for lock in (RUN_LOCK, DEV_LOCK):
        text = lock.read_text("utf-8") if lock.exists() else ""
        if not text.startswith(STAMP + fingerprint() + "\n"):
            found.append(f"{lock.name} is not from today's pyproject.toml: run packaging/lock.py")
        found += [
            f"{lock.name}:{number}: says where a package comes from: {line.strip()}"
            for number, line in enumerate(text.splitlines(), 1)
            if FORBIDDEN.search(line)
        ]
        unhashed = re.findall(r"^([a-z0-9._-]+==\S+)(?![^\n]*\\\n\s+--hash)", text, re.MULTILINE)
        found += [f"{lock.name}: {name} has no hash" for name in unhashed]
    strays = set(_pins(RUN_LOCK)) - set(_pins(DEV_LOCK))
    return found + [f"run.txt and dev.txt disagree on {pin}" for pin in sorted(strays)]


def _pins(lock: Path) -> list[str]:
    return (
        re.findall(r"^[a-z0-9._-]+==[^\s;]+", lock.read_text("utf-8"), re.MULTILINE) if lock.exists() else []
    )


def proof() -> list[str]:
    """What the locks lack on some Python or system, one sentence each; needs the network."""
    project, room = ROOT / "pyproject.toml", ROOT / "build" / "lock-proof"
    return [
        *prove(uv_command(), project, DEV_LOCK, DEV_EXTRAS, room),
        *prove(uv_command(), project, RUN_LOCK, (), room),
    ]


def main() -> int:
    """Write the locks, or check them; 1 when a check found something."""
    parser = argparse.ArgumentParser(description="Writes or checks packaging/locks.")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--check", action="store_true", help="only say what is wrong; needs no network")
    only.add_argument("--prove", action="store_true", help="only show with the wheels that they are complete")
    chosen = parser.parse_args()
    if not (chosen.check or chosen.prove):
        write_locks()
    found = problems()
    if not (found or chosen.check):
        found = proof()
    for line in found or [
        f"locks are current: {len(_pins(RUN_LOCK))} packages to run, {len(_pins(DEV_LOCK))} in all"
    ]:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
