"""``.venv`` holds exactly what a lock names, whatever is published later and whatever lies on the machine."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.scripts import load_script

environment = load_script("environment")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with locks and a ``.venv`` that starts; making one and installing are written down."""
    venv = tmp_path / ".venv"
    (tmp_path / "locks").mkdir()
    for name in ("run.txt", "dev.txt"):
        (tmp_path / "locks" / name).write_text(name, "utf-8")
    monkeypatch.setattr(environment, "VENV", venv)
    monkeypatch.setattr(environment, "LOCKS", tmp_path / "locks")
    monkeypatch.setattr(environment, "STAMP", venv / "installed-locks.json")
    monkeypatch.setattr(
        environment, "probe", lambda command: ((3, 11), command[0]) if venv.exists() else ((), "")
    )
    return tmp_path


def test_a_python_that_is_too_old_gives_way_to_one_that_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment.sys, "version_info", (3, 8, 18))
    answers = {"3.13": ((), ""), "3.12": ((3, 12), "/opt/python3.12"), "3.11": ((3, 11), "/opt/python3.11")}
    monkeypatch.setattr(environment, "probe", lambda command: answers[command[-1].lstrip("-python")])
    assert environment.suitable_python() == "/opt/python3.12"


def test_no_python_that_fits_is_said_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment.sys, "version_info", (3, 14, 0))
    monkeypatch.setattr(environment, "probe", lambda command: ((), ""))
    with pytest.raises(SystemExit, match=r"3\.11, 3\.12 or 3\.13 is needed.*apt install"):
        environment.suitable_python()


def test_a_program_that_is_no_python_is_not_taken_for_one(tmp_path: Path) -> None:
    assert environment.probe([str(tmp_path / "nothing here")]) == ((), "")
    assert environment.probe([sys.executable])[0] == sys.version_info[:2]


def test_a_damaged_note_of_what_is_installed_means_install_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = tmp_path / "installed-locks.json"
    monkeypatch.setattr(environment, "STAMP", note)
    assert environment.installed() == {}
    note.write_text("{half", "utf-8")
    assert environment.installed() == {}
    note.write_text('{"run.txt": "abc"}', "utf-8")
    assert environment.installed() == {"run.txt": "abc"}


def test_both_ways_install_without_resolving(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is published after the lock was written decided the installation once, and broke it."""
    monkeypatch.setattr(environment, "_has_pip", lambda: True)
    for uv in ("/somewhere/uv", None):
        monkeypatch.setattr(environment.shutil, "which", lambda _name, uv=uv: uv)
        assert {"--no-deps", "--require-hashes"} <= set(environment.install_command("dev.txt"))


def test_what_lies_on_the_machine_does_not_change_what_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PIP_CONSTRAINT", "UV_OVERRIDE", "PYTHONPATH", "PIP_TARGET"):
        monkeypatch.setenv(name, "elsewhere")
    monkeypatch.setenv("PIP_CERT", "kept")
    given = environment.tool_environment()
    assert given["PIP_CERT"] == "kept"
    assert "elsewhere" not in given.values()


def installs(monkeypatch: pytest.MonkeyPatch, *outcomes: tuple[int, str]) -> list[str]:
    """Plays the installer; returns what it was asked for, growing."""
    asked: list[str] = []
    monkeypatch.setattr(environment, "install_command", lambda lock: asked.append(lock) or ["installer"])
    monkeypatch.setattr(environment.time, "sleep", lambda _seconds: None)
    left = list(outcomes)

    def run(command: list[str], **_options: object) -> subprocess.CompletedProcess[str]:
        code, output = left.pop(0)
        return subprocess.CompletedProcess(command, code, output)

    monkeypatch.setattr(environment.subprocess, "run", run)
    return asked


def makes_venvs(monkeypatch: pytest.MonkeyPatch, venv: Path) -> list[str]:
    """Plays the making of environments; returns the reasons, growing."""
    reasons: list[str] = []

    def make(reason: str) -> None:
        reasons.append(reason)
        venv.mkdir(exist_ok=True)
        (venv / "installed-locks.json").unlink(missing_ok=True)

    monkeypatch.setattr(environment, "_make_venv", make)
    return reasons


def test_what_is_there_already_is_not_installed_again(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = makes_venvs(monkeypatch, project / ".venv")
    asked = installs(monkeypatch, (0, ""))
    environment.ensure_environment("dev.txt")
    environment.ensure_environment("dev.txt")
    environment.ensure_environment("run.txt")  # the development lock holds all of it
    assert asked == ["dev.txt"]
    assert made == [""]


def test_a_changed_lock_begins_with_an_empty_environment(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a package that only the old lock named would still be there, and tests would pass with it."""
    made = makes_venvs(monkeypatch, project / ".venv")
    asked = installs(monkeypatch, (0, ""), (0, ""))
    environment.ensure_environment("dev.txt")
    (project / "locks" / "dev.txt").write_text("newer", "utf-8")
    environment.ensure_environment("run.txt")
    assert made == ["", "the locks have changed"]
    assert asked == ["dev.txt", "run.txt"]
    assert list(json.loads((project / ".venv" / "installed-locks.json").read_text("utf-8"))) == ["run.txt"]


def test_a_broken_connection_is_tried_again(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    makes_venvs(monkeypatch, project / ".venv")
    asked = installs(monkeypatch, (1, "error: Connection reset by peer"), (0, ""))
    environment.ensure_environment("dev.txt")
    assert asked == ["dev.txt", "dev.txt"]


def test_a_full_disk_is_named_at_once(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    makes_venvs(monkeypatch, project / ".venv")
    asked = installs(monkeypatch, (1, "OSError: [Errno 28] No space left on device"))
    with pytest.raises(SystemExit, match=r"The disk is full(.|\n)*Errno 28"):
        environment.ensure_environment("dev.txt")
    assert asked == ["dev.txt"]
    assert not environment.installed()
