"""Every CI field with an empty, cut or absurd body: a telegram or our own error, whoever seems to send it."""

import pytest

from app.mbus.errors import FrameErrorKind
from app.mbus.frames import DATA_MAX, LongFrame
from tests.benchmarks.codec_fuzz import check

ADDRESS = "92811594A7320404"
BODIES = {
    "empty": "",
    "one_byte": "00",
    "cut_short_header": "0C1000",
    "short_header": "0C100000",
    "cut_long_header": ADDRESS + "0C1000",
    "long_header": ADDRESS + "0C100000",
    "header_of_ones": "FF" * 12,
    "encrypted_without_data": ADDRESS + "0C001005",
    "encrypted_and_cut": ADDRESS + "0C00F005" + "AA" * 20,
    "mode_7_without_data": ADDRESS + "0C00F007",
    "mode_7_and_cut": ADDRESS + "0C00F00700" + "AA" * 20,
    "any_mode": ADDRESS + "0C00101F" + "AA" * 16,
    "short_and_encrypted": "0C001005" + "AA" * 16,
    "zeros": "00" * DATA_MAX,
    "ones": "FF" * DATA_MAX,
    "endless_dib": ADDRESS + "0C000000" + "84" * 240,
    "endless_vib": ADDRESS + "0C00000004" + "FD" * 239,
    "long_text": ADDRESS + "0C0000000D7CFF" + "20" * 237,
    "records": ADDRESS + "0C000000" + "0406E7910000",
}
HOSTILE = (
    "01 7C 02 FF00 FF",
    "01 FC 05 FF00850A1B 7D 01",
    "0D 7C 03 857F00 FF",
    "0D 06 C9 FFFFFFFFFFFFFFFFFF",
    "0D 06 F6" + "FF" * 63 + "7F",
    "0D 86" + "FD" * 9 + "7D F6" + "FF" * 63 + "7F",
    "05 86" + "FD" * 9 + "7D FFFF7F7F",
    "05 86" + "F0" * 9 + "70 01000000",
    "05 FBE8FB7B 01000000",
    "06 ED" + "FD" * 100 + "7D 3F3F1FE0FFFF",
)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("control", [0x08, 0x53])
def test_every_ci_field(body, control):
    for ci in range(256):
        telegram = check(LongFrame(control, 1, ci, bytes.fromhex(body)).to_bytes())
        assert telegram.ci == ci
        assert telegram.is_reading <= (control == 0x08)


@pytest.mark.parametrize("record", HOSTILE)
@pytest.mark.parametrize("ci", [0x72, 0x76, 0x78, 0x51])
def test_record_that_means_no_good(record, ci):
    header = bytes.fromhex(ADDRESS + "0C000000") if ci in (0x72, 0x76) else b""
    (found, *_) = check(LongFrame(0x08, 1, ci, header + bytes.fromhex(record)).to_bytes()).records
    assert found.vib


@pytest.mark.parametrize("filling", ["84", "FD", "86", "0F", "2F", "7C", "0D", "68", "E5", "10"])
def test_bytes_without_end_end_soon(filling):
    """A file pasted by mistake: no number of it may grow with its length."""
    for head in ("68FFFF68080172", "68FF0068080172", "68" * 7, ""):
        raw = bytes.fromhex(head + ADDRESS + "0C00000004" + filling * 50_000)
        telegram = check(raw)
        assert telegram.error is not None
        assert len(telegram.error.message) < 200
        assert telegram.error.kind is not FrameErrorKind.CHECKSUM
