"""Which resource files are packed, and their sums, by which the frozen program knows them again."""

import hashlib
import json
from pathlib import Path

from names import MADE, ROOT

RESOURCES = ROOT / "resources"
# Sources of translations, Python's own files, and the README's pictures.
NOT_PACKED = {".po", ".py", ".pyc"}
PICTURES = RESOURCES / "pictures"


def packed() -> list[Path]:
    """The files that go into the bundle."""
    return [
        path
        for path in sorted(RESOURCES.rglob("*"))
        if path.is_file() and path.suffix not in NOT_PACKED and PICTURES not in path.parents
    ]


def write_sums() -> None:
    """Write build/made/files.json: SHA-256 by path below resources/."""
    sums = {
        path.relative_to(RESOURCES).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in packed()
    }
    MADE.mkdir(parents=True, exist_ok=True)
    (MADE / "files.json").write_text(json.dumps(sums, indent=1), "utf-8")
