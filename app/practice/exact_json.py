"""JSON whose numbers keep their digits: a ``Decimal`` is written as it is, never as the nearest float."""

import json
from decimal import Decimal


def exact_json(value: object) -> str:
    """The JSON text of a value."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dict):
        return (
            "{" + ", ".join(f"{json.dumps(name)}: {exact_json(each)}" for name, each in value.items()) + "}"
        )
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(exact_json, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
