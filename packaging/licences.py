"""Writes THIRD-PARTY.txt: what else the bundle is made of, with every licence text that came with it."""

import re
from importlib.metadata import Distribution, PackageMetadata, PackageNotFoundError, distribution

from names import MADE, ROOT, TITLE

LOCK = ROOT / "packaging" / "locks" / "run.txt"
HEAD = f"""\
{TITLE} contains the parts below, each under its own licence. Python itself is under the PSF licence
(https://docs.python.org/3/license.html). Qt and PySide6 are used under the GNU LGPL version 3: they lie
beside the program as libraries of their own (folder _internal/PySide6) and may be replaced by other builds of
them; their source is at https://code.qt.io. The fonts' licence is in resources/fonts/OFL.txt.
"""


def parts() -> list[Distribution]:
    """The packages of the lock that this platform has."""
    found = []
    for name in re.findall(r"^([a-z0-9._-]+)==", LOCK.read_text("utf-8"), re.MULTILINE):
        try:
            found.append(distribution(name))
        except PackageNotFoundError:
            continue  # of another platform or Python
    return found


def entry(part: Distribution) -> str:
    """One part: name, version, licence, and the texts of its licence files."""
    about = part.metadata
    licence = _field(about, "License-Expression") or _of_classifiers(about) or _field(about, "License")
    texts = []
    for file in part.files or []:
        is_licence = re.match(r"(licen[cs]e|copying|notice)", file.name, re.IGNORECASE)
        if is_licence and ".dist-info" in str(file.parent) and file.suffix in {"", ".txt", ".md", ".rst"}:
            texts.append(file.read_text("utf-8").strip())
    title = f"{about['Name']} {part.version}: {licence or 'see below'}"
    return "\n\n".join([f"{'=' * 100}\n{title}", *texts])


def _field(about: PackageMetadata, name: str) -> str:
    lines = [str(text).splitlines()[0] for text in about.get_all(name) or [] if text]
    return lines[0] if lines else ""


def _of_classifiers(about: PackageMetadata) -> str:
    lines = map(str, about.get_all("Classifier") or [])
    return ", ".join(line.rsplit(" :: ", 1)[-1] for line in lines if line.startswith("License ::"))


def write() -> int:
    """Write the file; how many parts it names."""
    MADE.mkdir(parents=True, exist_ok=True)
    named = {part.metadata["Name"].lower(): part for part in parts()}
    text = "\n\n".join([HEAD, *(entry(part) for _, part in sorted(named.items()))])
    (MADE / "THIRD-PARTY.txt").write_text(text + "\n", "utf-8")
    return len(named)
