"""What goes into the bundle and what stays out: a wrong rule is a program that does not start elsewhere."""

import struct

import pytest

from tests.fakes.scripts import load_script

keep = load_script("keep")


@pytest.mark.parametrize(
    "name",
    [
        "PySide6/Qt/lib/libQt6Core.so.6",
        "PySide6/QtWidgets.abi3.so",
        "PySide6\\Qt6Gui.dll",
        "PySide6\\QtCore.pyd",
        "PySide6\\plugins\\platforms\\qwindows.dll",
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/platforms/libqoffscreen.so",
        "PySide6/Qt/plugins/iconengines/libqsvgicon.so",
        "PySide6/Qt/translations/qtbase_fr.qm",
        "resources/icons/app.svg",
        "numpy/_core/_multiarray_umath.cpython-311-x86_64-linux-gnu.so",
    ],
)
def test_what_the_program_needs_is_kept(name: str) -> None:
    assert keep.wanted(name)


@pytest.mark.parametrize(
    "name",
    [
        "PySide6/Qt/lib/libQt6Qml.so.6",
        "PySide6\\Qt6Quick.dll",
        "PySide6/QtOpenGL.abi3.so",
        "PySide6\\opengl32sw.dll",
        "PySide6/Qt/plugins/platformthemes/libqgtk3.so",
        "PySide6/Qt/plugins/platforms/libqminimalegl.so",
        "PySide6/Qt/plugins/sqldrivers/libqsqlite.so",
        "PySide6/Qt/translations/qtbase_ja.qm",
        "PySide6/Qt/translations/qtquickcontrols2_fr.qm",
        "PySide6/QtWidgets.pyi",
    ],
)
def test_what_it_never_uses_is_left_out(name: str) -> None:
    assert not keep.wanted(name)


def test_a_library_that_only_a_dropped_file_asked_for_is_dropped() -> None:
    links = {
        "/qt": ["libhelp.so.1", "libX11.so.6"],
        "/help": ["libdeep.so.2"],
        "/deep": [],
        "/gtk": [],
        "/x11": [],
        "/python": [],
    }
    collected = [
        ("PySide6/Qt/lib/libQt6Core.so.6", "/qt", "BINARY"),
        ("libhelp.so.1", "/help", "BINARY"),
        ("libdeep.so.2", "/deep", "BINARY"),
        ("libgtk-3.so.0", "/gtk", "BINARY"),
        ("libX11.so.6", "/x11", "BINARY"),
        ("libpython3.11.so.1.0", "/python", "BINARY"),
    ]
    kept = {name for name, _, _ in keep.needed(collected, lambda path: links[path])}
    # The bootloader opens libpython by name; X11 is the system's own and declared by the .deb.
    assert kept == {"PySide6/Qt/lib/libQt6Core.so.6", "libhelp.so.1", "libdeep.so.2", "libpython3.11.so.1.0"}


def test_an_icon_file_points_at_each_of_its_images() -> None:
    images = {16: b"small", 256: b"the large one"}
    file = load_script("icons").ico(images)
    assert struct.unpack_from("<HHH", file) == (0, 1, 2)
    for place, (size, data) in enumerate(images.items()):
        width, height, *_, length, offset = struct.unpack_from("<BBBBHHII", file, 6 + 16 * place)
        assert width == height == size % 256
        assert file[offset : offset + length] == data


@pytest.mark.parametrize(("version", "four"), [("1.2.3", (1, 2, 3, 0)), ("0.10", (0, 10, 0, 0))])
def test_windows_gets_four_numbers(version: str, four: tuple[int, ...]) -> None:
    assert load_script("version_resource").numbers(version) == four


def test_the_licences_name_qt_with_its_own() -> None:
    texts = {
        part.metadata["Name"]: load_script("licences").entry(part) for part in load_script("licences").parts()
    }
    assert "LGPL" in texts["PySide6_Essentials"]
    assert "Permission is hereby granted" in texts["httpcore"] or "Redistribution" in texts["httpcore"]
