"""Draws the program's icon from resources/icons/app.svg: PNG files for Linux, one ICO file for Windows."""

import os
import struct
import sys
from pathlib import Path

from names import MADE, PROGRAM, ROOT
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

ICO_SIZES = (16, 20, 24, 32, 40, 48, 64, 256)
PNG_SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)
ICO_HEADER = 6 + 16  # of a file with one image


def image(renderer: QSvgRenderer, size: int) -> QImage:
    """The icon at a size in pixels, on a transparent ground."""
    picture = QImage(size, size, QImage.Format.Format_ARGB32)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    renderer.render(painter)
    painter.end()
    return picture


def encoded(picture: QImage, kind: str) -> bytes:
    """The picture as a file of a kind Qt knows ("PNG", "ICO")."""
    store = QByteArray()
    buffer = QBuffer(store)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not picture.save(buffer, kind):  # type: ignore[call-overload]  # the stub asks for bytes here
        raise SystemExit(f"this Qt cannot write {kind}")
    return bytes(store.data())


def ico(images: dict[int, bytes]) -> bytes:
    """An ICO file of square images by their size in pixels (256 is written as 0)."""
    offset = 6 + 16 * len(images)
    header, body = struct.pack("<HHH", 0, 1, len(images)), b""
    for size, data in images.items():
        header += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(data), offset + len(body))
        body += data
    return header + body


def draw(folder: Path = MADE) -> None:
    """Write app.ico and <size>.png files into the folder."""
    renderer = QSvgRenderer(str(ROOT / "resources" / "icons" / "app.svg"))
    if not renderer.isValid():
        raise SystemExit("resources/icons/app.svg cannot be drawn")
    folder.mkdir(parents=True, exist_ok=True)
    for size in PNG_SIZES:
        (folder / f"{size}.png").write_bytes(encoded(image(renderer, size), "PNG"))
    pictures = {size: image(renderer, size) for size in ICO_SIZES}
    # Small sizes as bitmaps, which every Windows dialog reads; 256 as PNG, as Windows itself does.
    images = {
        size: encoded(picture, "PNG") if size == 256 else encoded(picture, "ICO")[ICO_HEADER:]
        for size, picture in pictures.items()
    }
    (folder / "app.ico").write_bytes(ico(images))


if __name__ == "__main__":
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    application = QGuiApplication([PROGRAM])
    draw()
    sys.exit(0)
