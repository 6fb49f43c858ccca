"""Currents add on an M-Bus: what a receiver makes of several that send at once."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.practice.collision import BITS, Receiver, Transmission, uart_levels

BIT_S = 1 / 2400
FOREVER = 1e9


def heard(*transmissions, bit_s=BIT_S, blanks=()):
    """What a receiver makes of (start in bits, bytes); each byte with its end in bits and whether it fits."""
    receiver = Receiver(bit_s)
    for start, data in transmissions:
        receiver.add(Transmission(start * BIT_S, BIT_S, uart_levels(data)))
    for start, end in blanks:
        receiver.blank(start * BIT_S, end * BIT_S)
    return [(item.end_s / BIT_S, item.byte, item.fits) for item in receiver.run(FOREVER)]


def received(*transmissions, **options):
    return bytes(byte for _, byte, _ in heard(*transmissions, **options))


def test_the_levels_of_a_byte():
    assert list(uart_levels(b"\x03")) == [0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1]


def test_two_acknowledgements_at_the_same_moment_are_one():
    assert received((0, b"\xe5"), (0, b"\xe5")) == b"\xe5"


@pytest.mark.parametrize("apart", [0.1, 0.3, 0.45])
def test_two_acknowledgements_less_than_half_a_bit_apart_cannot_be_told_from_one(apart):
    assert heard((0, b"\xe5"), (apart, b"\xe5")) == [(BITS, 0xE5, True)]


def test_different_bytes_at_the_same_moment_are_their_common_ones():
    # 0F and F0 share no bit; both have even parity, so nothing but the value tells.
    assert heard((0, b"\x0f"), (0, b"\xf0")) == [(BITS, 0x00, True)]


def test_a_parity_that_no_longer_fits_is_told():
    assert heard((0, b"\x01"), (0, b"\x03")) == [(BITS, 0x01, False)]


def test_answers_a_few_bits_apart_are_garbled():
    assert received((0, b"\xe5"), (4, b"\xe5")) != b"\xe5"


def test_answers_one_after_the_other_do_not_disturb_each_other():
    assert received((0, b"\x68\x03"), (40, b"\xe5")) == b"\x68\x03\xe5"


def test_a_byte_without_its_stop_bit_is_told_and_the_next_one_waits_for_an_idle_line():
    # The second sender holds the line where the first one's stop bit should be.
    (first, *rest) = heard((0, b"\xff"), (BITS - 1, b"\x00"), (100, b"\xe5"))
    assert first[1:] == (0xFF, False)
    assert rest[-1][1:] == (0xE5, True)
    assert rest[-1][0] == pytest.approx(100 + BITS)


def test_a_line_held_low_by_many_swallows_bytes():
    """So a collision of many may look like silence for a while: each fills the others' stop bits."""
    transmissions = [(step * 2.3, bytes(20)) for step in range(5)]
    assert len(received(*transmissions)) < 20


def test_a_glitch_shorter_than_half_a_bit_begins_no_byte():
    receiver = Receiver(BIT_S)
    receiver.add(Transmission(0, BIT_S / 4, b"\x00"))
    receiver.add(Transmission(20 * BIT_S, BIT_S, uart_levels(b"\xe5")))
    assert [item.byte for item in receiver.run(FOREVER)] == [0xE5]


def test_another_rate_is_not_understood():
    receiver = Receiver(BIT_S)
    receiver.add(Transmission(0, 8 * BIT_S, uart_levels(b"\x68\x68")))
    items = receiver.run(FOREVER)
    assert bytes(item.byte for item in items) != b"\x68\x68"
    assert not all(item.fits for item in items)


def test_a_receiver_that_is_cut_off_loses_what_comes_meanwhile():
    assert received((0, b"\xe5"), (30, b"\x68"), blanks=[(-5, 15)]) == b"\x68"
    assert received((0, b"\x12\x34\x56"), blanks=[(-5, 14)]) != b"\x12\x34\x56"


def test_what_is_not_complete_yet_can_still_be_disturbed():
    receiver = Receiver(1)
    receiver.add(Transmission(0, 1, uart_levels(b"\xff\xff")))
    assert [item.byte for item in receiver.run(15)] == [0xFF]
    receiver.add(Transmission(16, 1, uart_levels(b"\x00")))
    assert receiver.next_end == 22
    assert [item.byte for item in receiver.run(22)] != [0xFF]


@given(st.binary(min_size=1, max_size=30), st.floats(0, 50))
def test_one_sender_alone_is_received_as_it_sends(data, start):
    items = heard((start, data))
    assert bytes(byte for _, byte, _ in items) == data
    assert all(fits for _, _, fits in items)
    assert items[-1][0] == pytest.approx(start + BITS * len(data))


@given(
    st.lists(st.tuples(st.floats(0, 400), st.binary(min_size=1, max_size=20)), min_size=2, max_size=4),
    st.lists(st.floats(0, 800), max_size=20),
)
def test_a_collision_is_the_same_however_often_one_looks(transmissions, looks):
    at_once = heard(*transmissions)
    receiver = Receiver(BIT_S)
    for start, data in transmissions:
        receiver.add(Transmission(start * BIT_S, BIT_S, uart_levels(data)))
    items = [item for look in sorted(looks) for item in receiver.run(look * BIT_S)] + receiver.run(FOREVER)
    assert [(item.end_s / BIT_S, item.byte, item.fits) for item in items] == at_once
    ends = [end for end, _, _ in at_once]
    assert all(other - one >= BITS - 0.5 - 1e-6 for one, other in pairwise(ends))
