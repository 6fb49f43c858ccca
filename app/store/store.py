"""The store as the services see it: one open data file and its tables."""

from datetime import datetime
from pathlib import Path

from app.message import Message
from app.store.database import BUSY_TIMEOUT_S, Database
from app.store.meters import Meters
from app.store.outbox import Outbox
from app.store.settings import Settings
from app.store.sites import Sites

FILE_NAME = "commissioner.sqlite"


class Store:
    """One open data file; made by :meth:`open`, given back by :meth:`close`.

    Attributes:
        settings: JSON values by key.
        sites: sites and gateways as the portal last told.
        meters: meters, readings, drafts.
        outbox: uploads.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.settings = Settings(database)
        self.sites = Sites(database)
        self.meters = Meters(database)
        self.outbox = Outbox(database)

    @classmethod
    async def open(cls, folder: Path, now: datetime, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> "Store":
        """Opens or makes the data file in a folder, which is made too.

        Args:
            folder: any name; it comes from the composition root.
            now: in UTC; names a damaged file that is kept aside.
            busy_timeout_s: how long to wait for another copy of the program to give the file back.

        Raises:
            StoreError: in use by another copy of the program, read-only, full, of a newer version,
                or with something in it that cannot be read.
        """
        database = Database(folder / FILE_NAME, busy_timeout_s)
        await database.open(now)
        store = cls(database)
        try:
            await store.outbox.recover()
            # Read once here, so that a file that cannot be used is not held.
            await store.settings.all()
        except BaseException:
            await store.close()
            raise
        return store

    @property
    def path(self) -> Path:
        """The data file."""
        return self._database.path

    @property
    def notice(self) -> Message | None:
        """What was found on opening that the person must know; None when all was well."""
        return self._database.notice

    async def close(self) -> None:
        """Closes the data file; a second call does nothing."""
        await self._database.close()
