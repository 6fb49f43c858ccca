"""Files that belong to meters: photos of dials, certificates."""

import sqlite3
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from app.domain.building import Attachment
from app.store.database import Database
from app.store.rows import text_of, texts, time_of


class Attachments:
    """Attachments by ids of the program's own; every method is one transaction."""

    def __init__(self, database: Database, new_id: Callable[[], str] = lambda: uuid.uuid4().hex) -> None:
        """Args: as in :class:`~app.store.store.Store`; ``new_id`` makes an id that no attachment ever had."""
        self._database = database
        self._new_id = new_id

    async def add(self, meter_id: str, name: str, kind: str, content: bytes, at: datetime) -> Attachment:
        """Keeps a file with a meter.

        Args:
            meter_id: whose.
            name: of the file.
            kind: its media type.
            content: its bytes.
            at: now, in UTC.
        """
        attachment = Attachment(self._new_id(), meter_id, name, kind, len(content), at)
        row = (attachment.attachment_id, meter_id, name, kind, len(content), text_of(at), content)
        await self._database.run(
            lambda c: c.execute(
                "INSERT INTO attachments (id, meter_id, name, kind, size, added_at, content)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                row,
            )
        )
        return attachment

    async def of(self, meter_id: str) -> tuple[Attachment, ...]:
        """A meter's attachments, the first one first, without those that were removed."""
        bad = self._database.bad_rows

        def read(connection: sqlite3.Connection) -> tuple[Attachment, ...]:
            rows = connection.execute(
                "SELECT id, meter_id, name, kind, size, added_at FROM attachments"
                " WHERE meter_id = ? AND removed_at IS NULL ORDER BY number",
                (meter_id,),
            )
            return tuple(bad.read_all("attachments", rows, _attachment))

        return await self._database.run(read)

    async def content(self, attachment_id: str) -> bytes | None:
        """The bytes of an attachment; None where there never was one of this id."""

        def read(connection: sqlite3.Connection) -> bytes | None:
            row = connection.execute(
                "SELECT content FROM attachments WHERE id = ?", (attachment_id,)
            ).fetchone()
            return None if row is None else bytes(row[0])

        return await self._database.run(read)

    async def remove(self, attachment_id: str, at: datetime) -> None:
        """Takes an attachment away; it stays in the file, for :meth:`restore`."""
        await self._mark(attachment_id, text_of(at))

    async def restore(self, attachment_id: str) -> None:
        """Puts a removed attachment back."""
        await self._mark(attachment_id, None)

    async def _mark(self, attachment_id: str, removed_at: str | None) -> None:
        await self._database.run(
            lambda c: c.execute(
                "UPDATE attachments SET removed_at = ? WHERE id = ?", (removed_at, attachment_id)
            )
        )


def _attachment(row: tuple[Any, ...]) -> Attachment:
    attachment_id, meter_id, name, kind = texts(*row[:4])
    return Attachment(attachment_id, meter_id, name, kind, int(row[4]), time_of(row[5]))
