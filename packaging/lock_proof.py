"""Shows that a lock is complete: whatever its packages ask for is in it, for every Python and system.

The wheels are unpacked beside one another without resolving, as every installation does it, and what each
says it requires is looked up among them. Extras count: a package that asks for ``coverage[toml]`` also asks
for whatever coverage requires for ``toml``. Needs the network and uv: runs when a lock is written and in CI.
"""

import os
import shutil
import subprocess
import tomllib
from collections.abc import Iterable, Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

PYTHONS = ("3.11", "3.12", "3.13")
PLATFORMS = {
    "x86_64-manylinux_2_34": {
        "os_name": "posix",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "platform_machine": "x86_64",
    },
    "x86_64-pc-windows-msvc": {
        "os_name": "nt",
        "sys_platform": "win32",
        "platform_system": "Windows",
        "platform_machine": "AMD64",
    },
}


def prove(uv: str, project: Path, lock: Path, extras: Iterable[str], room: Path) -> list[str]:
    """What a lock lacks, one sentence each; an empty list proves that it is complete.

    Args:
        uv: the command.
        project: pyproject.toml.
        lock: the lock file.
        extras: the extras of the project that the lock holds.
        room: a folder for the unpacked wheels; emptied first and removed at the end.
    """
    table = tomllib.loads(project.read_text("utf-8"))["project"]
    wanted = list(table["dependencies"])
    for extra in extras:
        wanted += table["optional-dependencies"][extra]
    missing = []
    for platform, markers in PLATFORMS.items():
        for python in PYTHONS:
            where = f"{lock.name}, Python {python}, {markers['platform_system']}"
            shutil.rmtree(room, ignore_errors=True)
            trouble = _unpack(uv, lock, platform, python, room)
            if trouble:
                missing.append(f"{where}: {trouble}")
                continue
            environment = {**markers, **_python_markers(python)}
            found = {canonicalize_name(each.name): each for each in distributions(path=[str(room)])}
            missing += [f"{where}: {each}" for each in unmet(wanted, found, environment)]
    shutil.rmtree(room, ignore_errors=True)
    return missing


def unmet(
    wanted: Iterable[str], found: Mapping[NormalizedName, Distribution], environment: Mapping[str, str]
) -> list[str]:
    """The requirements, those of the requirements included, that no package of the lock meets.

    Args:
        wanted: as pyproject.toml names them.
        found: what the lock brought, by canonical name.
        environment: the values of the markers (PEP 508) of one Python on one system.
    """
    open_ends = [(Requirement(each), "pyproject.toml") for each in wanted]
    seen: set[tuple[str, str]] = set()
    missing = []
    while open_ends:
        requirement, asking = open_ends.pop()
        name = canonicalize_name(requirement.name)
        package = found.get(name)
        if package is None or not requirement.specifier.contains(package.version, prereleases=True):
            have = "is not there" if package is None else f"is {package.version}"
            missing.append(f"{asking} requires {requirement}, which {have}")
            continue
        for extra in ("", *requirement.extras):
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            each_requirement = map(Requirement, package.requires or ())
            open_ends += [
                (each, f"{name}[{extra}]" if extra else name)
                for each in each_requirement
                if each.marker is None or each.marker.evaluate({**environment, "extra": extra})
            ]
    return sorted(missing)


def _unpack(uv: str, lock: Path, platform: str, python: str, room: Path) -> str:
    """Unpacks the wheels of one Python and system; returns why not, empty when it worked."""
    command = [
        *(uv, "pip", "install", "-q", "--no-deps", "--require-hashes", "--only-binary", ":all:"),
        *("--target", str(room), "--python-platform", platform, "--python-version", python, "-r", str(lock)),
    ]
    environment = {**os.environ, "UV_COMPILE_BYTECODE": "0"}
    environment.setdefault("UV_SYSTEM_CERTS", "1")
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stderr.strip()


def _python_markers(python: str) -> dict[str, str]:
    return {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "implementation_name": "cpython",
        "implementation_version": f"{python}.0",
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_version": "",
    }
