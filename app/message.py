"""A sentence for a person, kept apart from its values so that the window can translate it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Message:
    """An English sentence with named places, and what goes into them.

    The template is the key of its translation: ``ui.i18n`` looks it up in the context ``messages`` and fills
    the places afterwards. Without a window (command line, log) :meth:`__str__` gives the English sentence.
    """

    template: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template.format_map(self.values)
