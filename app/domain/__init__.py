"""What commissioning a meter means; pure: no I/O, time, ids and paths are passed in."""
