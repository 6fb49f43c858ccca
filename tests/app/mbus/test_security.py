"""Encrypted telegrams: read with the right key, and a wrong key is not taken for a broken telegram."""

import subprocess
import sys

import pytest

from app.mbus import security
from app.mbus.addresses import SecondaryAddress
from app.mbus.authentication import Authentication
from app.mbus.encode import encode_header, make_header
from app.mbus.errors import EncodeError, FrameErrorKind
from app.mbus.frames import LongFrame
from app.mbus.response import decode
from app.mbus.security import MeterKeys
from app.mbus.value_text import value_text

KEY = bytes(range(16))
ADDRESS = SecondaryAddress.parse("92811594A7320404")
PLAIN = bytes.fromhex("2F2F 0406E7910000 041331D40000 2F2F")
REST = bytes.fromhex("025B3400")
RIGHT = MeterKeys({"94158192": KEY})
COUNTER = bytes.fromhex("01020304")


def answer(data: bytes, ci: int = 0x72) -> bytes:
    return LongFrame(0x08, 1, ci, data).to_bytes()


def mode_5(key: bytes = KEY, blocks: int = 1) -> bytes:
    header = make_header(ADDRESS, access_number=12, signature=bytes((blocks << 4, 5)))
    secret = security.cbc_encrypt(key, security.initial_vector(header), PLAIN)
    return answer(encode_header(header) + secret + REST)


def mode_7(*, code_of: bytes = KEY, fields: int = 0x2C, tamper: int = 0) -> bytes:
    header = make_header(ADDRESS, access_number=12, signature=b"\x10\x07")
    key = security.derived_key(KEY, security.ENCRYPTION, COUNTER, header)
    secret = security.cbc_encrypt(key, bytes(16), PLAIN)
    message = b"\x72" + encode_header(header) + b"\x00" + secret + REST[:-1] + bytes((REST[-1] ^ tamper,))
    seal = Authentication(COUNTER, bytes(8), b"\x25" + COUNTER)
    original = b"\x72" + encode_header(header) + b"\x00" + secret + REST
    code = security.authentication_code(code_of, header, seal, original)
    layer = bytes((0x00, fields)) + seal.covered + (code if fields & 0x04 else b"")
    return answer(bytes((len(layer),)) + layer + message, ci=0x90)


def test_mode_5_is_opened_with_the_meters_key():
    telegram = decode(mode_5(), RIGHT)
    assert telegram.error is None
    assert [str(record.value) for record in telegram.records] == ["37351000", "54.321", "52"]
    assert telegram.records[0].offset == 21


def test_mode_7_is_opened_with_a_key_derived_for_the_message():
    telegram = decode(mode_7(), RIGHT)
    assert telegram.error is None
    assert telegram.header.identification == "94158192"
    assert [str(record.value) for record in telegram.records] == ["37351000", "54.321", "52"]
    assert decode(mode_7(fields=0x28), RIGHT).error is None


def test_mode_7_without_its_authentication_layer_counts_from_zero():
    header = make_header(ADDRESS, access_number=12, signature=b"\x10\x07")
    key = security.derived_key(KEY, security.ENCRYPTION, bytes(4), header)
    secret = security.cbc_encrypt(key, bytes(16), PLAIN)
    telegram = decode(answer(encode_header(header) + b"\x00" + secret), MeterKeys(default=KEY))
    assert [str(record.value) for record in telegram.records] == ["37351000", "54.321"]


@pytest.mark.parametrize(
    ("raw", "keys", "words"),
    [
        (mode_5(), MeterKeys(), "its key is not known"),
        (mode_5(), MeterKeys({"12345678": KEY}), "its key is not known"),
        (mode_5(bytes(16)), RIGHT, "the key does not fit"),
        (mode_7(code_of=bytes(16)), RIGHT, "does not fit the code"),
        (mode_7(tamper=1), RIGHT, "does not fit the code"),
    ],
)
def test_what_cannot_be_opened_says_why_and_shows_the_plain_rest(raw, keys, words):
    telegram = decode(raw, keys)
    assert telegram.error.kind is FrameErrorKind.ENCRYPTED
    assert words in telegram.error.message
    assert telegram.header.identification == "94158192"
    assert len(telegram.records) == 1
    assert KEY.hex().upper() not in telegram.error.message.upper()


class BadKeys:
    """A source that does not keep its promise of sixteen bytes."""

    def __init__(self, size):
        self.size = size

    def of(self, identification):
        return bytes(self.size)


@pytest.mark.parametrize("size", [0, 1, 15, 17, 24, 32, 1000])
@pytest.mark.parametrize("raw", [mode_5(), mode_7()])
def test_key_of_the_wrong_length_is_refused_in_words(raw, size):
    telegram = decode(raw, BadKeys(size))
    assert telegram.error.kind is FrameErrorKind.ENCRYPTED
    assert f"{size} bytes instead of 16" in telegram.error.message
    assert telegram.header.identification == "94158192"


@pytest.mark.parametrize(("signature", "missing"), [("1005", 16), ("F005", 240), ("1007", 17), ("2005", 32)])
def test_encrypted_data_that_is_missing_altogether_is_counted(signature, missing):
    header = make_header(ADDRESS, signature=bytes.fromhex(signature))
    telegram = decode(answer(encode_header(header)), RIGHT)
    assert f"{missing} bytes of the encrypted data" in telegram.error.message


def test_broken_telegram_is_told_from_a_wrong_key():
    raw = bytearray(mode_5())
    raw[25] ^= 1
    assert decode(bytes(raw), RIGHT).error.kind is FrameErrorKind.CHECKSUM


@pytest.mark.parametrize("lost", [1, 4, 20])
@pytest.mark.parametrize("keys", [RIGHT, MeterKeys()])
def test_no_values_are_made_up_of_encrypted_bytes_whose_rest_is_lost(lost, keys):
    whole = mode_5(blocks=2)[: -2 - len(REST)]
    header, secret = whole[:19], (whole[19:] + whole[19:])[: 32 - lost]
    spoilt = decode(header + secret + b"\x00\x16", keys)
    assert not spoilt.records
    assert spoilt.error.kind in (FrameErrorKind.CHECKSUM, FrameErrorKind.LENGTH, FrameErrorKind.TRUNCATED)
    cut = decode(answer(header[7:] + secret), keys)
    assert not cut.records
    assert cut.error.kind is FrameErrorKind.ENCRYPTED


@pytest.mark.parametrize(
    ("signature", "data", "encrypted"),
    [
        ("0000", PLAIN, False),
        ("1005", PLAIN, False),
        ("1005", bytes(16), True),
        ("1002", bytes(16), True),
        ("1016", bytes(16), False),
        ("2005", bytes(31), True),
        ("2005", PLAIN, False),
        ("2002", bytes(16), False),
        ("0005", bytes(16), False),
        ("1007", b"\x00" + PLAIN, False),
        ("1007", bytes(16), True),
        ("1005", b"", True),
        ("1007", b"", True),
        ("1007", b"\x00", True),
        ("1002", b"", False),
    ],
)
def test_only_a_plausible_configuration_means_encrypted_data(signature, data, encrypted):
    header = make_header(ADDRESS, signature=bytes.fromhex(signature))
    telegram = decode(answer(encode_header(header) + data))
    assert (telegram.error is not None and telegram.error.kind is FrameErrorKind.ENCRYPTED) is encrypted


def test_other_modes_and_a_short_header_cannot_be_opened():
    header = make_header(ADDRESS, signature=b"\x10\x02")
    assert "mode 2" in decode(answer(encode_header(header) + bytes(16)), RIGHT).error.message
    short = decode(answer(b"\x0c\x00\x10\x05" + bytes(16), ci=0x7A), RIGHT)
    assert "short header" in short.error.message


@pytest.mark.parametrize(
    ("layer", "kind"),
    [
        ("", FrameErrorKind.TRUNCATED),
        ("05 00 2C 25", FrameErrorKind.TRUNCATED),
        ("01 00 00", FrameErrorKind.TRUNCATED),
        ("04 00 28 25 01", FrameErrorKind.TRUNCATED),
        ("02 00 00", FrameErrorKind.TRUNCATED),
        ("02 00 40 72", FrameErrorKind.APPLICATION),
    ],
)
def test_authentication_layer_that_cannot_be_read_is_refused(layer, kind):
    assert decode(answer(bytes.fromhex(layer), ci=0x90)).error.kind is kind


def test_authentication_layer_with_every_field():
    layer = bytes.fromhex("13 00 3E 25 0102 01020304 1122334455667788 0900")
    telegram = decode(answer(layer + b"\x78\x04\x06\x01\x00\x00\x00", ci=0x90))
    assert telegram.error is None
    assert str(telegram.records[0].value) == "1000"
    assert telegram.records[0].offset == 7 + len(layer) + 1


def test_keys_do_not_show_in_a_text():
    keys = MeterKeys({"94158192": KEY}, default=KEY)
    assert "94158192" not in repr(keys)
    assert "\\x0" not in repr(keys)
    with pytest.raises(EncodeError, match="16 bytes"):
        MeterKeys(default=b"short")


def test_cryptography_is_not_loaded_for_plain_meters():
    code = "import sys, app.mbus.response as r; r.decode_hex('E5'); print('cryptography' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


def test_telegram_published_with_its_key_is_opened():
    """The gas meter of the OMS examples: 28504.27 m³ on 31 May 2008 at 23:50, no error."""
    secret = "5923C95AAA26D1B2E7493B013EC4A6F6 D3529B520EDFF0EA6DEFC99D6D69EBF3"
    raw = answer(bytes.fromhex("78563412 9315 33 03 2A 00 2005" + secret))
    telegram = decode(raw, MeterKeys(default=bytes.fromhex("0102030405060708090A0B0C0D0E0F11")))
    assert telegram.error is None
    assert [value_text(record) for record in telegram.records] == ["28504.27", "2008-05-31T23:50", "0"]


@pytest.mark.parametrize(
    ("purpose", "key"),
    [
        (security.ENCRYPTION, "eccf39d475d730b8284fdfdc1995d52f"),
        (security.AUTHENTICATION, "c9cd19ff5a9aad5a6bbda13bd2c4c7ad"),
    ],
)
def test_derived_keys_are_the_published_ones(purpose, key):
    header = make_header(SecondaryAddress("12345678", 0x4493, 0x33, 0x03))
    assert security.derived_key(KEY, purpose, bytes.fromhex("B30A0000"), header).hex() == key


def test_cmac_is_the_published_one():
    key = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
    text = bytes.fromhex("6bc1bee22e409f96e93d7e117393172a")
    assert security.cmac(key, text).hex() == "070a16b46b4d4144f79bdd9dd04a287c"
