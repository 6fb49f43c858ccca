"""The echo of a level converter: taken out whole, cut, or with gaps, and an answer never taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.bus.echo import EchoFilter
from app.mbus import requests
from app.mbus.addresses import SecondaryAddress

SELECT = requests.select(SecondaryAddress("94158192")).to_bytes()
REQUEST = requests.req_ud2(0xFD, True).to_bytes()
TELEGRAM = bytes.fromhex("6804046808017200" + "7B16")


def filtered(request: bytes, stream: bytes, *, expected: bool, portion: int = 1) -> tuple[bytes, EchoFilter]:
    echo = EchoFilter(request, expected=expected)
    fresh = b"".join(
        echo.receive(stream[start : start + portion]) for start in range(0, len(stream), portion)
    )
    return fresh + echo.flush(), echo


@pytest.mark.parametrize("expected", [False, True])
@pytest.mark.parametrize(("request_", "answer"), [(SELECT, b"\xe5"), (REQUEST, TELEGRAM)])
@pytest.mark.parametrize("portion", [1, 2, 5, 300])
def test_a_whole_echo_is_taken_out_before_the_answer(expected, request_, answer, portion):
    fresh, echo = filtered(request_, request_ + answer, expected=expected, portion=portion)
    assert fresh == answer
    assert echo.seen
    assert echo.complete


@pytest.mark.parametrize("expected", [False, True])
@pytest.mark.parametrize(("request_", "answer"), [(SELECT, b"\xe5"), (REQUEST, TELEGRAM)])
def test_without_an_echo_the_answer_stays_whole(expected, request_, answer):
    fresh, echo = filtered(request_, answer, expected=expected)
    assert fresh == answer
    assert echo.count == 0


@pytest.mark.parametrize("expected", [False, True])
@pytest.mark.parametrize("cut", [1, 2, 3])
def test_an_echo_may_begin_late(cut, expected):
    fresh, echo = filtered(SELECT, SELECT[cut:] + b"\xe5", expected=expected)
    assert fresh == b"\xe5"
    assert echo.complete


@pytest.mark.parametrize("lost", range(5, len(SELECT) - 1))
def test_an_echo_that_lacks_a_byte_is_still_one(lost):
    fresh, _ = filtered(SELECT, SELECT[:lost] + SELECT[lost + 1 :] + b"\xe5", expected=False)
    assert fresh == b"\xe5"


def test_an_echo_that_breaks_off_leaves_the_answer():
    fresh, echo = filtered(SELECT, SELECT[:9] + b"\xe5", expected=False)
    assert fresh == b"\xe5"
    assert echo.seen


def test_a_collision_right_behind_the_echo_is_not_swallowed():
    fresh, _ = filtered(REQUEST, REQUEST + b"\x68\x00\x40\x68\xff", expected=True)
    assert fresh == b"\x68\x00\x40\x68\xff"


def test_two_bytes_alike_are_no_echo():
    fresh, echo = filtered(SELECT, SELECT[:2], expected=False)
    assert fresh == SELECT[:2]
    assert not echo.seen


@given(st.binary(max_size=40), st.booleans(), st.integers(1, 7))
def test_what_comes_behind_the_echo_is_never_changed(tail, expected, portion):
    fresh, _ = filtered(SELECT, SELECT + tail, expected=expected, portion=portion)
    assert fresh == tail


def test_an_echo_byte_is_waited_for_only_once_an_echo_has_begun():
    echo = EchoFilter(REQUEST, expected=True)
    assert echo.needed == 0
    echo.receive(REQUEST[:2])
    assert echo.needed == 3
    echo.receive(REQUEST[2:])
    assert echo.needed == 0


def test_an_acknowledgement_is_never_held_back_as_the_begin_of_an_echo():
    # The checksum of this request is E5 itself.
    request = requests.req_ud2(0xE5 - 0x7B, True).to_bytes()
    assert request[3] == 0xE5
    echo = EchoFilter(request, expected=False)
    assert echo.receive(b"\xe5") == b"\xe5"
