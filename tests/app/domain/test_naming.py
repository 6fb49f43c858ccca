"""The name on the portal: whatever was typed, it can be sent and stands on one line."""

import pytest

from app.domain.draft import MeterDraft, draft_name
from app.domain.meter import MeterType
from app.domain.naming import clean_text, meter_name
from app.services.commissioning import load_vocabulary

PATTERN = "{type} - {serial} - {place}"


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("Apartment 203", "CH - 94158192 - Apartment 203"),
        (" Zürich\t– Küche ", "CH - 94158192 - Zürich – Küche"),
        ("caf\udce9 3\x00\x1b[2J", "CH - 94158192 - caf 3 [2J"),
        ("\udcff\x07", "CH - 94158192"),
    ],
)
def test_a_place_is_cleaned_where_it_enters(place: str, name: str) -> None:
    """A command line that is no UTF-8 brings halves of characters, which no request can hold."""
    assert meter_name(PATTERN, prefix="CH", serial="94158192", place=place) == name


def test_a_pattern_and_a_typed_name_are_cleaned_too() -> None:
    pattern = "{serial}\udcff {place}"
    assert meter_name(pattern, prefix="CH", serial="94158192", place="x") == "94158192 x"
    draft = MeterDraft("94158192", MeterType.HEATING, name=" my\udcff\nmeter ")
    assert draft_name(draft, load_vocabulary()) == "my meter"


def test_every_other_script_stays_as_it_is() -> None:
    for text in ("Wohnung 3 Süd", "Ζεστό νερό", "温水 2", "🏠 4", "e\u0301"):
        assert clean_text(text) == text
