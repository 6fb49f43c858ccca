"""Status, flags, clock, battery and read-outs: told in words, and never ok where the meter says nothing."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from app.domain.checks import CheckState
from app.mbus.response import decode_hex
from tests.fakes.checked import READ_AT, checks_of, heat, looks, outcome, said

OK, LOOK, UNKNOWN = CheckState.OK, CheckState.LOOK, CheckState.NOT_AVAILABLE
FIXED = "6813136808057320094523010005693165000023910600D016"


def of(code, *records, **header):
    return outcome(checks_of(said(*heat(), *records, **header)), code)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (0x01, "application busy"),
        (0x02, "any application error"),
        (0x03, "abnormal condition or alarm"),
        (0x04, "power low"),
        (0x08, "permanent error"),
        (0x10, "temporary error"),
        (0x14, "power low, temporary error"),
        (0x20, "LUG"),
    ],
)
def test_the_status_byte_is_told_in_words(status, words):
    state, sentence = of("status", status=status)
    assert state is LOOK
    assert words in sentence


def test_a_sound_status_is_ok_and_a_missing_one_is_not():
    assert of("status")[0] is OK
    assert outcome(checks_of(replace(said(*heat()), header=None)), "status")[0] is UNKNOWN


@pytest.mark.parametrize("bits", ["00", "01", "02", "03"])
def test_coding_bits_of_a_fixed_structure_are_no_error(bits):
    telegram = decode_hex(FIXED)
    odd = replace(telegram, header=replace(telegram.header, status=int(bits, 16)))
    assert outcome(checks_of(odd, label="23450920"), "status")[0] is OK


@pytest.mark.parametrize(
    ("record", "state", "sentence"),
    [
        pytest.param(("01 FD17", "00"), OK, "all zero", id="none"),
        pytest.param(("02 FD17", "0801"), LOOK, "264 (bits 3, 8)", id="two"),
        pytest.param(("04 FD17", "00000080"), LOOK, "bit 31", id="the highest"),
        pytest.param(("0C FD17", "00000020"), LOOK, "20000000", id="BCD"),
        pytest.param(("0A FD17", "EEEE"), UNKNOWN, "no valid", id="none that is valid"),
        pytest.param(("42 FD17", "0100"), None, "", id="stored ones are history"),
    ],
)
def test_error_flags_are_told_with_their_bits(record, state, sentence):
    found = of("error_flags", record)
    assert found[0] is state
    assert sentence in found[1]


@pytest.mark.parametrize(
    ("off", "state"),
    [
        pytest.param(timedelta(0), OK, id="right"),
        pytest.param(timedelta(minutes=5), OK, id="five minutes behind"),
        pytest.param(timedelta(minutes=-5), OK, id="five minutes ahead"),
        pytest.param(timedelta(minutes=61), OK, id="winter time in summer"),
        pytest.param(timedelta(minutes=-61), LOOK, id="an hour ahead"),
        pytest.param(timedelta(minutes=20), LOOK, id="twenty minutes"),
        pytest.param(timedelta(days=365), LOOK, id="a year"),
    ],
)
def test_the_clock_is_right_or_told_how_far_off(off, state):
    assert of("clock", ("04 6D", READ_AT - off))[0] is state


def test_a_clock_in_utc_is_right():
    local = READ_AT.replace(tzinfo=timezone(timedelta(hours=2)))
    utc = local.astimezone(UTC).replace(tzinfo=None)
    assert outcome(checks_of(said(*heat(), ("04 6D", utc)), read_at=local), "clock")[0] is OK
    assert outcome(checks_of(said(*heat(), ("04 6D", utc))), "clock")[0] is LOOK


def test_a_clock_that_says_nothing_is_not_set():
    assert "not set" in of("clock", ("04 6D", "00000000"))[1]
    assert "365 days off" in of("clock", ("04 6D", READ_AT - timedelta(days=365)))[1]
    assert of("clock")[0] is None, "a meter without a clock has none that could be wrong"


@pytest.mark.parametrize(
    ("record", "state", "sentence"),
    [
        pytest.param(("02 FD74", 3000), OK, "3000 days", id="days"),
        pytest.param(("02 FD74", 366), OK, "366 days", id="a year and a day"),
        pytest.param(("02 FD74", 365), LOOK, "365 days only", id="a year"),
        pytest.param(("02 FD74", 0), LOOK, "empty", id="none"),
        pytest.param(("02 FD74", "FFFF"), LOOK, "empty", id="below none"),
        pytest.param(("01 FDFD02", "18"), OK, "730 days", id="months"),
        pytest.param(("01 FDFD02", "06"), LOOK, "182 days only", id="half a year in months"),
        pytest.param(("01 FDFD03", "08"), OK, "2920 days", id="years"),
        pytest.param(("02 FD74", "0080"), UNKNOWN, "does not say", id="no valid value"),
        pytest.param(("02 FD70", date(2027, 3, 1)), LOOK, "2027-03-01", id="change due soon"),
        pytest.param(("02 FD70", date(2034, 3, 1)), OK, "2034-03-01", id="change due later"),
        pytest.param(("04 FD70", datetime(2026, 3, 1, 0, 0)), LOOK, "2026-03-01", id="overdue"),  # noqa: DTZ001
    ],
)
def test_a_battery_is_told_with_what_is_left_of_it(record, state, sentence):
    found = of("battery", record)
    assert found[0] is state
    assert sentence in found[1]


@pytest.mark.parametrize(
    ("maker", "version", "count", "state"),
    [
        pytest.param("MAD", 0, None, UNKNOWN, id="limited, not counted"),
        pytest.param("MAD", 0, 1, UNKNOWN, id="limited, read once"),
        pytest.param("MAD", 0, 3, LOOK, id="limited, read often"),
        pytest.param("LUG", 4, 3, UNKNOWN, id="no limit known, read often"),
        pytest.param("LUG", 4, 1, None, id="no limit known, read once"),
        pytest.param("LUG", 4, None, None, id="no limit known, not counted"),
    ],
)
def test_a_meter_that_limits_read_outs_is_named_before_it_falls_silent(maker, version, count, state):
    telegram = said(*heat(), maker=maker, version=version)
    found = outcome(checks_of(telegram, readouts_today=count), "readouts")
    assert found[0] is state
    assert ("microCLIMA" in found[1]) is (maker == "MAD")


def test_an_accepted_status_is_open_again_when_the_meter_reports_something_else():
    def finding(status):
        checks = checks_of(said(*heat(), status=status))
        return next(check.finding for check in checks if check.code == "status")

    assert finding(0x04) == finding(0x04)
    assert finding(0x04) != finding(0x08)


def test_flags_and_status_are_told_apart():
    checks = checks_of(said(*heat(), ("01 FD17", "04"), status=0x10))
    assert {"status", "error_flags"} <= set(looks(checks))
