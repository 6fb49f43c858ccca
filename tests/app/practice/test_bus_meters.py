"""A simulated meter behaves on the link layer as the standard says, and as its quirks say."""

import pytest

from app.mbus import requests
from app.mbus.addresses import SecondaryAddress
from app.mbus.frames import Ack
from app.practice.meters import MeterLink, Quirks
from tests.fakes.meters import simple_meter

NUMBER = "94158192"
EXACT = simple_meter(NUMBER).address
E5 = b"\xe5"
FD = 0xFD


def link(**options) -> MeterLink:
    return MeterLink(simple_meter(NUMBER, primary=5, **options))


def selected(**options) -> MeterLink:
    meter = link(**options)
    assert meter.answer(requests.select(EXACT)) == E5
    return meter


@pytest.mark.parametrize(
    ("address", "fits"),
    [
        (EXACT, True),
        (SecondaryAddress(NUMBER), True),
        (SecondaryAddress("FFFFFFF2"), True),
        (SecondaryAddress("FFFFFFF3"), False),
        (SecondaryAddress(NUMBER, medium=7), False),
    ],
)
def test_it_answers_a_selection_that_fits_and_only_then_at_fd(address, fits):
    meter = link()
    assert meter.answer(requests.select(address)) == (E5 if fits else None)
    assert (meter.answer(requests.req_ud2(FD, True)) is not None) is fits


def test_another_selection_deselects_it():
    meter = selected()
    assert meter.answer(requests.select(SecondaryAddress("11111111"))) is None
    assert meter.answer(requests.req_ud2(FD, True)) is None


@pytest.mark.parametrize(("frame", "said"), [(requests.deselect(), E5), (requests.snd_nke(0xFF), None)])
def test_a_reset_of_all_deselects_it(frame, said):
    meter = selected()
    assert meter.answer(frame) == said
    assert meter.answer(requests.req_ud2(FD, True)) is None


def test_the_same_fcb_repeats_the_same_bytes_and_the_other_brings_new_ones():
    meter = selected()
    first = meter.answer(requests.req_ud2(FD, True))
    assert meter.answer(requests.req_ud2(FD, True)) == first
    second = meter.answer(requests.req_ud2(FD, False))
    assert second != first
    assert second[15] == first[15] + 1, "the access number counts answers"


def test_telegrams_follow_one_another_and_begin_anew():
    meter = selected(telegrams=2)
    first, second, third = (meter.answer(requests.req_ud2(FD, bit)) for bit in (True, False, True))
    assert first[15] == second[15]
    assert third[15] == first[15] + 1
    meter.answer(requests.select(EXACT))
    assert meter.answer(requests.req_ud2(FD, True))[15] == first[15] + 2


def test_by_primary_and_broadcast_address():
    meter = link()
    for address in (5, 0xFE):
        assert meter.answer(requests.snd_nke(address)) == E5
        assert meter.answer(requests.req_ud2(address, True)) is not None
    assert meter.answer(requests.req_ud2(6, True)) is None
    assert meter.answer(requests.req_ud1(5, True)) == E5
    assert meter.answer(Ack()) is None


def test_enhanced_selection():
    meter = link(fabrication_number="00001234")
    assert meter.answer(requests.select_enhanced(EXACT, "FFFFFF34")) == E5
    assert meter.answer(requests.select_enhanced(EXACT, "FFFFFF35")) is None
    assert meter.answer(requests.select_enhanced(SecondaryAddress("11111111"), "FFFFFFFF")) is None
    assert link(quirks=Quirks(enhanced=False)).answer(requests.select_enhanced(EXACT, "FFFFFFFF")) is None


def test_quirks():
    wants_73 = link(quirks=Quirks(select_fcb=True))
    assert wants_73.answer(requests.select(EXACT)) is None
    assert wants_73.answer(requests.select(EXACT, fcb=True)) == E5
    wants_5b = selected(quirks=Quirks(first_fcb=False))
    assert wants_5b.answer(requests.req_ud2(FD, True)) is None
    assert wants_5b.answer(requests.req_ud2(FD, False)) is not None
    forgetful = selected(telegrams=2, quirks=Quirks(ignores_fcb=True))
    assert forgetful.answer(requests.req_ud2(FD, True)) != forgetful.answer(requests.req_ud2(FD, True))


def test_settings():
    meter = link()
    assert meter.answer(requests.set_identification(5, "12345678")) == E5
    assert meter.meter.address.identification == "12345678"
    assert meter.answer(requests.set_primary_address(5, 9)) == E5
    assert meter.meter.primary == 9
    assert meter.answer(requests.set_baud_rate(9, 300)) == E5
    assert meter.meter.baud == 300
    assert meter.answer(requests.application_reset(9)) == E5
    assert meter.meter.resets == [None]
    assert meter.answer(requests.snd_ud(9, 0x5C)) is None
    assert meter.answer(requests.snd_ud(9, 0x51, b"\x0f")) == E5


def test_a_selection_with_a_wrong_control_field_is_not_taken():
    assert link().answer(requests.snd_ud(5, requests.CI_SELECT, EXACT.to_bytes())) is None
    assert link().answer(requests.snd_ud(FD, requests.CI_SELECT, b"\x01")) is None
