"""The portal over HTTP: its contract, the client, login and typed errors."""
