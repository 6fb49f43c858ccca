"""Translations by language, compiled: which there are, and what a sentence's template is in one of them."""

import gettext
import struct
from importlib.resources import files
from importlib.resources.abc import Traversable
from string import Formatter
from typing import Final

ENGLISH: Final = "en"
LANGUAGE_NAMES: Final = {ENGLISH: "English", "fr": "Français", "de": "Deutsch", "it": "Italiano"}
"""Every language the program can learn, by its own name, which is never translated."""

_CONTEXT_END: Final = "\x04"
"""Between context and template in a compiled catalogue."""


class Catalogue:
    """The translations of one language.

    One that lacks a place of its template, or has another, is left out: the English sentence is true.

    Args:
        told: translations as gettext has them.
    """

    def __init__(self, told: gettext.GNUTranslations) -> None:
        self._told = told
        self._known: dict[tuple[str, str, int | None], str | None] = {}

    def template(self, template: str, context: str = "", count: int | None = None) -> str | None:
        """The template in this language; None where it has none.

        Args:
            template: the English one, in the singular.
            context: tells apart what is one word in English.
            count: chooses the plural; None for a sentence without one.
        """
        key = (template, context, count)
        if key not in self._known:
            found = self._find(*key)
            self._known[key] = found if found and places_of(found) == places_of(template) else None
        return self._known[key]

    def _find(self, template: str, context: str, count: int | None) -> str | None:
        whole = f"{context}{_CONTEXT_END}{template}" if context else template
        told = self._told.ngettext(whole, whole, count) if count is not None else self._told.gettext(whole)
        return None if told == whole else told


def places_of(template: str) -> frozenset[str]:
    """The places of a template, the count left out: a plural may say it in a word; a broken one has none."""
    try:
        return frozenset(name for _, name, _, _ in Formatter().parse(template) if name) - {"count"}
    except ValueError:
        return frozenset({template})


def languages(folder: Traversable | None = None) -> tuple[str, ...]:
    """The codes of all languages that can be shown, English first.

    Args:
        folder: of the compiled catalogues; the program's own by default.
    """
    there = folder or _own_folder()
    return tuple(code for code in LANGUAGE_NAMES if code == ENGLISH or (there / f"{code}.mo").is_file())


def load_catalogue(code: str, folder: Traversable | None = None) -> Catalogue | None:
    """The translations of a language; None for English, and where they are lacking or damaged."""
    if code == ENGLISH or code not in LANGUAGE_NAMES:
        return None
    try:
        with ((folder or _own_folder()) / f"{code}.mo").open("rb") as file:
            return Catalogue(gettext.GNUTranslations(file))
    except (OSError, ValueError, UnicodeError, struct.error, IndexError):
        return None


def _own_folder() -> Traversable:
    return files("resources") / "i18n"
