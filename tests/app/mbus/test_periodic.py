"""Dates that come again: taken for invalid, a person looks for a fault; taken for a date, it is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.mbus.dates import DECODERS
from app.mbus.periodic import periodic_words


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("FFF5", "every year on 31 May"),
        ("FDF2", "every year on 29 February"),
        ("DF1F", "every month of 2014 on day 31"),
        ("E1FF", "every month on day 1"),
        ("C015", "every day in May 2014"),
        ("E0F5", "every day in May"),
        ("E0FF", "every day"),
        ("C01F", "every day of 2014"),
        ("0B0BFFF5", "every year on 31 May at 11:11"),
        ("051FDF15", "on 31 May 2014, every hour at minute 5"),
        ("3F0BDF15", "on 31 May 2014, every minute from 11:00 to 11:59"),
        ("3F1FFFF5", "every year on 31 May, every minute"),
        ("3F1FE0FF", "every minute"),
        ("000BE1FF", "every month on day 1 at 11:00"),
        ("054BFFF5", "every year on 31 May at 11:05"),
        ("00000BFFF500", "every year on 31 May at 11:00:00"),
        ("3F050BDF1500", "on 31 May 2014, every second of 11:05"),
        ("3F3F0BDF1500", "on 31 May 2014, every second from 11:00 to 11:59"),
        ("3F051FDF1500", "on 31 May 2014, every second of minute 5 of every hour"),
        ("3F3F1FE0FF00", "every second"),
        ("073F0BE0FF00", "every minute at second 7 from 11:00 to 11:59"),
        ("073F1FE0FF00", "every minute at second 7"),
        ("07051FE0FF00", "every hour at minute 5, second 7"),
        ("05001F", "every hour at minute 0, second 5"),
        ("3F3F1F", "every second"),
    ],
)
def test_words(data, words):
    assert str(periodic_words(bytes.fromhex(data))) == words


@pytest.mark.parametrize(
    "data",
    [
        *("0000", "FFFF", "FEF2", "FFF4", "DED2", "E0F0", "E0FD", "80CF", "8B0BFFF5", "0B18FFF5", "3C0BFFF5"),
        *("FFFFFFFF", "058B0BFFF500", "3D0B0BFFF500", "FFFFFFFFFFFF", "FFFFFF", "3F3F18", "05000B", "DF15"),
    ],
)
def test_what_no_calendar_and_no_clock_knows_comes_never(data):
    assert periodic_words(bytes.fromhex(data)) is None


@given(st.sampled_from(sorted(DECODERS)).flatmap(lambda size: st.binary(min_size=size, max_size=size)))
def test_a_moment_is_never_periodic_too(data):
    assert DECODERS[len(data)](data)[0] is None or periodic_words(data) is None
