"""Trims the finished bundle and lists what is in it by size."""

import shutil
import subprocess
from collections import Counter
from pathlib import Path

from names import BUNDLE, WINDOWS, megabytes

# numpy's own libraries were rewritten after linking; `strip` makes them unloadable.
NOT_STRIPPED = "numpy.libs"
LARGEST = 25
LIMIT = {True: 120e6, False: 180e6}  # unpacked, by WINDOWS


def files(folder: Path) -> list[Path]:
    """Every real file in the folder (links to others are not counted twice)."""
    return [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]


def strip(folder: Path = BUNDLE) -> int:
    """Drop debugging symbols from shared libraries (Linux); the bytes that saved."""
    if WINDOWS or not shutil.which("strip"):
        return 0
    libraries = [path for path in files(folder) if ".so" in path.name and NOT_STRIPPED not in path.parts]
    before = sum(path.stat().st_size for path in libraries)
    subprocess.run(["strip", "--strip-unneeded", *map(str, libraries)], check=True)
    return before - sum(path.stat().st_size for path in libraries)


def size(folder: Path = BUNDLE) -> int:
    """All bytes in the folder."""
    return sum(path.stat().st_size for path in files(folder))


def listing(folder: Path = BUNDLE) -> str:
    """The largest files and the sum by part, as the build prints it."""
    every = [(path.stat().st_size, path.relative_to(folder)) for path in files(folder)]
    parts: Counter[str] = Counter()
    for bytes_, path in every:
        inside = path.parts[1:] if path.parts[0] == "_internal" else path.parts
        parts[inside[0] if len(inside) > 1 else "(single files)"] += bytes_
    largest = sorted(every, reverse=True, key=lambda entry: entry[0])[:LARGEST]
    return "\n".join(
        [
            f"{folder.name}: {len(every)} files, {megabytes(sum(parts.values()))}",
            *(f"  {megabytes(bytes_):>9}  {part}" for part, bytes_ in parts.most_common()),
            "the largest files:",
            *(f"  {megabytes(bytes_):>9}  {path.as_posix()}" for bytes_, path in largest),
        ]
    )


def check_size(folder: Path = BUNDLE) -> None:
    """Stop when the bundle outgrew its limit: something came in that nobody asked for."""
    if size(folder) > LIMIT[WINDOWS]:
        raise SystemExit(
            f"{folder} is {megabytes(size(folder))}; the limit is {megabytes(int(LIMIT[WINDOWS]))}"
        )
