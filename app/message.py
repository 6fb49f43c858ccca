"""A sentence for a person, kept apart from its values so that the window can translate it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, localcontext


@dataclass(frozen=True, slots=True)
class Message:
    """An English sentence with named places, and what goes into them.

    The template is the key of its translation: ``ui.i18n`` looks it up in the context ``messages`` and fills
    the places afterwards. Without a window (command line, log) :meth:`__str__` gives the English sentence.
    """

    template: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template.format_map({name: _spoken(value) for name, value in self.values.items()})


_MOST_DIGITS = 12
_SHOWN_DIGITS = 7
"""A number of more digits than the former was computed, or sent in binary: a person reads the latter."""


def readable(value: Decimal) -> Decimal:
    """A number as people write it: no power of ten, no digits that mean nothing.

    What a meter counted keeps all its digits; what has more than a dozen comes from a division or a REAL32.
    """
    if not value.is_finite():
        return value
    if len(value.as_tuple().digits) > _MOST_DIGITS and int(value.as_tuple().exponent) < 0:
        with localcontext() as context:
            context.prec = _SHOWN_DIGITS
            value = +value
    if int(value.as_tuple().exponent) > 0:
        # 1.80E+4 is 18000.
        value = Decimal(int(value))
    return abs(value) if value == 0 else value


def _spoken(value: object) -> object:
    return f"{readable(value):f}" if isinstance(value, Decimal) else value
