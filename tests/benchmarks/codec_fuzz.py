"""Random and mutated bytes, many of them: the decoder gives a telegram or our own error, never anything else.

Run it by hand, from the project's folder: ``python -m tests.benchmarks.codec_fuzz [COUNT] [SEED]``. A short
run of the same checks is part of the test suite.
"""

import sys
import time
from random import Random

from app.commands.telegram_text import telegram_object, telegram_text
from app.mbus import security
from app.mbus.errors import FrameErrorKind
from app.mbus.frames import LongFrame, checksum
from app.mbus.reader import FrameReader, Garbage
from app.mbus.records import Number, Telegram
from app.mbus.response import decode
from app.mbus.security import MeterKeys

MAX_BYTES = 300
CI_FIELDS = (0x72, 0x72, 0x72, 0x72, 0x76, 0x73, 0x77, 0x78, 0x7A, 0x51, 0x52, 0x70, 0x6F, 0x90)
HEADER = bytes.fromhex("9281159 4A7320404 0C00 0000".replace(" ", ""))
SEEDS = tuple(
    bytes.fromhex(text)
    for text in (
        "0C7892811594040667910000041331D40000042B66080000043BB000000002 5B3400025F2900",
        "426C0000046D0B0BCD13066D050B0BCD1300036D050B0B0DFD0B053631545457",
        "8C1006000000008440863B23000000848040ABFF0114000000FC0348522574",
        "055B2B4BAC410700FFFFFFFFFFFFFFFF0E8400133900000000048679080000000DFD3BE3010203",
        "2F2F01FD17003C2BBDEBDDDD04FB827500000000F4FFF20001FD9A150F01020304",
    )
)
KEYS = MeterKeys(default=bytes(16))
KINDS = frozenset(FrameErrorKind)


def make(random: Random) -> bytes:
    """Bytes that look more or less like a telegram."""
    choice = random.random()
    if choice < 0.2:
        return random.randbytes(random.randrange(MAX_BYTES))
    records = bytearray(b"".join(random.choices(SEEDS, k=random.randrange(1, 4))))
    for _ in range(random.randrange(8)):
        mutate(random, records)
    header = bytearray(HEADER)
    if choice < 0.4:
        mutate(random, header)
    data = bytes(header + records)[:252]
    raw = bytearray(LongFrame(0x08, random.randrange(256), random.choice(CI_FIELDS), data).to_bytes())
    if choice > 0.85:
        mutate(random, raw)
        if len(raw) > 6 and choice > 0.95:
            raw[-2] = checksum(raw[4:-2])
    return bytes(raw) * (2 if choice > 0.98 else 1)


def mutate(random: Random, data: bytearray) -> None:
    """Changes, inserts or takes out one byte."""
    at = random.randrange(len(data) + 1)
    action = random.randrange(3)
    if action == 0:
        data.insert(at, random.choice((random.randrange(256), 0xFF, 0x80, 0x7F, 0xFD, 0xFB, 0x0D, 0x7C)))
    elif at < len(data):
        if action == 1:
            data[at] = random.randrange(256)
        else:
            del data[at]


def check(raw: bytes) -> Telegram:
    """Everything that must hold for the telegram that any bytes become."""
    telegram = decode(raw, KEYS)
    assert telegram.raw == raw
    assert telegram.error is None or telegram.error.kind in KINDS
    assert telegram.error is not None or telegram.frame is not None
    end = 0
    for index, record in enumerate(telegram.records):
        assert record.index == index
        assert record.offset >= end
        end = record.offset + record.length
        assert raw[record.offset : end] == record.dib + record.vib + record.data
        assert record.value is not None or record.flags
        assert not isinstance(record.value, Number) or len(str(record.value)) < 400
        assert isinstance(record.gateway_text, str)
    assert end <= len(raw)
    telegram_object(telegram)
    telegram_text(telegram)
    return telegram


def check_stream(raw: bytes) -> None:
    """No byte of a stream is lost, whatever it holds."""
    reader = FrameReader()
    found = reader.receive(raw) + reader.flush()
    assert b"".join(i.raw if isinstance(i, Garbage) else i.to_bytes() for i in found) == raw


def main() -> None:
    """Checks COUNT inputs and prints how it went."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    security.cmac(bytes(16), b"")  # Loads the cipher, which is not to count as an input's time.
    random = Random(seed)
    records = refused = 0
    slowest = 0.0
    begun = time.perf_counter()
    for _ in range(count):
        raw = make(random)
        before = time.process_time()
        try:
            telegram = check(raw)
            check_stream(raw)
        except Exception:
            print(f"failed at {raw.hex()}")
            raise
        slowest = max(slowest, time.process_time() - before)
        records += len(telegram.records)
        refused += telegram.error is not None
    elapsed = time.perf_counter() - begun
    print(f"{count} inputs (seed {seed}) in {elapsed:.0f} s, none failed: {records} records,")
    print(
        f"{refused} inputs refused with a reason; the slowest took {slowest * 1000:.1f} ms of processor time"
    )


if __name__ == "__main__":
    main()
