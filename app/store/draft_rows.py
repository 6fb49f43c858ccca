"""Drafts in the data file: a decision stays until another decision, and of two decisions both stay."""

import json
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from app.domain.building import Alternative, Decision
from app.domain.draft import MeterDraft
from app.domain.meter import MeterType
from app.domain.registers import RegisterKey
from app.domain.selection import Selection, Tick
from app.store.rows import text_of, texts, time_of


@dataclass(frozen=True, slots=True)
class DraftChange:
    """A meter's draft as it is from now on.

    Attributes:
        meter_id: the program's own id.
        draft: what is decided, or proposed.
        decision: who decided and when; None for a draft that nobody touched.
    """

    meter_id: str
    draft: MeterDraft
    decision: Decision | None


def keep(connection: sqlite3.Connection, change: DraftChange, at: datetime) -> bool:
    """Keeps a draft; False where a decision stands and this is none."""
    decision = change.decision
    # The condition stands in two triggers too, for whatever else writes into the table.
    cursor = connection.execute(
        "INSERT INTO drafts (meter_id, saved_at, decided_at, decided_by, body) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (meter_id) DO UPDATE SET saved_at = excluded.saved_at,"
        " decided_at = excluded.decided_at, decided_by = excluded.decided_by, body = excluded.body"
        " WHERE excluded.decided_at IS NOT NULL OR drafts.decided_at IS NULL",
        (
            change.meter_id,
            text_of(at),
            None if decision is None else text_of(decision.at),
            "" if decision is None else decision.by,
            body_of(change.draft),
        ),
    )
    return cursor.rowcount > 0


def forget(connection: sqlite3.Connection, meter_id: str) -> None:
    """Takes a meter's draft away, decided or not; only undo and merging may."""
    connection.execute("DELETE FROM drafts WHERE meter_id = ?", (meter_id,))


def merge(connection: sqlite3.Connection, into: str, other: str) -> None:
    """Gives one meter what was decided about another that is the same.

    An untouched draft gives way to a decision. Of two different decisions the one of ``into`` stands, and
    the other becomes an alternative.
    """
    connection.execute("UPDATE alternatives SET meter_id = ? WHERE meter_id = ?", (into, other))
    theirs = _row(connection, other)
    if theirs is None:
        return
    ours = _row(connection, into)
    if ours is None or (ours[1] is None and theirs[1] is not None):
        forget(connection, into)
        connection.execute("UPDATE drafts SET meter_id = ? WHERE meter_id = ?", (into, other))
        return
    if theirs[1] is not None and not _same(theirs[3], ours[3]):
        _add_alternative(connection, into, theirs)
    forget(connection, other)


def alternatives(connection: sqlite3.Connection, meter_id: str) -> Iterable[tuple[Any, ...]]:
    """Rows for :func:`alternative_of`, the one kept first first."""
    return connection.execute(
        "SELECT number, decided_at, decided_by, body FROM alternatives WHERE meter_id = ? ORDER BY number",
        (meter_id,),
    )


def alternative_of(row: tuple[Any, ...]) -> Alternative:
    """One row of :func:`alternatives`."""
    return Alternative(int(row[0]), draft_of(row[3]), Decision(time_of(row[1]), *texts(row[2])))


def choose(connection: sqlite3.Connection, meter_id: str, number: int, at: datetime) -> bool:
    """Lets an alternative stand; what stood becomes one, if it was a decision. False where there is none."""
    chosen = connection.execute(
        "SELECT decided_at, decided_by, body FROM alternatives WHERE meter_id = ? AND number = ?",
        (meter_id, number),
    ).fetchone()
    if chosen is None:
        return False
    standing = _row(connection, meter_id)
    connection.execute("DELETE FROM alternatives WHERE number = ?", (number,))
    if standing is not None and standing[1] is not None and not _same(standing[3], chosen[2]):
        _add_alternative(connection, meter_id, standing)
    forget(connection, meter_id)
    connection.execute(
        "INSERT INTO drafts (meter_id, saved_at, decided_at, decided_by, body) VALUES (?, ?, ?, ?, ?)",
        (meter_id, text_of(at), *chosen),
    )
    return True


def body_of(draft: MeterDraft) -> str:
    """A draft as JSON; :func:`draft_of` gives an equal one back."""
    kept = {}
    for field in fields(MeterDraft):
        value = getattr(draft, field.name)
        kept[field.name] = _KINDS[field.name].keep(value) if field.name in _KINDS else value
    return json.dumps(kept, ensure_ascii=False)


def draft_of(body: str) -> MeterDraft:
    """The draft that was kept; what an earlier version did not know is as in a new draft.

    Raises:
        ValueError, KeyError, TypeError, AttributeError, ArithmeticError: it is none.
    """
    kept = json.loads(body)
    values = {}
    for field in fields(MeterDraft):
        if field.name in kept:
            value = kept[field.name]
            values[field.name] = _KINDS[field.name].back(value) if field.name in _KINDS else value
    texts(values["serial"], *(values.get(name, "") for name in ("place", "name", "gateway_id", "dial")))
    return MeterDraft(**values)


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a field that JSON does not know is kept."""

    keep: Callable[[Any], Any]
    back: Callable[[Any], Any]


def _ticks(selection: Selection) -> list[list[str | None]]:
    return [
        [tick.key.dib, tick.key.vib, tick.unit, None if tick.factor is None else str(tick.factor)]
        for tick in selection.ticks
    ]


def _selection(ticks: list[list[str | None]]) -> Selection:
    return Selection(tuple(_tick(*tick) for tick in ticks))  # type: ignore[arg-type] # as kept by _ticks


def _tick(dib: str, vib: str, unit: str, factor: str | None) -> Tick:
    return Tick(RegisterKey(dib, vib), unit, None if factor is None else Decimal(factor))


_KINDS: Final = {
    "type": _Kind(lambda kind: kind.value, MeterType),
    "selection": _Kind(_ticks, _selection),
}


def _row(connection: sqlite3.Connection, meter_id: str) -> tuple[Any, ...] | None:
    found: tuple[Any, ...] | None = connection.execute(
        "SELECT saved_at, decided_at, decided_by, body FROM drafts WHERE meter_id = ?", (meter_id,)
    ).fetchone()
    return found


def _same(body: str, other: str) -> bool:
    try:
        return draft_of(body) == draft_of(other)
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError):
        return body == other


def _add_alternative(connection: sqlite3.Connection, meter_id: str, draft: tuple[Any, ...]) -> None:
    """Keeps a row of ``drafts`` (when saved, when and by whom decided, body) beside what stands."""
    known = connection.execute("SELECT body FROM alternatives WHERE meter_id = ?", (meter_id,))
    if not any(_same(draft[-1], row[0]) for row in known):
        connection.execute(
            "INSERT INTO alternatives (meter_id, saved_at, decided_at, decided_by, body)"
            " VALUES (?, ?, ?, ?, ?)",
            (meter_id, *draft),
        )
