"""Telegrams made of DIBs and VIBs, decoded by the real codec."""

from app.mbus.dif import SIZES
from app.mbus.frames import LongFrame
from app.mbus.manufacturer import letters_to_code
from app.mbus.records import Telegram
from app.mbus.response import decode

IDENTIFICATION = "94158192"


def built(
    *records: tuple[str, str],
    maker: str = "LUG",
    version: int = 4,
    medium: int = 0x04,
    ci: int = 0x72,
    identification: str = IDENTIFICATION,
) -> Telegram:
    """A telegram of records by DIB and VIB; the values are 1, 2, 3 and so on."""
    data = bytearray(bytes.fromhex(identification)[::-1])
    data += letters_to_code(maker).to_bytes(2, "little") + bytes((version, medium, 1, 0, 0, 0))
    for value, (dib, vib) in enumerate(records, start=1):
        head = bytes.fromhex(dib)
        size = SIZES[head[0] & 0x0F]
        assert size is not None
        data += head + bytes.fromhex(vib) + value.to_bytes(size, "little")
    return decode(LongFrame(0x08, 1, ci, bytes(data)).to_bytes())
