"""Settings: where the documentation is odd, names, the look, and the look for newer versions."""

from dataclasses import dataclass, field

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.domain.errors import DomainError
from app.domain.naming import meter_name
from app.domain.selection import Preferences
from app.services.catalogues import LANGUAGE_NAMES, languages
from app.services.update import UpdateSettings
from ui.i18n import tr, tr_message
from ui.theme import ThemeChoice
from ui.widgets.basics import em, label, set_state

_THEME_WORDS = {
    ThemeChoice.SYSTEM: "as the system",
    ThemeChoice.LIGHT: "light",
    ThemeChoice.DARK: "dark",
}


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be set."""

    preferences: Preferences
    name_pattern: str
    theme: ThemeChoice
    updates: UpdateSettings = field(default_factory=UpdateSettings)
    language: str = ""
    """Its code; empty for the system's."""


class SettingsDialog(QDialog):
    """Shows the choices; :attr:`choices` are those of the person after it was accepted."""

    def __init__(self, choices: Choices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("settings_dialog")
        self.setWindowTitle(tr("Settings"))
        self.convert = QCheckBox(tr("Always write the factor, also for power_kw"))
        self.convert.setObjectName("convert_box")
        self.convert.setChecked(choices.preferences.convert_always)
        self.volume = QCheckBox(tr("Give the index of a hot or cold water meter as vol_m3"))
        self.volume.setObjectName("volume_box")
        self.volume.setChecked(choices.preferences.water_as_volume)
        self.pattern = QLineEdit(choices.name_pattern)
        self.pattern.setObjectName("pattern_field")
        self.pattern.setAccessibleName(tr("Pattern of names"))
        self.preview = label("pattern_preview", quiet=True, wrap=True)
        self.theme = QComboBox()
        self.theme.setObjectName("theme_choice")
        self.theme.setAccessibleName(tr("Theme"))
        for choice in ThemeChoice:
            self.theme.addItem(tr(_THEME_WORDS[choice]), choice)
        self.theme.setCurrentIndex(list(ThemeChoice).index(choices.theme))
        self.language = QComboBox()
        self.language.setObjectName("language_choice")
        self.language.setAccessibleName(tr("Language"))
        self.language.addItem(tr("as the system"), "")
        for code in languages():
            self.language.addItem(LANGUAGE_NAMES[code], code)
        self.language.setCurrentIndex(max(0, self.language.findData(choices.language)))
        self.updates = QCheckBox(tr("Look for a newer version at every start"))
        self.updates.setObjectName("updates_box")
        self.updates.setChecked(choices.updates.enabled)
        self.updates_address = QLineEdit(choices.updates.address)
        self.updates_address.setObjectName("updates_address_field")
        self.updates_address.setAccessibleName(tr("Address of the version file"))
        self.updates_address.setPlaceholderText(tr("https address, from whoever gave you the program"))
        self.updates_address.setEnabled(choices.updates.enabled)
        self.updates.toggled.connect(self.updates_address.setEnabled)
        self._buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self._buttons.button(QDialogButtonBox.StandardButton.Ok).setText(tr("OK"))
        self._buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(tr("Cancel"))
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self._lay_out()
        self.pattern.textChanged.connect(self._show_preview)
        self._show_preview()

    @property
    def choices(self) -> Choices:
        """As chosen."""
        return Choices(
            Preferences(convert_always=self.convert.isChecked(), water_as_volume=self.volume.isChecked()),
            self.pattern.text().strip(),
            list(ThemeChoice)[self.theme.currentIndex()],
            UpdateSettings(self.updates.isChecked(), self.updates_address.text().strip()),
            str(self.language.currentData()),
        )

    def _lay_out(self) -> None:
        convert_note, volume_note = label(quiet=True, wrap=True), label(quiet=True, wrap=True)
        convert_note.setText(
            tr(
                "The portal's documentation leaves the factor of power_kw out. Without it the portal shows W "
                "as kW, unless it converts by itself."
            )
        )
        volume_note.setText(
            tr("The portal's documentation names the units hot_water and cold_water; gateways know vol_m3.")
        )
        form = QFormLayout()
        form.addRow(tr("Names"), self.pattern)
        form.addRow("", self.preview)
        form.addRow(tr("Theme"), self.theme)
        form.addRow(tr("Language"), self.language)
        form.addRow(tr("Version file"), self.updates_address)
        column = QVBoxLayout(self)
        gap = em(self)
        column.setContentsMargins(gap, gap, gap, gap)
        column.setSpacing(gap // 2)
        for widget in (self.convert, convert_note, self.volume, volume_note):
            column.addWidget(widget)
        column.addWidget(self.updates)
        column.addLayout(form)
        column.addWidget(self._buttons)
        self.setMinimumWidth(em(self) * 32)

    def _show_preview(self) -> None:
        ok = self._buttons.button(QDialogButtonBox.StandardButton.Ok)
        try:
            name = meter_name(self.pattern.text(), prefix="CH", serial="94158192", place=tr("Apartment 203"))
        except DomainError as error:
            self.preview.setText(tr_message(error.message))
            set_state(self.preview, "bad")
            ok.setEnabled(False)
            return
        self.preview.setText(name)
        set_state(self.preview, "")
        ok.setEnabled(bool(name))
