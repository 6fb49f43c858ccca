"""Sentences are written for people: no exponents, no digits that nobody measured, plural where it counts."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.message import EXACT_DIGITS, Message, NumberStyle, value_text

SPACED = NumberStyle(",", " ", "−")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Decimal("1.80E+4"), "18000"),
        (Decimal("0E+2"), "0"),
        (Decimal("0E-3"), "0.000"),
        (Decimal("-0"), "0"),
        (Decimal("22.1089324951171875"), "22.1089"),
        (Decimal("23.7142486572265625"), "23.7142"),
        (Decimal("1844.722222222222222222222222"), "1844.72"),
        (Fraction(1, 3), "0.333333"),
        (Fraction(18000), "18000"),
        (Fraction(0), "0"),
        (0.1 + 0.2, "0.3"),
        (Decimal("6.70"), "6.70"),
        (Decimal("-0.5"), "-0.5"),
        (Decimal("99999999.999"), "99999999.999"),
        (Decimal(123456789012), "123456789012"),
        (Decimal(9223372036854775807), "9223372036854775807"),
        (Decimal("1234567890123.456"), "1234567890123"),
        (Decimal("0.0000012"), "0.0000012"),
        (Decimal("1.5E-40"), "1.5 × 10^-40"),
        (Decimal(340282346638528859811704183484516925440), "3.40282 × 10^38"),
        (Decimal("NaN"), "NaN"),
    ],
)
def test_a_value_in_a_sentence_is_written_for_reading(value, shown):
    assert str(Message("{value} kW", {"value": value})) == f"{shown} kW"


@given(
    st.decimals(allow_nan=False, allow_infinity=False)
    | st.fractions()
    | st.floats(allow_nan=False, allow_infinity=False)
)
def test_no_value_is_ever_shown_with_an_exponent_or_more_digits_than_are_good(value):
    text = value_text(value)
    assert "E" not in text
    assert len(text) < 45


@given(st.integers(-(10**EXACT_DIGITS) + 1, 10**EXACT_DIGITS - 1), st.integers(-9, 9))
def test_no_digit_of_an_index_is_lost(mantissa, exponent):
    value = Decimal(mantissa).scaleb(exponent)
    assert Decimal(value_text(value)) == value


def test_the_window_writes_the_same_value_as_its_language_does():
    assert value_text(Decimal("-1234567.5"), SPACED) == "−1 234 567,5"
    assert value_text(Decimal("1.80E+4"), SPACED) == "18 000"
    assert value_text(Decimal(2150), SPACED) == "2150"


def test_what_names_or_counts_something_stays_as_it_is():
    values = {"serial": "00012345", "baud": 38400}
    assert str(Message("{serial} at {baud} Bd", values)) == "00012345 at 38400 Bd"


def test_moments_are_written_as_meters_tell_them():
    values = {"day": date(2026, 10, 31), "at": datetime(2026, 11, 22, 10, 14, tzinfo=UTC)}
    assert str(Message("{day}, {at}", values)) == "2026-10-31, 2026-11-22 10:14"


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 meters found"), (1, "1 meter found"), (2, "2 meters found")]
)
def test_one_is_not_several(count, said):
    assert str(Message("{count} meter found", plural="{count} meters found", count=count)) == said


def test_foreign_text_in_a_place_is_no_template():
    assert str(Message("“{text}” is none", {"text": "{0} {x} %n"})) == "“{0} {x} %n” is none"
