"""Frames: a wrong byte must be refused with its reason, since a meter's total hangs on it."""

import copy
import pickle

import pytest

from app.mbus.errors import EncodeError, FrameError, FrameErrorKind
from app.mbus.frames import Ack, LongFrame, ShortFrame, frame_fault, parse_frame

KIND = FrameErrorKind


@pytest.mark.parametrize(
    ("frame", "wire"),
    [
        (Ack(), "E5"),
        (ShortFrame(0x40, 0x01), "10 40 01 41 16"),
        (ShortFrame(0x7B, 0xFD), "10 7B FD 78 16"),
        (LongFrame(0x53, 0x01, 0xBB), "68 03 03 68 53 01 BB 0F 16"),
        (LongFrame(0x53, 0xFE, 0x51, b"\x01\x7a\x08"), "68 06 06 68 53 FE 51 01 7A 08 25 16"),
    ],
)
def test_frame_and_bytes_are_each_others_inverse(frame, wire):
    assert frame.to_bytes() == bytes.fromhex(wire)
    assert parse_frame(bytes.fromhex(wire)) == frame


def test_control_frame_is_a_long_frame_without_data():
    assert LongFrame(0x53, 1, 0xBB).is_control
    assert not LongFrame(0x53, 1, 0x51, b"\x01").is_control


@pytest.mark.parametrize(
    ("wire", "kind", "words"),
    [
        ("", KIND.EMPTY, "no bytes"),
        ("16", KIND.START, "got 16"),
        ("68", KIND.TRUNCATED, "only 68"),
        ("68 03 04 68", KIND.LENGTH, "got 03 and 04"),
        ("68 03 03 69", KIND.START, "got 69"),
        ("68 02 02 68 08 01 09 16", KIND.LENGTH, "at least 03"),
        ("68 03 03 68 53 01 BB 0F", KIND.TRUNCATED, "expected 9 bytes, got only 8"),
        ("68 03 03 68 53 01 BB 0F 16 FF 01 02 03 04 05 06 07 08", KIND.LENGTH, "FF 01 02 03 04 05 06 07 ..."),
        ("68 03 03 68 53 01 BB 0F 17", KIND.STOP, "got 17"),
        ("68 03 03 68 53 01 BB 10 16", KIND.CHECKSUM, "expected the checksum 0F, got 10"),
        ("10 40 01 41", KIND.TRUNCATED, "expected 5 bytes, got only 4"),
        ("10 40 01 42 16", KIND.CHECKSUM, "expected the checksum 41, got 42"),
        ("10 40 01 41 15", KIND.STOP, "got 15"),
        ("E5 E5", KIND.LENGTH, "expected 1 bytes, got 2"),
    ],
)
def test_what_is_no_frame_is_refused_with_expected_and_got(wire, kind, words):
    raw = bytes.fromhex(wire)
    with pytest.raises(FrameError) as caught:
        parse_frame(raw)
    assert caught.value.kind is kind
    assert words in caught.value.message
    assert caught.value.raw == raw


def test_fault_of_bytes_where_no_frame_may_be():
    assert frame_fault(b"\x10\x40\x01\x42\x16").kind is KIND.CHECKSUM
    assert "expected no frame here, got E5" in frame_fault(b"\xe5").message


def test_longest_frame_has_252_bytes_of_data():
    frame = LongFrame(0x08, 1, 0x72, bytes(252))
    assert parse_frame(frame.to_bytes()) == frame
    with pytest.raises(EncodeError, match="got 253"):
        LongFrame(0x08, 1, 0x72, bytes(253)).to_bytes()


def test_field_beyond_a_byte_is_refused():
    with pytest.raises(EncodeError, match="one byte"):
        ShortFrame(0x40, 256).to_bytes()


def test_refusal_is_copied_whole():
    with pytest.raises(FrameError) as caught:
        parse_frame(b"\x00\x01")
    for again in (copy.deepcopy(caught.value), pickle.loads(pickle.dumps(caught.value))):
        assert (again.kind, again.message, again.raw) == (
            FrameErrorKind.START,
            caught.value.message,
            b"\x00\x01",
        )
