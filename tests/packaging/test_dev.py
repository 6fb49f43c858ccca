"""The one command on a fresh machine: it starts with nothing but Python, and says exactly what is missing."""

import ast
import sys

import pytest

from tests.fakes.scripts import SCRIPTS, load_script

dev = load_script("dev")


def test_it_needs_nothing_but_the_standard_library() -> None:
    beside = {"environment", "install_failure"}
    for script in ("dev", *beside):
        tree = ast.parse((SCRIPTS / f"{script}.py").read_text("utf-8"))
        names = {
            alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
        }
        names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names | beside


def test_missing_libraries_are_named_by_their_package() -> None:
    wanted = {"libmbus-surely-not-there.so.9": "libmbus9", "libmbus-neither.so.1": "libmbus1"}
    assert dev.missing_libraries(wanted) == ["libmbus9", "libmbus1"]


def test_who_may_not_install_is_told_the_exact_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev.sys, "platform", "linux")
    monkeypatch.setattr(dev, "apt_install", lambda _packages: False)
    monkeypatch.setattr(dev, "qt_starts", lambda _platform: False)
    monkeypatch.setattr(dev, "missing_libraries", lambda wanted: sorted(wanted.values())[:2])
    with pytest.raises(SystemExit, match=r"sudo apt install libbrotli1 libdbus-1-3$"):
        dev.ensure_qt(on_screen=False)


def test_ci_installs_every_library_that_the_command_would_ask_for() -> None:
    script = (SCRIPTS.parent / ".ci" / "run").read_text("utf-8").split()
    assert set(dev.QT_ALWAYS.values()) | set(dev.QT_ON_SCREEN.values()) <= {
        word.strip("()") for word in script
    }
