"""Qt item models over frozen dataclasses."""
