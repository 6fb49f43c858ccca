"""Telegrams of chosen records, encoded and decoded again, and what the checks say to them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from app.domain.checks import Check, CheckState, Subject, run_checks
from app.domain.draft import new_draft, registers_for
from app.domain.meter import MeterType
from app.domain.registers import Role
from app.domain.selection import Preferences, tick_roles
from app.mbus.addresses import SecondaryAddress
from app.mbus.encode import encode_response, make_header
from app.mbus.manufacturer import letters_to_code
from app.mbus.records import Telegram
from app.mbus.response import decode
from app.practice.content import record
from app.services.commissioning import load_vocabulary

VOCABULARY = load_vocabulary()
READ_AT = datetime(2026, 11, 22, 10, 14)  # noqa: DTZ001 - a meter's clock has no zone
NUMBER = "94158192"

Said = tuple[str, object]
"""DIB and VIB in hex with a blank between, and the value."""


def said(*records: Said, maker: str = "LUG", version: int = 4, medium: int = 4, status: int = 0) -> Telegram:
    """What a meter says with these records, over its bytes; a str as value is the data in hex."""
    address = SecondaryAddress(NUMBER, letters_to_code(maker), version, medium)
    frames = encode_response(make_header(address, status=status), map(_record, records))
    return decode(frames)


def _record(item: Said):
    head, value = item
    dib, vib = head.split()
    return record(dib, vib, bytes.fromhex(value) if isinstance(value, str) else value)


def heat(**other: object) -> tuple[Said, ...]:
    """A heat meter that runs, every value in order; ``flow=None`` leaves one out, another changes it."""
    values: dict[str, Said] = {
        "energy": ("04 06", 37_351_000),
        "volume": ("04 13", Decimal("812.430")),
        "power": ("04 2B", 2150),
        "flow": ("04 3B", Decimal("0.176")),
        "warm": ("02 5A", Decimal("52.4")),
        "cold": ("02 5E", Decimal("41.9")),
        "difference": ("02 61", Decimal("10.50")),
    }
    for name, value in other.items():
        head = values[name][0] if name in values else ""
        if value is None:
            del values[name]
        else:
            values[name] = value if isinstance(value, tuple) else (head, value)
    return tuple(values.values())


def checks_of(
    telegram: Telegram,
    *,
    label: str = NUMBER,
    meter_type: MeterType | None = None,
    useful: bool = True,
    read_at: datetime = READ_AT,
    vocabulary=VOCABULARY,
    preferences: Preferences | None = None,
    selection=None,
    dial: str = "",
    **subject: object,
) -> tuple[Check, ...]:
    """The checks of a meter as an installer decides it: all known registers ticked, converted always."""
    wishes = preferences or Preferences(convert_always=True)
    draft = new_draft(label, telegram, vocabulary, wishes, baudrate=2400, meter_type=meter_type)
    registers = registers_for(draft, telegram, vocabulary)
    roles = frozenset({Role.INDEX, Role.USEFUL} if useful else {Role.INDEX})
    ticked = tick_roles(draft.selection, registers, roles, vocabulary.types[draft.type], wishes)
    draft = replace(draft, selection=ticked if selection is None else selection, dial=dial)
    return run_checks(Subject(draft, telegram, registers, vocabulary, read_at, **subject))  # type: ignore[arg-type]


def looks(checks: Iterable[Check]) -> dict[str, str]:
    """The sentences of the looks, by code."""
    return {check.code: str(check.reason) for check in checks if check.state is CheckState.LOOK}


def outcome(checks: Iterable[Check], code: str) -> tuple[CheckState | None, str]:
    """State and sentence of one check; None where it says nothing."""
    return next(((check.state, str(check.reason)) for check in checks if check.code == code), (None, ""))
