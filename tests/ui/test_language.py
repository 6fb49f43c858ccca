"""One switch, and a window full of messages says everything again; no place of a sentence is lost."""

import gettext
import io
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QTableView, QWidget

from app.message import Message
from app.services.catalogues import Catalogue
from tests.fakes.scripts import load_script
from tests.fakes.window import Program
from ui.i18n import Said, again, joined, tr, tr_message
from ui.language import CatalogueTranslator, LanguageSwitch
from ui.window_state import WindowState

strings, compiler = load_script("visible_strings"), load_script("catalogue")
ROOT = Path(__file__).parents[2]

FOREIGN = re.compile(
    r"^[\W\d_]*$"  # numbers and signs
    r"|^([0-9A-F]{2} ?)+$"  # bytes
    r"|^\W*(94158192|LUG|M-Bus Commissioner|generic_mbus|secondary_ad|reg|DIB|VIB|kWh|CH - |Ctrl|F\d)"
)
"""What a meter, a portal or the keyboard says, not the program."""


@pytest.fixture(scope="session")
def bracketed() -> Catalogue:
    """Every text of the program in brackets, as a language that somebody translated whole."""
    found = strings.visible_strings(ROOT)
    head = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n"
    said = [compiler.Translation(strings.Text("", "", ""), (head,))]
    for text in found.texts:
        forms = (text.template, text.plural) if text.plural else (text.template,)
        said.append(compiler.Translation(text, tuple(f"⟦{form}⟧" for form in forms)))
    return Catalogue(gettext.GNUTranslations(io.BytesIO(compiler.compile_mo(said))))


@pytest.fixture
def switch() -> Iterator[LanguageSwitch]:
    switch = LanguageSwitch()
    yield switch
    switch.show(None, "en")
    QLocale.setDefault(QLocale(QLocale.Language.English))


def texts_of(window: QWidget) -> dict[str, str]:
    """What can be read in a window: by the widget's place, all that it says."""
    seen: dict[str, str] = {}
    for at, widget in enumerate(window.findChildren(QWidget)):
        name = f"{at} {type(widget).__name__} {widget.objectName()}"
        if isinstance(widget, QTableView):
            model = widget.model()
            for column in range(model.columnCount() if model else 0):
                seen[f"{name} column {column}"] = str(
                    model.headerData(column, Qt.Orientation.Horizontal, Qt.ItemDataRole.DisplayRole) or ""
                )
        if not widget.isVisible():
            continue
        if isinstance(widget, QLabel | QAbstractButton):
            seen[name] = widget.text()
        if isinstance(widget, QLineEdit):
            seen[f"{name} placeholder"] = widget.placeholderText()
        if isinstance(widget, QComboBox):
            continue
        seen[f"{name} tip"] = widget.toolTip()
        seen[f"{name} for readers"] = widget.accessibleName()
    # What is empty says nothing: a scroll bar comes and goes as it likes.
    return {name: text for name, text in seen.items() if text}


def untranslated(window: QWidget) -> dict[str, str]:
    return {
        name: text for name, text in texts_of(window).items() if "⟦" not in text and not FOREIGN.match(text)
    }


def test_a_window_full_of_messages_changes_whole_and_back(
    program: Program, bracketed: Catalogue, switch: LanguageSwitch
) -> None:
    program.open_telegram()
    application, window = program.application, program.window
    application.errors.show(RuntimeError("unforeseen"))
    window.say(
        tr_message(Message("read {serial}", {"serial": "94158192"})),
        tr("next: type the serial number and press Return"),
    )
    application.window.unsaved_strip.show_reason(Message("No adapter is chosen."))
    before = Counter(texts_of(window).values())
    switch.show(CatalogueTranslator(bracketed), "de")
    program.wait(lambda: program.text("upload_button") == "⟦Upload⟧")
    assert untranslated(window) == {}
    assert "⟦" in window.banner.text
    assert "RuntimeError" in window.banner.text, "no place of a sentence is lost"
    switch.show(None, "en")
    program.wait(lambda: program.text("upload_button") == "Upload")
    # The list of checks is made anew, and shown a moment later.
    program.wait(lambda: Counter(texts_of(window).values()) == before)
    application.window.unsaved_strip.show_reason(None)


def test_what_was_said_in_one_language_is_said_again_in_another(
    bracketed: Catalogue, switch: LanguageSwitch
) -> None:
    inner = Message("No adapter is chosen.")
    told = joined(" ", (tr_message(inner), "", tr("Upload"), "94158192"))
    assert told == "No adapter is chosen. Upload 94158192"
    switch.show(CatalogueTranslator(bracketed), "de")
    assert again(told) == "⟦No adapter is chosen.⟧ ⟦Upload⟧ 94158192"
    assert isinstance(again(told), Said)
    assert again("as it is") == "as it is"


def test_numbers_follow_the_language(switch: LanguageSwitch) -> None:
    switch.show(None, "fr")
    assert QLocale().language() is QLocale.Language.French
    switch.set_language("en")
    assert (switch.code, QLocale().language()) == ("en", QLocale.Language.English)


def test_a_language_without_a_catalogue_is_english(switch: LanguageSwitch) -> None:
    switch.set_language("xx")
    assert switch.code == "en"


def test_the_choice_is_there_before_the_next_first_paint(tmp_path: Path) -> None:
    assert WindowState(tmp_path).language == ""
    WindowState(tmp_path).keep_language("de")
    assert WindowState(tmp_path).language == "de"
