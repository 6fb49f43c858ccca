"""The language on screen: one switch, after which every text and every number is said again."""

from PySide6.QtCore import QCoreApplication, QLocale, QTranslator

from app.services.catalogues import ENGLISH, Catalogue, languages, load_catalogue


class CatalogueTranslator(QTranslator):
    """Qt asks it for every text; what the catalogue lacks stays English."""

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__()
        self._catalogue = catalogue

    def isEmpty(self) -> bool:
        """Qt's override: an empty one would not be asked."""
        return False

    def translate(
        self,
        context: str,  # noqa: ARG002 - Qt's own widgets and ours have none that could be mistaken
        sourceText: str,  # noqa: N803 - Qt's name
        disambiguation: str | None = None,
        n: int = -1,
    ) -> str:
        """Qt's override: empty where there is no translation."""
        return self._catalogue.template(sourceText, disambiguation or "", n if n >= 0 else None) or ""


class LanguageSwitch:
    """One at a time; installing and removing makes Qt tell every window, which says everything again."""

    def __init__(self) -> None:
        self._code = ENGLISH
        self._translator: QTranslator | None = None

    @property
    def code(self) -> str:
        """The language on screen."""
        return self._code

    def set_language(self, code: str) -> None:
        """Shows another language from now on; without a catalogue of it that is English."""
        catalogue = load_catalogue(code)
        self.show(
            CatalogueTranslator(catalogue) if catalogue is not None else None, code if catalogue else ENGLISH
        )

    def show(self, translator: QTranslator | None, code: str) -> None:
        """As :meth:`set_language`, with translations from elsewhere.

        Args:
            translator: None for the English of the program itself.
            code: how numbers are written.
        """
        before, self._translator, self._code = self._translator, translator, code
        # First the numbers: whoever is told of the language writes them anew.
        QLocale.setDefault(_locale(code))
        if translator is not None:
            QCoreApplication.installTranslator(translator)
        if before is not None:
            QCoreApplication.removeTranslator(before)


def system_language() -> str:
    """The first of the system's languages that the program has; English where it has none of them."""
    there = languages()
    wanted = (name.partition("-")[0] for name in QLocale.system().uiLanguages())
    return next((code for code in wanted if code in there), ENGLISH)


def _locale(code: str) -> QLocale:
    """A language as the system's country writes it; where that has another language, as Switzerland does."""
    system, language = QLocale.system(), QLocale(code).language()
    if system.language() == language:
        return system
    return QLocale(code) if code == ENGLISH else QLocale(language, QLocale.Country.Switzerland)
