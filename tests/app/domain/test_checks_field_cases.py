"""What was seen on real meters: false alarms, warnings without content, and numbers nobody can read."""

import re

import pytest

from app.domain.checks import CheckState
from app.domain.selection import Preferences
from app.mbus.response import decode_hex
from tests.fakes.checked import checks_of, looks, outcome

WHOLE_DEGREES = (
    "6833336808017245094523C5140004010000000406E80300000413E8030000042B00000000043B00000000025B2A00025F2400"
    "02619E028316"
)
COMBINED_COOLS = (
    "683E3E6808017246094523C514000D01000000040603000000841006E803000001FD17000413290A0000043BF4010000042B00000000"
    "025B0C00025F120002619EFD4716"
)
IDLE = (
    "68333368080172430945232D2C3004010000000406400D00000414FC87000002591A15025D40120261DA02042D00000000043B00000000"
    "9916"
)
IN_HUNDREDS_OF_WATTS = (
    "68727268080172420945232D2C3004010000000C78420945230406400D00000486FF020000000004FF079A49000004FF08103E0000"
    "0414FC87000004228901000034220200000002591A15025D40120261DA02042DB4000000142D1D010000043B6708000002FD17000004"
    "6D3037E2144406A90900000A16"
)
BINARY_NUMBERS = (
    "684D4D6808017235094523B405C4040100000004863BFC05000004863C330000000414D2040000052B00000000053B00000000055B18DF"
    "B041055FC8B6BD410563007BCDBF0422981000000C78350945234F16"
)


def of(frame: str, **decided: object):
    telegram = decode_hex(frame)
    assert telegram.error is None
    assert telegram.header is not None
    return checks_of(telegram, label=telegram.header.identification, **decided)


@pytest.mark.parametrize("frame", [WHOLE_DEGREES, COMBINED_COOLS, IDLE, BINARY_NUMBERS])
def test_a_sound_meter_raises_no_alarm(frame):
    assert not looks(of(frame))


def test_whole_degrees_fit_a_finer_difference():
    assert outcome(of(WHOLE_DEGREES), "difference")[0] is CheckState.OK


def test_a_combined_meter_that_cools_is_told_to_cool():
    state, sentence = outcome(of(COMBINED_COOLS), "temperatures")
    assert state is CheckState.OK
    assert "Flow 12 °C and return 18 °C: the meter cools now" in sentence


def test_an_idle_meter_gets_the_factor_explained_without_numbers():
    found = looks(of(IDLE, preferences=Preferences()))
    assert [code.partition(":")[0] for code in found] == ["factor"]
    (sentence,) = found.values()
    assert "does not turn W into kW" in sentence
    assert not re.search(r"\d", sentence)


def test_kilowatts_are_told_without_an_exponent():
    found = looks(of(IN_HUNDREDS_OF_WATTS, preferences=Preferences()))
    sentence = next(said for code, said in found.items() if code.startswith("factor"))
    assert "The portal will read 18000 kW where the meter says 18 kW" in sentence


def test_binary_numbers_are_told_with_the_digits_they_are_good_for():
    checks = of(BINARY_NUMBERS, preferences=Preferences())
    assert "Flow 22.1 °C and return 23.7 °C" in outcome(checks, "temperatures")[1]
    assert not [check for check in checks if re.search(r"\d{9}|E[+-]", str(check.reason))]
