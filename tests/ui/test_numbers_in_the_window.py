"""What is typed and pasted into the window: understood and told, or refused; nothing is lost."""

import pytest

from app.mbus.frames import LongFrame
from tests.fakes.window import Program


@pytest.mark.parametrize(
    ("typed", "address", "told"),
    [
        ("8ZRI8800857629", "29768500FFFFFFFF", "Reads 00857629"),
        ("S/N 66660205", "05026666FFFFFFFF", "Reads 66660205"),
        ("92811594A7320404", "92811594A7320404", "full address"),
    ],
)
def test_what_was_understood_stands_beneath_the_field(
    program: Program, typed: str, address: str, told: str
) -> None:
    program.type("serial_field", typed)
    assert program.text("secondary_address") == address
    assert told in program.text("serial_note")


@pytest.mark.parametrize("ci", range(0x68, 0x80))
@pytest.mark.parametrize("body", ["", "00", "0102030405060708", "FF" * 40])
def test_any_answer_pasted_is_shown_or_told_and_takes_nothing_away(
    program: Program, ci: int, body: str
) -> None:
    program.open_telegram()
    before = program.application.meter.telegram
    raw = LongFrame(0x08, 1, ci, bytes.fromhex(body)).to_bytes()
    program.application.meters.open_pasted(raw)
    program.wait(lambda: "open pasted" not in program.application.tasks.running)
    after = program.application.meter.telegram
    assert after is before or (after is not None and after.raw == raw)
