"""Where the program's data files are, from source and from a frozen bundle alike."""

from importlib.resources import files
from pathlib import Path


def resource_path(*parts: str) -> Path:
    """Returns the path of a file or folder below ``resources/``.

    The program is always unpacked on disk (an editable or a normal install, or a PyInstaller folder), so a
    real path exists; Qt and SQLite need one.
    """
    return Path(str(files("resources").joinpath(*parts)))
