"""Simulated meters with telegrams of a chosen size, told apart by their numbers."""

from app.mbus.addresses import SecondaryAddress
from app.mbus.encode import encode_header, make_header
from app.mbus.frames import LongFrame
from app.mbus.security import cbc_encrypt, initial_vector
from app.practice.meters import Quirks, SimulatedMeter

LUG = 0x32A7
ORDINARY = Quirks()


def header(meter: SimulatedMeter, access: int) -> bytes:
    return meter.address.to_bytes() + bytes((access, 0, 0, 0))


def volume(number: int) -> bytes:
    return bytes.fromhex("0413") + number.to_bytes(4, "little")


def simple_meter(
    number: str = "94158192",
    *,
    size: int = 60,
    telegrams: int = 1,
    manufacturer: int = LUG,
    medium: int = 4,
    fabrication_number: str | None = None,
    quirks: Quirks = ORDINARY,
    headless: bool = False,
    **settings,
) -> SimulatedMeter:
    """A meter whose first record is a volume made of its number, filled up to a frame of ``size`` bytes."""

    def content(meter: SimulatedMeter, access: int) -> tuple[bytes, ...]:
        if headless:
            return (LongFrame(0x08, meter.primary, 0x78, volume(access)).to_bytes(),)
        return tuple(
            _telegram(meter, access, size, part, telegrams, fabrication_number) for part in range(telegrams)
        )

    return SimulatedMeter(
        SecondaryAddress(number, manufacturer, 4, medium),
        content,
        fabrication_number=fabrication_number or "00000000",
        quirks=quirks,
        **settings,
    )


def encrypted_meter(key: bytes, number: str = "94158192", *, telegrams: int = 1) -> SimulatedMeter:
    """A meter in security mode 5; that more telegrams follow only shows once they are decrypted."""

    def content(meter: SimulatedMeter, access: int) -> tuple[bytes, ...]:
        head = make_header(meter.address, access_number=access, signature=b"\x20\x05")
        frames = []
        for part in range(telegrams):
            records = bytes.fromhex("2F2F 0406 67910000") + volume(value_of(number) + part)
            plain = records + (b"\x1f" if part < telegrams - 1 else b"")
            secret = cbc_encrypt(key, initial_vector(head), plain.ljust(32, b"\x2f"))
            frames.append(LongFrame(0x08, meter.primary, 0x72, encode_header(head) + secret).to_bytes())
        return tuple(frames)

    return SimulatedMeter(SecondaryAddress(number, LUG, 4, 4), content)


def value_of(number: str) -> int:
    """The volume in litres that the meter of that number shows."""
    return int(number, 16) % 1_000_000_000


def _telegram(meter, access, size, part, telegrams, fabrication_number) -> bytes:
    records = volume(value_of(meter.address.identification) + part)
    if fabrication_number:
        records += bytes.fromhex("0C78") + bytes.fromhex(fabrication_number)[::-1]
    if part < telegrams - 1:
        records += b"\x1f"
    filler = size - 6 - 3 - 12 - len(records)
    while filler >= 2:
        # Idle fillers are one byte each and mean nothing.
        records = b"\x2f" + records
        filler -= 1
    if filler == 1:
        records = b"\x2f" + records
    return LongFrame(0x08, meter.primary, 0x72, header(meter, access) + records).to_bytes()
