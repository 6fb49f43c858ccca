"""A lock that lacks what one of its packages asks for is found when it is written, not next month."""

from dataclasses import dataclass

from tests.fakes.scripts import load_script

proof = load_script("lock_proof")
LINUX = {**proof.PLATFORMS["x86_64-manylinux_2_34"], **proof._python_markers("3.11")}
WINDOWS = {**proof.PLATFORMS["x86_64-pc-windows-msvc"], **proof._python_markers("3.13")}


@dataclass
class Package:
    version: str
    requires: tuple[str, ...] = ()


def test_what_an_extra_asks_for_is_looked_up_too() -> None:
    """The very case: an extra of a package in the lock, which an installer went on to resolve by itself."""
    found = {
        "pytest-cov": Package("7.1.0", ("coverage[toml]>=7.10.6",)),
        "coverage": Package("7.17.3", ("tomli; python_full_version <= '3.11.0a6' and extra == 'toml'",)),
    }
    assert proof.unmet(["pytest-cov>=7"], found, LINUX) == []
    found["coverage"] = Package("7.17.3", ("tomli; extra == 'toml'",))
    assert proof.unmet(["pytest-cov>=7"], found, LINUX) == [
        'coverage[toml] requires tomli; extra == "toml", which is not there'
    ]


def test_what_only_one_system_needs_is_missed_there_only() -> None:
    found = {"keyring": Package("25.7", ("pywin32-ctypes>=0.2; sys_platform == 'win32'",))}
    assert proof.unmet(["Keyring"], found, LINUX) == []
    assert len(proof.unmet(["Keyring"], found, WINDOWS)) == 1


def test_a_version_that_does_not_fit_is_named() -> None:
    found = {"a": Package("1.0", ("b>=2",)), "b": Package("1.9")}
    assert proof.unmet(["a"], found, LINUX) == ["a requires b>=2, which is 1.9"]


def test_packages_that_require_each_other_come_to_an_end() -> None:
    found = {"a": Package("1.0", ("b",)), "b": Package("1.0", ("a",))}
    assert proof.unmet(["a", "missing"], found, LINUX) == [
        "pyproject.toml requires missing, which is not there"
    ]
