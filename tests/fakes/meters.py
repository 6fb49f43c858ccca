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
    version: int = 4,
    medium: int = 4,
    fabrication_number: str | None = None,
    quirks: Quirks = ORDINARY,
    headless: bool = False,
    endless: bool = False,
    **settings,
) -> SimulatedMeter:
    """A meter whose first record is a volume made of its number, filled up to a frame of ``size`` bytes.

    It answers after a delay of its own and hears as its habit is, both drawn from its address; ``settings``
    (``response_delay_s``, ``jitter_s``, ``hearing``, ``primary``, ...) are those of ``SimulatedMeter``.

    Args:
        headless: it does not tell who it is (CI 78).
        endless: it always says that more telegrams follow, and always sends the same.
    """

    def content(meter: SimulatedMeter, access: int) -> tuple[bytes, ...]:
        if headless:
            return (LongFrame(0x08, meter.primary, 0x78, volume(access)).to_bytes(),)
        if endless:
            return (_telegram(meter, access, size, 0, 2, fabrication_number),)
        return tuple(
            _telegram(meter, access, size, part, telegrams, fabrication_number) for part in range(telegrams)
        )

    return SimulatedMeter(
        SecondaryAddress(number, manufacturer, version, medium),
        content,
        fabrication_number=fabrication_number or "00000000",
        quirks=quirks,
        **settings,
    )


def fixed_meter(number: str = "94158192", **settings) -> SimulatedMeter:
    """An older meter with the fixed structure (CI 73), which names no maker and no version.

    Its first counter is the volume made of its number.
    """

    def content(meter: SimulatedMeter, access: int) -> tuple[bytes, ...]:
        # Status 01: binary counters; heat; litres, and a second counter without unit.
        head = bytes.fromhex(number)[::-1] + bytes((access, 0x01, 0x29, 0x7F))
        counters = value_of(number).to_bytes(4, "little") + bytes(4)
        return (LongFrame(0x08, meter.primary, 0x73, head + counters).to_bytes(),)

    return SimulatedMeter(SecondaryAddress(number, None, None, 4), content, **settings)


def refusing_meter(
    number: str = "94158192", *, ci: int = 0x70, data: bytes = b"\x09", after: int = 0, **settings
) -> SimulatedMeter:
    """A meter that answers without a record: an application error (CI 70), or in its maker's way (A2, B7).

    Args:
        ci: of its answer.
        data: behind it; with CI 70, 09 is "too many readouts".
        after: how many proper telegrams it sends before.
    """
    sent = 0

    def content(meter: SimulatedMeter, access: int) -> tuple[bytes, ...]:
        nonlocal sent
        sent += 1
        if sent <= after:
            return (_telegram(meter, access, 60, 0, 1, None),)
        return (LongFrame(0x08, meter.primary, ci, data).to_bytes(),)

    return SimulatedMeter(SecondaryAddress(number, LUG, 4, 4), content, **settings)


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
