"""The records table says what the telegram says: texts, ticks and roles, not pixels."""

from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from app.mbus.records import Function, Number, Record
from app.message import Message
from tests.fakes.opened import opened_meter
from ui.i18n import GROUP_SEPARATOR
from ui.models.records import RecordsTableModel, _for_the_eye, place_text, value_text
from ui.models.table import CellRole
from ui.theme import Tone
from ui.viewmodels.meter import MeterViewModel
from ui.words import flag_words

CHECK = Qt.ItemDataRole.CheckStateRole


@pytest.fixture
def meter() -> MeterViewModel:
    return opened_meter()


def cell(model: RecordsTableModel, row: int, column: str, role: int = Qt.ItemDataRole.DisplayRole) -> object:
    value = model.index(row, model.column_of(column)).data(role)
    return (
        value.replace(GROUP_SEPARATOR, " ").replace("\N{NO-BREAK SPACE}", " ")
        if isinstance(value, str)
        else value
    )


def row_of(model: RecordsTableModel, vib: str, storage: int = 0) -> int:
    return next(
        at
        for at, row in enumerate(model.rows)
        if row.register.key.vib == vib and row.register.record.storage == storage
    )


def test_qt_finds_no_fault_in_the_model(meter: MeterViewModel) -> None:
    model = RecordsTableModel(meter)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    meter.tick_all_useful()
    meter.close()
    assert model.rowCount() == 0


def test_the_index_row_is_red_ticked_and_says_so_in_words(meter: MeterViewModel) -> None:
    model = RecordsTableModel(meter)
    row = row_of(model, "06")
    assert cell(model, row, "role") == "INDEX"
    assert cell(model, row, "role", CellRole.ICON) == "index", "never colour alone"
    assert cell(model, row, "value", CellRole.TONE) is Tone.INDEX
    assert cell(model, row, "value") == "37 351 kWh"
    assert cell(model, row, "portal") == "37 351 kWh"
    assert Qt.CheckState(cell(model, row, "tick", CHECK)) is Qt.CheckState.Checked
    assert (cell(model, row, "dib"), cell(model, row, "function")) == ("04", "INST_VAL")


def test_the_wrong_power_is_marked_beside_the_right_one(meter: MeterViewModel) -> None:
    meter.tick_all_useful()
    model = RecordsTableModel(meter)
    row = row_of(model, "2B")
    assert (cell(model, row, "value"), cell(model, row, "portal")) == ("2.150 kW", "2150 kW")
    assert cell(model, row, "portal", CellRole.STATE) == "look"
    assert "2.15" in str(cell(model, row, "portal", Qt.ItemDataRole.ToolTipRole))


def test_a_tick_in_the_table_is_a_tick_in_the_list(meter: MeterViewModel) -> None:
    model, told = RecordsTableModel(meter), []
    model.dataChanged.connect(lambda first, last: told.append(first.row()))
    row = row_of(model, "13")
    index = model.index(row, model.column_of("tick"))
    assert model.setData(index, Qt.CheckState.Checked.value, CHECK)
    assert "vol_m3" in meter.reg_text
    assert told == [row], "only the row that changed is painted again"
    assert model.setData(index, Qt.CheckState.Unchecked.value, CHECK)
    assert "vol_m3" not in meter.reg_text


def test_what_cannot_be_ticked_has_no_box(meter: MeterViewModel) -> None:
    model = RecordsTableModel(meter)
    row = row_of(model, "6D")
    assert cell(model, row, "tick", CHECK) is None
    assert not model.index(row, 0).flags() & Qt.ItemFlag.ItemIsUserCheckable
    assert cell(model, row, "description", Qt.ItemDataRole.ToolTipRole)


def record(value, unit=None, *, flags=(), storage=0, tariff=0, subunit=0, description="ENERGY") -> Record:
    return Record(
        0,
        0,
        0,
        b"",
        b"",
        b"",
        description,
        Function.INSTANTANEOUS,
        storage,
        tariff,
        subunit,
        value,
        unit,
        (),
        flags,
        "",
    )


@pytest.mark.parametrize(
    ("shown", "value", "unit", "flags"),
    [
        ("no valid date", None, None, ("invalid_date",)),
        ("no value", None, None, ()),
        ("DE AD", b"\xde\xad", None, ()),
        ("text", "text", None, ()),
        ("5", Number(5), None, ()),
    ],
)
def test_every_kind_of_value_is_said(
    shown: str, value: object, unit: str | None, flags: tuple[str, ...]
) -> None:
    assert value_text(record(value, unit, flags=flags)) == shown


@pytest.mark.parametrize(
    ("numbers", "shown"), [((0, 0, 0), ""), ((1, 0, 0), "1"), ((0, 1, 2), "0 T1 U2"), ((12, 0, 1), "12 U1")]
)
def test_storage_tariff_and_subunit_are_said_where_they_are_not_zero(
    numbers: tuple[int, int, int], shown: str
) -> None:
    storage, tariff, subunit = numbers
    assert place_text(record(None, storage=storage, tariff=tariff, subunit=subunit)) == shown


@pytest.mark.parametrize(
    ("description", "unit", "shown"),
    [
        ("FABRICATION_NO", None, "94158192"),
        ("ERROR_FLAGS", None, "94158192"),
        ("OTHER_SOFTWARE_VERSION", None, "94158192"),
        ("ENERGY", "Wh", "94 158.192 kWh"),
        ("RESET_COUNTER", None, "94 158 192"),
    ],
)
def test_numbers_that_name_something_are_in_one_piece(description, unit, shown) -> None:
    """A fabrication number is compared with a label, and searched for, as it is printed there."""
    text = value_text(record(Number(94158192), unit, description=description))
    assert text.replace(GROUP_SEPARATOR, " ").replace("\N{NO-BREAK SPACE}", " ") == shown


def test_what_qualifies_a_value_is_said_in_words() -> None:
    assert (
        flag_words(record(Number(1), flags=("summer_time", "record_error:15")))
        == "summer time, record error:15"
    )


def test_a_date_that_comes_again_is_shown_in_words_and_is_no_trouble() -> None:
    periodic = replace(record(None, flags=("periodic",)), words=Message("every year on 31 May"))
    assert value_text(periodic) == "every year on 31 May"


def test_what_the_portal_gets_pushes_no_column_out(qapp) -> None:
    """A meter in MJ makes endless products: 8740.555555555562548 kWh took the room of two columns."""
    value = Decimal("8740.555555555562548")
    number = SimpleNamespace(register=SimpleNamespace(record=SimpleNamespace(value=Number(31466, 0))))
    assert _for_the_eye(number, value) == Decimal("8740.556")
    small = Decimal("0.0000012345")
    assert _for_the_eye(number, small) == small, "cut to nothing it would say zero"
