"""Every visible text is found, and a translation of it comes back from a compiled catalogue."""

import gettext
import io
from collections import Counter
from pathlib import Path
from string import Formatter

import pytest

from tests.fakes.scripts import load_script

catalogue = load_script("catalogue")
strings = load_script("visible_strings")
Text, Translation = strings.Text, catalogue.Translation
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def found():
    return strings.visible_strings(ROOT)


def test_every_text_is_followed_to_where_it_is_written(found) -> None:
    assert found.unknown == []


@pytest.mark.parametrize(
    "text",
    [
        "Upload",  # bound to a button
        "warm water",  # the name of a medium
        "Flow temperature",  # from a table
        "tick the index and every auxiliary register",  # from a tuple in a tuple
        "No adapter is chosen.",  # of the core
    ],
)
def test_texts_of_every_kind_are_found(text: str, found) -> None:
    assert any(each.template.startswith(text) for each in found.texts), text


def test_a_text_has_the_same_places_in_both_numbers_and_nothing_qt_would_fill_in(found) -> None:
    for text in found.texts:
        places = Counter(name for _, name, _, _ in Formatter().parse(text.template) if name)
        assert all(name.isidentifier() for name in places), text
        if text.plural:
            there = {name for _, name, _, _ in Formatter().parse(text.plural) if name}
            assert set(places) - {"count"} <= there, text
        assert "%n" not in text.template + text.plural, text
        assert "%L" not in text.template + text.plural, text


def test_a_translation_comes_back_from_the_compiled_catalogue() -> None:
    written = [
        Translation(Text("", "Upload", ""), ("Hochladen",)),
        Translation(Text("pipe", "flow", ""), ("Vorlauf",)),
        Translation(Text("rate", "flow", ""), ("Durchfluss",)),
        Translation(Text("", "1 meter", "{count} meters"), ("1 Zähler", "{count} Zähler")),
        Translation(Text("", 'a "quote" \\ and\ta\nline', ""), ('ein "Zitat" \\ und\teine\nZeile',)),
        Translation(Text("", "not yet", ""), ()),
    ]
    po = catalogue.write_po("de", written, {})
    read = catalogue.read_po(po)
    assert [each.text for each in read[1:]] == [each.text for each in written]
    told = gettext.GNUTranslations(io.BytesIO(catalogue.compile_mo(read)))
    assert told.gettext("Upload") == "Hochladen"
    assert (told.pgettext("pipe", "flow"), told.pgettext("rate", "flow")) == ("Vorlauf", "Durchfluss")
    assert told.ngettext("1 meter", "{count} meters", 1) == "1 Zähler"
    assert told.ngettext("1 meter", "{count} meters", 5) == "{count} Zähler"
    assert told.gettext('a "quote" \\ and\ta\nline') == 'ein "Zitat" \\ und\teine\nZeile'
    assert told.gettext("not yet") == "not yet"


def test_an_update_keeps_what_was_translated_and_loses_what_is_gone() -> None:
    found = strings.Found()
    found.texts[Text("", "stays", "")].add("ui/a.py")
    found.texts[Text("", "new", "")].add("ui/a.py")
    before = [Translation(Text("", "stays", ""), ("bleibt",)), Translation(Text("", "gone", ""), ("weg",))]
    after = {each.text.template: each.said for each in catalogue.updated(found, before)}
    assert after == {"stays": ("bleibt",), "new": ()}


def test_a_fuzzy_translation_is_not_used_and_a_damaged_file_is_said() -> None:
    assert catalogue.read_po('#, fuzzy\nmsgid "a"\nmsgstr "b"\n') == ()
    with pytest.raises(ValueError, match="no line"):
        catalogue.read_po("nonsense here\n")


def test_the_compiled_catalogues_are_those_of_the_translations() -> None:
    for path in sorted(catalogue.FOLDER.glob("*.po")):
        translations = catalogue.read_po(path.read_text(encoding="utf-8"))
        assert path.with_suffix(".mo").read_bytes() == catalogue.compile_mo(translations), path.name
