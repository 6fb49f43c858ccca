"""SQLite: everything the installer did, durable before the screen says so."""
