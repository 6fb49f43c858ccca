"""The tables, as steps from each version of the data file to the next; a step once released never changes."""

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE settings (
        key TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) WITHOUT ROWID;

    CREATE TABLE installations (
        portal TEXT NOT NULL,
        site_id TEXT NOT NULL,
        position INTEGER NOT NULL,
        name TEXT NOT NULL,
        site_ref TEXT NOT NULL,
        street TEXT NOT NULL,
        postal_code TEXT NOT NULL,
        city TEXT NOT NULL,
        timezone TEXT NOT NULL,
        PRIMARY KEY (portal, site_id)
    ) WITHOUT ROWID;

    CREATE TABLE gateways (
        portal TEXT NOT NULL,
        site_id TEXT NOT NULL,
        id TEXT NOT NULL,
        position INTEGER NOT NULL,
        name TEXT NOT NULL,
        serial TEXT NOT NULL,
        local_url TEXT NOT NULL,
        PRIMARY KEY (portal, site_id, id)
    ) WITHOUT ROWID;

    CREATE TABLE meters (
        site_id TEXT NOT NULL,
        serial TEXT NOT NULL,
        added_at TEXT NOT NULL,
        PRIMARY KEY (site_id, serial)
    );

    CREATE TABLE readings (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        site_id TEXT NOT NULL,
        serial TEXT NOT NULL,
        taken_at TEXT NOT NULL,
        port TEXT NOT NULL,
        baud INTEGER NOT NULL,
        elapsed_s REAL NOT NULL,
        wire_minimum_s REAL NOT NULL,
        raw BLOB NOT NULL
    );
    CREATE INDEX readings_by_meter ON readings (site_id, serial, number);

    CREATE TABLE drafts (
        site_id TEXT NOT NULL,
        serial TEXT NOT NULL,
        saved_at TEXT NOT NULL,
        type TEXT NOT NULL,
        ticks TEXT NOT NULL,
        place TEXT NOT NULL,
        name TEXT NOT NULL,
        gateway_id TEXT NOT NULL,
        baudrate INTEGER NOT NULL,
        dial TEXT NOT NULL,
        PRIMARY KEY (site_id, serial)
    ) WITHOUT ROWID;

    CREATE TABLE outbox (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        key TEXT NOT NULL UNIQUE,
        portal TEXT NOT NULL,
        username TEXT NOT NULL,
        site_id TEXT NOT NULL,
        secondary_ad TEXT NOT NULL,
        entry TEXT NOT NULL,
        queued_at TEXT NOT NULL,
        state TEXT NOT NULL,
        meter_id TEXT NOT NULL,
        etag TEXT NOT NULL,
        create_sent INTEGER NOT NULL,
        attempts INTEGER NOT NULL,
        next_try_at TEXT,
        problem TEXT,
        field_reasons TEXT NOT NULL,
        theirs TEXT,
        previous TEXT,
        done_fields TEXT NOT NULL,
        sent_at TEXT
    );
    CREATE INDEX outbox_by_meter ON outbox (portal, site_id, secondary_ad, number);
    CREATE INDEX outbox_by_state ON outbox (state, number);
    """,
    """
    ALTER TABLE outbox ADD COLUMN meter TEXT NOT NULL DEFAULT '';
    ALTER TABLE outbox ADD COLUMN type TEXT NOT NULL DEFAULT '';
    """,
    """
    ALTER TABLE outbox ADD COLUMN seen TEXT;
    ALTER TABLE outbox ADD COLUMN fault TEXT NOT NULL DEFAULT '';
    ALTER TABLE outbox ADD COLUMN fault_count INTEGER NOT NULL DEFAULT 0;
    """,
)
