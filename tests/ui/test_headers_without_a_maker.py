"""Pasted answers that name no maker, or nobody: shown as far as they tell, nothing raised out of a slot."""

import pytest

from app.mbus.frames import LongFrame
from tests.fakes.window import Program


@pytest.mark.parametrize(
    ("ci", "data", "serial"),
    [
        (0x73, "20094523 01 00 0569 31650000 23910600", "23450920"),
        (0x77, "23450920 01 00 6905 00006531 00069123", "23450920"),
        (0x72, "20094523 FFFF FF FF 0C 00 0000 0406E7910000", "23450920"),
        (0x7A, "0C 00 0000 0406E7910000", "no serial number"),
        (0x78, "0406E7910000", "no serial number"),
    ],
)
def test_it_is_shown(program: Program, ci: int, data: str, serial: str) -> None:
    program.find("serial_field").setFocus()
    program.paste(LongFrame(0x08, 1, ci, bytes.fromhex(data)).to_bytes().hex(" "))
    program.wait(lambda: program.text("header_serial") == serial)
    assert "255" not in program.text("header_facts")
