"""The one command on a fresh machine: it starts with nothing but Python, and says exactly what is missing."""

import ast
import sys
from pathlib import Path

import pytest

from tests.fakes.scripts import SCRIPTS, load_script

dev = load_script("dev")


def test_it_needs_nothing_but_the_standard_library() -> None:
    tree = ast.parse((SCRIPTS / "dev.py").read_text("utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names


def test_a_python_that_is_too_old_gives_way_to_one_that_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev.sys, "version_info", (3, 8, 18))
    answers = {"3.13": ((), ""), "3.12": ((3, 12), "/opt/python3.12"), "3.11": ((3, 11), "/opt/python3.11")}
    monkeypatch.setattr(dev, "probe", lambda command: answers[command[-1].lstrip("-python")])
    assert dev.suitable_python() == "/opt/python3.12"


def test_no_python_that_fits_is_said_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev.sys, "version_info", (3, 14, 0))
    monkeypatch.setattr(dev, "probe", lambda command: ((), ""))
    with pytest.raises(SystemExit, match=r"3\.11, 3\.12 or 3\.13 is needed.*apt install"):
        dev.suitable_python()


def test_a_program_that_is_no_python_is_not_taken_for_one(tmp_path: Path) -> None:
    assert dev.probe([str(tmp_path / "nothing here")]) == ((), "")
    assert dev.probe([sys.executable])[0] == sys.version_info[:2]


def test_missing_libraries_are_named_by_their_package() -> None:
    wanted = {"libmbus-surely-not-there.so.9": "libmbus9", "libmbus-neither.so.1": "libmbus1"}
    assert dev.missing_libraries(wanted) == ["libmbus9", "libmbus1"]


def test_who_may_not_install_is_told_the_exact_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev.sys, "platform", "linux")
    monkeypatch.setattr(dev, "is_root", lambda: False)
    monkeypatch.setattr(dev, "qt_starts", lambda _platform: False)
    monkeypatch.setattr(dev, "missing_libraries", lambda wanted: sorted(wanted.values())[:2])
    with pytest.raises(SystemExit, match=r"sudo apt install libbrotli1 libdbus-1-3$"):
        dev.ensure_qt(on_screen=False)


def test_a_damaged_note_of_what_is_installed_means_install_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = tmp_path / "installed-locks.json"
    monkeypatch.setattr(dev, "STAMP", note)
    assert dev.installed() == {}
    note.write_text("{half", "utf-8")
    assert dev.installed() == {}
    note.write_text('{"run.txt": "abc"}', "utf-8")
    assert dev.installed() == {"run.txt": "abc"}


def test_ci_installs_every_library_that_the_command_would_ask_for() -> None:
    script = (SCRIPTS.parent / ".ci" / "run").read_text("utf-8").split()
    assert set(dev.QT_ALWAYS.values()) | set(dev.QT_ON_SCREEN.values()) <= {
        word.strip("()") for word in script
    }
