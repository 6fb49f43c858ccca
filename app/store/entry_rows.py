"""Portal entries in the data file, as JSON with the portal's field names."""

import json
from dataclasses import asdict

from app.domain.meter import MeterType
from app.domain.payload import MeterEntry
from app.store.rows import texts


def entry_text(entry: MeterEntry) -> str:
    """An entry as JSON; :func:`entry_of` gives an equal one back."""
    return json.dumps({**asdict(entry), "type": entry.type.value})


def entry_of(text: str) -> MeterEntry:
    """The entry that was kept.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: it is none.
    """
    fields = json.loads(text)
    entry = MeterEntry(**{**fields, "type": MeterType(fields["type"])})
    texts(entry.name, entry.gateway_id, entry.secondary_ad, entry.reg)
    return entry
