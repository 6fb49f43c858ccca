"""PySide6 6.12.0 loses references to None and True on CPython 3.10 and 3.11, and aborts some calls later."""

import sys

import pytest
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt, Signal


class Source(QObject):
    happened = Signal(object)


class Model(QAbstractTableModel):
    def rowCount(self, parent=None):  # noqa: N802
        return 1

    def columnCount(self, parent=None):  # noqa: N802
        return 1

    def data(self, index, role=Qt.ItemDataRole.DisplayRole):
        return None


@pytest.mark.skipif(
    sys.version_info >= (3, 12),
    reason="None, True and False are immortal there, and their counts mean nothing",
)
def test_a_thousand_signals_and_calls_leave_the_reference_counts_alone() -> None:
    source, model, got = Source(), Model(), []
    source.happened.connect(lambda value: got.append(value is None))
    index = model.index(0, 0, QModelIndex())
    watched = (None, True, False)
    before = [sys.getrefcount(each) for each in watched]
    for _ in range(1000):
        source.happened.emit(None)
        source.happened.emit(True)
        model.data(index)
        model.index(0, 0).data()
    got.clear()
    drift = [sys.getrefcount(each) - count for each, count in zip(watched, before, strict=True)]
    # A leak or a loss shows as hundreds.
    assert all(abs(each) < 100 for each in drift), f"None, True, False drifted by {drift}"
