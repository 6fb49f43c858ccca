"""A practice bus behind a real terminal of the operating system (POSIX only)."""

import fcntl
import os
import select
import termios
import threading
import time
import tty
from contextlib import contextmanager
from pathlib import Path
from random import Random

from app.practice.faults import NO_FAULTS
from app.practice.meters import MeterLink
from app.practice.wire import Wire

RATES = {getattr(termios, f"B{baud}"): baud for baud in (300, 1200, 2400, 9600, 19200, 38400)}


@contextmanager
def pty_bus(*meters, baud=38400, faults=NO_FAULTS):
    """Yields the path of the terminal and a function that pulls its plug."""
    master, slave = os.openpty()
    tty.setraw(slave)
    path = os.ttyname(slave)
    wake_read, wake_write = os.pipe()
    gone = threading.Event()
    wire = Wire([MeterLink(meter) for meter in meters], baud, lambda: faults, Random(0))

    def serve():
        os.set_blocking(master, False)
        while not gone.is_set():
            due = wire.next_due
            wait = None if due is None else max(0.0, due - time.monotonic())
            ready, _, _ = select.select([master, wake_read], [], [], wait)
            if wake_read in ready:
                return
            if master in ready:
                try:
                    data = os.read(master, 4096)
                except OSError:
                    return
                wire.baud = RATES.get(termios.tcgetattr(slave)[5], 0)
                wire.receive(time.monotonic(), data)
            out = wire.take(time.monotonic())
            if out:
                os.write(master, out)

    thread = threading.Thread(target=serve)
    thread.start()

    def unplug():
        if not gone.is_set():
            gone.set()
            os.write(wake_write, b"x")
            thread.join()
            os.close(slave)
            os.close(master)

    try:
        yield path, unplug
    finally:
        unplug()
        os.close(wake_read)
        os.close(wake_write)


def flags(path):
    """The input flags of a terminal, as whoever opened it has set them."""
    descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        return termios.tcgetattr(descriptor)[0]
    finally:
        os.close(descriptor)


def lock(path):
    """Takes a terminal as another program would; close the result to give it back."""
    file = Path(path).open("rb+", buffering=0)  # noqa: SIM115 - the caller closes it
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise
    return file
