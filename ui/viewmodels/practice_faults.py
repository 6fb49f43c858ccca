"""The practice bus's faults as the window switches them; what they are is told by practice mode itself."""

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from app.message import Message


class Switch(Protocol):
    """One fault that can be switched."""

    @property
    def key(self) -> str:
        """Its stable name."""
        ...

    @property
    def words(self) -> Message:
        """What is wrong."""
        ...


class Board(Protocol):
    """All of them."""

    @property
    def switches(self) -> Sequence[Switch]:
        """What can be switched."""
        ...

    @property
    def on(self) -> frozenset[str]:
        """The keys of the faults that are on."""
        ...

    def switch(self, key: str, *, on: bool) -> None:
        """Switches one."""
        ...

    def clear(self) -> None:
        """Mends everything."""
        ...


class PracticeFaultsViewModel(QObject):
    """Has nothing to switch until practice begins."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._board: Board | None = None

    @property
    def available(self) -> bool:
        """Whether there is a practice bus."""
        return self._board is not None

    @property
    def switches(self) -> tuple[Switch, ...]:
        """What can be switched."""
        return tuple(self._board.switches) if self._board is not None else ()

    @property
    def on(self) -> frozenset[str]:
        """The keys of the faults that are on."""
        return self._board.on if self._board is not None else frozenset()

    def use(self, board: Board | None) -> None:
        """Practice began, or ended."""
        self._board = board
        self.changed.emit()

    def switch(self, key: str, *, on: bool) -> None:
        """Switches one fault."""
        if self._board is not None:
            self._board.switch(key, on=on)
            self.changed.emit()

    def clear(self) -> None:
        """Mends everything."""
        if self._board is not None:
            self._board.clear()
            self.changed.emit()
