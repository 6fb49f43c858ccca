"""The trace: bounded and numbered."""

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
