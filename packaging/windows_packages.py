"""Makes the Windows artefacts from the bundle: a portable zip, the installer, and signatures where asked for.

Runs on Windows and on Linux alike (makensis exists for both).
"""

import os
import shlex
import shutil
import subprocess
import zipfile
from pathlib import Path

from contents import files, size
from names import BUNDLE, DIST, MADE, PROGRAM, ROOT, TITLE, TOOL, VERSION, WINDOWS
from version_resource import numbers

SCRIPT = ROOT / "packaging" / "windows" / "installer.nsi"
SIGN_COMMAND = "MBUS_SIGN_COMMAND"
INSTALLER = f"{PROGRAM}-{VERSION}-windows-setup.exe"
USUAL_PLACES = (r"C:\Program Files (x86)\NSIS\makensis.exe", r"C:\Program Files\NSIS\makensis.exe")


def sign(*paths: Path) -> bool:
    """Sign with the command in MBUS_SIGN_COMMAND, in which `{file}` is the file; whether there is one."""
    command = os.environ.get(SIGN_COMMAND, "")
    if not command:
        return False
    for path in paths:
        words = [word.replace("{file}", str(path)) for word in shlex.split(command)]
        subprocess.run(words, check=True)
    return True


def sign_programs() -> str:
    """Sign both programs before they are packed; a sentence on what was done."""
    signed = sign(BUNDLE / f"{PROGRAM}.exe", BUNDLE / f"{TOOL}.exe")
    return "both programs are signed" if signed else f"not signed ({SIGN_COMMAND} is not set)"


def portable_zip() -> Path:
    """The bundle as a zip with one folder in it."""
    target = DIST / f"{PROGRAM}-{VERSION}-windows-portable.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(files(BUNDLE)):
            archive.write(path, f"{TITLE} {VERSION}/{path.relative_to(BUNDLE).as_posix()}")
    return target


def installer() -> Path:
    """The installer, by NSIS; stops when makensis is not there."""
    maker = shutil.which("makensis") or next((place for place in USUAL_PLACES if Path(place).exists()), None)
    if maker is None:
        raise SystemExit("makensis is not there: install NSIS (Debian: apt install nsis)")
    target = DIST / INSTALLER
    defines = {
        "VERSION": VERSION,
        "VERSION_NUMBERS": ".".join(map(str, numbers(VERSION))),
        "TITLE": TITLE,
        "BUNDLE": str(BUNDLE),
        "ICON": str(MADE / "app.ico"),
        "LICENCE": str(ROOT / "LICENSE"),
        "KILOBYTES": str(size() // 1024),
        "TARGET": str(target),
    }
    if not WINDOWS:
        # Wine without its 32-bit half runs nothing else; NSIS for Windows brings 32-bit installers only.
        defines["CPU"] = "amd64-unicode"
    words = [f"-D{name}={value}" for name, value in defines.items()]
    # Unicode paths in the defines and texts in the script.
    subprocess.run([maker, "-V2", "-WX", "-INPUTCHARSET", "UTF8", *words, str(SCRIPT)], check=True)
    sign(target)
    return target
