"""The top-level windows."""
