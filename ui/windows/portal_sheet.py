"""The portal sheet: every field in the portal's own order with a copy button each, for entering by hand."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.domain.payload import MeterEntry
from ui.i18n import tr
from ui.theme import Theme
from ui.widgets.basics import CopyButton, button, em, label, title


class PortalSheet(QDialog):
    """What is copied is ticked off; nothing is typed twice."""

    field_done = Signal(str, object)
    """Key of a field, and whether it is done."""
    browser_asked = Signal()

    def __init__(
        self,
        entry: MeterEntry,
        gateway_name: str,
        done_fields: tuple[str, ...],
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("portal_sheet")
        self.setWindowTitle(tr("Enter by hand: {name}", name=entry.name))
        self._boxes: dict[str, QCheckBox] = {}
        self._grid = QGridLayout()
        self._grid.setColumnStretch(2, 1)
        self._grid.setHorizontalSpacing(em(self) // 2)
        # The order of the portal's own form.
        for key, words, value in (
            ("name", tr("Name"), entry.name),
            ("prim_ad", tr("Address"), entry.prim_ad),
            ("gateway", tr("Gateway"), gateway_name),
            ("model", tr("Model"), entry.model),
            ("protocol", tr("Protocol"), entry.protocol),
            ("baudrate", tr("Baudrate"), str(entry.baudrate)),
            ("mode", tr("Mode"), entry.mode),
            ("secondary_ad", "secondary_ad", entry.secondary_ad),
            ("reg", "reg", entry.reg),
        ):
            self._add(key, words, value, theme, done=key in done_fields)
        self._lay_out()

    def _add(self, key: str, words: str, value: str, theme: Theme, *, done: bool) -> None:
        line = self._grid.rowCount()
        box = QCheckBox()
        box.setObjectName(f"done_{key}")
        box.setAccessibleName(tr("{field} is entered", field=words))
        box.setChecked(done)
        box.toggled.connect(lambda on: self.field_done.emit(key, on))
        name = label(quiet=True)
        name.setText(words)
        shown = label(f"sheet_{key}", wrap=True, mono=key in ("secondary_ad", "reg", "model", "protocol"))
        # A literal has few places to break a line; after a comma and a brace is the best one.
        shown.setText(value.replace("}, {", "},\n {") or tr("left empty"))
        copy = CopyButton(f"copy_sheet_{key}", lambda: value)
        copy.set_words(tr("Copy {field}", field=words))
        copy.apply_theme(theme)
        copy.clicked.connect(lambda: box.setChecked(True))
        copy.setEnabled(bool(value))
        self._boxes[key] = box
        # The long list stands at its top; of one line, all stand on one height.
        alignment = Qt.AlignmentFlag.AlignTop if key == "reg" else Qt.AlignmentFlag.AlignVCenter
        shown.setAlignment(alignment)
        for column, widget in enumerate((box, name, shown, copy)):
            self._grid.addWidget(
                widget, line, column, alignment if widget is not shown else Qt.AlignmentFlag(0)
            )

    def _lay_out(self) -> None:
        gap = em(self)
        heading = title("sheet_title")
        heading.setText(tr("This portal takes no meters from programs: copy the fields into its form"))
        heading.setWordWrap(True)
        where = label(quiet=True, wrap=True)
        where.setText(tr("On the portal: EQUIPMENT > Meters, the type of the meter, then +"))
        browser = button("open_portal_button")
        browser.setText(tr("Open the portal in the browser"))
        browser.clicked.connect(self.browser_asked)
        later = button("sheet_later")
        later.setText(tr("Later"))
        later.clicked.connect(self.reject)
        done = button("sheet_done", primary=True)
        done.setText(tr("It is on the portal"))
        done.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.addWidget(browser)
        row.addStretch(1)
        row.addWidget(later)
        row.addWidget(done)
        column = QVBoxLayout(self)
        column.setContentsMargins(gap, gap, gap, gap)
        column.setSpacing(gap // 2)
        column.addWidget(heading)
        column.addWidget(where)
        column.addLayout(self._grid, 1)
        column.addLayout(row)
        self.setMinimumWidth(em(self) * 44)
