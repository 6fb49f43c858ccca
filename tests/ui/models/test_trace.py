"""The trace says what went over the line, grows by exact inserts, and stays bounded."""

import pytest
from PySide6.QtCore import QModelIndex

from app.bus.trace import Direction, Trace
from app.mbus import requests
from app.mbus.addresses import SecondaryAddress
from tests.fakes.window import raw_telegram
from ui.models.trace import TraceTableModel, kind_word, meaning_text
from ui.viewmodels import trace as trace_module
from ui.viewmodels.trace import TraceKind, TraceReader, TraceViewModel

SELECT = requests.select(SecondaryAddress("94158192")).to_bytes()
ASK = requests.req_ud2(0xFD, fcb=True).to_bytes()
ANSWER = raw_telegram()


class Clock:
    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def trace() -> Trace:
    return Trace()


@pytest.fixture
def view_model(trace, clock, loop) -> TraceViewModel:
    return TraceViewModel(lambda: trace, clock)


def read_once(trace: Trace, at: float = 10.0) -> None:
    """One reading, its answer in three portions."""
    trace.add(at, Direction.SENT, SELECT)
    trace.add(at + 0.1, Direction.RECEIVED, b"\xe5")
    trace.add(at + 0.2, Direction.SENT, ASK)
    for position, portion in enumerate((ANSWER[:1], ANSWER[1:9], ANSWER[9:])):
        trace.add(at + 0.3 + position / 100, Direction.RECEIVED, portion)


def test_an_answer_in_portions_is_one_row_with_its_meaning(trace) -> None:
    read_once(trace)
    reader = TraceReader()
    rows = [*reader.read(trace.entries()), *reader.flush()]
    assert [row.kind for row in rows] == [TraceKind.SENT, TraceKind.RECEIVED] * 2
    assert rows[-1].data == ANSWER
    assert "94158192" in str(rows[-1].meaning)
    assert "94158192" in str(rows[0].meaning)


def test_echo_repetition_and_spoilt_answers_are_told_and_counted(trace, view_model) -> None:
    trace.add(1.0, Direction.NOTE, note="line at 2400 8E1")
    trace.add(1.1, Direction.SENT, ASK)
    trace.add(1.2, Direction.RECEIVED, ASK)
    trace.add(2.0, Direction.SENT, ASK)
    trace.add(2.1, Direction.RECEIVED, ASK + ANSWER[:-1] + b"\x00")
    trace.add(3.0, Direction.SENT, ASK)
    trace.add(3.1, Direction.RECEIVED, ANSWER)
    view_model.fetch()
    view_model._now.time = 9.0
    view_model.fetch()
    kinds = [row.kind for row in view_model.rows]
    assert kinds == [
        TraceKind.NOTE,
        TraceKind.SENT,
        TraceKind.ECHO,
        TraceKind.SENT,
        TraceKind.SPOILT,
        TraceKind.SENT,
        TraceKind.RECEIVED,
    ]
    counts = view_model.counts
    assert (counts.requests, counts.repeated, counts.answers, counts.spoilt, counts.echoed) == (3, 2, 1, 1, 2)
    assert meaning_text(view_model.rows[3]).endswith("(again)")
    assert kind_word(TraceKind.SPOILT) == "spoilt"


def test_an_answer_that_may_still_grow_is_not_shown_yet(trace, clock, view_model) -> None:
    trace.add(1.0, Direction.SENT, ASK)
    trace.add(1.1, Direction.RECEIVED, ANSWER[:20])
    clock.time = 1.2
    view_model.fetch()
    assert [row.kind for row in view_model.rows] == [TraceKind.SENT]
    trace.add(1.3, Direction.RECEIVED, ANSWER[20:])
    clock.time = 2.0
    view_model.fetch()
    assert view_model.rows[-1].kind is TraceKind.RECEIVED


def test_the_filter_finds_words_and_bytes_with_or_without_blanks(trace, clock, view_model) -> None:
    read_once(trace)
    clock.time = 20.0
    view_model.fetch()
    model = TraceTableModel(view_model)
    found = {}
    for text in ("94158192", "92 81 15 94", "92811594", "SENT", "no such thing", ""):
        model.set_filter(text)
        found[text] = model.rowCount()
    assert found == {
        "94158192": 2,
        "92 81 15 94": 2,
        "92811594": 2,
        "SENT": 2,
        "no such thing": 0,
        "": 4,
    }


def test_rows_are_inserted_and_the_oldest_go_without_a_reset(
    trace, clock, view_model, qtbot, monkeypatch
) -> None:
    monkeypatch.setattr(trace_module, "ROWS_MAX", 8)
    monkeypatch.setattr(trace_module, "_DROPPED_AT_ONCE", 4)
    model = TraceTableModel(view_model)
    resets = []
    model.modelReset.connect(lambda: resets.append(model.rowCount()))
    for turn in range(5):
        clock.time = 20.0 * (turn + 1)
        read_once(trace, clock.time - 10)
        view_model.fetch()
        assert model.rows == view_model.rows
        assert model.rowCount() <= 8
    assert resets == [0], "only the first trace resets the table"
    assert model.data(model.index(0, model.column_of("time"))) != "0.000"
    assert model.rowCount(QModelIndex()) == len(view_model.rows)


def test_copied_rows_carry_all_bytes(trace, clock, view_model) -> None:
    read_once(trace)
    clock.time = 20.0
    view_model.fetch()
    model = TraceTableModel(view_model)
    assert ANSWER.hex(" ").upper() in model.text_of(model.rows)
    assert "…" in str(model.data(model.index(3, model.column_of("bytes"))))


def test_emptying_forgets_rows_and_trace(trace, clock, view_model) -> None:
    read_once(trace)
    clock.time = 20.0
    view_model.fetch()
    view_model.clear()
    assert (view_model.rows, trace.entries()) == ((), ())
