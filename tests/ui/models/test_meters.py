"""The list of meters grows under a running scan without losing the person's place in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPersistentModelIndex
from PySide6.QtTest import QAbstractItemModelTester

from tests.fakes.window import raw_telegram
from ui.models.meters import MeterLine, MetersTableModel, MeterState
from ui.words import meter_facts

SERIALS = st.lists(st.integers(0, 12), unique=True, max_size=10).map(sorted)


def lines(serials) -> list[MeterLine]:
    return [MeterLine(f"{serial:08}", "", MeterState.READ) for serial in serials]


@given(before=SERIALS, after=SERIALS)
def test_any_list_follows_any_other(before, after) -> None:
    model = MetersTableModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_rows(lines(before))
    model.set_rows(lines(after))
    assert model.rows == tuple(lines(after))
    tester.deleteLater()


def test_a_found_meter_leaves_the_selected_one_selected() -> None:
    model = MetersTableModel()
    model.set_rows(lines([2, 5]))
    chosen = QPersistentModelIndex(model.index(1, 0))
    model.set_rows(lines([1, 2, 3, 5]))
    assert (chosen.isValid(), chosen.row()) == (True, 3)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (MeterLine("94158192", "", MeterState.READ, "Heat · LUG"), "Heat · LUG"),
        (MeterLine("94158192", "Apartment 203", MeterState.READ, "Heat · LUG"), "Apartment 203"),
    ],
)
def test_a_meter_without_a_place_shows_what_it_is(line, shown) -> None:
    model = MetersTableModel()
    model.set_rows([line])
    assert model.data(model.index(0, model.column_of("label"))) == shown


def test_what_a_meter_is_stands_in_the_head_of_its_telegram() -> None:
    assert meter_facts(raw_telegram()[:19]) == "Heat · Landis+Gyr"
    assert meter_facts(b"") == ""
    assert meter_facts(b"\xe5\x00\x16") == ""
