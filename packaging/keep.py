"""What of Qt goes into the bundle: a keep-list, so that a new Qt brings no surprises.

`wanted` is asked by the spec for every collected file; what it drops is printed by the build.
"""

import re
import subprocess
from collections.abc import Callable, Iterable
from pathlib import PurePath

Entry = tuple[str, str, str]

# Qt modules by the name they have in every file name (libQt6Core.so.6, Qt6Core.dll, QtCore.abi3.so). Test is
# the self-test's hands.
MODULES = {"Core", "Gui", "Widgets", "Svg", "Test", "DBus", "XcbQpa", "WaylandClient"}

# Plugins by folder; a folder that is not here is left out whole.
PLUGINS = {
    "platforms": ("xcb", "wayland", "offscreen", "windows"),
    "platformthemes": ("xdgdesktopportal",),
    "platforminputcontexts": ("compose", "ibus"),
    "iconengines": ("svg",),
    "imageformats": ("svg", "ico", "jpeg"),
    "styles": ("windows",),
    "xcbglintegrations": (),
    "wayland-shell-integration": ("xdg-shell",),
    "wayland-decoration-client": ("bradient", "adwaita"),
    "tls": (),
}
# Qt's own words (buttons of file dialogs) in the languages the program speaks.
LANGUAGES = ("de", "fr", "it")

_MODULE = re.compile(r"(?:^|/)(?:lib)?Qt6?([A-Z]\w*?)(?:\.abi3)?\.(?:so[.\d]*|dll|pyd)$")
_PLUGIN = re.compile(r"/plugins/([^/]+)/(?:lib)?(\w[\w-]*)\.(?:so|dll)$")
_WORDS = re.compile(r"/translations/(\w+?)_(\w+)\.qm$")
# A software OpenGL of 20 MB that only QtQuick would use; never needed by widgets.
_NEVER = re.compile(r"(^|/)(opengl32sw|d3dcompiler_\d+)\.dll$|\.pyi$", re.IGNORECASE)


# Libraries of the build machine, which PyInstaller lays into the bundle's top folder. The bootloader opens
# libpython by its name, so that no file asks for it.
_LOOSE = re.compile(r"lib(?!python)[^/]+\.so[.\d]*")
# Part of every desktop, stable for more than ten years, and better the system's own (its fonts, its bus):
# left to the system, and so declared by the .deb (linux/deb.py names the packages).
FROM_THE_SYSTEM = {
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libxcb.so.1": "libxcb1",
}


def wanted(name: str) -> bool:
    """Whether a file, by its path in the bundle, belongs into it."""
    path = name.replace("\\", "/")
    if _NEVER.search(path):
        return False
    if words := _WORDS.search(path):
        return words[1] == "qtbase" and words[2] in LANGUAGES
    if plugin := _PLUGIN.search(path):
        return any(word in plugin[2] for word in PLUGINS.get(plugin[1], ()))
    if module := _MODULE.search(path):
        return module[1] in MODULES
    return True


def linked_with(path: str) -> list[str]:
    """The libraries that an ELF file itself names (not what those in turn ask for), by objdump."""
    answer = subprocess.run(["objdump", "-p", path], capture_output=True, text=True, check=False)
    return re.findall(r"^\s+NEEDED\s+(\S+)", answer.stdout, re.MULTILINE)


def needed(binaries: Iterable[Entry], imports_of: Callable[[str], Iterable[str]]) -> list[Entry]:
    """Drop the system libraries that only dropped files asked for.

    Args:
        binaries: what PyInstaller collected and `wanted` kept, as (path in the bundle, source, kind).
        imports_of: the names of the libraries that a binary is linked with.
    """
    entries = list(binaries)
    loose = {entry[0]: entry for entry in entries if _LOOSE.fullmatch(entry[0])}
    kept = [entry for entry in entries if entry[0] not in loose]
    for entry in kept:  # grows while it is walked
        names = {PurePath(name).name for name in imports_of(entry[1])} - FROM_THE_SYSTEM.keys()
        kept += [loose.pop(name) for name in sorted(names & loose.keys())]
    return kept
