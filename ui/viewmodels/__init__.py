"""The state of a page and what its buttons mean, without widgets."""
