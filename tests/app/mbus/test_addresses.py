"""Secondary addresses: a wildcard in the wrong place selects the wrong meter, or several."""

import pytest

from app.mbus.addresses import SecondaryAddress
from app.mbus.errors import EncodeError

EXACT = SecondaryAddress.parse("92811594A7320404")


def test_address_of_the_documentation():
    address = SecondaryAddress.parse("92811594FFFFFFFF")
    assert address == SecondaryAddress("94158192")
    assert address.text == "92811594FFFFFFFF"


@pytest.mark.parametrize("text", ["", "9281159", "92811594FFFFFFF", "92811594FFFFFFFFFF", "9281159GFFFFFFFF"])
def test_what_is_no_address_is_refused(text):
    with pytest.raises(EncodeError, match="16 hex digits"):
        SecondaryAddress.parse(text)


@pytest.mark.parametrize("identification", ["1234567", "123456789", "1234567a", "1234567G"])
def test_identification_has_eight_digits(identification):
    with pytest.raises(EncodeError, match="8 digits"):
        SecondaryAddress(identification)


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        ("FFFFFFFFFFFFFFFF", True),
        ("92811594FFFFFFFF", True),
        ("92811594A7320404", True),
        ("FF811594A7320404", True),
        ("93811594A7320404", False),
        ("92811594A8320404", False),
        ("92811594A7320504", False),
        ("92811594A7320405", False),
    ],
)
def test_who_answers_to_an_address(wanted, fits):
    assert SecondaryAddress.parse(wanted).matches(EXACT) is fits


@pytest.mark.parametrize("told", ["FFFFFFFFFFFFFFFF", "92811594FFFFFFFF", "92811594A732FFFF"])
def test_what_an_answer_does_not_tell_rules_no_meter_out(told):
    assert EXACT.matches(SecondaryAddress.parse(told))
    assert not SecondaryAddress.parse(told).is_exact


def test_hex_digit_f_of_a_number_is_no_wildcard_of_an_answer():
    assert not SecondaryAddress("94158192").matches(SecondaryAddress("9415819F"))


def test_only_a_number_with_maker_version_and_medium_is_exact():
    assert EXACT.is_exact
    assert not SecondaryAddress("FFFFFFFF", 0x32A7, 4, 4).is_exact
