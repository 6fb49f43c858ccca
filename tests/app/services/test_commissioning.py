"""A reading becomes a portal entry only when it is one."""

from dataclasses import replace
from datetime import datetime

import pytest

from app.bus.readout import Readout
from app.domain.errors import UnusableReadingError
from app.domain.meter import SerialNumber
from app.domain.selection import Preferences
from app.mbus.addresses import SecondaryAddress
from app.mbus.records import Telegram
from app.mbus.response import decode
from app.services.commissioning import commission, load_vocabulary
from app.services.explain import Kind, explain
from tests.fakes.telegrams import heat_telegram, record, telegram

SERIAL = SerialNumber.parse("94158192")
APPLICATION_ERROR = bytes.fromhex("68 04 04 68 08 01 70 08 81 16")


def decided(reading: Telegram, *, useful: bool = True):
    readout = Readout(reading, b"", 0.7, 0.7, 1, 2400, SecondaryAddress(SERIAL.digits))
    return commission(
        SERIAL,
        readout,
        load_vocabulary(),
        Preferences(),
        place="Apartment 203",
        gateway_id="g",
        useful=useful,
        read_at=datetime(2026, 11, 22),  # noqa: DTZ001 - a meter's clock has no zone
    )


def test_a_reading_becomes_the_documented_entry():
    meter = decided(heat_telegram())
    assert meter.entry.name == "CH - 94158192 - Apartment 203"
    assert meter.entry.reg.count("'unit'") == 7
    assert decided(heat_telegram(), useful=False).entry.reg.count("'unit'") == 1


@pytest.mark.parametrize(
    "reading",
    [
        decode(APPLICATION_ERROR),
        decode(b""),
        replace(heat_telegram(), records=()),
        telegram(record("04", "6D", "DATE_TIME", None)),
    ],
)
def test_an_answer_that_is_no_reading_never_becomes_an_empty_list(reading):
    with pytest.raises(UnusableReadingError) as refused:
        decided(reading)
    assert explain(refused.value).kind is Kind.METER
