"""A calm strip inside the window that says what happened, what it means and what to do next."""

from collections.abc import Sequence
from functools import partial
from itertools import zip_longest

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from ui.fonts import bytes_font, strong
from ui.i18n import again, tr
from ui.theme import Theme
from ui.widgets.basics import IconButton, button, em, label
from ui.widgets.flow import FlowLayout


class Banner(QFrame):
    """One message at a time; it stays until it is closed or another takes its place.

    Args:
        name: object name; parts are called ``<name>_what`` and so on.
    """

    action_asked = Signal(str)
    """The key of the action whose button was pressed."""

    ACTIONS_MAX = 5
    """More choices at once help nobody."""

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._said: tuple[str, str, str] = ("", "", "")
        self._offered: tuple[tuple[str, str], ...] = ()
        self._what = label(f"{name}_what", wrap=True)
        self._what.setFont(strong(self._what.font()))
        self._meaning = label(f"{name}_meaning", wrap=True)
        self._next = label(f"{name}_next", wrap=True)
        for text in (self._what, self._meaning, self._next):
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._details = QPlainTextEdit()
        self._details.setObjectName(f"{name}_details")
        self._details.setReadOnly(True)
        self._details.setFont(bytes_font(self.font()))
        self._details.setFixedHeight(em(self) * 6)
        self._details.setVisible(False)
        self._fold = button(f"{name}_fold", link=True)
        self._fold.clicked.connect(self._toggle_details)
        self._copy = button(f"{name}_copy", link=True)
        self._copy.clicked.connect(self._copy_all)
        self._actions = [
            button(f"{name}_action_{at}" if at else f"{name}_action") for at in range(self.ACTIONS_MAX)
        ]
        for at, push in enumerate(self._actions):
            push.clicked.connect(partial(self._ask, at))
        self._close = IconButton(f"{name}_close", "close")
        self._close.clicked.connect(self.dismiss)
        self._lay_out()
        self.apply_theme(theme)
        self.hide()

    def show_message(
        self,
        kind: str,
        what: str,
        meaning: str = "",
        next_step: str = "",
        *,
        details: str = "",
        actions: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Says something.

        Args:
            kind: ``bad``, ``look`` or ``info``.
            what: what happened.
            meaning: what it means for the person.
            next_step: what to do now.
            details: folds out below.
            actions: key and words of each button, the likeliest first.
        """
        self._said = (what, meaning, next_step)
        self._details.setPlainText(details)
        self._details.hide()
        self._fold.setVisible(bool(details))
        self._copy.setVisible(bool(details))
        self._offered = tuple(actions[: self.ACTIONS_MAX])
        self.retranslate()
        self.setProperty("banner", kind)
        self.style().unpolish(self)
        self.style().polish(self)
        self.show()

    def retranslate(self) -> None:
        """Says everything in the language of now, also what was said in another."""
        said = tuple(again(text) for text in self._said)
        for text, widget in zip(said, (self._what, self._meaning, self._next), strict=True):
            widget.setText(text)
            widget.setVisible(bool(text))
        for push, action in zip_longest(self._actions, self._offered):
            push.setVisible(action is not None)
            push.setText(again(action[1]) if action is not None else "")
        self._say_fold()
        self._copy.setText(tr("Copy details"))
        self._close.set_words(tr("Close this message"))
        self._details.setAccessibleName(tr("Details"))
        self.setAccessibleName(" ".join(said))

    def dismiss(self) -> None:
        """Takes the message away."""
        self.hide()

    @property
    def text(self) -> str:
        """All that is said, for the clipboard and for tests."""
        parts = (self._what.text(), self._meaning.text(), self._next.text(), self._details.toPlainText())
        return "\n".join(part for part in parts if part)

    def apply_theme(self, theme: Theme) -> None:
        """Draws icons in the colours of now."""
        self._close.apply_theme(theme)

    def _lay_out(self) -> None:
        gap = em(self) // 2
        words = QVBoxLayout()
        words.setSpacing(gap // 3)
        for text in (self._what, self._meaning, self._next):
            words.addWidget(text)
        flow = FlowLayout(gap)
        for push in (*self._actions, self._fold, self._copy):
            flow.addWidget(push)
        words.addLayout(flow)
        words.addWidget(self._details)
        row = QHBoxLayout(self)
        row.setContentsMargins(gap * 2, gap, gap, gap)
        row.addLayout(words, 1)
        row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)

    def _ask(self, at: int) -> None:
        self.action_asked.emit(self._offered[at][0])

    def _toggle_details(self) -> None:
        self._details.setVisible(self._details.isHidden())
        self._say_fold()

    def _say_fold(self) -> None:
        self._fold.setText(tr("Show details") if self._details.isHidden() else tr("Hide details"))

    def _copy_all(self) -> None:
        QGuiApplication.clipboard().setText(self.text)
