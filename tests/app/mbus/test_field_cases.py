"""Telegrams of public reports that were taken wrongly: what the codec makes of them now."""

import pytest

from app.mbus.data_header import secondary_address
from app.mbus.errors import FrameErrorKind
from app.mbus.response import decode
from app.mbus.value_text import value_text
from tests.benchmarks.codec_fuzz import check
from tests.fakes.field_cases import field_case, field_cases, telegrams_of

MAKERS_OWN = "an answer nobody can use counts as a reading"
NO_MAKER = "header without a maker crashes bus work"


@pytest.mark.parametrize("case", field_cases())
def test_every_telegram_is_a_reading_or_says_why_not(case):
    for raw in telegrams_of(case):
        telegram = check(raw)
        assert telegram.is_reading is (case["kind"] != MAKERS_OWN)


@pytest.mark.parametrize("case", field_cases(NO_MAKER))
def test_fixed_structure_has_a_number_a_medium_and_values(case):
    for raw in telegrams_of(case):
        telegram = decode(raw)
        assert secondary_address(telegram.header).text == "20094523FFFFFFFF"
        assert (telegram.header.manufacturer, telegram.header.medium) == ("", 0x04)
        assert [value_text(record) for record in telegram.records] == ["6531000", "69.123"]


@pytest.mark.parametrize("case", field_cases(MAKERS_OWN))
def test_makers_own_ci_field_is_an_error_with_its_name(case):
    for raw in telegrams_of(case):
        error = decode(raw).error
        assert error.kind is FrameErrorKind.MANUFACTURER
        assert "(CI B7)" in error.message


def test_energy_behind_a_scaling_vife_is_exact():
    (raw,) = telegrams_of(field_case("energy with correction factor 1000 (VIFE 7D)"))
    energy = decode(raw).records[0]
    assert (energy.vib_hex, value_text(energy), energy.unit) == ("877D", "13456000" + "0000", "Wh")
