"""What a person reads when something went wrong: shown inside the window, never lost, never a modal box."""

import logging
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType

from PySide6.QtCore import QObject, Signal

from app.services.explain import Explanation, Kind, explain
from ui.i18n import joined, tr_message
from ui.widgets.banner import Banner

_log = logging.getLogger(__name__)

_NEEDS_A_LOOK = frozenset({Kind.INPUT, Kind.METER})


@dataclass(frozen=True, slots=True)
class Choice:
    """A button that does something about an error.

    Attributes:
        key: tells the buttons of one message apart.
        words: what stands on it.
        act: does it.
    """

    key: str
    words: str
    act: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Advice:
    """What is known beside the error itself.

    Attributes:
        meaning: what it means for what is on screen; empty for nothing.
        choices: what one click can do, the likeliest first.
    """

    meaning: str = ""
    choices: tuple[Choice, ...] = ()


class ErrorPresenter(QObject):
    """Turns exceptions into the banner's sentences; the last one is kept for whoever asks.

    Args:
        banner: where they are shown.
    """

    error_shown = Signal(object)
    """The :class:`Explanation`."""
    _from_elsewhere = Signal(object)

    def __init__(self, banner: Banner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._banner = banner
        self._actions: dict[str, tuple[Callable[[], str], Callable[[], object]]] = {}
        self._advise: Callable[[BaseException], Advice] = lambda _: Advice()
        self._advice = Advice()
        self.last: Explanation | None = None
        self._from_elsewhere.connect(self.show)
        banner.action_asked.connect(self._act)

    def offer(self, codes: frozenset[str], words: Callable[[], str], act: Callable[[], object]) -> None:
        """What one click can do about errors of some codes, e.g. sign in."""
        for code in codes:
            self._actions[code] = (words, act)

    def advise_with(self, advise: Callable[[BaseException], "Advice"]) -> None:
        """Who knows what the program can do about an error beside what :meth:`offer` was told."""
        self._advise = advise

    def show(self, error: BaseException) -> None:
        """Says what happened, what it means and what to do next."""
        explanation = explain(error)
        self.last = explanation
        details = explanation.details
        if explanation.kind is Kind.PROGRAM:
            details = "".join(traceback.format_exception(error))
            _log.error("unexpected: %s", type(error).__name__, exc_info=error)
        self._advice = self._advise(error)
        actions = [(choice.key, choice.words) for choice in self._advice.choices]
        if explanation.code in self._actions:
            actions.insert(0, (explanation.code, self._actions[explanation.code][0]()))
        self._banner.show_message(
            "look" if explanation.kind in _NEEDS_A_LOOK else "bad",
            tr_message(explanation.what),
            # In one paragraph: on a small screen every line of it is taken from the records.
            next_step=joined(" ", (self._advice.meaning, tr_message(explanation.next_step))),
            details=details,
            actions=actions,
        )
        self.error_shown.emit(explanation)

    def take_back(self, *codes: str) -> None:
        """What an error said is no longer so: takes it away, if it is still there to be read.

        Args:
            codes: how the codes begin that are over, e.g. ``port_``.
        """
        last = self.last
        if last is not None and last.code.startswith(codes) and tr_message(last.what) in self._banner.text:
            self._banner.dismiss()

    def install(self) -> None:
        """Takes what no one else caught, from slots and from threads."""
        sys.excepthook = self._on_uncaught
        threading.excepthook = self._on_thread

    def _on_uncaught(
        self, _kind: type[BaseException], error: BaseException, _trace: TracebackType | None
    ) -> None:
        if isinstance(error, KeyboardInterrupt):
            sys.__excepthook__(type(error), error, error.__traceback__)
            return
        self.show(error)

    def _on_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self._from_elsewhere.emit(args.exc_value)

    def _act(self, key: str) -> None:
        for choice in self._advice.choices:
            if choice.key == key:
                choice.act()
                return
        if key in self._actions:
            self._actions[key][1]()
