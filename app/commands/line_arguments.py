"""The arguments of every command that opens a bus: which port, and how fast."""

import argparse

DEFAULT_BAUD = 2400


def add_line_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the port and the baud rate."""
    parser.add_argument(
        "--port",
        required=True,
        metavar="URL",
        help="COM5, /dev/ttyUSB0, socket://host:port, rfc2217://host:port",
    )
    parser.add_argument("--baud", type=int, default=DEFAULT_BAUD, help="baud rate of the bus (default 2400)")
