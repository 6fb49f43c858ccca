"""The list of meters grows under a running scan without losing the person's place in it."""

from collections import Counter
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from app.domain.progress import Progress, state_word
from app.mbus.response import decode
from app.resources import resource_path
from tests.fakes.practice_telegrams import telegram
from ui.delegates.meters import _COLOURS
from ui.models.meters import MeterLine, MetersTableModel
from ui.models.table import CellRole
from ui.theme import Theme
from ui.words import meter_facts

SERIALS = st.lists(st.integers(0, 5), max_size=10)


def line(meter_id: str, serial: int, progress: Progress = Progress.READ) -> MeterLine:
    return MeterLine(meter_id, f"{serial:08}", "", progress)


@given(
    shown=SERIALS,
    acts=st.lists(st.tuples(st.sampled_from(("put", "off", "change")), st.integers(0, 5), st.integers(0, 9))),
)
def test_a_list_that_grows_and_shrinks_is_the_list_that_was_shown_at_once(shown, acts) -> None:
    model = MetersTableModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    wanted = {str(at): line(str(at), serial) for at, serial in enumerate(shown)}
    model.show(wanted.values())
    for number, (act, serial, at) in enumerate(acts):
        known = [*wanted]
        if act == "put":
            key = f"new {number}"
            wanted[key] = line(key, serial)
            model.put(wanted[key])
        elif known and act == "off":
            model.take_off(known[at % len(known)])
            del wanted[known[at % len(known)]]
        elif known:
            key = known[at % len(known)]
            wanted[key] = replace(wanted[key], progress=Progress.VERIFIED)
            model.put(wanted[key])
    assert model.rows == tuple(sorted(wanted.values(), key=lambda each: each.serial))
    assert all(model.rows[model.row_of(key)] == each for key, each in wanted.items())
    counted = Counter(each.progress for each in wanted.values())
    assert {progress: count for progress, count in model.progress.items() if count} == counted
    tester.deleteLater()


def test_one_meter_that_changes_tells_one_row_and_one_that_does_not_tells_none() -> None:
    model, told = MetersTableModel(), []
    model.show(line(str(at), at) for at in range(100))
    model.dataChanged.connect(lambda first, last: told.append((first.row(), last.row())))
    model.put(line("7", 7))
    assert told == []
    model.put(line("7", 7, Progress.VERIFIED))
    assert told == [(7, 7)]


def test_a_found_meter_leaves_the_selected_one_selected() -> None:
    model = MetersTableModel()
    model.show([line("two", 2), line("five", 5)])
    chosen = QPersistentModelIndex(model.index(1, 0))
    for serial in (1, 3):
        model.put(line(f"new {serial}", serial))
    assert (chosen.isValid(), chosen.row()) == (True, 3)


@pytest.mark.parametrize("progress", Progress)
def test_every_state_has_its_shape_its_colour_and_its_word(progress: Progress) -> None:
    model = MetersTableModel()
    model.show([line("one", 1, progress)])
    cell = model.index(0, model.column_of("state"))
    assert resource_path("icons", f"{cell.data(CellRole.ICON)}.svg").is_file()
    assert cell.data(Qt.ItemDataRole.AccessibleTextRole) == str(state_word(progress))
    assert _COLOURS[cell.data(CellRole.STATE)] in {field.name for field in fields(Theme)}


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (MeterLine("id", "94158192", "", Progress.READ, "Heat · LUG"), "Heat · LUG"),
        (MeterLine("id", "94158192", "Apartment 203", Progress.READ, "Heat · LUG"), "Apartment 203"),
    ],
)
def test_a_meter_without_a_place_shows_what_it_is(line, shown) -> None:
    model = MetersTableModel()
    model.show([line])
    assert model.data(model.index(0, model.column_of("label"))) == shown


def test_what_a_meter_is_stands_in_the_head_of_its_telegram() -> None:
    assert meter_facts(telegram().header) == "Heat · Landis+Gyr"
    assert meter_facts(None) == ""
    assert meter_facts(decode(b"\xe5\x00\x16").header) == ""
