"""Compiled catalogues: loaded by language; what is lacking, damaged or loses a place stays English."""

from pathlib import Path

import pytest

from app.services.catalogues import ENGLISH, LANGUAGE_NAMES, Catalogue, languages, load_catalogue, places_of
from tests.fakes.scripts import load_script

compiler = load_script("catalogue")
Text, Translation = compiler.Text, compiler.Translation
HEAD = Translation(
    Text("", "", ""),
    ("Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n",),
)


def catalogue(folder: Path, *said: tuple[Text, tuple[str, ...]]) -> Catalogue:
    translations = [HEAD, *(Translation(text, forms) for text, forms in said)]
    (folder / "de.mo").write_bytes(compiler.compile_mo(translations))
    loaded = load_catalogue("de", folder)
    assert loaded is not None
    return loaded


def test_context_and_count_choose_the_translation(tmp_path: Path) -> None:
    german = catalogue(
        tmp_path,
        (Text("pipe", "flow", ""), ("Vorlauf",)),
        (Text("", "flow", ""), ("Fluss",)),
        (Text("", "{count} meter", "{count} meters"), ("ein Zähler", "{count} Zähler")),
    )
    assert german.template("flow", "pipe") == "Vorlauf"
    assert german.template("flow") == "Fluss"
    assert german.template("{count} meter", count=1) == "ein Zähler"
    assert german.template("{count} meter", count=0) == "{count} Zähler"
    assert german.template("nobody translated this") is None


@pytest.mark.parametrize("broken", ["{serial} fehlt {ort}", "der Ort fehlt", "{serial", "{0}"])
def test_a_translation_that_loses_or_invents_a_place_is_not_used(broken: str, tmp_path: Path) -> None:
    german = catalogue(tmp_path, (Text("", "{serial} is missing", ""), (broken,)))
    assert german.template("{serial} is missing") is None


@pytest.mark.parametrize("left", [b"", b"no catalogue", b"\xde\x12\x04\x95" + b"\xff" * 40])
def test_a_damaged_catalogue_is_english(left: bytes, tmp_path: Path) -> None:
    (tmp_path / "de.mo").write_bytes(left)
    assert load_catalogue("de", tmp_path) is None


def test_english_needs_none_and_only_languages_that_are_there_are_offered(tmp_path: Path) -> None:
    assert load_catalogue(ENGLISH, tmp_path) is None
    assert load_catalogue("xx", tmp_path) is None
    assert languages(tmp_path) == (ENGLISH,)
    catalogue(tmp_path)
    assert languages(tmp_path) == (ENGLISH, "de")
    assert set(languages()) <= set(LANGUAGE_NAMES)


def test_places() -> None:
    assert places_of("{a} and {b:x}, {count}") == {"a", "b"}
