"""A VIB cut into parts: a maker's byte taken for a direction, or a scale for a meaning, is a wrong index."""

import pytest

from app.mbus.vib_parts import NEGATIVE_ONLY, POSITIVE_ONLY, SECOND_TABLE, Direction, VibParts, vib_parts


@pytest.mark.parametrize(
    ("vib", "parts"),
    [
        ("", VibParts(b"")),
        ("06", VibParts(b"\x06")),
        ("863B", VibParts(b"\x06", (POSITIVE_ONLY,))),
        ("8EBC75", VibParts(b"\x0e", (NEGATIVE_ONLY, 0x75))),
        ("877D", VibParts(b"\x07", (0x7D,))),
        ("86FF02", VibParts(b"\x06", makers_own=b"\x02", is_makers=True)),
        ("867F", VibParts(b"\x06", is_makers=True)),
        ("86BBFF823C", VibParts(b"\x06", (POSITIVE_ONLY,), b"\x82\x3c", is_makers=True)),
        ("FF3C", VibParts(b"\x7f", makers_own=b"\x3c", is_makers=True)),
        ("7F", VibParts(b"\x7f", is_makers=True)),
        ("FB803B", VibParts(b"\xfb\x00", (POSITIVE_ONLY,))),
        ("FD17", VibParts(b"\xfd\x17")),
        ("FDFD82FC0C", VibParts(b"\xfd\xfd\x02", (SECOND_TABLE | 0x0C,))),
        ("86FC90BB74", VibParts(b"\x06", (SECOND_TABLE | 0x10, POSITIVE_ONLY, 0x74))),
        ("FC0348522574", VibParts(b"\x7c", (0x74,), text="%RH")),
        ("86FC", VibParts(b"\x06", (0x7C,))),
        ("FD", VibParts(b"\xfd")),
        ("FC", VibParts(b"\x7c")),
    ],
)
def test_parts(vib, parts):
    assert vib_parts(bytes.fromhex(vib)) == parts


def test_direction_is_told_by_the_standards_vifes_alone():
    assert vib_parts(b"\x86\x3b").direction is Direction.POSITIVE
    assert vib_parts(b"\x86\xf5\x3c").direction is Direction.NEGATIVE
    assert vib_parts(b"\x06").direction is None
    assert vib_parts(b"\x86\xff\x3c").direction is None
    assert vib_parts(b"\x86\xfc\xbc\x00").direction is None


def test_vifes_that_only_scale_have_no_meaning():
    assert vib_parts(bytes.fromhex("86F0FDBB77")).meaningful == (POSITIVE_ONLY,)
    assert vib_parts(bytes.fromhex("86F87B")).meaningful == (0x78, 0x7B)
