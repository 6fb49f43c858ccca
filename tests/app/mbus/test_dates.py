"""Dates and times: a wrong century or an ignored "invalid" bit puts a reading into the wrong year."""

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.mbus.dates import (
    decode_type_f,
    decode_type_g,
    decode_type_i,
    decode_type_j,
    encode_type_f,
    encode_type_g,
    encode_type_i,
    encode_type_j,
)

minutes = st.datetimes(datetime(1981, 1, 1), datetime(2299, 12, 31)).map(  # noqa: DTZ001 - no zone
    lambda moment: moment.replace(second=0, microsecond=0)
)
seconds = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)).map(  # noqa: DTZ001 - no zone
    lambda moment: moment.replace(microsecond=0)
)


@given(st.dates(date(1981, 1, 1), date(2080, 12, 31)))
def test_type_g_comes_back(value):
    assert decode_type_g(encode_type_g(value)) == (value, False)


@given(minutes, st.booleans())
def test_type_f_comes_back(value, summer):
    assert decode_type_f(encode_type_f(value, summer=summer)) == (value, summer)


@given(seconds, st.booleans())
def test_type_i_comes_back(value, summer):
    assert decode_type_i(encode_type_i(value, summer=summer)) == (value, summer)


@given(st.times().map(lambda value: value.replace(microsecond=0)))
def test_type_j_comes_back(value):
    assert decode_type_j(encode_type_j(value)) == (value, False)


@pytest.mark.parametrize(
    ("decode", "data"),
    [
        (decode_type_g, "0000"),
        (decode_type_g, "FFFF"),
        (decode_type_g, "1F12"),
        (decode_type_g, "8F CC"),
        (decode_type_g, "81 C1"),
        (decode_type_f, "00000000"),
        (decode_type_f, "8B0BCD13"),
        (decode_type_f, "3F0BCD13"),
        (decode_type_f, "0B1FCD13"),
        (decode_type_f, "0B0BC013"),
        (decode_type_f, "0B0BCD1F"),
        (decode_type_f, "0B0BEDF3"),
        (decode_type_i, "058B0BCD1300"),
        (decode_type_i, "3F0B0BCD1300"),
        (decode_type_i, "050B0BEDF300"),
        (decode_type_j, "FFFFFF"),
        (decode_type_j, "05 0B 18"),
    ],
)
def test_what_names_no_single_moment_is_none(decode, data):
    assert decode(bytes.fromhex(data))[0] is None


def test_invalid_moment_still_tells_summer_time():
    assert decode_type_f(bytes.fromhex("8B8BCD13")) == (None, True)
    assert decode_type_i(bytes.fromhex("458B0BCD1300")) == (None, True)


@pytest.mark.parametrize(
    ("data", "moment"),
    [
        ("0B0B8113", datetime(2012, 3, 1, 11, 11)),  # noqa: DTZ001
        ("000021A1", datetime(1981, 1, 1)),  # noqa: DTZ001
        ("000001A1", datetime(2080, 1, 1)),  # noqa: DTZ001
        ("002001A1", datetime(2080, 1, 1)),  # noqa: DTZ001
        ("004001A1", datetime(2180, 1, 1)),  # noqa: DTZ001
    ],
)
def test_century_of_type_f(data, moment):
    assert decode_type_f(bytes.fromhex(data))[0] == moment


def test_type_i_tells_its_weekday_and_week():
    wire = encode_type_i(datetime(2024, 2, 29, 1, 2, 3))  # noqa: DTZ001
    assert wire.hex(" ").upper() == "83 02 81 1D 32 09"


def test_type_j_is_to_the_second():
    assert decode_type_j(bytes.fromhex("050B0B"))[0] == time(11, 11, 5)
