"""Writes dist/version.json, the version file that the program's update check reads, with what was built.

usage: version_file.py PAGE [NOTES]   PAGE is the https address from which people get the program.
"""

import hashlib
import json
import sys

from names import DIST, PROGRAM, VERSION, megabytes


def main() -> int:
    """Write the file and print what it lists."""
    page = sys.argv[1] if len(sys.argv) > 1 else ""
    if page and not page.startswith("https://"):
        sys.exit(f"the page must begin with https://, got {page!r}")
    notes = sys.argv[2] if len(sys.argv) > 2 else ""
    artefacts = sorted(path for path in DIST.glob(f"{PROGRAM}[-_]*") if path.is_file())
    entries = [
        {
            "name": path.name,
            "bytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for path in artefacts
    ]
    content = {"version": VERSION, "page": page, "notes": notes, "files": entries}
    (DIST / "version.json").write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    for path in artefacts:
        print(f"{path.name}: {megabytes(path.stat().st_size)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
