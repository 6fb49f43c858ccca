"""Parity marks of a POSIX terminal: bytes come through unharmed wherever the marks are cut."""

from hypothesis import given
from hypothesis import strategies as st

from app.bus.line_errors import LineErrors, MarkDecoder, NoObserver

BYTE = st.integers(0, 255)


def marked(byte: int, spoilt: bool) -> bytes:
    if spoilt:
        return bytes((0xFF, 0, byte))
    return b"\xff\xff" if byte == 0xFF else bytes((byte,))


@given(st.lists(st.tuples(BYTE, st.booleans()), max_size=40), st.integers(1, 5))
def test_bytes_come_through_and_marks_are_counted(stream, portion):
    decoder = MarkDecoder()
    raw = b"".join(marked(byte, spoilt) for byte, spoilt in stream)
    clean = b"".join(decoder.decode(raw[start : start + portion]) for start in range(0, len(raw), portion))
    assert clean == bytes(byte for byte, _ in stream)
    seen = decoder.take()
    assert seen.spoilt == sum(spoilt for _, spoilt in stream)
    assert seen.breaks == sum(spoilt and byte == 0 for byte, spoilt in stream)
    assert not decoder.take().any


def test_a_port_that_cannot_tell_tells_nothing():
    observer = NoObserver()
    observer.prepare()
    observer.look()
    assert observer.unmark(b"\xff\xff") == b"\xff\xff"
    assert observer.take() == LineErrors()
