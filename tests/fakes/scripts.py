"""Loads the scripts of ``packaging/``, which import one another by bare name as beside a running script."""

import importlib
import sys
from pathlib import Path
from types import ModuleType

SCRIPTS = Path(__file__).resolve().parents[2] / "packaging"


def load_script(name: str) -> ModuleType:
    """The module of ``packaging/<name>.py``."""
    sys.path.insert(0, str(SCRIPTS))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(SCRIPTS))
