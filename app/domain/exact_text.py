"""Sentences as JSON and back, with the digits of their numbers: what a data file keeps of a message."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from app.message import Message

_EXACT: Final[Mapping[str, Callable[[str], object]]] = {"Decimal": Decimal, "Fraction": Fraction}
"""Numbers that JSON would round: written as their digits, with their kind."""


def message_object(message: Message | None) -> dict[str, object] | None:
    """A sentence as what JSON can hold: ``template``, ``values`` and, where it has them, the rest."""
    if message is None:
        return None
    kept: dict[str, object] = {
        "template": message.template,
        "values": {name: _value_object(value) for name, value in message.values.items()},
    }
    if message.context:
        kept["context"] = message.context
    if message.plural:
        kept["plural"] = message.plural
    if message.count is not None:
        kept["count"] = message.count
    return kept


def message_of(kept: Mapping[str, Any] | None) -> Message | None:
    """The sentence that was kept.

    Raises:
        KeyError, TypeError, AttributeError, ValueError, ArithmeticError: it is none.
    """
    if kept is None:
        return None
    values = {name: _value(value) for name, value in kept["values"].items()}
    return Message(
        kept["template"], values, kept.get("context", ""), kept.get("plural", ""), kept.get("count")
    )


def _value_object(value: object) -> object:
    if isinstance(value, Message):
        return {"Message": message_object(value)}
    if isinstance(value, Decimal | Fraction):
        return {type(value).__name__: str(value)}
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _value(kept: Any) -> object:  # noqa: ANN401 - whatever JSON holds
    if not isinstance(kept, dict):
        return kept
    ((kind, content),) = kept.items()
    return message_of(content) if kind == "Message" else _EXACT[kind](content)
