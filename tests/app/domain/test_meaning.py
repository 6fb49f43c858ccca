"""What a record means does not depend on how its maker spells it."""

import pytest

from app.domain.meaning import Direction, meaning_of
from tests.fakes.built_telegrams import built


def meaning(dib, vib):
    return meaning_of(built((dib, vib)).records[0])


@pytest.mark.parametrize("vib", ["06", "8670", "8677", "867D", "86F67D", "867B", "8600", "861D", "86FC11"])
def test_what_scales_or_says_nothing_leaves_the_energy_itself(vib):
    assert meaning("04", vib).is_plain


def test_an_empty_dife_changes_nothing():
    assert meaning("8400", "06") == meaning("04", "06")


@pytest.mark.parametrize(
    ("vib", "direction"),
    [
        ("863B", Direction.POSITIVE),
        ("863C", Direction.NEGATIVE),
        ("86F33B", Direction.POSITIVE),
        ("FB8D3C", Direction.NEGATIVE),
        ("86FC10", Direction.BOTH),
    ],
)
def test_a_direction_is_found_wherever_it_stands(vib, direction):
    found = meaning("04", vib)
    assert (found.direction, found.quantity, found.is_plain) == (direction, "ENERGY", False)


@pytest.mark.parametrize("vib", ["86FF02", "867F", "937F", "FF07", "7F"])
def test_a_makers_own_code_is_never_understood(vib):
    found = meaning("04", vib)
    assert found.maker
    assert not found.is_understood


@pytest.mark.parametrize("vib", ["8612", "9028", "8649", "8668", "86FC01", "86BB3C", "867E"])
def test_a_limit_a_rate_or_a_contradiction_is_another_thing(vib):
    assert meaning("04", vib).other


def test_a_faulty_record_says_so():
    assert meaning("04", "8615").error


def test_the_gateways_wrong_names_are_put_right():
    assert meaning("04", "FB65").quantity == "EXTERNAL_TEMPERATURE"
    assert meaning("04", "FB34").quantity == "APPARENT_POWER"


@pytest.mark.parametrize(
    ("dib", "now", "total"),
    [
        ("04", True, True),
        ("44", False, True),
        ("14", False, True),
        ("8410", True, False),
        ("8440", True, False),
    ],
)
def test_now_and_whole_are_told_by_the_dib(dib, now, total):
    assert (meaning(dib, "06").is_current, meaning(dib, "06").is_total) == (now, total)
