"""The M-Bus codec (EN 13757-2 and -3), sans-IO: bytes in, frozen values out; no clock, no thread, no I/O."""
