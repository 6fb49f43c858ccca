"""When an entry on the portal is of the same meter, and what of it differs."""

from dataclasses import replace

import pytest

from app.domain.payload import MeterEntry
from app.domain.same_entry import differences, same_address, same_entry
from tests.fakes.portals import entry_for

ENTRY = entry_for("g")
WILD, FULL, OTHER_MAKER = "92811594FFFFFFFF", "92811594A7320404", "92811594B4054104"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (WILD, WILD.lower(), True),
        (WILD, FULL, True),
        (FULL, WILD, True),
        ("92811594A732FFFF", FULL, True),
        (FULL, OTHER_MAKER, False),
        ("92811594A732FFFF", OTHER_MAKER, False),
        (WILD, "92811595FFFFFFFF", False),
        ("FFFFFFFFFFFFFFFF", FULL, False),
        ("92811594", WILD, False),
        ("", WILD, False),
    ],
)
def test_an_address_is_judged_by_its_digits_full_or_with_wildcards(
    one: str, other: str, *, same: bool
) -> None:
    assert same_address(one, other) is same


@pytest.mark.parametrize(
    ("theirs", "fields"),
    [
        (replace(ENTRY, secondary_ad=ENTRY.secondary_ad.lower()), []),
        (replace(ENTRY, reg=ENTRY.reg.replace(", ", ",").replace("'", '"')), []),
        (replace(ENTRY, reg=ENTRY.reg.replace("0.001", "0.0010")), []),
        (replace(ENTRY, name=f" {ENTRY.name} "), []),
        (replace(ENTRY, reg=ENTRY.reg.replace("0.001", "0.01")), ["additional_settings.reg"]),
        (replace(ENTRY, reg="nonsense"), ["additional_settings.reg"]),
        (replace(ENTRY, name="theirs", baudrate=300), ["name", "baudrate"]),
        (replace(ENTRY, secondary_ad=FULL), ["additional_settings.secondary_ad"]),
    ],
)
def test_what_differs_is_named(theirs: MeterEntry, fields: list[str]) -> None:
    assert [each.field for each in differences(ENTRY, theirs)] == fields
    assert same_entry(ENTRY, theirs) is (fields == [])


def test_a_difference_has_both_values() -> None:
    (found,) = differences(ENTRY, replace(ENTRY, baudrate=300))
    assert (found.mine, found.theirs) == ("2400", "300")
