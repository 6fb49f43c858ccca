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
    ALTER TABLE meters RENAME TO meters_1;
    ALTER TABLE readings RENAME TO readings_1;
    ALTER TABLE drafts RENAME TO drafts_1;
    DROP INDEX readings_by_meter;
    DROP INDEX outbox_by_meter;

    CREATE TABLE sites (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        address TEXT NOT NULL,
        portal TEXT NOT NULL,
        portal_site_id TEXT NOT NULL,
        added_at TEXT NOT NULL,
        removed_at TEXT,
        CHECK ((portal = '') = (portal_site_id = ''))
    );
    CREATE UNIQUE INDEX sites_by_portal ON sites (portal, portal_site_id)
        WHERE portal <> '' AND removed_at IS NULL;

    CREATE TABLE meters (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        site_id TEXT NOT NULL,
        serial TEXT NOT NULL,
        added_at TEXT NOT NULL,
        label_typed INTEGER NOT NULL,
        reading INTEGER,
        summary TEXT,
        removed_at TEXT
    );
    CREATE INDEX meters_by_site ON meters (site_id, number);
    CREATE INDEX meters_by_serial ON meters (site_id, serial);

    CREATE TABLE readings (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        meter_id TEXT NOT NULL,
        taken_at TEXT NOT NULL,
        port TEXT NOT NULL,
        baud INTEGER NOT NULL,
        elapsed_s REAL NOT NULL,
        wire_minimum_s REAL NOT NULL,
        raw BLOB NOT NULL,
        usable INTEGER NOT NULL
    );
    CREATE INDEX readings_by_meter ON readings (meter_id, number);

    CREATE TABLE drafts (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        meter_id TEXT NOT NULL UNIQUE,
        saved_at TEXT NOT NULL,
        decided_at TEXT,
        decided_by TEXT NOT NULL,
        body TEXT NOT NULL
    );
    CREATE TRIGGER drafts_decision_stays_inserting BEFORE INSERT ON drafts
    WHEN NEW.decided_at IS NULL
        AND EXISTS (SELECT 1 FROM drafts WHERE meter_id = NEW.meter_id AND decided_at IS NOT NULL)
    BEGIN SELECT RAISE(IGNORE); END;
    CREATE TRIGGER drafts_decision_stays_updating BEFORE UPDATE ON drafts
    WHEN NEW.decided_at IS NULL AND OLD.decided_at IS NOT NULL
    BEGIN SELECT RAISE(IGNORE); END;

    CREATE TABLE alternatives (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        meter_id TEXT NOT NULL,
        saved_at TEXT NOT NULL,
        decided_at TEXT NOT NULL,
        decided_by TEXT NOT NULL,
        body TEXT NOT NULL
    );
    CREATE INDEX alternatives_by_meter ON alternatives (meter_id, number);

    CREATE TABLE verifications (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        meter_id TEXT NOT NULL,
        type TEXT NOT NULL,
        taken_at TEXT NOT NULL,
        source TEXT NOT NULL,
        reading INTEGER,
        upload TEXT NOT NULL,
        entry TEXT,
        compared TEXT NOT NULL
    );
    CREATE INDEX verifications_by_meter ON verifications (meter_id, type, number);

    CREATE TABLE attachments (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        meter_id TEXT NOT NULL,
        name TEXT NOT NULL,
        kind TEXT NOT NULL,
        size INTEGER NOT NULL,
        added_at TEXT NOT NULL,
        removed_at TEXT,
        content BLOB NOT NULL
    );
    CREATE INDEX attachments_by_meter ON attachments (meter_id, number);

    CREATE TABLE line_memory (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        adapter TEXT NOT NULL UNIQUE,
        saved_at TEXT NOT NULL,
        memory TEXT NOT NULL
    );

    CREATE TABLE chosen_1 (portal TEXT, site_id TEXT);
    INSERT INTO chosen_1 VALUES (
        (SELECT json_extract(value, '$') FROM settings WHERE key = 'portal' AND json_valid(value)),
        (SELECT json_extract(value, '$') FROM settings WHERE key = 'site_id' AND json_valid(value))
    );

    CREATE TABLE sites_1 (site_id TEXT PRIMARY KEY, portal TEXT NOT NULL, id TEXT NOT NULL);
    INSERT INTO sites_1 SELECT used.site_id, coalesce(
        (SELECT i.portal FROM installations AS i, chosen_1 AS c
            WHERE i.site_id = used.site_id AND i.portal = c.portal AND i.portal <> ''),
        (SELECT c.portal FROM chosen_1 AS c WHERE c.site_id = used.site_id AND c.portal <> ''),
        (SELECT o.portal FROM outbox AS o WHERE o.site_id = used.site_id AND o.portal <> ''
            ORDER BY o.number DESC LIMIT 1),
        (SELECT i.portal FROM installations AS i WHERE i.site_id = used.site_id AND i.portal <> ''
            ORDER BY i.portal LIMIT 1),
        ''
    ), new_id() FROM (
        SELECT site_id FROM meters_1 UNION SELECT site_id FROM readings_1 UNION SELECT site_id FROM drafts_1
        UNION SELECT site_id FROM chosen_1 WHERE portal <> ''
    ) AS used WHERE used.site_id <> '' ORDER BY used.site_id;

    INSERT INTO sites (id, name, address, portal, portal_site_id, added_at)
    SELECT s.id,
        CASE WHEN coalesce(i.name, '') <> '' THEN i.name WHEN s.portal = '' THEN s.site_id ELSE '' END,
        coalesce(trim(i.street
            || CASE WHEN i.street <> '' AND trim(i.postal_code || i.city) <> '' THEN ', ' ELSE '' END
            || trim(i.postal_code || ' ' || i.city)), ''),
        s.portal,
        CASE WHEN s.portal = '' THEN '' ELSE s.site_id END,
        coalesce((SELECT min(added_at) FROM meters_1 AS m WHERE m.site_id = s.site_id), now())
    FROM sites_1 AS s LEFT JOIN installations AS i ON i.portal = s.portal AND i.site_id = s.site_id
    ORDER BY i.position IS NULL, i.position, s.site_id;

    CREATE TABLE ids_1 (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        site_id TEXT NOT NULL,
        serial TEXT NOT NULL,
        id TEXT NOT NULL,
        added_at TEXT NOT NULL,
        removed_at TEXT,
        UNIQUE (site_id, serial)
    );
    INSERT INTO ids_1 (site_id, serial, id, added_at)
    SELECT site_id, serial, new_id(), added_at FROM meters_1 ORDER BY rowid;
    INSERT INTO ids_1 (site_id, serial, id, added_at, removed_at)
    SELECT site_id, serial, new_id(), min(at), max(at) FROM (
        SELECT site_id, serial, taken_at AS at FROM readings_1
        UNION ALL SELECT site_id, serial, saved_at AS at FROM drafts_1
    ) AS kept
    WHERE NOT EXISTS (SELECT 1 FROM meters_1 AS m WHERE m.site_id = kept.site_id AND m.serial = kept.serial)
    GROUP BY site_id, serial;

    INSERT INTO meters (number, id, site_id, serial, added_at, label_typed, removed_at)
    SELECT m.number, m.id, coalesce(s.id, ''), m.serial, m.added_at, 0, m.removed_at
    FROM ids_1 AS m LEFT JOIN sites_1 AS s ON s.site_id = m.site_id ORDER BY m.number;

    INSERT INTO readings (number, meter_id, taken_at, port, baud, elapsed_s, wire_minimum_s, raw, usable)
    SELECT r.number, m.id, r.taken_at, r.port, r.baud, r.elapsed_s, r.wire_minimum_s, r.raw, usable(r.raw)
    FROM readings_1 AS r JOIN ids_1 AS m ON m.site_id = r.site_id AND m.serial = r.serial ORDER BY r.number;
    UPDATE meters SET reading = (
        SELECT number FROM readings WHERE meter_id = meters.id ORDER BY usable DESC, number DESC LIMIT 1
    );

    INSERT INTO drafts (meter_id, saved_at, decided_at, decided_by, body)
    SELECT m.id, d.saved_at, d.saved_at, '', json_object(
        'serial', d.serial, 'type', d.type,
        'selection', CASE WHEN json_valid(d.ticks) THEN json(d.ticks) ELSE d.ticks END,
        'place', d.place, 'name', d.name, 'gateway_id', d.gateway_id, 'baudrate', d.baudrate, 'dial', d.dial
    )
    FROM drafts_1 AS d JOIN ids_1 AS m ON m.site_id = d.site_id AND m.serial = d.serial ORDER BY m.number;

    ALTER TABLE outbox ADD COLUMN meter TEXT NOT NULL DEFAULT '';
    ALTER TABLE outbox ADD COLUMN type TEXT NOT NULL DEFAULT '';
    UPDATE outbox SET type = coalesce(json_extract(entry, '$.type'), '')
        WHERE json_valid(entry) AND typeof(json_extract(entry, '$.type')) = 'text';
    UPDATE outbox SET meter = coalesce((
        SELECT m.id FROM ids_1 AS m WHERE m.site_id = outbox.site_id AND m.serial =
            substr(secondary_ad, 7, 2) || substr(secondary_ad, 5, 2)
            || substr(secondary_ad, 3, 2) || substr(secondary_ad, 1, 2)
    ), '');
    CREATE INDEX outbox_by_entry ON outbox (portal, site_id, secondary_ad, type, number);
    CREATE INDEX outbox_by_meter ON outbox (meter, number);

    INSERT OR REPLACE INTO settings
    SELECT 'opened', json_object('site', s.id, 'meter', '')
    FROM sites_1 AS s JOIN chosen_1 AS c ON c.site_id = s.site_id AND c.portal = s.portal;

    DROP TABLE ids_1;
    DROP TABLE sites_1;
    DROP TABLE chosen_1;
    DROP TABLE drafts_1;
    DROP TABLE readings_1;
    DROP TABLE meters_1;
    """,
    """
    ALTER TABLE outbox ADD COLUMN seen TEXT;
    ALTER TABLE outbox ADD COLUMN fault TEXT NOT NULL DEFAULT '';
    ALTER TABLE outbox ADD COLUMN fault_count INTEGER NOT NULL DEFAULT 0;
    """,
)
