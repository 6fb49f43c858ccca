"""Currents add on an M-Bus: what a master receives when several meters speak at once."""

from hypothesis import given
from hypothesis import strategies as st

from app.practice.collision import BITS, superpose, uart_bits


def received(*transmissions):
    return bytes(byte for _, byte, _ in superpose(transmissions))


def test_two_acknowledgements_at_the_same_moment_are_one():
    assert received((0, b"\xe5"), (0, b"\xe5")) == b"\xe5"


def test_different_bytes_at_the_same_moment_are_their_common_ones():
    # 0F and F0 share no bit; both have even parity, so nothing but the value tells.
    assert superpose([(0, b"\x0f"), (0, b"\xf0")]) == [(BITS, 0x00, True)]


def test_a_parity_that_no_longer_fits_is_told():
    assert superpose([(0, b"\x01"), (0, b"\x03")]) == [(BITS, 0x01, False)]


def test_answers_a_few_bits_apart_are_garbled():
    assert received((0, b"\xe5"), (4, b"\xe5")) != b"\xe5"


def test_answers_one_after_the_other_do_not_disturb_each_other():
    assert received((0, b"\x68\x03"), (40, b"\xe5")) == b"\x68\x03\xe5"


@given(st.binary(min_size=1, max_size=30), st.integers(0, 50))
def test_one_speaker_alone_is_received_as_it_speaks(data, start):
    heard = superpose([(start, data)])
    assert bytes(byte for _, byte, _ in heard) == data
    assert all(fits for _, _, fits in heard)
    assert heard[-1][0] == start + BITS * len(data)


@given(st.binary(min_size=1, max_size=30), st.binary(min_size=1, max_size=30), st.integers(0, 400))
def test_a_collision_never_breaks_the_receiver(one, other, offset):
    ends = [end for end, _, _ in superpose([(0, one), (offset, other)])]
    assert ends == sorted(ends)


def test_the_levels_of_a_byte():
    assert uart_bits(b"\x03") == [0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1]
