"""Why a portal rejects a body, field by field, in whichever of the usual shapes it says so.

RFC 9457 with ``errors: [{field, reason}]`` (this project's own), JSON:API's ``errors`` with a pointer, lists
with ``loc`` and ``msg`` as web frameworks make them, and objects whose keys are the fields.
"""

from app.portal.errors import FieldError
from app.portal.json_reading import Json

_MOST_REASONS = 50
_DEEPEST = 4
_LONGEST_WORDS = 300
_FIELD_KEYS = ("field", "loc", "path", "pointer", "name", "param", "property")
_REASON_KEYS = ("reason", "msg", "message", "detail", "description", "title", "error")
_BODY = frozenset({"body", "data", "attributes", "$", "#"})
_PLACES = ("errors", "detail", "details", "violations", "invalid_params", "invalid-params", "fields", "error")


def reasons_of(problem: dict[str, Json]) -> tuple[FieldError, ...]:
    """The reasons of an error's body; a reason whose field is not told has an empty one."""
    for place in _PLACES:
        found = [each for each in _reasons(problem.get(place), "", _DEEPEST) if each.reason]
        if found and not (place in ("detail", "error") and isinstance(problem[place], str)):
            return tuple(found[:_MOST_REASONS])
    return ()


def _reasons(value: Json, field: str, depth: int) -> list[FieldError]:
    if isinstance(value, str):
        return [FieldError(field, words(value))]
    if not depth or not isinstance(value, list | dict):
        return []
    if isinstance(value, list):
        return [each for item in value[:_MOST_REASONS] for each in _reasons(item, field, depth - 1)]
    reason = next((words(value[key]) for key in _REASON_KEYS if isinstance(value.get(key), str)), "")
    if reason:
        return [FieldError(_field_of(value) or field, reason)]
    return [
        each
        for key, item in list(value.items())[:_MOST_REASONS]
        for each in _reasons(item, words(key), depth - 1)
    ]


def _field_of(item: dict[str, Json]) -> str:
    """Where it points to, without the body's own name: ``["body", "name"]`` -> ``name``."""
    source = item.get("source")
    for holder in (item, source if isinstance(source, dict) else {}):
        for key in _FIELD_KEYS:
            place = holder.get(key)
            parts = place if isinstance(place, list) else [place]
            path = ".".join(part.replace("/", ".") for part in parts if isinstance(part, str)).split(".")
            named = [part for part in path if part and part not in _BODY]
            if named:
                return words(".".join(named))
    return ""


def words(value: Json) -> str:
    """A portal's own words on one line and of bounded length: they end up in a sentence on the screen."""
    if not isinstance(value, str):
        return ""
    one_line = " ".join("".join(c if c.isprintable() else " " for c in value[:9999]).split())
    return one_line[:_LONGEST_WORDS].rstrip(".")
