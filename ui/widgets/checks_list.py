"""The checks before an upload: each with its icon, its reason, and the one click that mends it."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from app.domain.checks import Check, CheckState
from ui.i18n import tr, tr_message
from ui.icons import icon
from ui.theme import Theme
from ui.widgets.basics import button, em, label

_ORDER = (CheckState.LOOK, CheckState.ACCEPTED, CheckState.OK, CheckState.NOT_AVAILABLE)
_ICONS = {
    CheckState.OK: "ok",
    CheckState.LOOK: "look",
    CheckState.ACCEPTED: "ok",
    CheckState.NOT_AVAILABLE: "unavailable",
}
_WORDS = {
    CheckState.OK: "ok",
    CheckState.LOOK: "look",
    CheckState.ACCEPTED: "accepted",
    CheckState.NOT_AVAILABLE: "not available",
}


class ChecksList(QWidget):
    """What needs a look stands first."""

    fix_asked = Signal(object)
    """Index of the record whose factor is to be made right."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("checks_list")
        self._theme = theme
        self._checks: tuple[Check, ...] = ()
        self._fixes: dict[int, str] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(em(self) // 2)
        self._grid.setVerticalSpacing(em(self) // 3)
        self._grid.setColumnStretch(1, 1)

    @property
    def checks(self) -> tuple[Check, ...]:
        """What is shown."""
        return self._checks

    def set_checks(self, checks: Sequence[Check], fixes: dict[int, str]) -> None:
        """Shows other checks.

        Args:
            checks: as the domain gives them.
            fixes: words of the one click, by index of the record.
        """
        if tuple(checks) != self._checks or fixes != self._fixes:
            self._checks, self._fixes = tuple(checks), dict(fixes)
            self._build()

    def apply_theme(self, theme: Theme) -> None:
        """Paints in the colours of now."""
        self._theme = theme
        self._build()

    def retranslate(self) -> None:
        """Says everything in the language of now."""
        self._build()

    def _build(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        line = 0
        for check in sorted(self._checks, key=lambda each: _ORDER.index(each.state)):
            self._add(line, check)
            line += 1
            fix = self._record_of(check)
            if fix is not None and fix in self._fixes:
                self._add_fix(line, fix)
                line += 1

    def _add(self, line: int, check: Check) -> None:
        colours = {
            CheckState.OK: self._theme.ok,
            CheckState.LOOK: self._theme.look,
            CheckState.ACCEPTED: self._theme.muted,
            CheckState.NOT_AVAILABLE: self._theme.muted,
        }
        colour = colours[check.state]
        drawing, text = label(), label(f"check_{check.code}", wrap=True)
        side = round(em(self) * 0.9)
        drawing.setPixmap(
            icon(_ICONS[check.state], colour).pixmap(QSize(side, side), self.devicePixelRatio())
        )
        drawing.setAccessibleName(tr(_WORDS[check.state]))
        text.setText(_words(check))
        if check.state is CheckState.LOOK:
            text.setProperty("state", "look")
        elif check.state is not CheckState.OK:
            text.setProperty("quiet", True)  # noqa: FBT003 - Qt's own signature
        self._grid.addWidget(drawing, line, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(text, line, 1)

    def _add_fix(self, line: int, record_index: int) -> None:
        fix = button(f"fix_{record_index}", link=True)
        fix.setText(self._fixes[record_index])
        fix.clicked.connect(lambda: self.fix_asked.emit(record_index))
        self._grid.addWidget(fix, line, 1, Qt.AlignmentFlag.AlignLeft)

    def _record_of(self, check: Check) -> int | None:
        kind, _, index = check.code.partition(":")
        return int(index) if kind == "factor" else None


def _words(check: Check) -> str:
    """The reason, and what a person said to it."""
    reason = tr_message(check.reason)
    if check.acceptance is None:
        return reason
    return tr("{reason} Accepted: {word}", reason=reason, word=check.acceptance.word)
