"""Whatever a label bears is understood, and told; what could be two things is asked, never guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import SerialNumberError
from app.domain.meter import SerialNumber
from app.domain.typed_number import understand
from app.mbus.addresses import SecondaryAddress


@pytest.mark.parametrize(
    ("typed", "digits", "said"),
    [
        ("94158192", "94158192", ""),
        ("94.158.192", "94158192", ""),
        ("94\u00a0158\u202f192", "94158192", ""),
        ("\ufeff94158192\u200b\r\n", "94158192", ""),
        ("6798", "00006798", "4 leading zeros were missing; read as 00006798."),
        ("S/N 66660205", "66660205", "Reads 66660205, from “S/N 66660205”."),
        ("SN66660205", "66660205", "from “SN66660205”"),
        ("Ser.-Nr.: 1234567", "01234567", "Reads 01234567"),
        ("Serial No. 94 158 192", "94158192", "Reads 94158192"),
        ("N° 94158192", "94158192", "Reads 94158192"),
        ("Zähler-Nr. 94158192 Bj. 2019", "94158192", "Reads 94158192"),
        ("CH - 94158187", "94158187", "Reads 94158187"),
        ("CH - 94158187 - Apartment 203", "94158187", "Reads 94158187"),
        ("(21)94158192", "94158192", "Reads 94158192"),
        ("(01)04012345678901(21)94158192", "94158192", "Reads 94158192"),
        ("(21)8ZRI8800857629", "00857629", "Reads 00857629"),
        ("67211183/A/15", "67211183", "Reads 67211183"),
        ("8ZRI8800857629", "00857629", "Reads 00857629, the last eight of 8ZRI8800857629."),
        ("8zri8800857629", "00857629", "the last eight"),
        ("6 DME 41 7194 2539", "71942539", "the last eight"),
        ("EZRI0B50037282", "50037282", "the last eight"),
        ("S/N: EZRI0B50037282", "50037282", "the last eight"),
        ("FFFF6798", "FFFF6798", "any digit"),
        ("9867FFFFFFFFFFFF", "FFFF6798", "any digit"),
        ("92811594FFFFFFFF", "94158192", "its pairs turned: reads 94158192"),
        ("92 81 15 94 ff ff ff ff", "94158192", "turned"),
        ("secondary_ad: 92811594FFFFFFFF", "94158192", "turned"),
    ],
)
def test_a_label_is_understood_and_what_was_understood_is_told(typed, digits, said):
    number = SerialNumber.parse(typed)
    assert number.digits == digits
    assert number.secondary_address == SecondaryAddress(digits)
    assert said in str(number.note or "")
    assert (number.note is None) is (not said)


@pytest.mark.parametrize("text", ["92811594A7320404", "'92811594 A732 04 04',", "92811594a732ffff"])
def test_a_full_address_is_asked_as_it_is(text):
    number = SerialNumber.parse(text)
    assert number.digits == "94158192"
    assert number.secondary_address.manufacturer == 0x32A7
    assert SerialNumber.parse(number.text).secondary_address == number.secondary_address


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("94158192\n94158193", "list of 2 lines"),
        ("\n".join(["94158192"] * 5000), "list of 5000 lines"),
        ("94158192\u202894158193", "list of 2 lines"),
        ("94158192 94158193", "several numbers in it: 94158192, 94158193"),
        ("92811594 24231504", "several numbers"),
        ("94158192; 94158193; 94158194", "several numbers"),
        ("94158192\t94158193", "several numbers"),
        ("8ZRI8800857629 8ZRI8800857630", "several numbers"),
        ("92811594FFFFFFF", "16 hex digits, and this one has 15"),
        ("94158192FF", "16 hex digits, and this one has 10"),
        ("2194158192", "try the last eight: 94158192"),
        ("9281159412345678", "has 16"),
        ("FFFFFFFFFFFFFFFF", "fits every meter"),
        ("9415819A", "type the address 9A811594FFFFFFFF"),
        ("٩٤١٥٨١٩٢", "0 to 9"),
        ("９４１５８１９２", "0 to 9"),
        ("9415\x008192", "cannot be shown"),
        ("1" * 10_000, "10000 characters"),
        ("A1", "digits only"),
        ("Apartment", "digits only"),
        ("\u2003\u00a0", "1 to 8 digits"),
        ("", "1 to 8 digits"),
    ],
)
def test_what_is_none_or_several_is_a_sentence(typed, said):
    with pytest.raises(SerialNumberError, match=said):
        SerialNumber.parse(typed)


def test_the_address_that_is_advised_for_a_number_with_letters_is_taken():
    assert SerialNumber.parse("9A811594FFFFFFFF").digits == "9415819A"


@given(st.text(max_size=80) | st.text("0123456789ABCDEF /-.()\n", max_size=40))
def test_any_text_is_a_number_or_a_sentence(text):
    try:
        typed = understand(text)
    except SerialNumberError:
        return
    assert typed.address.has_number
    assert len(typed.address.identification) == 8


@given(st.from_regex(r"[0-9]{8}", fullmatch=True))
def test_eight_digits_are_always_that_number(digits):
    number = SerialNumber.parse(digits)
    assert (number.digits, number.note) == (digits, None)
    assert number.turned is None or SerialNumber.parse(f"{digits}FFFFFFFF").digits == number.turned.digits


def test_what_to_try_when_nobody_answers():
    short, full = SerialNumber.parse("6798"), SerialNumber.parse("92811594A7320404")
    assert short.ending.secondary_address == SecondaryAddress("FFFF6798")
    assert short.as_fabrication_number.fabrication_number == "00006798"
    assert short.turned is None
    assert SerialNumber.parse("92811594").turned.digits == "94158192"
    assert SerialNumber.parse("12211212").turned is not None
    assert full.ending is None
    assert full.as_fabrication_number is None
    assert full.is_exact
    assert not full.is_open
