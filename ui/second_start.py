"""A second start brings the window forward that is there already."""

import ctypes
import sys
from pathlib import Path

from app.services.doorbell import announced, ring


def raise_first_window(folder: Path) -> bool:
    """Asks the window that has a data folder to come forward; whether there is one, and it answered.

    Waits for it, so it is nothing for a loop's thread.
    """
    said = announced(folder)
    if said is None:
        return False
    if sys.platform == "win32":
        # Windows lets a window come forward only where the one in front, which is this start, allows it.
        ctypes.windll.user32.AllowSetForegroundWindow(said.pid)
    return ring(said)
