"""Whatever a meter sends: every check of every type ends in a sentence, and none is ok about nothing."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.checks import CHECKS, CheckState, Subject
from app.domain.draft import MeterDraft, registers_for
from app.domain.meter import MeterType
from app.domain.selection import Selection, Tick
from app.mbus.records import Telegram
from app.mbus.response import decode
from app.practice.faulty_building import faulty_building
from tests.fakes.checked import NUMBER, READ_AT, VOCABULARY, heat, said

SAYS_WITHOUT_VALUES = {"serial", "medium", "status"}
"""Checks that look at the header: they may be ok where no record has a value."""
ANSWERS = [b"".join(meter.telegrams()) for meter in faulty_building().building.meters]
PLAUSIBLE = (
    "0406", "0C06", "040E", "0506", "04863B", "04863C", "841006", "4406", "0413", "0C13", "0C9315", "0D13",
    "0C78", "042B", "052E", "0B3B", "043B", "025A", "055B", "325A", "025E", "0261", "0B61", "04FD17",
    "01FD17", "046D", "026C", "02FD74", "01FDFD02", "02FD70", "04FF07", "04E03B", "0F", "1F", "2F",
)  # fmt: skip
DIALS = st.one_of(
    st.sampled_from(("", "99999", "37351", "0", "-1", "12,5")), st.text("0123456789.,'-–²٣ eE", max_size=30)
)


@st.composite
def telegrams(draw: st.DrawFn) -> Telegram:
    """Records of meters with any data behind, answers with some bytes changed, and any bytes."""
    kind = draw(st.sampled_from(("records", "changed", "bytes")))
    if kind == "records":
        heads = draw(st.lists(st.sampled_from(PLAUSIBLE), max_size=12))
        data = b"".join(bytes.fromhex(head) + draw(st.binary(min_size=1, max_size=8)) for head in heads)
        header = draw(st.binary(min_size=8, max_size=8)) + b"\x01" + draw(st.binary(min_size=3, max_size=3))
        return decode(_frame(draw(st.sampled_from((0x72, 0x72, 0x76, 0x78))), header + data))
    if kind == "changed":
        raw = bytearray(draw(st.sampled_from([each for each in ANSWERS if each])))
        for _ in range(draw(st.integers(1, 6))):
            raw[draw(st.integers(0, len(raw) - 1))] = draw(st.integers(0, 255))
        return decode(bytes(raw))
    return decode(_frame(draw(st.integers(0, 255)), draw(st.binary(max_size=60))))


def _frame(ci: int, data: bytes) -> bytes:
    body = bytes((8, 0, ci)) + data
    return bytes((0x68, len(body), len(body), 0x68)) + body + bytes((sum(body) & 0xFF, 0x16))


def subjects(telegram: Telegram, meter_type: MeterType, dial: str, offer: int) -> Subject:
    """Every register ticked as one of the units it can be, with the right factor or none."""
    draft = MeterDraft(serial=NUMBER, type=meter_type, dial=dial)
    registers = registers_for(draft, telegram, VOCABULARY)
    ticks = tuple(
        Tick(register.key, chosen.unit.key, chosen.converting_factor if offer % 2 else None)
        for register in registers
        if register.offers
        for chosen in (register.offers[offer % len(register.offers)],)
    )
    read_at = datetime.min.replace(tzinfo=UTC) if offer == 3 else READ_AT
    draft = replace(draft, selection=Selection(ticks))
    return Subject(draft, telegram, registers, VOCABULARY, read_at, readouts_today=offer)


@given(telegram=telegrams(), meter_type=st.sampled_from(MeterType), dial=DIALS, offer=st.integers(0, 5))
def test_every_check_of_every_type_ends_in_sentences_for_any_telegram(telegram, meter_type, dial, offer):
    subject = subjects(telegram, meter_type, dial, offer)
    for run in CHECKS:
        for check in run(subject):
            # What a person typed is said back as it was typed.
            sentence = re.sub("“.*?”", "", str(check.reason))
            assert sentence
            assert (check.state is CheckState.LOOK) is bool(check.finding), check
            assert not re.search(r"\dE[+-]\d|Decimal|Fraction", sentence), sentence


@given(telegram=telegrams(), meter_type=st.sampled_from(MeterType), offer=st.integers(0, 5))
def test_no_check_is_ok_about_values_that_are_missing(telegram, meter_type, offer):
    without = replace(telegram, records=tuple(replace(each, value=None) for each in telegram.records))
    subject = subjects(without, meter_type, "37351", offer)
    fine = {check.code for run in CHECKS for check in run(subject) if check.state is CheckState.OK}
    assert fine <= SAYS_WITHOUT_VALUES


@pytest.mark.parametrize("lost", range(len(heat())))
@pytest.mark.parametrize("medium", [0x04, 0x0A, 0x0D])
def test_a_heat_meter_that_lost_one_value_gets_no_ok_it_had_not_with_it(lost, medium):
    telegram = said(*heat(), medium=medium)
    records = tuple(replace(each, value=None) if each.index == lost else each for each in telegram.records)
    for meter_type in (MeterType.HEATING, MeterType.COOLING):
        whole = _fine(subjects(telegram, meter_type, "37351", 1))
        assert _fine(subjects(replace(telegram, records=records), meter_type, "37351", 1)) <= whole


def _fine(subject: Subject) -> set[str]:
    return {check.code for run in CHECKS for check in run(subject) if check.state is CheckState.OK}
