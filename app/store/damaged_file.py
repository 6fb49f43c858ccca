"""A copy of a damaged file that SQLite opens: the original is never touched."""

import shutil
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from app.store.files import COMPANIONS, make_file, was_begun

_SCRATCH: Final = ".salvage-source"
_HEAD_SIZE: Final = 100
_MAGIC: Final = b"SQLite format 3\0"
_MOST_CUT: Final = 1000
"""A head that says more than so many times the size is damaged itself."""
_WAL_HEADER: Final = 32


def is_emptied(path: Path) -> bool:
    """Whether a data file lost its contents, or is gone from beside what was written last (the ``-wal``).

    SQLite takes a file without a byte for a new one, and throws away what lies in the ``-wal`` beside it.
    """
    wal = path.with_name(path.name + "-wal")
    size = path.stat().st_size if path.exists() else None
    if was_begun(path) and not (wal.exists() and wal.stat().st_size > _WAL_HEADER):
        return False
    return size == 0 or (size is None and wal.exists() and wal.stat().st_size > _WAL_HEADER)


def readable_copy(path: Path, backups: Iterable[Path]) -> sqlite3.Connection | None:
    """Opens a copy of a damaged file, with its head mended if need be; None where nothing of it can be read.

    Args:
        path: the damaged file, with what lies beside it.
        backups: of the same file, the newest first: the head of a file says where its tables are, and a
            backup's says the same.

    Raises:
        OSError: there is no room for a copy.
    """
    for head in (None, *backups):
        connection = _opened(_copy(path, head))
        if connection is not None:
            return connection
    return None


def forget_copy(path: Path) -> None:
    """Deletes the copy."""
    for companion in ("", *COMPANIONS):
        path.with_name(path.name + _SCRATCH + companion).unlink(missing_ok=True)


def _copy(path: Path, head: Path | None) -> Path:
    forget_copy(path)
    scratch = path.with_name(path.name + _SCRATCH)
    make_file(scratch)
    if path.exists():
        shutil.copyfile(path, scratch)
    wal = path.with_name(path.name + "-wal")
    has_wal = wal.exists() and wal.stat().st_size > _WAL_HEADER
    if has_wal:
        shutil.copyfile(wal, scratch.with_name(scratch.name + "-wal"))
    if head is not None:
        _put_head(scratch, head, wal=has_wal)
    else:
        _lengthen(scratch)
    return scratch


def _lengthen(scratch: Path) -> None:
    """Gives a copy that was cut short its length back: SQLite opens none that its head says is longer."""
    with scratch.open("r+b") as file:
        head = file.read(_HEAD_SIZE)
        if len(head) == _HEAD_SIZE and head.startswith(_MAGIC):
            page_size = int.from_bytes(head[16:18], "big")
            said = int.from_bytes(head[28:32], "big") * (65536 if page_size == 1 else page_size)
            size = file.seek(0, 2)
            if size < said <= size * _MOST_CUT:
                file.truncate(said)


def _put_head(scratch: Path, backup: Path, *, wal: bool) -> None:
    """Gives the copy a backup's first page, made to fit the size that the file has."""
    with backup.open("rb") as file:
        first = file.read(_HEAD_SIZE)
        page_size = int.from_bytes(first[16:18], "big")
        page_size = 65536 if page_size == 1 else page_size
        page = bytearray(first + file.read(page_size - _HEAD_SIZE))
    if bytes(page[:16]) != _MAGIC or len(page) != page_size:
        return
    with scratch.open("r+b") as file:
        size = max(page_size, file.seek(0, 2))
        page[18:20] = b"\x02\x02" if wal else b"\x01\x01"
        page[28:32] = (size // page_size).to_bytes(4, "big")
        # The size counts only where these two agree.
        page[92:96] = page[24:28]
        file.seek(0)
        file.write(page)


def _opened(scratch: Path) -> sqlite3.Connection | None:
    if scratch.stat().st_size == 0:
        return None
    connection = sqlite3.connect(scratch, isolation_level=None, check_same_thread=False)
    try:
        connection.text_factory = lambda text: text.decode("utf-8", "replace")
        # The first page alone is needed for the names of the tables; whether they can be read shows later.
        if connection.execute("SELECT count(*) FROM sqlite_schema WHERE type = 'table'").fetchone()[0]:
            return connection
    except sqlite3.DatabaseError:
        pass
    connection.close()
    return None
