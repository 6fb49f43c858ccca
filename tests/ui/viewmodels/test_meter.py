"""The meter on screen: whatever is ticked, the register list says exactly that, and every change is told."""

import ast
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.meter import MeterType
from tests.fakes.opened import opened_meter
from tests.fakes.sites import site_on
from tests.fakes.window import ALL_USEFUL, INDEX_ALONE, english
from ui.viewmodels.meter import MeterViewModel

opened = opened_meter


def index_of(meter: MeterViewModel, dib: str, vib: str) -> int:
    return next(each.record.index for each in meter.registers if (each.key.dib, each.key.vib) == (dib, vib))


def test_the_index_is_ticked_from_the_start() -> None:
    assert opened().reg_text == INDEX_ALONE


def test_all_useful_are_one_step_away_to_the_letter() -> None:
    meter = opened()
    meter.tick_all_useful()
    assert meter.reg_text == ALL_USEFUL


def test_what_changes_nothing_is_shown_once_and_no_decision() -> None:
    meter, shown = opened(), []
    meter.rows_changed.connect(lambda: shown.append(meter.draft))
    meter.tick_all_useful()
    meter.set_place("Apartment 203")
    meter.set_place("Apartment 203")
    meter.set_gateway("gateway")
    meter.set_dial("37351")
    assert len(shown) == 4
    last = shown[-1]
    assert (last.place, last.gateway_id, last.dial) == ("Apartment 203", "gateway", "37351")
    assert len(last.selection.ticks) == 7


def test_a_restored_draft_stands_as_it_was() -> None:
    before = opened()
    before.tick_all_useful()
    before.toggle(index_of(before, "04", "13"))
    before.set_place("Cellar")
    again = opened(draft=before.draft, decided=True)
    assert (again.reg_text, again.name) == (before.reg_text, "CH - 94158192 - Cellar")


def test_the_factor_of_power_is_one_click_away_and_says_why() -> None:
    meter = opened()
    meter.tick_all_useful()
    power = index_of(meter, "04", "2B")
    row = meter.row_of(power)
    assert row is not None
    assert "2.15" in english(row.warning)
    meter.convert(power)
    row = meter.row_of(power)
    assert row is not None
    assert row.warning is None
    assert "{'unit': 'power_kw', 'factor': 0.001, 'dib': '04', 'vib': '2B'}" in meter.reg_text


def test_a_typed_factor_is_taken_exactly() -> None:
    meter = opened()
    index = index_of(meter, "04", "06")
    meter.set_factor(index, Decimal("0.00123456789"))
    assert ast.literal_eval(meter.reg_text)[0]["factor"] == 0.00123456789


def test_a_cold_water_meter_follows_the_documentation_and_may_be_a_volume() -> None:
    meter = opened()
    meter.set_type(MeterType.COLD_WATER)
    assert ast.literal_eval(meter.reg_text)[0]["unit"] == "cold_water"
    meter.set_unit(index_of(meter, "04", "13"), "vol_m3")
    assert ast.literal_eval(meter.reg_text)[0]["unit"] == "vol_m3"


def test_a_typed_name_stays_until_it_is_emptied_or_fits_the_pattern() -> None:
    meter = opened()
    meter.set_place("Apartment 203")
    meter.set_name("Boiler")
    meter.set_place("Apartment 204")
    assert meter.name == "Boiler"
    meter.set_name("")
    assert meter.name == "CH - 94158192 - Apartment 204"
    meter.set_name("CH - 94158192 - Apartment 204")
    meter.set_place("Apartment 205")
    assert meter.name == "CH - 94158192 - Apartment 205"


def test_a_byte_selects_its_record_and_the_header_none() -> None:
    meter, selected = opened(), []
    meter.record_selected.connect(selected.append)
    record = meter.registers[2].record
    meter.select_byte(record.offset + record.length - 1)
    assert meter.selected == record.index
    meter.select_byte(0)
    assert selected == [record.index]


def test_what_cannot_be_ticked_stays_unticked_and_says_why() -> None:
    meter = opened()
    date = index_of(meter, "04", "6D")
    meter.toggle(date)
    assert meter.reg_text == INDEX_ALONE
    row = meter.row_of(date)
    assert row is not None
    assert row.register.refusal is not None


def test_without_a_meter_nothing_breaks() -> None:
    meter = MeterViewModel(site_on().site)
    meter.toggle(0)
    meter.tick_all_useful()
    meter.set_type(MeterType.COOLING)
    meter.set_place("x")
    assert (meter.reg_text, meter.entry, meter.checks, meter.rows) == ("[]", None, (), ())


@pytest.mark.parametrize("serial", ["94158186", "94158197"])
def test_the_name_begins_with_the_type(serial: str) -> None:
    assert opened(serial).name == f"CH - {serial}"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 30), max_size=25))
def test_whatever_is_ticked_the_list_parses_to_exactly_that_in_telegram_order(clicks: list[int]) -> None:
    meter = opened()
    for click in clicks:
        meter.toggle(click)
    ticked = [row.register.key for row in meter.rows if row.tick is not None]
    parsed = ast.literal_eval(meter.reg_text)
    assert [(each["dib"], each["vib"]) for each in parsed] == [(key.dib, key.vib) for key in ticked]
    assert [index for index, _text in meter.reg_parts] == [
        row.register.record.index for row in meter.rows if row.tick is not None
    ]
