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
        """Every setting that can be read, without what the store keeps there for itself."""
        bad = self._database.bad_rows

        def read(connection: sqlite3.Connection) -> dict[str, Setting]:
            rows = connection.execute(
                "SELECT key, value FROM settings WHERE key NOT IN ('opened', 'salvaged')"
            )
            return dict(bad.read_all("settings", rows, lambda row: (row[0], json.loads(row[1]))))

        return await self._database.run(read)

    async def get(self, key: str, default: Setting = None) -> Setting:
        """One setting; the default where it was never set."""
        found = await self.all()
        return found.get(key, default)

    async def set(self, key: str, value: Setting) -> None:
        """Keeps one setting."""
        await self.update({key: value})

    async def update(self, values: Mapping[str, Setting]) -> None:
        """Keeps several settings at once."""
        rows = [(key, json.dumps(value)) for key, value in values.items()]

        def write(connection: sqlite3.Connection) -> None:
            connection.executemany("INSERT OR REPLACE INTO settings VALUES (?, ?)", rows)

        await self._database.run(write)
