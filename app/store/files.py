"""The data file among others in its folder: whose it is, and what lies beside it."""

import contextlib
import os
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

COMPANIONS = ("-wal", "-shm", "-journal")
"""What SQLite puts beside a data file."""

_BEGUN = ".begun"

_POSIX = os.name == "posix"
"""Elsewhere the rights of the person's profile are inherited, which are the owner's alone too."""


def make_folder(folder: Path, data_file: Path) -> None:
    """Makes the data folder, for its owner's eyes alone.

    One that is there without a data file is narrowed only while it is empty: it may be shared with others.
    """
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        owners_alone(folder)
    elif data_file.exists() or not any(folder.iterdir()):
        owners_alone(folder)


def make_file(path: Path) -> None:
    """Makes an empty file that only its owner can read; one that is there is narrowed."""
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    narrow(path)


def narrow(path: Path) -> None:
    """Takes everybody else's rights from a data file and what lies beside it."""
    for companion in ("", *COMPANIONS):
        part = path.with_name(path.name + companion)
        if part.exists():
            owners_alone(part)


def owners_alone(path: Path) -> None:
    """Takes everybody else's rights from one file or folder.

    A file system that knows no rights, or somebody else's folder, stays as it is.
    """
    if _POSIX:
        with contextlib.suppress(OSError):
            mode = stat.S_IMODE(path.stat().st_mode)
            if mode & 0o077:
                path.chmod(mode & 0o700)


@contextlib.contextmanager
def first_start(path: Path) -> Iterator[bool]:
    """Whether the data file is being made now, or was when the program was killed.

    Such a file may have no byte yet; any other without a byte has lost them.
    """
    mark = path.with_name(path.name + _BEGUN)
    is_first = not path.exists() or mark.exists()
    if is_first:
        make_file(mark)
    try:
        yield is_first
    finally:
        if is_first:
            mark.unlink(missing_ok=True)


def was_begun(path: Path) -> bool:
    """Whether the data file is being made."""
    return path.with_name(path.name + _BEGUN).exists()


def identity(path: Path) -> tuple[int, int] | None:
    """What tells this file from another of the same name; None while there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def keep_aside(path: Path, now: datetime) -> Path:
    """Gives a damaged file and what lies beside it another name; never deletes anything.

    Returns:
        the new name of the file.
    """
    stem = f"{path.name}.damaged-{now:%Y%m%d-%H%M%S}"
    for number in range(100):
        name = stem if number == 0 else f"{stem}-{number}"
        if not any(path.with_name(name + companion).exists() for companion in ("", *COMPANIONS)):
            break
    # The file itself last: as long as it is in its place, it is known to be damaged.
    for companion in (*COMPANIONS, ""):
        part = path.with_name(path.name + companion)
        if part.exists():
            part.rename(path.with_name(name + companion))
    return path.with_name(name)


def sync_folder(folder: Path) -> None:
    """Waits until new names in a folder survive a power cut; where the system cannot say, it does not."""
    if _POSIX:
        with contextlib.suppress(OSError):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
