"""Codes in words: the technician compares them with the label."""

import pytest

from app.mbus.errors import EncodeError
from app.mbus.manufacturer import (
    code_to_letters,
    letters_to_code,
    manufacturer_name,
    medium_name,
    status_words,
)


@pytest.mark.parametrize(("letters", "code"), [("LUG", 0x32A7), ("ACW", 0x0477), ("KAM", 0x2C2D)])
def test_letters_and_code(letters, code):
    assert letters_to_code(letters) == code
    assert code_to_letters(code) == letters
    assert code_to_letters(code | 0x8000) == letters


def test_every_code_of_fifteen_bits_comes_back():
    assert all(letters_to_code(code_to_letters(code)) == code for code in range(0x8000))


@pytest.mark.parametrize("letters", ["", "LU", "LUGX", "lug", "L1G"])
def test_what_is_no_manufacturer_is_refused(letters):
    with pytest.raises(EncodeError):
        letters_to_code(letters)


def test_names():
    assert manufacturer_name("KAM") == "Kamstrup"
    assert manufacturer_name("QQQ") is None
    assert medium_name(0x04) == "heat"
    assert medium_name(0x16) == "cold water"
    assert medium_name(0x3F) == "reserved"


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (0x00, ()),
        (0x01, ("application busy",)),
        (0x02, ("any application error",)),
        (0x03, ("abnormal condition or alarm",)),
        (0x14, ("power low", "temporary error")),
        (0x08, ("permanent error",)),
        (0xE0, tuple(f"specific to the manufacturer LUG ({bit})" for bit in ("20", "40", "80"))),
    ],
)
def test_status_in_words(status, words):
    assert tuple(map(str, status_words(status, "LUG"))) == words


def test_status_without_a_maker():
    assert [str(each) for each in status_words(0x20)] == ["specific to the manufacturer (20)"]
