"""What ``mbus-tool upload`` says of an upload and of its verification."""

import sys
from collections.abc import Sequence
from decimal import Decimal

from app.commands.outcome import print_json
from app.domain.checks import Check
from app.domain.delivery_state import DeliveryState, OutboxItem
from app.domain.named_ratio import ratio_text
from app.domain.verification import Verification, VerificationState, trimmed
from app.message import Message, value_text


def report_upload(item: OutboxItem, questions: Sequence[Message], *, as_json: bool) -> None:
    """Says how far an upload came.

    Args:
        item: the upload.
        questions: what only a person can answer about it.
        as_json: one object on standard output instead of sentences.
    """
    arrived = item.state is DeliveryState.SENT
    if as_json:
        print_json({**_item_object(item), "questions": [str(each) for each in questions]})
    elif arrived:
        print(f"{item.entry.name}: on the portal as {item.meter_id}")  # noqa: T201
    if not arrived:
        kept = Message("{name}: not on the portal yet; kept in the outbox.", {"name": item.entry.name})
        print(f"{kept} {item.problem or ''}".strip(), file=sys.stderr)  # noqa: T201
        if _takes_one_entry(item):
            print(f"  {_ONE_LIST}: upload again with --one-list", file=sys.stderr)  # noqa: T201
    if not as_json:
        for question in questions:
            print(f"? {question}", file=sys.stderr)  # noqa: T201


_ONE_LIST = Message("Put heat and cold into one list")


def _takes_one_entry(item: OutboxItem) -> bool:
    """Whether the portal refused a second entry of one address."""
    return any(each.field == "type" for each in item.field_reasons)


def _item_object(item: OutboxItem) -> dict[str, object]:
    entry = item.entry
    return {
        "ok": item.state is DeliveryState.SENT,
        "state": item.state.value,
        "id": item.meter_id or None,
        "key": item.key,
        "site_id": item.site_id,
        "name": entry.name,
        "type": entry.type.value,
        "gateway_id": entry.gateway_id,
        "secondary_ad": entry.secondary_ad,
        "reg": entry.reg,
        "problem": None if item.problem is None else str(item.problem),
        "next_step": "--one-list" if _takes_one_entry(item) else None,
        "errors": [{"field": each.field, "reason": each.reason} for each in item.field_reasons],
    }


_STATES = {
    VerificationState.VERIFIED: "verified: the portal shows what the meter says",
    VerificationState.OPEN: "every value is equal; {count} open",
    VerificationState.LOOK: "the portal does not show what the meter says",
    VerificationState.UPLOADED: "not verified yet",
}


def report_verification(
    item: OutboxItem, verification: Verification, points: tuple[Check, ...], *, as_json: bool
) -> None:
    """Says what the gateway shows beside what the meter says, register by register.

    Args:
        item: the upload that was verified.
        verification: the comparison.
        points: checks that are open.
        as_json: one object on standard output instead of lines.
    """
    if as_json:
        print_json({**_verification_object(verification, points), "type": item.entry.type.value})
        return
    for each in verification.registers:
        values = f"portal {_shown(each.portal)}, meter {_shown(each.meter)} {each.symbol}".rstrip()
        print(f"{each.entry.unit}: {each.verdict.value}: {values}  {each.reason or ''}".rstrip())  # noqa: T201
    if verification.problem is not None:
        print(verification.problem)  # noqa: T201
    for point in points:
        print(f"open: {point.reason}")  # noqa: T201
    state = _STATES[verification.state(len(points))].format(count=len(points))
    print(f"{item.entry.name}: {state}")  # noqa: T201


def _verification_object(verification: Verification, points: tuple[Check, ...]) -> dict[str, object]:
    state = verification.state(len(points))
    return {
        "ok": state is VerificationState.VERIFIED,
        "state": state.value,
        "equal": verification.equal,
        "read_at": verification.read_at,
        "problem": None if verification.problem is None else str(verification.problem),
        "open": [{"check": point.code, "reason": str(point.reason)} for point in points],
        "registers": [
            {
                "unit": each.entry.unit,
                "symbol": each.symbol,
                "dib": each.entry.dib,
                "vib": each.entry.vib,
                "meter": _text(each.meter),
                "portal": _text(each.portal),
                "verdict": each.verdict.value,
                "ratio": None if each.ratio is None else ratio_text(each.ratio),
                "reason": None if each.reason is None else str(each.reason),
            }
            for each in verification.registers
        ],
    }


def _shown(value: Decimal | None) -> str:
    """A value for a person: without digits that nobody measured."""
    return "–" if value is None else value_text(trimmed(value))


def _text(value: Decimal | None) -> str | None:
    """A value without an exponent and without zeros at its end."""
    if value is None:
        return None
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
