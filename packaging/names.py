"""What the artefacts and their folders are called, in the one place all build steps read."""

import sys
import tomllib
from pathlib import Path
from runpy import run_path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = "mbus-commissioner"
TOOL = "mbus-tool"
TITLE = "M-Bus Commissioner"
VERSION: str = run_path(str(ROOT / "app" / "version.py"))["VERSION"]
PURPOSE: str = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["description"]
LICENCE = ROOT / "LICENSE"

MADE = ROOT / "build" / "made"  # what the build draws or writes for itself: icons, version resources
DIST = ROOT / "dist"
BUNDLE = DIST / PROGRAM  # the folder PyInstaller fills

WINDOWS = sys.platform == "win32"
SUFFIX = ".exe" if WINDOWS else ""


def megabytes(size: int) -> str:
    """A size in bytes as a person reads it; a MB is 10^6 bytes."""
    return f"{size / 1e6:.1f} MB"
