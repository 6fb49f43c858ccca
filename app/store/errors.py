"""What can go wrong with the data file, in sentences with a next step."""

import sqlite3
from pathlib import Path

from app.message import Message


class StoreError(Exception):
    """Base of the store's errors; ``message`` is the sentence for the person."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


class StoreInUse(StoreError):  # noqa: N818 - named for what happened, as below
    """Another running copy of the program has the data file."""


class StoreFull(StoreError):  # noqa: N818
    """No room on the disk."""


class StoreReadOnly(StoreError):  # noqa: N818
    """The data folder cannot be written to."""


class StoreDamaged(StoreError):  # noqa: N818
    """The data file became unreadable while in use."""


class StoreGone(StoreError):  # noqa: N818
    """The data file was taken away while in use."""


class LinkTaken(StoreError):  # noqa: N818
    """Another site of this computer is linked to that site of the portal."""


class StoreTooNew(StoreError):  # noqa: N818
    """A newer version of the program wrote the data file."""


_IN_USE = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_FULL = frozenset({sqlite3.SQLITE_FULL})
_READ_ONLY = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM})
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file's contents are at fault."""
    return primary_code(error) in _DAMAGED


def primary_code(error: sqlite3.Error) -> int:
    """SQLite's primary result code: the low byte of the extended one."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF


def store_error(error: sqlite3.Error | OSError, path: Path) -> StoreError:
    """The typed error of what SQLite or the file system said."""
    folder = str(path.parent)
    if isinstance(error, OSError):
        return read_only(path)
    code = primary_code(error)
    if code in _IN_USE:
        return StoreInUse(
            Message(
                "Another copy of this program is running and has the data in {folder}. "
                "Use that window, or close it and start again.",
                {"folder": folder},
            )
        )
    if code in _FULL:
        return StoreFull(
            Message(
                "The disk with {folder} is full, so the last step could not be saved. "
                "Make room and repeat it.",
                {"folder": folder},
            )
        )
    if code in _READ_ONLY:
        return read_only(path)
    if code in _DAMAGED:
        return StoreDamaged(
            Message(
                "The data file {file} is damaged. Close the program and start it again: "
                "it keeps the damaged file aside and begins a new one.",
                {"file": str(path)},
            )
        )
    return StoreError(
        Message(
            "The data in {folder} could not be read or written ({reason}). Check the disk and start again.",
            {"folder": folder, "reason": str(error)},
        )
    )


def read_only(path: Path) -> StoreReadOnly:
    """The folder cannot be written to."""
    return StoreReadOnly(
        Message(
            "The folder {folder} cannot be written to. Give yourself the right to write there, "
            "or choose another folder with --data.",
            {"folder": str(path.parent)},
        )
    )


def gone(path: Path) -> StoreGone:
    """The file is not where it was; what is written now would be lost at the end."""
    return StoreGone(
        Message(
            "The data folder {folder} was moved or deleted, so nothing can be saved. "
            "Put it back where it was, then repeat the last step.",
            {"folder": str(path.parent)},
        )
    )


def link_taken(name: str) -> LinkTaken:
    """A portal's site is one building, so it is linked once."""
    return LinkTaken(Message("The portal's site is linked to {site} already.", {"site": name}))


def unreadable(path: Path) -> StoreDamaged:
    """The file is whole, but something in it is none of this program's."""
    return StoreDamaged(
        Message(
            "The data file {file} has something in it that this program cannot read. "
            "Close the program, give the file another name and start again: it begins a new one.",
            {"file": str(path)},
        )
    )


def not_storable() -> StoreError:
    """A text that no file can hold."""
    return StoreError(Message("A text has a character that cannot be saved. Type it again."))
