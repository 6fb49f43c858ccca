"""What a person types, and what a server may send: refused with a sentence, never with a crash."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import DomainError, FactorError, RegisterListError, SerialNumberError, VocabularyError
from app.domain.meter import SerialNumber
from app.domain.naming import meter_name
from app.domain.payload import parse_factor, parse_reg
from app.domain.portal_units import Vocabulary


@pytest.mark.parametrize(
    ("typed", "digits", "note"),
    [
        ("94158192", "94158192", None),
        (" 94 158 192\n", "94158192", None),
        ("00012345", "00012345", None),
        ("7730412", "07730412", "One leading zero was missing; read as 07730412."),
        ("12", "00000012", "6 leading zeros were missing; read as 00000012."),
    ],
)
def test_serial_numbers_are_read_as_labels_print_them(typed, digits, note):
    serial = SerialNumber.parse(typed)
    assert serial.digits == digits
    assert (str(serial.note) if serial.note else None) == note


def test_the_secondary_address_has_the_digit_pairs_reversed():
    assert SerialNumber.parse("94158192").secondary_address.text == "92811594FFFFFFFF"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "1 to 8 digits"),
        ("  ", "1 to 8 digits"),
        ("94158A92", "digits only"),
        ("941581921", "has 9"),
        ("٩٤", "0 to 9"),
    ],
)
def test_what_is_no_serial_number_is_explained(typed, said):
    with pytest.raises(SerialNumberError, match=said):
        SerialNumber.parse(typed)


@pytest.mark.parametrize(
    ("typed", "factor"),
    [("", None), ("0.001", Decimal("0.001")), ("0,001", Decimal("0.001")), (" 60 ", Decimal(60))],
)
def test_factors_are_taken_exactly(typed, factor):
    assert parse_factor(typed) == factor


@pytest.mark.parametrize("typed", ["abc", "0", "-1", "nan", "inf", "1e99", "0.1234567890123456"])
def test_factors_that_the_list_cannot_carry_are_refused(typed):
    with pytest.raises(FactorError):
        parse_factor(typed)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[1]",
        "[{}]",
        "[{'unit': 'x', 'dib': '04'}]",
        "[{'unit': 'x', 'dib': '04', 'vib': 6}]",
        "[{'unit': 'x', 'dib': '0G', 'vib': '06'}]",
        "[{'unit': 'x', 'dib': '', 'vib': '06'}]",
        "[{'unit': \"x'\", 'dib': '04', 'vib': '06'}]",
        "[{'unit': 'x', 'factor': '0.001', 'dib': '04', 'vib': '06'}]",
        "[{'unit': 'x', 'factor': 1j, 'dib': '04', 'vib': '06'}]",
        "[{'unit': 'x', 'factor': 0x10, 'dib': '04', 'vib': '06'}]",
        "[{'unit': 'x', 'more': 1, 'dib': '04', 'vib': '06'}]",
        "[{**{}, 'unit': 'x'}]",
        "__import__('os').system('true')",
        "[" * 5000,
        " " * 30_000,
        "[\x00]",
    ],
)
def test_a_register_list_the_gateway_could_not_use_is_refused(text):
    with pytest.raises(RegisterListError):
        parse_reg(text)


@given(st.text(max_size=200) | st.text("[]{}'unitdbvfacor:,0. ", max_size=200))
def test_any_text_is_a_register_list_or_our_own_error(text):
    try:
        parse_reg(text)
    except RegisterListError:
        return


def test_an_absent_factor_may_be_written_as_none():
    (entry,) = parse_reg("[{'unit': 'vol_m3', 'factor': None, 'dib': '04', 'vib': '2b'}]")
    assert (entry.factor, entry.vib) == (None, "2B")


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("Apartment 203", "CH - 94158192 - Apartment 203"),
        ("  Apartment   203 ", "CH - 94158192 - Apartment 203"),
        ("", "CH - 94158192"),
    ],
)
def test_the_name_follows_the_documented_pattern(place, name):
    assert meter_name("{type} - {serial} - {place}", prefix="CH", serial="94158192", place=place) == name


def test_a_pattern_with_an_unknown_place_is_explained():
    with pytest.raises(DomainError, match=r"has \{floor\}; it can have \{type\}, \{serial\} and \{place\}"):
        meter_name("{floor}", prefix="CH", serial="1", place="")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"entry": 1}'])
def test_a_damaged_vocabulary_is_named_as_such(text):
    with pytest.raises(VocabularyError, match="vocabulary file"):
        Vocabulary.from_json(text)
