"""How a cell of a table is painted."""
