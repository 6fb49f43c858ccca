#!/bin/bash
# The Windows side of CI on Linux: a Windows Python under Wine runs the tests, builds both programs, and the
# installer made of them is installed, self-tested and removed. A check only: its bundle is never handed out.
# usage: wine.sh STEP...   steps: setup test build install   (a virtual screen must be in $DISPLAY)
# Exit 77 (from setup) means that it cannot be done here; the line printed before says why.
# What is made once stays in $MBUS_CACHE: the Windows Python, its Wine prefix and the wheels.
set -euo pipefail
export LC_ALL=C.UTF-8  # or Wine mangles the umlauts
root=$(cd "$(dirname "$0")/../.." && pwd)
kit=${MBUS_WINKIT:-$root/../shared/winkit}
cache=${MBUS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/mbus-commissioner}
home=$cache/wine
python=$root/.venv/bin/python
tree=$root/build/wine-tree  # a copy of the project, so that Windows and Linux builds do not mix
pictures=${MBUS_PICTURES:-$root/build/wine-pictures}
stand_in=$root/packaging/windows/bcryptprimitives.c
lock=packaging/locks/dev.txt
packages=(wine wine64 gcc-mingw-w64-x86-64-win32 mingw-w64-tools unzip nsis)

# Wine's Windows programs take pipes as their streams, never files.
winpy() { timeout --kill-after=10 "$1" "$home/winpy" "${@:2}"; }
in_wine() {
    local limit=$1
    shift
    (
        export WINEPREFIX=$home/prefix WINEDEBUG=-all
        # The prefix holds stand-ins for what Wine's own DLLs lack; without this line Wine would take its own.
        export WINEDLLOVERRIDES="mscms,cfgmgr32,icuuc,ucrtbase=n;mscoree,mshtml="
        timeout --kill-after=10 "$limit" wine "$@" </dev/null 2>&1 | cat
    )
}
# NSIS takes its last argument raw, spaces and all; a shell would quote it. Windows Python passes a line as it is.
raw_line() { winpy "$1" -c 'import subprocess, sys; sys.exit(subprocess.run(" ".join(sys.argv[1:])).returncode)' "${@:2}"; }
as_windows() { printf 'Z:%s' "${1//\//\\}"; }
cannot() { echo "$*"; exit 77; }

setup() {
    [ -x "$kit/make_winpy.sh" ] || cannot "no kit for a Windows Python at $kit"
    for program in wine x86_64-w64-mingw32-gcc gendef unzip makensis; do
        command -v $program >/dev/null || missing=1
    done
    if [ -n "${missing:-}" ]; then
        [ "$(id -u)" = 0 ] || cannot "Wine is not complete here; as root: apt-get install ${packages[*]}"
        for attempt in 1 2 3; do
            apt-get update -q >/dev/null &&
                apt-get install -y -q --no-install-recommends "${packages[@]}" >"$cache/apt-wine.log" 2>&1 && break
            if [ "$attempt" = 3 ]; then cannot "Wine cannot be installed: $(tail -n 3 "$cache/apt-wine.log")"; fi
            sleep 10
        done
    fi
    made=$(cat "$kit"/* "$stand_in" | sha256sum | cut -c1-16)
    if [ "$(cat "$home/made" 2>/dev/null)" != "$made" ]; then
        rm -rf "$home"
        mkdir -p "$home"
        # The kit calls python with pip and pefile, and uv.
        PY=$python UV=$root/.venv/bin/uv "$kit/make_winpy.sh" "$home" >"$cache/winpy.log" 2>&1 ||
            { tail -n 20 "$cache/winpy.log" >&2; exit 1; }
        x86_64-w64-mingw32-gcc -O2 -s -shared -o "$home/prefix/drive_c/windows/system32/bcryptprimitives.dll" \
            "$stand_in" -ladvapi32
        echo "$made" >"$home/made"
    fi
    wheels=$(sha256sum <"$root/$lock" | cut -c1-16)
    if [ "$(cat "$home/wheels" 2>/dev/null)" != "$wheels" ]; then
        rm -rf "$home/py/Lib/site-packages"
        UV_SYSTEM_CERTS=1 "$root/.venv/bin/uv" pip install -q --target "$home/py/Lib/site-packages" \
            --python-platform x86_64-pc-windows-msvc --python-version 3.11 --only-binary :all: \
            --no-deps --require-hashes -r "$root/$lock"
        echo "$wheels" >"$home/wheels"
    fi
    winpy 120 -c "import sys, PySide6.QtWidgets; print('Windows Python', sys.version.split()[0], sys.platform)"
}

copy_tree() {
    rm -rf "$tree"
    mkdir -p "$tree"
    # What git knows, as it is in the folder now: a build tests what it was started on.
    git -C "$root" ls-files -z | tar -C "$root" --null -T - -cf - | tar -C "$tree" -xf -
}

# What Qt says of Wine's gaps at every window; the first two lines are pyproject.toml's own.
wine_says='^This plugin does not support propagateSizeHints
^QFontDatabase: Cannot find font directory
^EnableNonClientDpiScaling
^QtWindows::DpiAwareness'

run_tests() {
    copy_tree
    ln -sfn "$root/../shared" "$root/build/shared"
    cd "$tree"
    local words=(-m pytest -q -o "qt_log_ignore=$wine_says")
    winpy 1800 "${words[@]}" && return
    # Wine itself fails now and then, above all in starting processes: what fails alone and twice is a fault.
    echo "once more, what failed:"
    winpy 900 "${words[@]}" --last-failed --last-failed-no-failures none
}

build() {
    copy_tree
    cd "$tree"
    # Wine's CreateProcess fails now and then (error 1359); what fails twice is a fault.
    winpy 1200 packaging/build.py icons bundle list || winpy 1200 packaging/build.py icons bundle list
    # The stand-ins of the Wine prefix must not have come along.
    stand_ins=$(find dist -iname ucrtbas?.dll -o -iname icuuc.dll -o -iname mscms.dll -o -iname cfgmgr32.dll \
        -o -iname bcryptprimitives.dll)
    [ -z "$stand_ins" ] || { echo "Wine stand-ins in the bundle: $stand_ins" >&2; exit 1; }
    "$python" packaging/build.py zip installer
}

install() {
    local prefix=$home/prefix/drive_c name folder local_data
    # A long path, and a person with an umlaut and a space in the name.
    name='Jürg Müller-Größenwahn'
    folder="users/$name/$(printf 'Programme und Werkzeuge/%.0s' 1 2 3 4)M-Bus Commissioner"
    rm -rf "${prefix:?}/users/$name"
    mkdir -p "$prefix/users/$name"
    cd "$tree"
    raw_line 300 "$(as_windows "$(ls "$PWD"/dist/*-windows-setup.exe)")" /S "/D=C:\\${folder//\//\\}"
    [ -x "$prefix/$folder/mbus-commissioner.exe" ] || { echo "the installer laid down no program" >&2; exit 1; }
    find "$prefix/users" "$prefix/ProgramData" -name 'M-Bus Commissioner.lnk' | grep -q . ||
        { echo "no entry in the start menu" >&2; exit 1; }
    "$python" - "$prefix/$folder" <<'PYTHON'
import sys
from pathlib import Path
import pefile
for path in sorted(Path(sys.argv[1]).glob("*.exe")):
    pe = pefile.PE(str(path))
    texts = {k.decode(): v.decode() for info in pe.FileInfo[0] if hasattr(info, "StringTable")
             for table in info.StringTable for k, v in table.entries.items()}
    icons = sum(entry.id == pefile.RESOURCE_TYPE["RT_GROUP_ICON"] for entry in pe.DIRECTORY_ENTRY_RESOURCE.entries)
    print(path.name, texts.get("ProductName"), texts.get("FileVersion"), "with icon" if icons else "WITHOUT ICON")
    if not (icons and texts.get("FileVersion")):
        sys.exit(f"{path.name} has no icon or no version")
PYTHON
    chmod -R a-w "$prefix/$folder"
    before=$(cd "$prefix/$folder" && find . -printf '%p %s %T@\n' | sort)
    mkdir -p "$pictures"
    rm -f "$pictures"/* build/installed.json
    in_wine 300 "C:\\${folder//\//\\}\\mbus-commissioner.exe" --self-test \
        --report "$(as_windows "$PWD/build/installed.json")" --pictures "$(as_windows "$pictures")"
    [ -s build/installed.json ] || { echo "the installed program wrote no report" >&2; exit 1; }
    "$python" packaging/frozen_checks.py build/installed.json
    in_wine 120 "C:\\${folder//\//\\}\\mbus-tool.exe" --version
    # Root writes where it must not: so what counts is that nothing in the folder was touched.
    [ "$before" = "$(cd "$prefix/$folder" && find . -printf '%p %s %T@\n' | sort)" ] ||
        { echo "the program wrote into its own folder" >&2; exit 1; }
    chmod -R u+w "$prefix/$folder"
    # Sites must outlive the program.
    local_data=$(dirname "$(find "$prefix/users" -maxdepth 4 -type d -path '*AppData/Local/Temp' | head -n 1)")
    mkdir -p "$local_data/mbus-commissioner"
    echo kept >"$local_data/mbus-commissioner/probe.txt"
    raw_line 120 "\"C:\\${folder//\//\\}\\uninstall.exe\"" /S "_?=C:\\${folder//\//\\}"
    [ ! -e "$prefix/$folder/mbus-commissioner.exe" ] || { echo "the program is still there" >&2; exit 1; }
    [ ! -e "$prefix/$folder/_internal" ] || { echo "the program's folder is still there" >&2; exit 1; }
    [ -s "$local_data/mbus-commissioner/probe.txt" ] || { echo "the sites were removed" >&2; exit 1; }
    rm -f "$local_data/mbus-commissioner/probe.txt"
    echo "installed, self-tested, removed; the sites stayed"
}

# Ends what a step left running in this prefix, a program with an error dialog for example.
trap 'WINEPREFIX=$home/prefix wineserver -k 2>/dev/null || true' EXIT

for step in "${@:?which step}"; do
    begun=$SECONDS
    case $step in
        setup | build | install) $step ;;
        test) run_tests ;;
        *) echo "no such step: $step" >&2; exit 2 ;;
    esac
    echo "wine $step: $((SECONDS - begun)) s"
done
