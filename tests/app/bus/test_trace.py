"""The trace: bounded, numbered, told to listeners."""

from app.bus.trace import Direction, Trace


def test_the_oldest_entries_go_first_and_numbers_run_on():
    trace = Trace(capacity=3)
    for second in range(5):
        trace.add(float(second), Direction.SENT, bytes((second,)))
    assert [entry.number for entry in trace.entries()] == [2, 3, 4]
    assert [entry.data for entry in trace.entries(since=4)] == [b"\x04"]


def test_clearing_keeps_the_count():
    trace = Trace()
    trace.add(0.0, Direction.SENT, b"\x01")
    trace.clear()
    trace.add(1.0, Direction.RECEIVED, b"\xe5")
    assert [entry.number for entry in trace.entries()] == [1]


def test_listeners_hear_every_entry_until_they_leave():
    trace = Trace()
    heard = []
    leave = trace.listen(heard.append)
    trace.add(0.0, Direction.NOTE, note="line at 2400 8E1")
    leave()
    leave()
    trace.add(1.0, Direction.SENT, b"\x01")
    assert [entry.note for entry in heard] == ["line at 2400 8E1"]
