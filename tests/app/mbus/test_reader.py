"""The streaming reader: bytes come in any portions with noise between, and no frame may be lost."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.mbus.errors import FrameErrorKind
from app.mbus.frames import LONG_MAX_SIZE, Ack, LongFrame, ShortFrame
from app.mbus.reader import NOISE_MAX, FrameReader, Garbage

ANSWER = LongFrame(0x08, 1, 0x72, bytes.fromhex("0C7856341200"))
REQUEST = ShortFrame(0x5B, 1)

octet = st.integers(0, 255)
frames = st.one_of(
    st.just(Ack()),
    st.builds(ShortFrame, octet, octet),
    st.builds(LongFrame, octet, octet, octet, st.binary(max_size=252)),
)
# Noise that holds no start byte can neither be nor swallow a frame.
noise = st.lists(octet.filter(lambda b: b not in (0x10, 0x68, 0xE5)), max_size=20).map(bytes)


def read(stream: bytes, cuts: list[int] | None = None):
    reader = FrameReader()
    found = []
    edges = [0, *sorted(cuts or ()), len(stream)]
    for begin, end in itertools.pairwise(edges):
        found += reader.receive(stream[begin:end])
    return found + reader.flush()


def only_frames(found):
    return [item for item in found if not isinstance(item, Garbage)]


@given(st.lists(frames, max_size=6))
def test_frames_one_after_the_other_are_all_found(sent):
    assert read(b"".join(frame.to_bytes() for frame in sent)) == sent


@given(st.data())
def test_portions_do_not_matter(data):
    stream = b"".join(
        part if isinstance(part, bytes) else part.to_bytes()
        for part in data.draw(st.lists(st.one_of(frames, st.binary(max_size=20)), max_size=6))
    )
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=30))

    def comparable(found):
        return [(i.raw, i.error.kind, i.error.message) if isinstance(i, Garbage) else i for i in found]

    whole, cut = comparable(read(stream)), comparable(read(stream, cuts))
    assert cut == whole
    assert b"".join(i[0] if isinstance(i, tuple) else i.to_bytes() for i in whole) == stream


@given(st.lists(st.tuples(noise, frames), max_size=5), noise)
def test_noise_before_and_between_frames_costs_no_frame(parts, tail):
    stream = b"".join(n + f.to_bytes() for n, f in parts) + tail
    found = read(stream)
    assert only_frames(found) == [f for _, f in parts]
    assert b"".join(i.raw for i in found if isinstance(i, Garbage)) == b"".join(n for n, _ in parts) + tail


@given(st.data())
def test_after_a_frame_spoilt_by_noise_inside_the_next_is_found(data):
    good = ANSWER.to_bytes()
    at = data.draw(st.integers(1, len(good) - 1))
    spoilt = good[:at] + data.draw(noise.filter(len)) + good[at:]
    found = read(spoilt + good)
    assert only_frames(found)[-1] == ANSWER


@pytest.mark.parametrize("lost", range(1, 14))
def test_after_a_frame_that_lost_a_byte_the_next_is_found(lost):
    good = ANSWER.to_bytes()
    found = read(good[:lost] + good[lost + 1 :] + good)
    assert only_frames(found)[-1] == ANSWER


def test_spoilt_frame_is_reported_as_such_and_its_e5_is_no_acknowledgement():
    spoilt = bytearray(LongFrame(0x08, 1, 0x72, b"\xe5\xe5\x10\x68").to_bytes())
    spoilt[-2] ^= 1
    assert [type(i) for i in read(bytes(spoilt))] == [Garbage]
    (garbage,) = read(bytes(spoilt))
    assert garbage.error.kind is FrameErrorKind.CHECKSUM
    assert garbage.raw == bytes(spoilt)


def test_frame_inside_the_length_of_a_spoilt_one_is_found_and_the_reason_kept():
    false_start = bytes.fromhex("68 14 14 68")
    found = read(b"\x00" + false_start + ANSWER.to_bytes() + bytes(20))
    assert [type(i) for i in found] == [Garbage, Garbage, LongFrame, Garbage]
    assert found[1].raw == false_start
    assert found[1].error.kind in (FrameErrorKind.STOP, FrameErrorKind.CHECKSUM)


def test_needed_counts_down_to_the_end_of_the_answer():
    reader = FrameReader()
    wire = ANSWER.to_bytes()
    assert reader.needed == 0
    seen = []
    for byte in wire[:-1]:
        assert reader.receive(bytes((byte,))) == []
        seen.append(reader.needed)
    assert seen[1:] == list(range(len(wire) - 2, 0, -1))
    assert reader.pending == wire[:-1]
    assert reader.receive(wire[-1:]) == [ANSWER]
    assert (reader.needed, reader.pending) == (0, b"")


def test_flush_finds_the_frame_that_a_false_start_hides():
    reader = FrameReader()
    assert reader.receive(b"\x68\xff\xff\x68" + REQUEST.to_bytes()) == []
    assert reader.needed > 200
    garbage, frame = reader.flush()
    assert garbage.error.kind is FrameErrorKind.TRUNCATED
    assert frame == REQUEST
    assert (reader.needed, reader.pending) == (0, b"")


def test_flush_goes_through_every_false_start():
    reader = FrameReader()
    assert reader.receive(b"\x68\xff\xff\x68\x00\x68\xfe\xfe\x68\x10\x40") == []
    (garbage,) = reader.flush()
    assert garbage.raw == b"\x68\xff\xff\x68\x00\x68\xfe\xfe\x68\x10\x40"


def test_buffer_is_bounded_whatever_comes():
    reader = FrameReader()
    for _ in range(50):
        reader.receive(b"\x00" * 100)
        assert len(reader.pending) <= NOISE_MAX
    for _ in range(50):
        reader.receive(b"\x68\xff\xff\x68" * 25)
        assert len(reader.pending) <= 2 * LONG_MAX_SIZE
