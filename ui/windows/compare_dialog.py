"""Two versions of one meter side by side, this computer's and the portal's: the person decides."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.domain.delivery_state import OutboxItem, SeenVersion
from app.domain.payload import MeterEntry
from ui.i18n import tr, tr_message
from ui.widgets.basics import button, em, label, set_state, title


class CompareDialog(QDialog):
    """Accepted: this computer's version shall stand. :attr:`keep_theirs` says that the portal's shall.

    Args:
        item: an upload that waits for the decision.
    """

    def __init__(self, item: OutboxItem, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        mine, theirs, seen = item.entry, item.theirs, item.seen
        self.setObjectName("compare_dialog")
        self.setWindowTitle(tr("Changed on the portal: {name}", name=(theirs or mine).name))
        self.keep_theirs = False
        heading = title("compare_title")
        heading.setText(
            tr_message(item.problem)
            if item.problem is not None
            else tr("Somebody changed this meter on the portal since it was uploaded")
        )
        heading.setWordWrap(True)
        note = label("compare_note", quiet=True, wrap=True)
        known = seen is not None and (seen.by or seen.at)
        note.setText(tr("Last changed by {by} {at}", by=seen.by, at=seen.at) if seen and known else "")
        note.setVisible(bool(note.text()))
        grid = QGridLayout()
        grid.setHorizontalSpacing(em(self))
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(2, 1)
        for column, words in ((1, tr("This computer")), (2, tr("The portal"))):
            text = label(quiet=True)
            text.setText(words)
            grid.addWidget(text, 0, column)
        for line, (key, ours, portals) in enumerate(_rows(mine, theirs, seen), start=1):
            name = label(quiet=True)
            name.setText(key)
            grid.addWidget(name, line, 0, Qt.AlignmentFlag.AlignTop)
            for column, value in ((1, ours), (2, portals)):
                text = label(f"compare_{key}_{column}", wrap=True, mono=key in ("secondary_ad", "reg"))
                text.setText(value.replace("}, {", "},\n {") or tr("left empty"))
                set_state(text, "look" if ours != portals else "")
                grid.addWidget(text, line, column, Qt.AlignmentFlag.AlignTop)
        column_layout = QVBoxLayout(self)
        gap = em(self)
        column_layout.setContentsMargins(gap, gap, gap, gap)
        column_layout.setSpacing(gap // 2)
        column_layout.addWidget(heading)
        column_layout.addWidget(note)
        column_layout.addLayout(grid, 1)
        column_layout.addLayout(self._buttons(gone=theirs is None and seen is None))
        self.setMinimumWidth(em(self) * 54)

    def _buttons(self, *, gone: bool) -> QHBoxLayout:
        later, theirs, mine = (
            button("compare_later"),
            button("compare_keep_theirs"),
            button("compare_overwrite"),
        )
        later.setText(tr("Decide later"))
        theirs.setText(tr("Leave it removed") if gone else tr("Keep the portal's"))
        mine.setText(tr("Make it again") if gone else tr("Overwrite with this computer's"))
        later.clicked.connect(self.reject)
        theirs.clicked.connect(self._on_theirs)
        mine.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.addWidget(later)
        row.addStretch(1)
        row.addWidget(theirs)
        row.addWidget(mine)
        return row

    def _on_theirs(self) -> None:
        self.keep_theirs = True
        self.reject()


def _rows(
    mine: MeterEntry, theirs: MeterEntry | None, seen: SeenVersion | None
) -> tuple[tuple[str, str, str], ...]:
    """The portal's keys, never translated, with both values; what cannot be read as it came."""
    if theirs is None:
        raw = seen.text if seen is not None else tr("It is not there any more.")
        return (("name", mine.name, raw), ("reg", mine.reg, ""))
    return (
        ("name", mine.name, theirs.name),
        ("type", mine.type.value, theirs.type.value),
        ("gateway_id", mine.gateway_id, theirs.gateway_id),
        ("model", mine.model, theirs.model),
        ("protocol", mine.protocol, theirs.protocol),
        ("baudrate", str(mine.baudrate), str(theirs.baudrate)),
        ("mode", mine.mode, theirs.mode),
        ("secondary_ad", mine.secondary_ad, theirs.secondary_ad),
        ("reg", mine.reg, theirs.reg),
    )
