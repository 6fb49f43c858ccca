"""What the practice portal takes as a meter body, and what it says about one it does not take."""

import json
import re
from typing import Any

from app.domain.errors import RegisterListError
from app.domain.meter import MeterType
from app.domain.payload import RegEntry, parse_reg
from app.domain.portal_units import Vocabulary

FIELDS = ("name", "type", "prim_ad", "gateway_id", "model", "protocol", "baudrate", "mode")
LARGEST_BODY = 64 * 1024

_MODELS = ("generic_mbus",)
_PROTOCOLS = ("mbus",)
_MODES = ("consumption",)
_BAUDRATES = (300, 600, 1200, 2400, 4800, 9600, 19200, 38400)
_LONGEST_NAME = 200


class RejectedBodyError(Exception):
    """A body that is not taken: which fields, and why."""

    def __init__(self, errors: list[dict[str, str]]) -> None:
        super().__init__(f"{len(errors)} fields are not accepted")
        self.errors = errors


def checked_body(raw: bytes, gateway_ids: tuple[str, ...], vocabulary: Vocabulary) -> dict[str, Any]:
    """Reads a meter body.

    Raises:
        RejectedBodyError: with one reason a field.
    """
    body = _json_object(raw)
    errors = _Errors()
    name = body.get("name")
    if not isinstance(name, str) or not name.strip():
        errors.add("name", "must not be empty")
    elif len(name) > _LONGEST_NAME:
        errors.add("name", f"has more than {_LONGEST_NAME} characters")
    errors.one_of("type", body.get("type"), tuple(each.value for each in MeterType))
    if not isinstance(body.get("prim_ad"), str | int) or isinstance(body.get("prim_ad"), bool):
        errors.add("prim_ad", "must be a text or a whole number; empty for M-Bus")
    if body.get("gateway_id") not in gateway_ids:
        errors.add("gateway_id", "is no gateway of this site")
    errors.one_of("model", body.get("model"), _MODELS)
    errors.one_of("protocol", body.get("protocol"), _PROTOCOLS)
    errors.one_of("baudrate", body.get("baudrate"), _BAUDRATES)
    errors.one_of("mode", body.get("mode"), _MODES)
    settings = _check_settings(body.get("additional_settings"), vocabulary, errors)
    if errors.found:
        raise RejectedBodyError(errors.found)
    return {**{name: body[name] for name in FIELDS}, "additional_settings": settings}


class _Errors:
    def __init__(self) -> None:
        self.found: list[dict[str, str]] = []

    def add(self, field: str, reason: str) -> None:
        self.found.append({"field": field, "reason": reason})

    def one_of(self, field: str, value: object, allowed: tuple[object, ...]) -> None:
        if isinstance(value, bool) or value not in allowed:
            self.add(field, f"must be one of {', '.join(map(str, allowed))}")


def _json_object(raw: bytes) -> dict[str, Any]:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise RejectedBodyError([{"field": "", "reason": "the body is no JSON object"}])
    return body


def _check_settings(settings: object, vocabulary: Vocabulary, errors: _Errors) -> dict[str, str]:
    if not isinstance(settings, dict):
        errors.add("additional_settings", "must be an object with secondary_ad and reg")
        return {}
    secondary_ad, reg = settings.get("secondary_ad"), settings.get("reg")
    if not isinstance(secondary_ad, str) or not re.fullmatch(r"[0-9A-Fa-f]{16}", secondary_ad):
        errors.add("additional_settings.secondary_ad", "must have 16 hex digits")
    if isinstance(reg, str):
        for reason in _reg_faults(reg, vocabulary):
            errors.add("additional_settings.reg", reason)
    else:
        errors.add("additional_settings.reg", "must be a text")
    return {"secondary_ad": str(secondary_ad), "reg": str(reg)}


def _reg_faults(reg: str, vocabulary: Vocabulary) -> list[str]:
    try:
        entries: tuple[RegEntry, ...] = parse_reg(reg)
    except RegisterListError as error:
        return [str(error.message)]
    if not entries:
        return ["the list is empty"]
    return [f"unknown unit {entry.unit}" for entry in entries if entry.unit not in vocabulary.units]
