"""Makes the Linux artefacts from the bundle: a tar.gz for any distribution and a .deb."""

import gzip
import hashlib
import platform
import shutil
import subprocess
import tarfile
from pathlib import Path

import keep
from contents import files, size
from names import BUNDLE, DIST, LICENCE, MADE, PROGRAM, PURPOSE, ROOT, TITLE, TOOL, VERSION

LINUX = ROOT / "packaging" / "linux"
RULE = "70-mbus-commissioner.rules"
DESKTOP = f"{PROGRAM}.desktop"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}

# The libraries that the bundle asks the system for, by the package that brings each.
PACKAGES = {
    **keep.FROM_THE_SYSTEM,
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libGLX.so.0": "libglx0",
    "libOpenGL.so.0": "libopengl0",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libgio-2.0.so.0": "libglib2.0-0",
    "libgobject-2.0.so.0": "libglib2.0-0",
}
GLIBC = {
    "libc.so.6",
    "libm.so.6",
    "libdl.so.2",
    "libpthread.so.0",
    "librt.so.1",
    "libutil.so.1",
    "libresolv.so.2",
}
LOADERS = {"ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}

CONTROL = """\
Package: {package}
Version: {version}
Section: science
Priority: optional
Architecture: {architecture}
Installed-Size: {kilobytes}
Depends: {depends}
Recommends: fonts-dejavu-core, gnome-keyring | kwalletmanager
Maintainer: {title} maintainers <maintainers@localhost>
Description: {purpose}
 The program technicians use when they install heat and water meters: it reads a
 meter over the wired M-Bus, shows its registers, and enters it on the portal.
"""


def dependencies(folder: Path = BUNDLE) -> list[str]:
    """The Debian packages the bundle needs; stops at a library that no table entry explains."""
    programs = [path for path in files(folder) if ".so" in path.name or path.parent == folder]
    asked = {name for path in programs for name in keep.linked_with(str(path))}
    inside = {path.name for path in folder.rglob("*.so*")}
    open_ = asked - inside - GLIBC - LOADERS
    if unknown := open_ - PACKAGES.keys():
        raise SystemExit(f"no package is known for {', '.join(sorted(unknown))}: see PACKAGES in {__file__}")
    glibc = platform.libc_ver()[1]
    return [f"libc6 (>= {glibc})", *sorted({PACKAGES[name] for name in open_})]


def architecture() -> str:
    """The machine in Debian's words."""
    return ARCHITECTURES.get(platform.machine(), platform.machine())


def tar_gz() -> Path:
    """The bundle with its desktop entry, udev rule and a note, owned by root, in one folder."""
    target = DIST / f"{PROGRAM}-{VERSION}-linux-{platform.machine()}.tar.gz"
    top = f"{PROGRAM}-{VERSION}"

    def as_root(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = "root"
        return member

    with (
        gzip.open(target, "wb", compresslevel=9) as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        archive.add(BUNDLE, top, filter=as_root)
        for source, name in (
            (LINUX / RULE, RULE),
            (LINUX / DESKTOP, DESKTOP),
            (LINUX / "READ-ME.txt", "READ-ME.txt"),
            (MADE / "128.png", f"{PROGRAM}.png"),
        ):
            archive.add(source, f"{top}/{name}", filter=as_root)
    return target


def deb() -> Path:
    """The Debian package: program, both commands, menu entry, icons, udev rule, declared dependencies."""
    tree = ROOT / "build" / "deb"
    shutil.rmtree(tree, ignore_errors=True)
    program = tree / "usr" / "lib" / PROGRAM
    shutil.copytree(BUNDLE, program, symlinks=True)
    (tree / "usr" / "bin").mkdir(parents=True)
    for command in (PROGRAM, TOOL):
        (tree / "usr" / "bin" / command).symlink_to(f"../lib/{PROGRAM}/{command}")
    share = tree / "usr" / "share"
    hicolor = share / "icons" / "hicolor"
    _copy(LINUX / DESKTOP, share / "applications" / DESKTOP)
    _copy(ROOT / "resources" / "icons" / "app.svg", hicolor / "scalable" / "apps" / f"{PROGRAM}.svg")
    for picture in MADE.glob("*.png"):
        _copy(picture, hicolor / f"{picture.stem}x{picture.stem}" / "apps" / f"{PROGRAM}.png")
    _copy(LICENCE, share / "doc" / PROGRAM / "copyright")
    _copy(MADE / "THIRD-PARTY.txt", share / "doc" / PROGRAM / "THIRD-PARTY.txt")
    _copy(LINUX / RULE, tree / "usr" / "lib" / "udev" / "rules.d" / RULE)
    _control(tree)
    target = DIST / f"{PROGRAM}_{VERSION}_{architecture()}.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Zxz", "-z6", "--build", str(tree), str(target)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return target


def _control(tree: Path) -> None:
    folder = tree / "DEBIAN"
    folder.mkdir()
    text = CONTROL.format(
        package=PROGRAM,
        version=VERSION,
        architecture=architecture(),
        kilobytes=size(tree) // 1024,
        depends=", ".join(dependencies()),
        title=TITLE,
        purpose=PURPOSE,
    )
    (folder / "control").write_text(text, "utf-8")
    sums = [_sum(path, tree) for path in sorted(files(tree)) if folder not in path.parents]
    (folder / "md5sums").write_text("".join(sums), "utf-8")
    for script in ("postinst", "postrm"):
        _copy(LINUX / script, folder / script)
        (folder / script).chmod(0o755)


def _sum(path: Path, tree: Path) -> str:
    digest = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    return f"{digest}  {path.relative_to(tree).as_posix()}\n"


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(0o644)
