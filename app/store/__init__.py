"""What must survive: readings, drafts, the outbox, known sites and settings, in one SQLite file."""
