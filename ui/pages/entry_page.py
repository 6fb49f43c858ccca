"""The right: the portal's form as it will be sent, the checks, Upload and Verify."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.domain.meter import MeterType
from app.domain.payload import format_factor
from app.services.situation import Primary
from ui.i18n import tr
from ui.icons import icon
from ui.theme import Theme
from ui.viewmodels.meter import MeterViewModel
from ui.viewmodels.portal import PortalViewModel
from ui.widgets.basics import CopyButton, button, copy_text, em, label, set_state, title
from ui.widgets.checks_list import ChecksList
from ui.widgets.literal_view import LiteralView
from ui.words import Words, type_word


class EntryPage(QFrame):
    """Follows the meter on screen; every change goes into its draft at once."""

    upload_asked = Signal()
    verify_asked = Signal()
    verification_asked = Signal()
    """The person wants to see the table of values again."""
    sheet_asked = Signal()
    comparison_asked = Signal()

    def __init__(
        self, meter: MeterViewModel, portal: PortalViewModel, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("entry_card")
        self.setProperty("card", True)  # noqa: FBT003 - Qt's own signature
        self._meter, self._portal, self._theme = meter, portal, theme
        self._words = Words()
        self._upload_off = self._uploaded = False
        self._verify_off = True
        self._make_fields()
        self._make_texts(theme)
        self._lay_out()
        self._connect()
        self.apply_theme(theme)
        self.retranslate()

    def show_outcome(
        self, text: str, state: str, *, values: bool = False, sheet: bool = False, compare: bool = False
    ) -> None:
        """Says how far upload and verification are, above the buttons.

        Args:
            text: a sentence; empty hides it.
            state: ``ok``, ``look``, ``bad`` or empty.
            values: whether the table of values can be opened.
            sheet: whether the portal sheet can be opened.
            compare: whether two versions can be compared.
        """
        self.outcome.setText(text)
        self.outcome.setVisible(bool(text))
        set_state(self.outcome, state)
        self.show_values.setVisible(values)
        self.show_sheet.setVisible(sheet)
        self.show_comparison.setVisible(compare)

    def set_busy(self, *, uploading: bool, verifying: bool, uploaded: bool, other: bool) -> None:
        """Buttons that would do again what runs already, or what makes no sense now, are off meanwhile.

        Args:
            uploading: an upload is being kept.
            verifying: the gateway is being asked.
            uploaded: there is something to verify.
            other: another number than that of the meter on screen is being read.
        """
        self._upload_off = uploading or other
        self._verify_off = verifying or other or not uploaded
        self._uploaded = uploaded
        self._switch_buttons()

    def _switch_buttons(self) -> None:
        has_entry = self._meter.draft is not None
        self.upload.setEnabled(has_entry and not self._upload_off)
        self.verify.setEnabled(has_entry and not self._verify_off)
        self.verify.setToolTip(
            tr("Let the gateway read the meter and compare") if self._uploaded else tr("Upload first")
        )

    def apply_theme(self, theme: Theme) -> None:
        """Paints in the colours of now."""
        self._theme = theme
        for copy in (self.copy_name, self.copy_address):
            copy.apply_theme(theme)
        self.copy_reg.setIcon(icon("copy", theme.accent))
        self.copy_reg.setIconSize(QSize(em(self), em(self)))
        self.reg.apply_theme(theme)
        self.checks.apply_theme(theme)

    def retranslate(self) -> None:
        """Says everything in the language of now."""
        self._words.refresh()
        for at, meter_type in enumerate(MeterType):
            self.type_choice.setItemText(at, type_word(meter_type))
        self.checks.retranslate()
        self.refresh()

    def refresh(self) -> None:
        """Shows the draft as it is now."""
        draft, entry = self._meter.draft, self._meter.entry
        self._area.setVisible(draft is not None)
        self.type_choice.setVisible(draft is not None)
        self._hint.setVisible(draft is None)
        self._switch_buttons()
        if draft is None or entry is None:
            return
        self.type_choice.setCurrentIndex(list(MeterType).index(draft.type))
        for field, text in ((self.place, draft.place), (self.name, entry.name), (self.dial, draft.dial)):
            if field.text() != text and not field.hasFocus():
                field.setText(text)
                field.setCursorPosition(0)
        self.name.setPlaceholderText(self._meter.pattern_name)
        self._show_gateway()
        self.fixed.setText(
            tr(
                "Address left empty · Model {model} · Protocol {protocol} · Baudrate {baudrate} · "
                "Mode {mode}",
                model=entry.model,
                protocol=entry.protocol,
                baudrate=str(entry.baudrate),
                mode=entry.mode,
            )
        )
        self.address.setText(entry.secondary_ad)
        self.reg.set_literal(entry.reg)
        self._light(self._meter.selected)
        count = len(self._meter.reg_parts)
        self.reg_count.setText(tr("1 register") if count == 1 else tr("{count} registers", count=count))
        self.checks.set_checks(self._meter.checks, self._fixes())

    # Making ----------------------------------------------------------------------------------------------

    def _make_fields(self) -> None:
        self.type_choice = QComboBox()
        self.type_choice.setObjectName("type_choice")
        for meter_type in MeterType:
            self.type_choice.addItem(type_word(meter_type), meter_type)
        self._words.say(self.type_choice.setAccessibleName, "Type on the portal")
        self.gateway = QComboBox()
        self.gateway.setObjectName("gateway_choice")
        self._words.say(self.gateway.setAccessibleName, "Gateway")
        self.place = self._line("place_field", "Place", "e.g. Apartment 203")
        self.name = self._line("name_field", "Name on the portal", "")
        self.dial = self._line("dial_field", "Reading on the dial", "optional, to compare")
        self.address = label("entry_secondary_ad", mono=True)
        self.copy_name = CopyButton("copy_name", self.name.text)
        self.copy_address = CopyButton("copy_secondary_ad", self.address.text)
        self._words.say(self.copy_name.set_words, "Copy the name")
        self._words.say(self.copy_address.set_words, "Copy secondary_ad")
        for combo in (self.type_choice, self.gateway):
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            combo.setMinimumContentsLength(10)

    def _make_texts(self, theme: Theme) -> None:
        self.fixed = label("fixed_fields", quiet=True, wrap=True)
        self.reg_count = label("reg_count", quiet=True)
        self.copy_reg = button("copy_reg", link=True)
        self._words.say(self.copy_reg.setText, "Copy")
        self._words.say(self.copy_reg.setAccessibleName, "Copy reg")
        self.reg = LiteralView(theme)
        self._words.say(self.reg.setAccessibleName, "The portal's reg text")
        self.checks = ChecksList(theme)
        self.outcome = label("outcome", wrap=True)
        self.show_values = button("show_values", link=True)
        self._words.say(self.show_values.setText, "Show the values")
        self.show_sheet = button("show_sheet", link=True)
        self._words.say(self.show_sheet.setText, "Open the portal sheet")
        self.show_comparison = button("show_comparison", link=True)
        self._words.say(self.show_comparison.setText, "Compare both versions")
        self.upload = button("upload_button", primary=True)
        self._words.say(self.upload.setText, "Upload")
        self._words.say(self.upload.setToolTip, "Send to the portal (Ctrl+Return)")
        self.verify = button("verify_button")
        self._words.say(self.verify.setText, "Verify")
        self._hint = label("entry_hint", quiet=True, wrap=True)
        self._words.say(
            self._hint.setText,
            "What the portal needs is filled in here as soon as a meter is read: name, address and register "
            "list, with the checks.",
        )
        self.outcome.hide()
        self.show_values.hide()
        self.show_sheet.hide()
        self.show_comparison.hide()

    def show_primary(self, primary: Primary) -> None:
        """The button that stands out is the next step."""
        for push, is_primary in (
            (self.upload, primary is Primary.UPLOAD),
            (self.verify, primary is Primary.VERIFY),
        ):
            if push.property("primary") is not is_primary:
                push.setProperty("primary", is_primary)
                push.style().unpolish(push)
                push.style().polish(push)

    def _line(self, name: str, words: str, placeholder: str) -> QLineEdit:
        field = QLineEdit()
        field.setObjectName(name)
        field.setMaxLength(200)
        self._words.say(field.setAccessibleName, words)
        if placeholder:
            self._words.say(field.setPlaceholderText, placeholder)
        return field

    def _lay_out(self) -> None:
        gap = em(self) // 2
        heading = QHBoxLayout()
        text = title("entry_title")
        self._words.say(text.setText, "Portal entry")
        heading.addWidget(text)
        heading.addStretch(1)
        heading.addWidget(self.type_choice)
        self._body = self._form()
        area = self._area = QScrollArea()
        area.setObjectName("entry_scroll")
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self._body)
        area.viewport().setAutoFillBackground(False)
        self._body.setAutoFillBackground(False)
        buttons = QHBoxLayout()
        buttons.addWidget(self.upload, 2)
        buttons.addWidget(self.verify, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(gap * 2, gap, gap, gap)
        column.setSpacing(gap)
        column.addLayout(heading)
        column.addWidget(self._hint)
        column.addWidget(area, 1)
        column.addStretch(0)
        column.addWidget(self.outcome)
        column.addWidget(self.show_values, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.show_sheet, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.show_comparison, 0, Qt.AlignmentFlag.AlignLeft)
        column.addLayout(buttons)

    def _form(self) -> QWidget:
        body = QWidget()
        grid = QGridLayout(body)
        gap = em(self) // 2
        grid.setContentsMargins(0, 0, gap, 0)
        grid.setHorizontalSpacing(gap)
        grid.setVerticalSpacing(round(gap * 0.8))
        grid.setColumnStretch(1, 1)
        rows: tuple[tuple[str, QWidget, QWidget | None], ...] = (
            ("Place", self.place, None),
            ("Name", self.name, self.copy_name),
            ("Gateway", self.gateway, None),
        )
        for at, (words, field, copy) in enumerate(rows):
            grid.addWidget(self._caption(words, field), at, 0)
            grid.addWidget(field, at, 1, 1, 1 if copy else 2)
            if copy is not None:
                grid.addWidget(copy, at, 2)
        at = len(rows)
        grid.addWidget(self.fixed, at, 0, 1, 3)
        key = label(quiet=True, mono=True)
        key.setText("secondary_ad")
        grid.addWidget(key, at + 1, 0)
        grid.addWidget(self.address, at + 1, 1)
        grid.addWidget(self.copy_address, at + 1, 2)
        grid.addLayout(self._reg_heading(), at + 2, 0, 1, 3)
        grid.addWidget(self.reg, at + 3, 0, 1, 3)
        grid.addWidget(self.checks, at + 4, 0, 1, 3)
        grid.addWidget(self._caption("Dial", self.dial), at + 5, 0)
        grid.addWidget(self.dial, at + 5, 1, 1, 2)
        grid.setRowStretch(at + 6, 1)
        return body

    def _caption(self, words: str, buddy: QWidget) -> QLabel:
        text = label(quiet=True)
        text.setBuddy(buddy)
        self._words.say(text.setText, words)
        return text

    def _reg_heading(self) -> QHBoxLayout:
        row = QHBoxLayout()
        key = label(quiet=True, mono=True)
        key.setText("reg")
        row.setSpacing(em(self) // 2)
        row.addWidget(key)
        row.addWidget(self.reg_count)
        row.addStretch(1)
        row.addWidget(self.copy_reg)
        return row

    # Doing -----------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        meter = self._meter
        meter.rows_changed.connect(self.refresh)
        meter.meter_opened.connect(self._on_opened)
        meter.record_selected.connect(self._light)
        self.place.textEdited.connect(meter.set_place)
        self.name.textEdited.connect(meter.set_name)
        self.name.editingFinished.connect(self.refresh)
        self.dial.textEdited.connect(meter.set_dial)
        self.type_choice.activated.connect(lambda at: meter.set_type(list(MeterType)[at]))
        self.gateway.activated.connect(lambda at: meter.set_gateway(str(self.gateway.itemData(at))))
        self._portal.gateways_changed.connect(self._show_gateway)
        self.copy_reg.clicked.connect(lambda: copy_text(self.reg.literal))
        self.checks.fix_asked.connect(meter.convert)
        self.upload.clicked.connect(self.upload_asked)
        self.verify.clicked.connect(self.verify_asked)
        self.show_values.clicked.connect(self.verification_asked)
        self.show_sheet.clicked.connect(self.sheet_asked)
        self.show_comparison.clicked.connect(self.comparison_asked)

    def _on_opened(self) -> None:
        for field in (self.place, self.name, self.dial):
            field.clearFocus()

    def _show_gateway(self) -> None:
        gateways = self._portal.gateways
        shown = [self.gateway.itemData(at) for at in range(self.gateway.count())]
        if shown != [gateway.id for gateway in gateways]:
            self.gateway.clear()
            for gateway in gateways:
                self.gateway.addItem(gateway.name, gateway.id)
                if gateway.serial:
                    self.gateway.setItemData(
                        self.gateway.count() - 1, gateway.serial, Qt.ItemDataRole.ToolTipRole
                    )
        self.gateway.setEnabled(bool(gateways))
        self.gateway.setPlaceholderText(tr("choose") if gateways else tr("from the portal, after signing in"))
        draft = self._meter.draft
        if draft is None:
            return
        self.gateway.setCurrentIndex(self.gateway.findData(draft.gateway_id))

    def _light(self, record_index: int | None) -> None:
        parts = [index for index, _text in self._meter.reg_parts]
        self.reg.light(parts.index(record_index) if record_index in parts else None)

    def _fixes(self) -> dict[int, str]:
        fixes: dict[int, str] = {}
        for row in self._meter.rows:
            offer = row.register.offer(row.tick.unit) if row.tick is not None else None
            if row.warning is not None and offer is not None:
                factor = offer.converting_factor
                fixes[row.register.record.index] = (
                    tr("Use no factor")
                    if factor is None
                    else tr("Use {factor}", factor=format_factor(factor))
                )
        return fixes
