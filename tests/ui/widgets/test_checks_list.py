"""The checks in the window: what is open stands first, every state has a word, what a person said is text."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from app.domain.checks import Check, CheckState, with_acceptances
from app.message import Message
from ui.theme import Theme, calm_palette
from ui.widgets.checks_list import ChecksList

FINE = Check("status", CheckState.OK, Message("The meter reports no error."))
UNKNOWN = Check("direction", CheckState.NOT_AVAILABLE, Message("Nothing flows now."))
SWAPPED = Check("temperatures", CheckState.LOOK, Message("They look swapped."), "swapped")
BATTERY = Check("battery", CheckState.LOOK, Message("21 days only."), "low")


def shown(qtbot, *checks: Check) -> list[tuple[str, str]]:
    """What is said of each check, from above: its state in a word, and its sentence."""
    view = ChecksList(Theme.from_palette(calm_palette(dark=False)))
    qtbot.addWidget(view)
    view.set_checks(checks, {})
    labels = view.findChildren(QLabel)
    assert all(each.textFormat() is Qt.TextFormat.PlainText for each in labels if each.text())
    icons = [each.accessibleName() for each in labels if each.objectName() == ""]
    return list(zip(icons, [each.text() for each in labels if each.objectName()], strict=True))


def test_what_is_open_stands_first_and_each_state_has_a_word(qtbot) -> None:
    accepted = with_acceptances((BATTERY,), (BATTERY.accepted("changed in <b>May</b>"),))
    assert shown(qtbot, FINE, *accepted, UNKNOWN, SWAPPED) == [
        ("look", "They look swapped."),
        ("accepted", "21 days only. Accepted: changed in <b>May</b>"),
        ("ok", "The meter reports no error."),
        ("not available", "Nothing flows now."),
    ]
