"""Writes what Windows shows of an .exe under Properties > Details, as PyInstaller takes it."""

from names import MADE, PROGRAM, TITLE, TOOL, VERSION

TEMPLATE = """VSVersionInfo(
  ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3F, flags=0, OS=0x40004, fileType=1),
  kids=[
    StringFileInfo([StringTable("040904B0", [
      StringStruct("CompanyName", "{title}"),
      StringStruct("FileDescription", "{description}"),
      StringStruct("FileVersion", "{version}"),
      StringStruct("InternalName", "{name}"),
      StringStruct("LegalCopyright", "MIT licence"),
      StringStruct("OriginalFilename", "{name}.exe"),
      StringStruct("ProductName", "{title}"),
      StringStruct("ProductVersion", "{version}"),
    ])]),
    VarFileInfo([VarStruct("Translation", [0x0409, 1200])]),
  ],
)
"""


def numbers(version: str) -> tuple[int, ...]:
    """The four numbers Windows wants: `1.2.3` becomes (1, 2, 3, 0)."""
    parts = [int(part) for part in version.split(".") if part.isdigit()]
    return tuple((*parts, 0, 0, 0, 0)[:4])


def write() -> None:
    """Write one version file for each program."""
    MADE.mkdir(parents=True, exist_ok=True)
    for name, description in ((PROGRAM, TITLE), (TOOL, f"{TITLE}, command line")):
        text = TEMPLATE.format(
            numbers=numbers(VERSION), version=VERSION, name=name, title=TITLE, description=description
        )
        (MADE / f"{name}.version.txt").write_text(text, "utf-8")
