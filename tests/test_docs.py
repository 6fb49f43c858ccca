"""The documents say what is so: every file, module and test they name is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
_NAMES = ("architecture", "extending", "portal-contract")
DOCUMENTS = (
    "README.md",
    "CONTRIBUTING.md",
    "docs/architecture.md",
    "docs/extending.md",
    "docs/portal-contract.md",
)
NAMED = re.compile(
    r"(?<![\w/.-])((?:app|ui|tests|docs|packaging|resources|\.ci|\.github)/[\w./-]*\w)(?:::(\w+))?"
)
MODULE = re.compile(r"-m ((?:tests|app|ui)\.[\w.]+)")
MADE = frozenset({"resources/i18n/de.po", "resources/i18n/de.mo"})
"""Made by the commands that the document is about."""


@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_a_document_names_is_there(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    for name, test in NAMED.findall(text):
        assert name in MADE or (ROOT / name).exists(), f"{document} names {name}"
        assert not test or f"def {test}(" in (ROOT / name).read_text(encoding="utf-8"), test
    for module in MODULE.findall(text):
        path = ROOT / module.replace(".", "/")
        assert path.with_suffix(".py").exists() or path.is_dir(), f"{document} names {module}"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_member_that_a_document_names_is_there(document: str) -> None:
    """Words such as ``Site.take`` or ``Adapter.in_use``: a class, and a member of that name in its file."""
    files = [path.read_text(encoding="utf-8") for top in ("app", "ui") for path in (ROOT / top).rglob("*.py")]
    for owner, member in re.findall(
        r"`([A-Z]\w+)\.([a-z]\w+)`", (ROOT / document).read_text(encoding="utf-8")
    ):
        homes = [code for code in files if re.search(rf"^class {owner}\b", code, re.MULTILINE)]
        assert homes, f"{document}: {owner}"
        assert any(re.search(rf"\b{member}\b", code) for code in homes), f"{document}: {owner}.{member}"
