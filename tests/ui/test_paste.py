"""A telegram is found in whatever a person copied; what is none is not taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.window import raw_telegram
from ui.paste import find_telegram

RAW = raw_telegram()
HEX = RAW.hex().upper()


@pytest.mark.parametrize(
    "text",
    [
        HEX,
        HEX.lower(),
        RAW.hex(" "),
        "\n".join(RAW.hex(" ")[at : at + 48] for at in range(0, len(RAW) * 3, 48)),
        f"Received: {RAW.hex(' ').upper()}\nDIB:04, VIB:06 -> descr:ENERGY",
        ", ".join(f"0x{byte:02x}" for byte in RAW),
        f"  <{HEX}>  ",
    ],
    ids=["joined", "lower", "spaced", "lines", "gateway's text", "C array", "bracketed"],
)
def test_the_telegram_is_found(text: str) -> None:
    assert find_telegram(text) == RAW


@pytest.mark.parametrize("text", ["", "94158192", "Apartment 203", "hello world", "DE AD BE EF DE AD"])
def test_other_text_is_no_telegram(text: str) -> None:
    assert find_telegram(text) is None


@given(st.text(max_size=300))
def test_no_text_breaks_it(text: str) -> None:
    found = find_telegram(text)
    assert found is None or len(found) >= 5
