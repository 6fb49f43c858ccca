"""The store as the services see it: one open data file and its tables."""

from datetime import datetime
from pathlib import Path

from app.message import Message
from app.store.attachments import Attachments
from app.store.database import BUSY_TIMEOUT_S, Database
from app.store.line_memory import LineMemory
from app.store.meters import Meters
from app.store.outbox import Outbox
from app.store.portal_cache import PortalCache
from app.store.settings import Settings
from app.store.sites import Sites

FILE_NAME = "commissioner.sqlite"


class Store:
    """One open data file; made by :meth:`open`, given back by :meth:`close`.

    Attributes:
        settings: JSON values by key.
        sites: the program's own buildings.
        portal_cache: sites and gateways as the portal last told.
        meters: meters, readings, decisions, verifications.
        attachments: photos and other files of meters.
        outbox: uploads.
        line_memory: what was learned of lines.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.settings = Settings(database)
        self.sites = Sites(database)
        self.portal_cache = PortalCache(database)
        self.meters = Meters(database)
        self.attachments = Attachments(database)
        self.outbox = Outbox(database)
        self.line_memory = LineMemory(database)

    @classmethod
    async def open(cls, folder: Path, now: datetime, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> "Store":
        """Opens or makes the data file in a folder, which is made too.

        Args:
            folder: any name; it comes from the composition root.
            now: in UTC; names a damaged file that is kept aside.
            busy_timeout_s: how long to wait for another copy of the program to give the file back.

        Raises:
            StoreError: in use by another copy of the program, read-only, full, or of a newer version.
        """
        database = Database(folder / FILE_NAME, busy_timeout_s)
        await database.open(now)
        store = cls(database)
        try:
            await store.outbox.recover()
            # Read once here: what cannot be read of it is said at once.
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
        """The first of :attr:`notices`; None when all was well."""
        return next(iter(self.notices), None)

    @property
    def notices(self) -> tuple[Message, ...]:
        """What the person must know of the data file: damage, what was saved of it, what cannot be read."""
        return self._database.notices

    async def close(self) -> None:
        """Closes the data file; a second call does nothing."""
        await self._database.close()
