"""A place called ``<img src=…>`` is a place with an odd name, not a page that fetches a file."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLabel, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from ui.widgets.plain_tips import PlainTips

HOSTILE = "<b>Apartment</b> <img src='file:///etc/hostname'> & 203"


@pytest.fixture
def plain_tips(qapp: QApplication) -> Iterator[None]:
    tips = PlainTips(qapp)
    yield
    QToolTip.hideText()
    qapp.removeEventFilter(tips)


@pytest.mark.qt_log_ignore("does not support raise", extend=True)
def test_a_tool_tip_is_plain_text(qtbot: QtBot, qapp: QApplication, plain_tips: None) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    QToolTip.showText(QPoint(10, 10), HOSTILE, widget)

    def shown() -> list[QLabel]:
        return [each for each in qapp.topLevelWidgets() if each.inherits("QTipLabel") and each.isVisible()]

    qtbot.waitUntil(lambda: bool(shown()))
    (tip,) = shown()
    assert tip.textFormat() is Qt.TextFormat.PlainText
    assert tip.text() == HOSTILE
