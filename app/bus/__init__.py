"""The one serial line: port, timing, master, readout, scan and diagnosis."""
