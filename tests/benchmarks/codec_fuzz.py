"""Random and mutated bytes, many of them: the decoder gives a telegram or our own error, never anything else.

Run it by hand, from the project's folder: ``python -m tests.benchmarks.codec_fuzz [COUNT] [SEED]``. A short
run of the same checks is part of the test suite.
"""

import copy
import pickle
import sys
import time
from dataclasses import replace
from fractions import Fraction
from random import Random

from app.commands.outcome import json_line
from app.commands.telegram_text import telegram_object, telegram_text
from app.mbus import security
from app.mbus.addresses import SecondaryAddress
from app.mbus.data_header import secondary_address
from app.mbus.encode import encode_header
from app.mbus.errors import FrameErrorKind
from app.mbus.frames import LongFrame, checksum
from app.mbus.manufacturer import manufacturer_name, medium_name, status_words
from app.mbus.reader import FrameReader, Garbage
from app.mbus.records import Flag, Number, Record, Telegram
from app.mbus.response import decode
from app.mbus.security import MeterKeys
from app.mbus.vib import quantity
from app.mbus.vib_parts import vib_parts

MAX_BYTES = 300
EVERYBODY = SecondaryAddress("FFFFFFFF")
CI_FIELDS = (0x72, 0x72, 0x72, 0x72, 0x76, 0x73, 0x77, 0x78, 0x7A, 0x51, 0x52, 0x70, 0x6F, 0x90, None)
"""None: any of the 256."""
CONTROLS = (0x08, 0x08, 0x08, 0x18, 0x53, 0x73, None)
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
CHAINS = (0xFD, 0xF0, 0xF7, 0xFB, 0xF8, 0xBB, 0xFC, 0x94)
"""VIFEs that many of make absurd scales, sums and blocks."""
KEYS = MeterKeys(default=bytes(16))
KINDS = frozenset(FrameErrorKind)
DIGITS_MAX = 400


def make(random: Random) -> bytes:
    """Bytes that look more or less like a telegram."""
    choice = random.random()
    if choice < 0.2:
        return random.randbytes(random.randrange(MAX_BYTES))
    records = bytearray(b"".join(random.choices(SEEDS, k=random.randrange(1, 4))))
    for _ in range(random.randrange(8)):
        mutate(random, records)
    if choice < 0.3:
        at = random.randrange(len(records) + 1)
        records[at:at] = b"\x04\x86" + bytes(random.choices(CHAINS, k=random.randrange(240))) + b"\x7b"
    header = bytearray(HEADER)
    if choice < 0.4:
        mutate(random, header)
    data = bytes(header + records)[:252]
    control, ci = random.choice(CONTROLS), random.choice(CI_FIELDS)
    control = random.randrange(256) if control is None else control
    ci = random.randrange(256) if ci is None else ci
    raw = bytearray(LongFrame(control, random.randrange(256), ci, data).to_bytes())
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
    assert (telegram.no_reading is None) is telegram.is_reading
    end = 0
    for index, record in enumerate(telegram.records):
        assert record.index == index
        assert record.offset >= end
        end = record.offset + record.length
        assert raw[record.offset : end] == record.dib + record.vib + record.data
        check_record(record)
    assert end <= len(raw)
    if telegram.records:
        # Copies cost more than all else together: of each telegram one record, now this, now that.
        check_copies(telegram.records[len(raw) % len(telegram.records)])
    if not len(raw) % 16:
        assert pickle.loads(pickle.dumps(telegram)) == telegram == copy.copy(telegram)
    check_header(telegram)
    shown = json_line(telegram_object(telegram))
    assert len(shown.splitlines()) == 1
    assert telegram_text(telegram).replace("\n", "").isprintable()
    return telegram


def check_record(record: Record) -> None:
    """What is computed only when it is asked for: words, the gateway's line, digits."""
    assert record.value is not None or record.flags
    assert (record.text is None) is (Flag.PERIODIC not in record.flags)
    assert isinstance(record.gateway_text, str)
    assert vib_parts(record.vib).vif or not record.vib
    assert isinstance(quantity(record.vib), str)
    value = record.value
    if isinstance(value, Number):
        assert len(str(value)) < DIGITS_MAX
        assert Fraction(str(value)) == Fraction(value.to_decimal())


def check_copies(record: Record) -> None:
    """A record copied, changed or sent elsewhere stays what it is."""
    plain = replace(record)
    assert type(plain) is Record
    assert plain == record == copy.deepcopy(record)
    assert pickle.loads(pickle.dumps(record)) == plain
    assert len({hash(record), hash(plain)}) == 1
    assert repr(record)


def check_header(telegram: Telegram) -> None:
    """Who answers, as far as it is told, and how it is."""
    header = telegram.header
    if header is None:
        return
    address = secondary_address(header)
    assert SecondaryAddress.parse(address.text) == address
    assert address.matches(address)
    assert EVERYBODY.matches(address)
    assert not address.is_exact or header.manufacturer
    assert encode_header(header)
    for words in (*map(str, status_words(header.status, header.manufacturer)), medium_name(header.medium)):
        assert words
    assert manufacturer_name(header.manufacturer) != ""


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
