"""Sentences are for people: no powers of ten, no sixteen digits of a REAL32, nothing lost of an index."""

from decimal import Decimal

import pytest

from app.message import Message


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("1.80E+4", "18000"),
        ("0E+2", "0"),
        ("-0.00", "0.00"),
        ("22.1089324951171875", "22.10893"),
        ("10375.27777777777777777", "10375.28"),
        ("12345678.901", "12345678.901"),
        ("99999999", "99999999"),
        ("123456789012345678", "123456789012345678"),
        ("812.430", "812.430"),
        ("NaN", "NaN"),
    ],
)
def test_a_number_in_a_sentence_is_written_for_people(value: str, said: str) -> None:
    assert str(Message("{value} kW", {"value": Decimal(value)})) == f"{said} kW"


def test_a_sentence_in_a_sentence_is_written_likewise() -> None:
    inner = Message("{value}", {"value": Decimal("1E+3")})
    assert str(Message("about {inner}", {"inner": inner})) == "about 1000"
