"""Settings: JSON values by key."""

import json
import sqlite3
from collections.abc import Mapping
from typing import TypeAlias

from app.store.database import Database

Setting: TypeAlias = "dict[str, Setting] | list[Setting] | str | int | float | bool | None"


class Settings:
    """The settings table; loaded once at start, written at every change."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> dict[str, Setting]:
        """Every setting."""

        def read(connection: sqlite3.Connection) -> dict[str, Setting]:
            rows = connection.execute("SELECT key, value FROM settings")
            return {key: json.loads(value) for key, value in rows}

        return await self._database.run(read)

    async def get(self, key: str, default: Setting = None) -> Setting:
        """One setting; the default where it was never set."""

        def read(connection: sqlite3.Connection) -> Setting:
            row = connection.execute("SELECT value FROM settings WHERE key = ?", (key,)).fetchone()
            found: Setting = default if row is None else json.loads(row[0])
            return found

        return await self._database.run(read)

    async def set(self, key: str, value: Setting) -> None:
        """Keeps one setting."""
        await self.update({key: value})

    async def update(self, values: Mapping[str, Setting]) -> None:
        """Keeps several settings at once."""
        rows = [(key, json.dumps(value)) for key, value in values.items()]

        def write(connection: sqlite3.Connection) -> None:
            connection.executemany("INSERT OR REPLACE INTO settings VALUES (?, ?)", rows)

        await self._database.run(write)
