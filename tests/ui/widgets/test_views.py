"""Bytes, register list and gateway text: what is lit is what is meant, what is copied is exact."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication

from tests.fakes.window import ALL_USEFUL, INDEX_ALONE
from ui.theme import Theme, Tone, calm_palette
from ui.widgets.bytes_view import BytesView
from ui.widgets.gateway_text import GatewayTextView
from ui.widgets.literal_view import LiteralView

THEME = Theme.from_palette(calm_palette(dark=False))
RAW = bytes(range(100))


@pytest.fixture
def view(qtbot) -> BytesView:
    view = BytesView(THEME)
    qtbot.addWidget(view)
    view.resize(500, 120)
    view.show()
    view.set_bytes(RAW, [(0, 10, Tone.INDEX), (10, 20, Tone.AUXILIARY), (60, 4, Tone.PLAIN)])
    return view


@pytest.mark.parametrize("offset", [0, 9, 10, 29, 59])
def test_a_click_on_a_byte_tells_that_byte(view: BytesView, qtbot, offset: int) -> None:
    with qtbot.waitSignal(view.byte_clicked) as told:
        spot = view.byte_rect(offset).center().toPoint()
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert told.args == [offset]


def test_a_click_beside_the_bytes_tells_nothing(view: BytesView, qtbot) -> None:
    told = []
    view.byte_clicked.connect(told.append)
    last = view.byte_rect(len(RAW) - 1)
    for spot in ((1, 1), (view.viewport().width() - 1, 1), (int(last.right()) + 40, int(last.center().y()))):
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(*spot))
    assert told == []


def test_lighting_brings_the_bytes_into_sight(view: BytesView) -> None:
    view.light((96, 4))
    rect = view.byte_rect(96)
    assert 0 <= rect.top() <= view.viewport().height()
    assert view.lit == (96, 4)


def test_the_lit_bytes_are_copied_and_else_all(view: BytesView, qtbot) -> None:
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == RAW.hex(" ").upper()
    view.light((10, 3))
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "0A 0B 0C"


@settings(max_examples=25, deadline=None)
@given(
    raw=st.binary(max_size=300),
    spans=st.lists(
        st.tuples(st.integers(0, 400), st.integers(0, 400), st.sampled_from(list(Tone))), max_size=6
    ),
    lit=st.none() | st.tuples(st.integers(0, 400), st.integers(0, 400)),
)
def test_no_span_however_wrong_breaks_the_painting(qapp, raw, spans, lit) -> None:
    view = BytesView(THEME)
    view.resize(300, 100)
    view.set_bytes(raw, spans)
    view.light(lit)
    assert not view.grab().isNull()
    view.deleteLater()


def test_the_list_is_shown_a_dict_a_line_and_copied_as_one(qtbot) -> None:
    view = LiteralView(THEME)
    qtbot.addWidget(view)
    view.set_literal(ALL_USEFUL)
    assert view.blockCount() == 7
    assert view.createMimeDataFromSelection().text() == ALL_USEFUL, "with nothing selected, all of it"
    view.selectAll()
    assert view.createMimeDataFromSelection().text() == ALL_USEFUL
    view.light(2)
    selections = view.extraSelections()
    assert "power_kw" in selections[0].cursor.selectedText()
    view.set_literal(INDEX_ALONE)
    assert (view.lit_line, view.extraSelections()) == (None, []), "what is gone is not lit"


def test_the_gateway_text_keeps_its_lines_and_lights_one(qtbot) -> None:
    view = GatewayTextView(THEME)
    qtbot.addWidget(view)
    view.set_lines([("94158192", Tone.SERIAL, None), ("a", Tone.INDEX, 0), ("b", Tone.PLAIN, 1)])
    assert view.toPlainText() == "94158192\na\nb"
    plain = len(view.extraSelections())
    view.light(1)
    assert len(view.extraSelections()) == plain + 1
