"""A verification as exact text and back: JSON with every number as its digits."""

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from app.domain.exact_text import message_object, message_of
from app.domain.payload import RegEntry
from app.domain.verification import RegisterComparison, Verdict, Verification


def verification_text(verification: Verification) -> str:
    """The comparison as text; :func:`verification_from_text` gives an equal one back."""
    return json.dumps(
        {
            "read_at": verification.read_at,
            "problem": message_object(verification.problem),
            "registers": [_register_object(each) for each in verification.registers],
        },
        ensure_ascii=False,
    )


def verification_from_text(text: str) -> Verification | None:
    """The comparison that was kept; None where the text says none."""
    try:
        kept = json.loads(text)
        registers = tuple(_register(each) for each in kept["registers"])
        return Verification(str(kept["read_at"]), registers, message_of(kept["problem"]))
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError):
        return None


def _register_object(register: RegisterComparison) -> dict[str, object]:
    entry = register.entry
    return {
        "unit": entry.unit,
        "factor": _digits(entry.factor),
        "dib": entry.dib,
        "vib": entry.vib,
        "meter": _digits(register.meter),
        "portal": _digits(register.portal),
        "symbol": register.symbol,
        "verdict": register.verdict.value,
        "ratio": _digits(register.ratio),
        "reason": message_object(register.reason),
        "right_factor": _digits(register.right_factor),
    }


def _register(kept: Mapping[str, Any]) -> RegisterComparison:
    return RegisterComparison(
        entry=RegEntry(str(kept["unit"]), _decimal(kept["factor"]), str(kept["dib"]), str(kept["vib"])),
        meter=_decimal(kept["meter"]),
        portal=_decimal(kept["portal"]),
        symbol=str(kept["symbol"]),
        verdict=Verdict(kept["verdict"]),
        ratio=None if kept["ratio"] is None else Fraction(kept["ratio"]),
        reason=message_of(kept["reason"]),
        right_factor=_decimal(kept["right_factor"]),
    )


def _digits(number: Decimal | Fraction | None) -> str | None:
    return None if number is None else str(number)


def _decimal(digits: str | None) -> Decimal | None:
    if digits is None:
        return None
    try:
        return Decimal(digits)
    except InvalidOperation:
        raise ValueError("no number") from None
