"""What was learned of a line, by the adapter it was learned with."""

import sqlite3
from datetime import datetime

from app.store.database import Database
from app.store.rows import text_of


class LineMemory:
    """Texts whose form is the bus's own; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, adapter_key: str) -> str | None:
        """What was learned with an adapter; None while nothing was."""

        def read(connection: sqlite3.Connection) -> str | None:
            row = connection.execute(
                "SELECT memory FROM line_memory WHERE adapter = ?", (adapter_key,)
            ).fetchone()
            return row[0] if row is not None and isinstance(row[0], str) else None

        return await self._database.run(read)

    async def save(self, adapter_key: str, text: str, at: datetime) -> None:
        """Keeps what was learned, in place of what was known before."""
        await self._database.run(
            lambda c: c.execute(
                "INSERT INTO line_memory (adapter, saved_at, memory) VALUES (?, ?, ?)"
                " ON CONFLICT (adapter) DO UPDATE SET saved_at = excluded.saved_at, memory = excluded.memory",
                (adapter_key, text_of(at), text),
            )
        )
