"""What the person sees before an entry on the portal is replaced, made again or left."""

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QDialog, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.domain.delivery_state import DeliveryState, OutboxItem, SeenVersion
from app.services.courier import FOUND, REMOVED, UNREADABLE
from tests.fakes.portals import START, entry_for
from ui.windows.compare_dialog import CompareDialog

MINE = entry_for("g")
ITEM = OutboxItem("k", "https://p", "anna", "site", MINE, START, DeliveryState.CHANGED)
THEIRS = replace(MINE, name="<b>theirs</b>")


@pytest.mark.parametrize(
    ("item", "shown", "make"),
    [
        (
            replace(ITEM, theirs=THEIRS, seen=SeenVersion("{}", "d", "Anna", "25.11."), problem=FOUND),
            ["not from this computer", "Anna 25.11.", "<b>theirs</b>"],
            "Overwrite",
        ),
        (
            replace(ITEM, seen=SeenVersion('{"baudrate": "fast"}', "d"), problem=UNREADABLE),
            ["as it came", '{"baudrate": "fast"}'],
            "Overwrite",
        ),
        (replace(ITEM, problem=REMOVED), ["removed", "not there any more"], "Make it again"),
    ],
    ids=["another's", "unreadable", "removed"],
)
def test_what_stands_there_is_shown_with_both_ways_out(
    qtbot: QtBot, item: OutboxItem, shown: list[str], make: str
) -> None:
    dialog = CompareDialog(item)
    qtbot.addWidget(dialog)
    text = "\n".join(each.text() for each in dialog.findChildren(QLabel))
    assert [part for part in shown if part not in text] == []
    button = dialog.findChild(QPushButton, "compare_overwrite")
    assert button is not None
    assert make in button.text()
    button.click()
    assert dialog.result() == QDialog.DialogCode.Accepted
