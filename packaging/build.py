"""Makes what technicians are handed: the bundle, its self-test, and the packages of this platform.

`python packaging/build.py` does every step that fits the platform; naming steps does only those. Run it with
the Python of `.venv` (`packaging/dev.py build` does). Needs, on Windows: NSIS; on Linux: binutils, dpkg.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import contents
import frozen_checks
import licences
import linux_packages
import resource_files
import version_resource
import windows_packages
from names import BUNDLE, DIST, MADE, PROGRAM, ROOT, VERSION, WINDOWS, megabytes

PICTURES = ROOT / "build" / "frozen-pictures"


def make_icons() -> str:
    """Icons, version resources, the list of packed resource files, and the licences of all parts."""
    subprocess.run([sys.executable, str(ROOT / "packaging" / "icons.py")], check=True)
    version_resource.write()
    resource_files.write_sums()
    parts = licences.write()
    return f"in {MADE.relative_to(ROOT)}, licences of {parts} parts"


def make_bundle() -> str:
    """PyInstaller, then symbols stripped."""
    spec = ROOT / "packaging" / f"{PROGRAM}.spec"
    work = ROOT / "build" / "pyinstaller"
    words = ["-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR"]
    subprocess.run(
        [sys.executable, *words, "--distpath", str(DIST), "--workpath", str(work), str(spec)],
        cwd=ROOT,
        check=True,
    )
    saved = contents.strip()
    contents.check_size()
    return f"{megabytes(contents.size())} unpacked ({megabytes(saved)} of symbols stripped)"


def list_contents() -> str:
    """What is in the bundle, by size."""
    return "\n" + contents.listing()


def self_test() -> str:
    """The frozen program does its main job."""
    report = ROOT / "build" / "self-test.json"
    answer = frozen_checks.run(frozen_checks.FROZEN, "--pictures", str(PICTURES), report=report)
    return f"{len(answer['checks'])} checks\n{frozen_checks.summary(answer)}"


def measure_starts() -> str:
    """Seconds to the first paint, frozen and from source."""
    return (
        f"\n  frozen: {frozen_checks.start_times(frozen_checks.FROZEN, BUNDLE)}"
        f"\n  source: {frozen_checks.start_times(frozen_checks.SOURCE, None)}"
    )


def made(path: Path) -> str:
    """An artefact's name and size."""
    return f"{path.relative_to(ROOT)}, {megabytes(path.stat().st_size)}"


class Step(NamedTuple):
    """One step: what it does, and whether it belongs to Windows (True), Linux (False) or both (None)."""

    work: Callable[[], str]
    windows: bool | None = None


STEPS = {
    "icons": Step(make_icons),
    "bundle": Step(make_bundle),
    "list": Step(list_contents),
    "selftest": Step(self_test),
    "starts": Step(measure_starts),
    "tar": Step(lambda: made(linux_packages.tar_gz()), windows=False),
    "deb": Step(lambda: made(linux_packages.deb()), windows=False),
    "sign": Step(windows_packages.sign_programs, windows=True),
    "zip": Step(lambda: made(windows_packages.portable_zip()), windows=True),
    "installer": Step(lambda: made(windows_packages.installer()), windows=True),
}


def main() -> int:
    """Do the steps named, or all of this platform, each with its time."""
    fitting = [name for name, step in STEPS.items() if step.windows in (None, WINDOWS)]
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument(
        "steps", nargs="*", metavar="STEP", help=f"of {', '.join(STEPS)}; all that fit by default"
    )
    chosen = parser.parse_args().steps or fitting
    if unknown := set(chosen) - STEPS.keys():
        parser.error(f"no such step: {', '.join(sorted(unknown))}")
    print(f"{PROGRAM} {VERSION} for {sys.platform}", flush=True)
    for name in chosen:
        begun = time.monotonic()
        result = STEPS[name].work()
        print(f"[{name}] {time.monotonic() - begun:.1f} s: {result}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
